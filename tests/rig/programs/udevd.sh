#!/bin/sh
# SPDX-License-Identifier: MIT
# udevd.sh: beside a real udevd, monitor reports devices once udevd's rules have been applied, a
# group gets access to new nodes, and udevd applies a persistent binding.

card=0000:00:03.0
function=0000:00:13.0
work=$(mktemp -d)

# Debian's udevd, in its own tree, with our rules beside its own.
start_udevd() {
	mkdir -p /peer/etc/udev/rules.d /etc/udev
	ln -s /peer/etc/udev/rules.d /etc/udev/rules.d
	printf 'root:x:0:\niommuctl:x:900:\nkvm:x:901:\n' >/peer/etc/group
	printf 'root:x:0:0::/root:/bin/sh\n' >/peer/etc/passwd
	cp /usr/lib/udev/rules.d/60-iommuctl-access.rules /peer/etc/udev/rules.d/
	chroot /peer /usr/lib/systemd/systemd-udevd --daemon || exit
}

# It ignores devices unless it runs in init's tree.
udevadm() {
	SYSTEMD_IGNORE_CHROOT=1 chroot /peer /usr/bin/udevadm "$@"
}

# Group and mode of nodes.
show_access() {
	for node; do
		stat -c '%n %g %a' "$node"
	done
}

# Starts monitor; once it listens, its output goes to $work/said.
start_monitor() {
	iommuctl "$@" >"$work/said" 2>"$work/err" &
	pid=$!
	until grep -q listening "$work/err"; do sleep 0.1; done
	cat "$work/err"
}

# finish_monitor LINE: once monitor has printed it.
finish_monitor() {
	until cut -d' ' -f3- "$work/said" | grep -q "$1"; do sleep 0.1; done
	kill -TERM "$pid"
	wait "$pid"
	echo "monitor ended with $?"
	cut -d' ' -f3- "$work/said"
}

echo "-- before udevd"
show_access /dev/iommu /dev/vfio/devices/vfio0
start_udevd
udevadm trigger --action=add
udevadm settle
echo "-- once udevd knows the devices"
show_access /dev/iommu /dev/vfio/devices/vfio0

echo "-- a device comes"
start_monitor monitor --subsystem=pci,vfio-dev
iommuctl device unbind 0000:00:01.0 >/dev/null
bound=$(iommuctl device bind 0000:00:01.0) || exit
node=${bound##*, }
# bind has waited for udevd: the group has access.
show_access "$node"
finish_monitor '^bind '

echo "-- a persistent binding, of a device that comes back"
iommuctl device bind --persist 0000:00:01.0 || exit
udevadm control --reload
start_monitor monitor 0000:00:01.0
echo 1 >/sys/bus/pci/devices/0000:00:01.0/remove
echo 1 >/sys/bus/pci/rescan
udevadm settle
iommuctl device show 0000:00:01.0 | grep -E '^(driver|cdev)'
show_access /dev/vfio/devices/vfio0
finish_monitor '^bind '
iommuctl device persistent --forget 0000:00:01.0
udevadm control --reload

echo "-- a virtual function, which its host driver takes first"
iommuctl device vf create $card 1 >/dev/null || exit
iommuctl device bind --persist $function || exit
udevadm control --reload
iommuctl device vf destroy $card || exit
iommuctl device vf create $card 1 >/dev/null || exit
udevadm settle
iommuctl device show $function | grep -E '^driver'
wants() {
	echo "udevd asks for: $(udevadm info -q property -p /sys/bus/pci/devices/$function | grep SYSTEMD_WANTS)"
}
wants
# Does what the requested service does; there is no systemd here.
iommuctl device persistent --apply $function || exit
bound=$(iommuctl device bind $function) || exit
echo "$bound"
show_access "${bound##*, }"
iommuctl device unbind $function || exit
udevadm settle
iommuctl device show $function | grep -E '^driver'
wants
iommuctl device persistent --forget $function || exit
iommuctl device vf destroy $card || exit

echo "-- as JSON"
iommuctl --json monitor --subsystem=vfio-dev --count=1 >"$work/said" &
pid=$!
# Until it listens, and has reported one.
while kill -0 "$pid" 2>/dev/null; do
	udevadm trigger --action=change /sys/class/vfio-dev/vfio1
	sleep 1
done
wait "$pid"
cat "$work/said"

udevadm control --exit
rm -r "$work" /etc/udev
