# SPDX-License-Identifier: MIT
# The guest lets go of its cards, and finds them again.

. /guest/cards.sh

for net in /sys/bus/pci/devices/*/net; do
	[ ! -e "$net" ] || echo 1 > "${net%/net}/remove"
done
echo "guest: $(interfaces | wc -l) cards are left"
echo 1 > /sys/bus/pci/rescan
echo "guest: $(interfaces | wc -l) cards are there again"
