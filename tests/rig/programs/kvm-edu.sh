#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm-edu.sh KERNEL-ARGUMENT [OPTION]...: a guest with SMMUs hands an edu on.

argument=$1
shift
exec tests/rig/programs/kvm_vmm --kernel /guest/Image --initrd /guest/initrd --cpus 2 --iommu smmuv3 --stats \
	--append "console=ttyAMA0 quiet guest=edu $argument" --device 0000:00:01.0,no-msi-window "$@"
