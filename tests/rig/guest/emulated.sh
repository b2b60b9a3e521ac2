# SPDX-License-Identifier: MIT
# The guest passes on the function that the VMM emulates, by an iommufd of its own. The driver of the guest's
# IOMMU reports DMA to unmapped addresses.

device=0000:00:1f.0
echo vfio-pci > /sys/bus/pci/devices/$device/driver_override
echo $device > /sys/bus/pci/drivers_probe
iommuctl run /guest/emulated.json
dmesg | grep -E 'Default domain type|virtio_iommu|event:'
