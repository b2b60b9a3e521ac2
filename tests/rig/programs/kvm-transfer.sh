#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm-transfer.sh [-l LIVES] CARD... -- COMMAND...: runs a guest, and the other end of the wire for it.
# Binds each CARD, a function by its PCI address, to vfio-pci, runs COMMAND, which is a VMM with the
# guest's console on its output, and does what the guest asks for (tests/rig/guest-init). Prints the console, and
# "transfer: " lines. After the resets of LIVES lives it ends the VMM. During a long stream, standard error shows its
# state each minute.

wire=tests/rig/programs/wire
host=/sys/bus/pci/devices/0000:00:05.0
work=/tmp/transfer
lives=0
return=$(printf '\r')

# bind DRIVER CARD
bind() {
	device=/sys/bus/pci/devices/$2
	[ ! -e "$device/driver" ] || echo "$2" > "$device/driver/unbind"
	echo "$1" > "$device/driver_override"
	echo "$2" > /sys/bus/pci/drivers_probe
}

# compare STREAM SUM: compares the guest's sum of a stream with the sum here, once that is complete.
compare() {
	until [ -e "$work/$1.done" ]; do
		sleep 0.1
	done
	set -- "$1" "$2" "$(cut -d ' ' -f 1 < "$work/$1.sum")" "$(cat "$work/$1.way")"
	if [ "$2" = "$3" ]; then
		echo "transfer: stream $1, $4: equal sums"
	else
		echo "transfer: stream $1, $4: sums differ, $2 and $3"
	fi
	rm -f "$work/$1".*
}

# other_end receive|send|listen STREAM
other_end() {
	case $1 in
	receive)
		echo "16 MiB from the guest" > "$work/$2.way"
		$wire receive "$net" "$2" > "$work/$2.data"
		;;
	send)
		echo "16 MiB to the guest" > "$work/$2.way"
		head -c 16777216 /dev/urandom > "$work/$2.data"
		$wire send "$net" "$2" < "$work/$2.data"
		;;
	listen)
		echo "16 MiB from the guest by TCP" > "$work/$2.way"
		nc -l -p 5000 <> $work/silence > "$work/$2.data"
		;;
	esac
	[ "$(stat -c %s "$work/$2.data")" = 16777216 ] || echo "other than 16 MiB" > "$work/$2.way"
	sha256sum < "$work/$2.data" > "$work/$2.sum"
	rm "$work/$2.data"
	touch "$work/$2.done"
}

# tell: prints what this machine knows about a transfer.
tell() {
	grep -H . "/sys/class/net/$net/statistics/"[rt]x_* | grep -v ':0$'
	grep -E "CPU|$net|vfio|smmu" /proc/interrupts
	[ -z "$counts" ] || kill -USR2 "$(cat $work/pid)"
}

# watch: prints it for each minute that one stream takes. Ends with the VMM.
watch() {
	seconds=0
	while [ ! -e $work/status ]; do
		sleep 1
		seconds=$((seconds + 1))
		now=$(echo $work/*.way)
		[ "$now" = "$before" ] || seconds=0
		before=$now
		if [ -e "$now" ] && [ $((seconds % 60)) -eq 59 ]; then
			now=${now%.way}
			echo "transfer: stream ${now##*/} takes long"
			tell
		fi
	done
}

# The other ends are not children of the reading shell: it loses a partial line when a child ends.
follow() {
	ended=0
	while IFS= read -r line; do
		line=${line%"$return"}
		echo "$line"
		case $line in
		"guest: "*" sends stream "*) (other_end receive "${line##* }" &) ;;
		"guest: "*" receives stream "*) (other_end send "${line##* }" &) ;;
		"guest: "*" connects for stream "*) (other_end listen "${line##* }" &) ;;
		"guest: stream "*" has sum "*)
			stream=${line#guest: stream }
			compare "${stream%% *}" "${line##* }"
			;;
		*"reboot: Restarting system"*)
			ended=$((ended + 1))
			[ $ended -ne "$lives" ] || kill -TERM "$(cat $work/pid)"
			;;
		esac
	done
}

if [ "$1" = -l ]; then
	lives=$2
	shift 2
fi
rm -rf $work
mkdir $work
mkfifo $work/silence # open in both directions it never ends, as nc's input must not
cards=
while [ "$1" != -- ]; do
	cards="$cards $1"
	bind vfio-pci "$1"
	shift
done
shift
net=$(basename $host/net/*)
case " $* " in
*" --iommu smmuv3 "*) counts=yes ;;
*) counts= ;;
esac
ip addr add 10.0.0.1/24 dev "$net"
ip link set "$net" mtu 9000 up
watch >&2 &
watching=$!
{
	sh -c 'echo $$ > '$work'/pid; exec "$@"' sh "$@"
	echo $? > $work/status
} | follow
wait $watching
for card in $cards; do
	bind '' "$card"
done
ip link set "$net" down
ip addr flush dev "$net"
status=$(cat $work/status)
echo "transfer: the VMM ended with $status"
exit "$status"
