# SPDX-License-Identifier: MIT
# Each card of the guest up and down, three times.

. /guest/cards.sh

for name in $(interfaces); do
	for time in 1 2 3; do
		ip link set "$name" up
		ip link set "$name" down
	done
	echo "guest: $name was up and down, $time times"
done
