# SPDX-License-Identifier: MIT
# The guest hands on the function that the VMM emulates, by an iommufd of its own. A DMA to nothing is
# told by the driver of the guest's IOMMU.

device=0000:00:1f.0
echo vfio-pci > /sys/bus/pci/devices/$device/driver_override
echo $device > /sys/bus/pci/drivers_probe
iommuctl run /guest/emulated.json
dmesg | grep -E 'Default domain type|virtio_iommu|event:'
