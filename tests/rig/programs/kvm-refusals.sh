#!/bin/sh
# SPDX-License-Identifier: MIT
# The messages of the example's VMM when it cannot start a guest.

refused() {
	tests/rig/programs/kvm_vmm "$@" 2>&1 | grep '^kvm-vmm'
}

ends() {
	status=$1
	shift
	tests/rig/programs/kvm_vmm "$@" > /dev/null 2>&1
	got=$?
	[ $got -eq "$status" ] || echo "kvm_vmm $*: exit status $got, not $status"
}

refused
refused --kernel /guest/Image --cpus 17
refused --kernel /guest/Image --memory 0
refused --kernel /guest/Image --memory 12x
refused --kernel /guest/Image more
refused --kernel /nowhere
refused --kernel /init
refused --kernel /dev/null
refused --kernel /guest/Image --memory 4
refused --kernel /guest/Image --memory 64 --initrd /nowhere
refused --kernel /guest/Image --memory 64 --initrd /dev/zero
refused --kernel /guest/Image --smmu no-ril,xx
refused --kernel /guest/Image --smmu sids=33
refused --kernel /guest/Image --iommu vtd
refused --kernel /guest/Image --iommu smmuv3
refused --kernel /guest/Image --iommu smmuv3 --device 0000:00:01.0 --smmu no-two-level,sids=20
refused --kernel /guest/Image --iommu smmuv3 --device 0000:00:01.0 --smmu oas=48
refused --kernel /guest/Image --device 0000:00:03
refused --kernel /guest/Image --device 0000:00:09.0
refused --kernel /guest/Image --device 0000:00:01.0 --device 0000:00:01.0
refused --kernel /guest/Image --control /guest/Image
refused --kernel /guest/Image --append "$(head -c 100000 /dev/zero | tr '\0' x)"
refused --kernel /guest/Image --events /tmp/vm.events
refused --kernel /guest/Image --iommu virtio --record /tmp/vm.log
refused --kernel /guest/Image --stats
refused --kernel /guest/Image --smmu no-ril
refused --kernel /guest/Image --device 0000:00:01.0,no-msi-window
ends 2
ends 2 --kernel
ends 2 --kernel /guest/Image --stats
ends 2 --memory 64
ends 2 --unknown
ends 1 --kernel /nowhere
mv /dev/kvm /dev/kvm.away
refused --kernel /guest/Image
mv /dev/kvm.away /dev/kvm
echo "each was refused"
