#!/bin/sh
# SPDX-License-Identifier: MIT
# kvm-edu.sh ARGUMENTS [OPTION]...: a guest with an edu behind an SMMU, and with these arguments for its kernel.

arguments=$1
shift
exec tests/rig/programs/kvm_vmm --kernel /guest/Image --initrd /guest/initrd --cpus 2 --iommu smmuv3 --stats \
	--append "console=ttyAMA0 quiet $arguments" --device 0000:00:01.0,no-msi-window "$@"
