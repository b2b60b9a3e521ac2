#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm-taken.sh [OPTION]...: a guest whose functions are taken away and given back while it runs.

out=/tmp/guest.out
fifo=/tmp/control
card=0000:00:03.0
edu=0000:00:01.0

# when LINE: once the guest has said LINE.
when() {
	until grep -q "^guest: $1" $out; do
		[ -e /proc/$pid ] || return
		sleep 0.1
	done
}

mkfifo $fifo
: > $out
sh tests/rig/programs/kvm-passthrough.sh taken --control $fifo "$@" > $out 2>&1 &
pid=$!
# Open for reading as well: nobody waits for a VMM that has gone.
exec 3<> $fifo
when "take them"
printf 'nonsense\nremove 0000:00:09.0\nadd %s\nremove %s\nremove %s\n' $card $card $edu >&3
when "give them back"
printf 'add %s\nadd %s\n' $card $edu >&3
wait $pid
status=$?
cat $out
rm $fifo
exit $status
