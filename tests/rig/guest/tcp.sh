# SPDX-License-Identifier: MIT
# 16 MiB by TCP through each card: the driver maps and unmaps up to 32 KiB at once, which is many pages.

. /guest/cards.sh

head -c 16777216 /dev/urandom > /tmp/sent
for name in $(interfaces); do
	ip addr add 10.0.0.2/24 dev "$name"
	ip link set "$name" mtu 9000 up
	next_stream
	echo "guest: $name connects for stream $stream"
	until nc 10.0.0.1 5000 < /tmp/sent; do
		sleep 1
	done
	echo "guest: stream $stream has sum $(sha256sum < /tmp/sent | cut -d ' ' -f 1)"
	ip link set "$name" down
	ip addr flush dev "$name"
done
rm /tmp/sent
