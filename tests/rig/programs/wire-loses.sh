#!/bin/sh
# SPDX-License-Identifier: MIT
# wire-loses.sh: a wire that loses frames carries a file all the same. Both ends are on the loopback interface, and lose
# of what they receive: one of so many frames.

wire=tests/rig/programs/wire
sent=/tmp/sent
got=/tmp/got

# equal WHAT: says so.
equal() {
	wait "$!" || exit
	[ "$(sha256sum < $got)" = "$(sha256sum < $sent)" ] || exit
	echo "$1: equal sums"
}

# carry SIZE SENDER RECEIVER: so many bytes, and what each end loses.
carry() {
	head -c "$1" /dev/urandom > $sent
	$wire receive lo 1 "$3" > $got &
	$wire send lo 1 "$2" < $sent || exit
	equal "$1 bytes, 1 of $2 lost by the sender, 1 of $3 by the receiver"
}

carry 524288 50 50
carry 524288 10 10
# Of so few the last one is sent, and comes, while others are missing.
carry 100000 1000 3

# A receiver that has said hello, got nothing and gone: the next one has another number.
timeout 1 $wire receive lo 1 1 > /dev/null &
{
	sleep 2
	exec $wire receive lo 1 > $got
} &
$wire send lo 1 < $sent || exit
equal "the second receiver"
