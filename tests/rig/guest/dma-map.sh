# SPDX-License-Identifier: MIT
# The guest's kernel maps and unmaps for its first function, from one page to many at once, by a driver that does
# nothing else.

bridge=0x060
mount -t debugfs debugfs /sys/kernel/debug
for device in /sys/bus/pci/devices/*; do
	read -r class < "$device/class"
	[ "${class%???}" = $bridge ] || break
done
[ ! -e "$device/driver" ] || echo "${device##*/}" > "$device/driver/unbind"
echo dma_map_benchmark > "$device/driver_override"
echo "${device##*/}" > /sys/bus/pci/drivers_probe
guest_dma_map 2 1 16 64 255
echo "guest: guest_dma_map ended with $?"
