# SPDX-License-Identifier: MIT
# The guest passes an edu device on, by an iommufd of its own; its kernel reports blocked DMA.

device=0000:00:01.0
dmesg -n 1
sh /guest/smmu.sh
dmesg -c > /dev/null
echo vfio-pci > /sys/bus/pci/devices/$device/driver_override
echo $device > /sys/bus/pci/drivers_probe
iommuctl run /guest/edu.json
echo "guest: iommuctl ended with $?"
dmesg | grep 'arm-smmu-v3.*event'
