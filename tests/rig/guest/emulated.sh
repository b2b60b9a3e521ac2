# SPDX-License-Identifier: MIT
# The guest hands an edu device on, by an iommufd of its own.

device=0000:00:1f.0
echo vfio-pci > /sys/bus/pci/devices/$device/driver_override
echo $device > /sys/bus/pci/drivers_probe
iommuctl run /guest/emulated.json
echo "guest: iommuctl ended with $?"
dmesg | grep -i -e iommu -e fault
