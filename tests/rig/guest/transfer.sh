# SPDX-License-Identifier: MIT
# 16 MiB each way through each card of the guest. The other end of the wire follows the
# console: tests/rig/programs/kvm-transfer.sh.

. /guest/cards.sh

# tell: prints what the guest knows about its cards.
tell() {
	dmesg | tail -n 20
	cat /proc/net/dev /proc/interrupts
}

# watch STREAM: prints it for each minute that the stream takes.
watch() {
	while sleep 60 && [ -e "/tmp/stream.$1" ]; do
		echo "guest: stream $1 takes long"
		tell
	done
}

# carry INTERFACE send|receive FILE
carry() {
	next_stream
	touch "/tmp/stream.$stream"
	watch "$stream" &
	echo "guest: $1 ${2}s stream $stream"
	if case $2 in
	send) wire send "$1" "$stream" < "$3" ;;
	receive) wire receive "$1" "$stream" > "$3" ;;
	esac then
		echo "guest: stream $stream has sum $(sha256sum < "$3" | cut -d ' ' -f 1)"
	else
		tell
	fi
	rm "/tmp/stream.$stream"
}

head -c 16777216 /dev/urandom > /tmp/sent
for name in $(interfaces); do
	before=$(interrupts "$name")
	ip link set "$name" mtu 9000 up
	carry "$name" send /tmp/sent
	carry "$name" receive /tmp/received
	after=$(interrupts "$name")
	ip link set "$name" down
	rm -f /tmp/received
	[ "$after" -le "$before" ] || echo "guest: $name: interrupts count up"
	echo "guest: $name: $((after - before)) interrupts"
done
rm /tmp/sent
