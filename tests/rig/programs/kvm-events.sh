#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest with an edu behind an SMMU, and two watchers of that SMMU's events beside its VMM: one takes them all, one
# leaves after the first. The guest still gets its events.

socket=/tmp/vm.events
tests/rig/programs/kvm_vmm --kernel /guest/Image --initrd /guest/initrd --cpus 2 --iommu smmuv3 --stats \
	--append "console=ttyAMA0 quiet guest=edu iommu.strict=1" --device 0000:00:01.0,no-msi-window --events $socket &
vmm=$!
until [ -S $socket ]; do
	[ -e /proc/$vmm ] || exit 1
	sleep 0.1
done
iommuctl --json events --follow --from $socket --count 1 --queue smmu0 > /tmp/first.json &
first=$!
iommuctl events --follow --from $socket > /tmp/watched || exit
wait $vmm || exit
wait $first || exit
sed 's/^/watched: /' /tmp/watched
sed 's/^/first: /' /tmp/first.json
[ ! -e $socket ] && echo "the socket is gone"
