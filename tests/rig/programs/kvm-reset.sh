#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm-reset.sh GUEST-ARGUMENT [OPTION]...: a guest that resets itself boots again, any number of times.

argument=$1
shift
out=/tmp/guest.out
: > $out
tests/rig/programs/kvm_vmm --kernel /guest/Image --initrd /guest/initrd --cpus 2 \
	--append "console=ttyAMA0 quiet guest=$argument" "$@" > $out &
pid=$!
until [ "$(grep -c '^guest: user space runs' $out)" -ge 3 ]; do
	[ -e /proc/$pid ] || { cat $out; exit 1; }
	sleep 0.1
done
kill -TERM $pid
wait $pid
cat $out
