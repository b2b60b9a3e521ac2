# SPDX-License-Identifier: MIT
# Functions of the host without an IOMMU of the guest's: the card's driver, its interrupts and DMA; registers of
# an edu, at two places.

edu=0000:00:01.0
card=0000:00:03.0
config=/sys/bus/pci/devices/$edu/config

interrupts() {
	grep eth0 /proc/interrupts | awk '{ for (i = 2; i <= 3; i++) sum += $i } END { print sum + 0 }'
}

packets() {
	cat /sys/class/net/eth0/statistics/tx_packets
}

# until_more COMMAND: waits until it gives more than now. The driver has the card interrupt every two seconds.
until_more() {
	before=$($1)
	until [ "$($1)" -gt "$before" ]; do
		sleep 0.2
	done
	echo "guest: $1 count up"
}

# A packet counts once the card has read it and written so into the ring.
use_card() {
	ip link set eth0 up
	ip addr add 10.0.0.1/24 dev eth0
	until_more interrupts
	ping -c 1 -W 1 10.0.0.2 > /dev/null &
	until_more packets
	wait
	ip link set eth0 down
}

# place_bar PLACE: of the edu, as octal escapes of the lower two bytes above 64 KiB.
place_bar() {
	printf "$1" | dd of=$config bs=1 seek=18 conv=notrunc 2> /dev/null
}

dmesg | grep -E 'igb .*(MSI|error|fail)'
for device in /sys/bus/pci/devices/*; do
	echo "guest: ${device##*/} is $(cat "$device/vendor"):$(cat "$device/device")"
done

echo 1 > /sys/bus/pci/devices/$edu/enable
echo "guest: edu is $(guest_bar $edu 0), answers $(guest_bar $edu 4 0x12345678)"
place=$(dd if=$config bs=1 skip=18 count=2 2> /dev/null | od -An -to1 | sed 's/ /\\0/g')
place_bar '\0000\0100' # over memory
echo "guest: edu over memory: $(guest_bar $edu 0)"
place_bar "$place"
echo "guest: edu in its place: $(guest_bar $edu 0)"

use_card
echo 1 > /sys/bus/pci/devices/$card/remove
[ -e /sys/class/net/eth0 ] || echo "guest: the card is removed"
echo 1 > /sys/bus/pci/rescan
use_card
dmesg -r | grep '^<[0-4]>'
