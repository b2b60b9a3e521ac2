#!/bin/sh
# SPDX-License-Identifier: MIT
# doctor on a device whose peer has no driver; the status is doctor's.

echo 0000:00:01.1 > /sys/bus/pci/drivers/vfio-pci/unbind
iommuctl doctor 0000:00:01.0
