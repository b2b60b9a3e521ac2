#!/bin/sh
# SPDX-License-Identifier: MIT
# wire.sh HOST CARD...: 16 MiB from HOST to each CARD and back, all of them network functions of this machine
# by their PCI addresses.

wire=tests/rig/programs/wire
data=/tmp/wire.data

interface() {
	basename "/sys/bus/pci/devices/$1/net/"*
}

# transfer FROM TO STREAM
transfer() {
	$wire receive "$2" "$3" > /tmp/wire.got &
	$wire send "$1" "$3" < $data || exit
	wait $! || exit
	[ "$(sha256sum < /tmp/wire.got)" = "$(sha256sum < $data)" ] || exit
	[ "$(stat -c %s /tmp/wire.got)" = 16777216 ] || exit
}

host=$(interface "$1")
shift
head -c 16777216 /dev/urandom > $data
ip link set "$host" mtu 9000 up
stream=1
for card in "$@"; do
	there=$(interface "$card")
	ip link set "$there" mtu 9000 up
	transfer "$host" "$there" $stream
	transfer "$there" "$host" $((stream + 1))
	echo "$card: 16 MiB each way, equal sums"
	stream=$((stream + 2))
	ip link set "$there" down
done
ip link set "$host" down
