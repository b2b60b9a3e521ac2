#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm-passthrough.sh GUEST-ARGUMENT [OPTION]...: a guest with an edu and the network card, which is returned.

argument=$1
shift
iommuctl device bind 0000:00:03.0 || exit
tests/rig/programs/kvm_vmm --kernel /guest/Image --initrd /guest/initrd --cpus 2 \
	--append "console=ttyAMA0 quiet guest=$argument" --device 0000:00:01.0 --device 0000:00:03.0 "$@"
status=$?
iommuctl device unbind 0000:00:03.0 || exit
exit $status
