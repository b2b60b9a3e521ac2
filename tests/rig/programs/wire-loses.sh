#!/bin/sh
# SPDX-License-Identifier: MIT
# wire-loses.sh: a wire that loses frames still carries a file. Both ends are on the loopback interface, and each loses
# one in so many of the frames that it receives.

wire=tests/rig/programs/wire
sent=/tmp/sent
got=/tmp/got

# equal WHAT: compares and reports.
equal() {
	wait "$!" || exit
	[ "$(sha256sum < $got)" = "$(sha256sum < $sent)" ] || exit
	echo "$1: equal sums"
}

# carry SIZE SENDER RECEIVER: SIZE bytes, and the loss rate of each end.
carry() {
	head -c "$1" /dev/urandom > $sent
	$wire receive lo 1 "$3" > $got &
	$wire send lo 1 "$2" < $sent || exit
	equal "$1 bytes, 1 of $2 lost by the sender, 1 of $3 by the receiver"
}

carry 524288 50 50
carry 524288 10 10
# With so few frames, the last one is sent and arrives while others are missing.
carry 100000 1000 3

# A receiver that says hello, gets nothing and leaves: the next one has another number.
timeout 1 $wire receive lo 1 1 > /dev/null &
{
	sleep 2
	exec $wire receive lo 1 > $got
} &
$wire send lo 1 < $sent || exit
equal "the second receiver"
