#!/bin/sh
# SPDX-License-Identifier: MIT
# Boots systemd as the first process of namespaces of its own: boot.sh TREE WORK, both directories. TREE is the
# lower layer and does not change; WORK/upper is the upper one, and WORK/dev has additional nodes. It ends with systemd,
# and has its exit status.
set -eu

tree=$1 work=$2

if [ "${3-}" != inside ]; then
	# systemd takes over every control group it sees: its root is a group of our own.
	groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
	group=$groups/iommuctl-hosts-$$
	mkdir "$group"
	trap 'find "$group" -depth -type d -exec rmdir {} +' EXIT
	(
		sh -c 'echo $PPID' > "$group/cgroup.procs"
		exec unshare --mount --pid --cgroup --uts --ipc --net --fork --kill-child sh "$0" "$tree" "$work" inside
	) && exit 0 || exit $?
fi

mount --make-rprivate /
root=$work/root
mkdir -p "$work/upper" "$work/scratch" "$root"
mount -t overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/scratch" overlay "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
cp -a "$work/dev/." "$root/dev/"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root/old"
cd "$root"
pivot_root . old
exec chroot . env -i container=iommuctl-hosts PATH=/usr/bin:/usr/sbin sh -c 'umount -l /old && exec /usr/lib/systemd/systemd --log-target=console --show-status=no --unit="$0"' "${4-hosts.target}" \
	< /dev/null
