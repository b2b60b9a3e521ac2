#!/bin/sh
# SPDX-License-Identifier: MIT
# qemu-unprivileged.sh DEVICE JOB: QEMU, as a user that may open nothing but /dev/kvm, runs a guest with the network
# card DEVICE, of which JOB opens what QEMU binds. QEMU is run by its own loader: that user could not chroot.

user=1000:1000
iommuctl device bind "$1" || exit
chown $user /dev/kvm
iommuctl run --user=$user "$2" -- sh -c '
	echo "qemu: user $(id -u), CapEff $(sed -n "s/^CapEff:.//p" /proc/self/status)"
	[ ! -r /dev/iommu ] && echo "qemu: /dev/iommu is closed to it"
	exec "$@"' sh \
	/peer/usr/lib/ld-linux-aarch64.so.1 --library-path /peer/usr/lib/aarch64-linux-gnu \
	/peer/usr/bin/qemu-system-aarch64 -L /peer/usr/share/qemu -M virt,gic-version=3 -accel kvm -cpu host -m 512M \
	-nodefaults -display none -serial stdio -object 'iommufd,id=i0,fd={fd:iommufd}' \
	-device 'vfio-pci,id=e0,fd={fd:devices.nic},iommufd=i0' \
	-kernel /guest/Image -initrd /guest/initrd -append "console=ttyAMA0 quiet guest=use"
status=$?
chown 0:0 /dev/kvm
iommuctl device unbind "$1" || exit
exit $status
