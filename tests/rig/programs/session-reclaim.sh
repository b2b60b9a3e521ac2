#!/bin/sh
# SPDX-License-Identifier: MIT
# session-reclaim.sh JOB: the kernel wants a device back from a session that has it open: it is unbound from its driver,
# and removed. The session gives it back, unless it must keep it or has handed it over, and continues.
set -e

device=0000:00:01.0
driver=/sys/bus/pci/drivers/vfio-pci
work=$(mktemp -d)
export IOMMUCTL_SESSION=vm

# By a process of its own: a signal for this one, such as SIGCHLD, would show in the kernel's log.
unbind() {
	sh -c "echo $device > $driver/unbind"
}

until_shown() {
	until iommuctl session show vm > "$work/show" && grep -q "$1" "$work/show"; do sleep 0.1; done
	grep "$1" "$work/show" | sed 's/ at .*//'
}

translate() {
	iommuctl memory write ipa=0x40401000 text="$1"
	iommuctl dma edu from=0x1000 to=0x2000 size=${#1}
	iommuctl memory check ipa=0x40402000 text="$1"
}

open_again() {
	iommuctl device bind $device
	iommuctl device open edu pci=$device
	iommuctl vdevice alloc vedu viommu=vsmmu device=edu vsid=0x42
	iommuctl device attach edu hwpt=s1
	translate "$1"
}

close_device() {
	iommuctl device detach edu
	iommuctl vdevice destroy vedu
	iommuctl device close edu
}

iommuctl session start vm "$1" > /dev/null

echo "-- unbound"
iommuctl events --follow --count=1 > "$work/events" 2> "$work/said" &
follower=$!
until grep -q following "$work/said"; do sleep 0.1; done
unbind
wait $follower
cut -d' ' -f3- "$work/events"
until_shown "taken back"
iommuctl device attach edu hwpt=s1 2>&1 | head -n 1 | sed 's/ at .*//' || true
open_again unbound

echo "-- removed"
echo 1 > /sys/bus/pci/devices/$device/remove
until_shown "taken back"
ls /sys/bus/pci/devices/$device 2> /dev/null || echo "no device"
echo 1 > /sys/bus/pci/rescan
open_again removed

echo "-- while a step waits"
iommuctl no-event events timeout-ms=600000 > "$work/waits" 2>&1 &
waiting=$!
until_shown "waits in"
unbind
wait $waiting || head -n 1 "$work/waits"
until_shown "taken back"
iommuctl session stop

echo "-- kept"
iommuctl device bind $device
iommuctl session start --keep-devices vm "$1" > /dev/null
unbind &
unbind=$!
until_shown "wanted back"
translate kept
close_device
wait $unbind
iommuctl session stop

echo "-- handed over"
iommuctl device bind $device
iommuctl session start vm "$1" > /dev/null
mkfifo "$work/end"
iommuctl session export -- sh -c "read end < $work/end" {fd:devices.edu} &
owner=$!
until ls -l /proc/[0-9]*/fd 2> /dev/null | grep /dev/vfio/devices | wc -l | grep -q '^[2-9]'; do sleep 0.1; done
unbind &
unbind=$!
until_shown "wanted back"
close_device > /dev/null
kill -0 $unbind && echo "its owner still has it"
echo > "$work/end"
wait $owner
wait $unbind
iommuctl session stop

echo "-- left"
iommuctl device bind $device
iommuctl run "$1" | tail -n 1
rm -r "$work"
