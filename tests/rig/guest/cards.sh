# SPDX-License-Identifier: MIT
# Network cards of a guest, for the scripts that use them.

# interfaces: in the order of their PCI addresses.
interfaces() {
	for net in /sys/bus/pci/devices/*/net/*; do
		[ ! -e "$net" ] || echo "${net##*/}"
	done
}

# interrupts INTERFACE: the number of its interrupts, on all CPUs and vectors.
interrupts() {
	awk -v name="$1" '$NF ~ "^" name "(-|$)" { for (i = 2; $i ~ /^[0-9]+$/; i++) sum += $i } END { print sum + 0 }' \
		/proc/interrupts
}

# packets INTERFACE: the number of packets sent; each counts once the card has read it and marked it in the ring.
packets() {
	cat "/sys/class/net/$1/statistics/tx_packets"
}

# use INTERFACE: pings nobody until packets were sent and interrupts arrived.
use() {
	had_interrupts=$(interrupts "$1")
	had_packets=$(packets "$1")
	ip link set "$1" up
	ip addr add 10.0.0.1/24 dev "$1"
	until [ "$(packets "$1")" -gt "$had_packets" ] && [ "$(interrupts "$1")" -gt "$had_interrupts" ]; do
		ping -c 1 -W 1 10.0.0.2 > /dev/null
	done
	ip addr del 10.0.0.1/24 dev "$1"
	ip link set "$1" down
	echo "guest: packets and interrupts of $1 count up"
}

# next_stream: the next number, for all transfers of one life of the guest.
next_stream() {
	[ -e /tmp/stream ] || echo 0 > /tmp/stream
	read -r stream < /tmp/stream
	stream=$((stream + 1))
	echo $stream > /tmp/stream
}
