# SPDX-License-Identifier: MIT
# The guest's kernel unmaps what an edu could reach, page after page.

device=0000:00:01.0
echo vfio-pci > /sys/bus/pci/devices/$device/driver_override
echo $device > /sys/bus/pci/drivers_probe
guest_unmap /dev/vfio/devices/"$(ls /sys/bus/pci/devices/$device/vfio-dev)"
