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
