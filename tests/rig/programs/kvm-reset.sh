#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest that resets itself comes up again, as often as it likes.

tests/rig/programs/kvm_vmm --kernel /guest/Image --initrd /guest/initrd --cpus 2 \
	--append "console=ttyAMA0 quiet guest=reboot" > /tmp/guest.out 2>&1 &
pid=$!
while [ "$(grep -c '^guest: user space runs' /tmp/guest.out)" -lt 3 ]; do
	[ -e /proc/$pid ] || { cat /tmp/guest.out; exit 1; }
	sleep 0.1
done
kill -TERM $pid
wait $pid
cat /tmp/guest.out
