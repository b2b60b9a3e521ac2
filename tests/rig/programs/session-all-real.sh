#!/bin/sh
# SPDX-License-Identifier: MIT
# session-all-real.sh: everyday use, on a real kernel. A virtual function is made and bound, and put into a
# nested session beside an edu by verbs; its events and the devices are watched; the session is saved, stopped, and
# runs again from the save; the function is lent to QEMU, taken back, and returned to its driver.
set -e

work=$(mktemp -d)
vf=netdev:eth0/vf/0
export IOMMUCTL_SESSION=vm

# Waits until the file $2 has a line that matches $1.
until_said() {
	until grep -q "$1" "$2"; do sleep 0.1; done
}

# Both stages let the edu read and write $1; neither maps $2.
translate() {
	iommuctl memory write ipa=0x40400000 text="$1"
	iommuctl dma edu from=0x1000 to=0x2000 size=${#1}
	iommuctl memory check ipa=0x40401000 text="$1"
	iommuctl dma edu from="$2" size=4 expect=blocked
}

add_function() {
	iommuctl device open nic select=$vf
	iommuctl vdevice alloc vnic viommu=vsmmu device=nic vsid=0x43
	iommuctl hwpt alloc nic-s1 device=nic viommu=vsmmu ste.config=s1 ste.cd-table=cds
	iommuctl device attach nic hwpt=nic-s1
}

remove_function() {
	iommuctl device detach nic
	iommuctl hwpt destroy nic-s1
	iommuctl vdevice destroy vnic
	iommuctl device close nic
}

# A session of its own, so that QEMU's objects in its iommufd end with it. QEMU binds the device itself.
lend_function() {
	iommuctl session start lent
	iommuctl -s lent device open nic select=$vf bind=false
	iommuctl session export -s lent -- \
		/peer/usr/lib/ld-linux-aarch64.so.1 --library-path /peer/usr/lib/aarch64-linux-gnu \
		/peer/usr/bin/qemu-system-aarch64 -L /peer/usr/share/qemu -M virt,gic-version=3 -accel kvm -cpu host \
		-m 512M -nodefaults -display none -serial stdio -object 'iommufd,id=i0,fd={fd:iommufd}' \
		-device 'vfio-pci,id=e0,fd={fd:devices.nic},iommufd=i0' \
		-kernel /guest/Image -initrd /guest/initrd -append "console=ttyAMA0 quiet guest=use"
	iommuctl session stop lent
}

iommuctl monitor --subsystem=pci,vfio-dev > "$work/monitor" 2> "$work/monitor-end" &
monitor=$!
until_said listening "$work/monitor-end"

ip link set eth0 up
iommuctl device vf create netdev:eth0 1
iommuctl device bind $vf

echo "-- a session by verbs"
iommuctl session start vm
iommuctl memory create ram size=16M ipa=0x40000000
iommuctl ioas alloc guest map.0.memory=ram
iommuctl device open edu pci=0000:00:01.0
iommuctl hwpt alloc s2 device=edu ioas=guest nest-parent=true
iommuctl viommu alloc vsmmu type=arm-smmuv3 device=edu hwpt=s2
iommuctl vdevice alloc vedu viommu=vsmmu device=edu vsid=0x42
iommuctl veventq alloc events viommu=vsmmu depth=64
iommuctl stage1 create kernel at=0x40200000 asid=7 map.0.iova=0x1000 map.0.ipa=0x40400000 map.0.size=8K
iommuctl cd-table create cds at=0x40100000 contexts.0.ssid=0 contexts.0.stage1=kernel
iommuctl hwpt alloc s1 device=edu viommu=vsmmu ste.config=s1 ste.cd-table=cds
iommuctl device attach edu hwpt=s1
add_function

echo "-- watched"
iommuctl events --follow --since=1 --count=2 > "$work/events" &
events=$!
translate real 0x5000
translate true 0x6000
wait $events
cut -d' ' -f2- "$work/events"

echo "-- saved, stopped, run again"
iommuctl session save --output="$work/vm.json"
iommuctl session show --names | sort > "$work/names"
iommuctl session stop
iommuctl session start vm "$work/vm.json" > /dev/null
iommuctl session show --names | sort | cmp - "$work/names"
iommuctl session save | cmp - "$work/vm.json"
translate anew 0x7000

echo "-- lent to QEMU"
remove_function
lend_function
echo "-- taken back"
add_function
translate back 0x8000
iommuctl session show --tree

echo "-- returned"
iommuctl session stop
iommuctl device unbind $vf
iommuctl device vf destroy netdev:eth0
ip link set eth0 down
until_said 'remove .*0000:00:13.0' "$work/monitor"
kill $monitor
wait $monitor
grep 0000:00:13.0 "$work/monitor" | cut -d' ' -f3-
echo "-- left"
iommuctl session list
ls -A /run/iommuctl
ls -l /proc/[0-9]*/fd 2> /dev/null | grep -E '/dev/vfio|/dev/iommu' || echo "no file of a device"
rm -r "$work"
