#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm-taken.sh [unbind] [OPTION]...: a guest whose functions are taken away and given back while it runs. With unbind,
# the host takes the edu, and the kernel notifies the VMM.

out=/tmp/guest.out
host=/tmp/host.out
fifo=/tmp/control
card=0000:00:03.0
edu=0000:00:01.0
carriage_return=$(printf '\r')

# said LINE: whether the guest has printed that whole line.
said() {
	while read -r line; do
		[ "${line%"$carriage_return"}" != "guest: $1" ] || return 0
	done < $out
	return 1
}

# when LINE: waits until the guest has printed LINE.
when() {
	until said "$1"; do
		[ -e /proc/$pid ] || return
		sleep 0.1
	done
}

take_edu() {
	printf 'remove %s\n' $edu >&3
}
give_edu() {
	:
}
if [ "$1" = unbind ]; then
	shift
	take_edu() {
		sh -c "echo $edu > /sys/bus/pci/drivers/vfio-pci/unbind"
		echo "unbound: $(ls /sys/bus/pci/devices/$edu/driver 2> /dev/null || echo no driver)" >> $host
	}
	give_edu() {
		iommuctl device bind $edu >> $host
	}
fi

mkfifo $fifo
: > $out
: > $host
sh tests/rig/programs/kvm-passthrough.sh taken --control $fifo "$@" > $out &
pid=$!
# Open for reading as well, so that nobody waits for a VMM that has gone.
exec 3<> $fifo
when "take them"
printf 'nonsense\nremove 0000:00:09.0\nadd %s\nremove %s\n' $card $card >&3
take_edu
when "give them back"
give_edu
printf 'add %s\nadd %s\n' $card $edu >&3
wait $pid
status=$?
cat $out $host
rm $fifo
exit $status
