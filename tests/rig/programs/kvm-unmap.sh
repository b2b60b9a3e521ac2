#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest without range invalidation unmaps 4096 pages, strictly: the VMM gets a TLBI for each page, and
# calls the kernel for many of them at once.

# count NAME: a counter from the VMM's final output.
count() {
	sed -n "s/.* $1=\\([0-9]*\\).*/\\1/p" /tmp/unmap.err
}

for wishes in no-ril no-ril,granule=4K; do
	sh tests/rig/programs/kvm-edu.sh "guest=unmap iommu.strict=1" --smmu $wishes 2> /tmp/unmap.err
	status=$?
	cat /tmp/unmap.err >&2
	[ $status -eq 0 ] || exit $status
	commands=$(count commands)
	calls=$(count calls)
	echo "unmap: $wishes: $commands commands, $calls calls"
	[ "$commands" -ge 4096 ] && [ $((calls * 5)) -le "$commands" ] && echo "unmap: at least five commands a call"
done
