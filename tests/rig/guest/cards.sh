# SPDX-License-Identifier: MIT
# Network cards of a guest, for the scripts that use them.

# interfaces: in the order of their PCI addresses.
interfaces() {
	for net in /sys/bus/pci/devices/*/net/*; do
		[ ! -e "$net" ] || echo "${net##*/}"
	done
}

# interrupts INTERFACE: how many it has had, on all CPUs and vectors.
interrupts() {
	awk -v name="$1" '$NF ~ "^" name "(-|$)" { for (i = 2; $i ~ /^[0-9]+$/; i++) sum += $i } END { print sum + 0 }' \
		/proc/interrupts
}

# packets INTERFACE: how many it has sent; each counts once the card has read it and written so into the ring.
packets() {
	cat "/sys/class/net/$1/statistics/tx_packets"
}

# until_more WHAT INTERFACE: waits until there are more of them than now.
until_more() {
	before=$($1 "$2")
	until [ "$($1 "$2")" -gt "$before" ]; do
		sleep 0.2
	done
	echo "guest: $1 of $2 count up"
}

# use INTERFACE: its driver has it interrupt every two seconds, and there is nobody who would answer a ping.
use() {
	ip link set "$1" up
	ip addr add 10.0.0.1/24 dev "$1"
	until_more interrupts "$1"
	ping -c 1 -W 1 10.0.0.2 > /dev/null &
	until_more packets "$1"
	wait
	ip addr del 10.0.0.1/24 dev "$1"
	ip link set "$1" down
}

# next_stream: another one, for all transfers of one life of the guest.
next_stream() {
	[ -e /tmp/stream ] || echo 0 > /tmp/stream
	read -r stream < /tmp/stream
	stream=$((stream + 1))
	echo $stream > /tmp/stream
}
