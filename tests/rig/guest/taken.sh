# SPDX-License-Identifier: MIT
# The VMM takes the network card away while its driver works, and gives it back.

. /guest/cards.sh

card=/sys/bus/pci/devices/0000:00:03.0

use eth0
ip link set eth0 up
echo "guest: take the card"
until [ "$(od -An -tx2 -N2 $card/config)" = " ffff" ]; do
	sleep 0.2
done
ip link set eth0 down
echo 1 > $card/remove
echo 1 > /sys/bus/pci/rescan
[ -e $card ] || echo "guest: give it back"
until [ -e $card/net/eth0 ]; do
	echo 1 > /sys/bus/pci/rescan
	sleep 0.2
done
use eth0
echo "guest: the card is back"
