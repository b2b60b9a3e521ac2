#!/bin/sh
# SPDX-License-Identifier: MIT
# fail-nth-session.sh [OPTION...]: a session with nested translation, made verb by verb and removed in the same way; the first
# verb that fails ends it. OPTIONs are iommuctl's. fail_nth_jobs -x makes the calls of the session itself fail.
directory=$(mktemp -d)
export IOMMUCTL_RUNTIME_DIRECTORY="$directory" IOMMUCTL_SESSION=x

iommuctl "$@" session start --foreground x > "$directory/started" &
holder=$!
# The loader needs it in its environment, other programs do not.
unset LD_PRELOAD
while ! [ -s "$directory/started" ] && kill -0 $holder 2> /dev/null; do
	sleep 0.01
done

verbs() {
	while read -r verb; do
		# shellcheck disable=SC2086
		iommuctl $verb || return
	done
}

status=0
if [ -s "$directory/started" ]; then
	verbs << END || status=$?
memory create ram size=16M ipa=0x40000000
ioas alloc guest map.0.memory=ram
device open edu pci=0000:00:01.0
hwpt alloc s2 device=edu ioas=guest nest-parent=true
viommu alloc vsmmu device=edu hwpt=s2
vdevice alloc vedu viommu=vsmmu device=edu vsid=0x42
veventq alloc events viommu=vsmmu depth=16
stage1 create kernel at=0x40110000 asid=7 map.0.iova=0x1000 map.0.ipa=0x40200000 map.0.size=4K
cd-table create cds at=0x40100000 contexts.0.stage1=kernel
hwpt alloc s1 device=edu viommu=vsmmu ste.config=s1 ste.cd-table=cds
device attach edu hwpt=s1
invalidate vsmmu commands.0.opcode=tlbi_nh_asid commands.0.asid=7
ste set s1 by=s1b s1dss=terminate
hwpt replace s1b by=s1c ste.s1dss=bypass
ioas map guest memory=ram iova=0x200000 length=4K
ioas unmap guest iova=0x200000 size=4K
session show --names
device detach edu
hwpt destroy s1c
veventq destroy events
END
	iommuctl session stop x || left="something"
fi
wait $holder || ended=$?
if [ -s "$directory/started" ]; then
	[ "${ended:-0}" -eq 0 ] || left="a session that ended with $ended"
else
	status=$ended
fi
rm -r "$directory"
echo "the session: ${left:-0} left behind"
exit $status
