# SPDX-License-Identifier: MIT
# The VMM takes the network card, which the guest has let go of, and an edu, which it has not; and gives them back.

. /guest/cards.sh

card=/sys/bus/pci/devices/0000:00:03.0
edu=/sys/bus/pci/devices/0000:00:01.0

# until_edu VENDOR: the edu comes and goes after the card. A missing device reads as all ones.
until_edu() {
	until [ "$(od -An -tx2 -N2 $edu/config)" = " $1" ]; do
		sleep 0.2
	done
}

use eth0
echo 1 > $card/remove
echo 1 > $edu/enable
echo "guest: take them"
until_edu ffff
echo "guest: edu has gone: $(guest_bar 0000:00:01.0 0)"
echo 1 > /sys/bus/pci/rescan
[ -e $card ] || echo "guest: give them back"
until_edu 1234
echo 1 > $edu/remove
echo 1 > /sys/bus/pci/rescan
echo 1 > $edu/enable
echo "guest: edu is $(guest_bar 0000:00:01.0 0)"
use eth0
