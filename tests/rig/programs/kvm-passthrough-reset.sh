#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest that resets itself finds the functions that it had, as by power-on.

out=/tmp/guest.out
: > $out
iommuctl device bind 0000:00:03.0 || exit
tests/rig/programs/kvm_vmm --kernel /guest/Image --initrd /guest/initrd --cpus 2 \
	--append "console=ttyAMA0 quiet guest=use,reboot" --device 0000:00:01.0 --device 0000:00:03.0 > $out 2>&1 &
pid=$!
until [ "$(grep -c '^guest: packets and interrupts of eth0 count up' $out)" -ge 3 ]; do
	[ -e /proc/$pid ] || break
	sleep 0.1
done
kill -TERM $pid
wait $pid
cat $out
exec iommuctl device unbind 0000:00:03.0
