# SPDX-License-Identifier: MIT
# Functions of the host: the network card with its driver, and registers of an edu, at more than one place.

. /guest/cards.sh

edu=0000:00:01.0
config=/sys/bus/pci/devices/$edu/config

# place_bar PLACE: the upper half of its BAR 0, as escapes of printf.
place_bar() {
	printf "$1" | dd of=$config bs=1 seek=18 conv=notrunc 2> /dev/null
}

dmesg | grep 'igb .*MSI'
for device in /sys/bus/pci/devices/*; do
	echo "guest: ${device##*/} is $(cat "$device/vendor"):$(cat "$device/device")"
done

echo 1 > /sys/bus/pci/devices/$edu/enable
echo "guest: edu is $(guest_bar $edu 0), answers $(guest_bar $edu 4 0x12345678)"
place=$(dd if=$config bs=1 skip=18 count=2 2> /dev/null | od -An -to1 | sed 's/ /\\/g')
place_bar '\000\100'
echo "guest: edu over memory: $(guest_bar $edu 0)"
guest_bar $edu 0 pair
echo "guest: two registers at once: exit status $?"
place_bar "$place"
echo "guest: edu in its place: $(guest_bar $edu 0)"

use eth0
sh /guest/rescan.sh
use eth0
dmesg -r | grep '^<[0-4]>'
