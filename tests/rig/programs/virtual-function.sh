#!/bin/sh
# SPDX-License-Identifier: MIT
# virtual-function.sh JOB: runs JOB with a virtual function of eth0, which is made, bound, returned
# and removed.
set -e

iommuctl device vf create netdev:eth0 2
if iommuctl device vf create netdev:eth0 3; then exit 1; fi
iommuctl device bind netdev:eth0/vf/1
iommuctl device show pci:0000:00:03.0/vf/1
iommuctl device group netdev:eth0/vf/1
iommuctl device list --vfio
iommuctl run "$1"
iommuctl device unbind netdev:eth0/vf/1
iommuctl device vf destroy netdev:eth0
iommuctl device vf create --bind 0000:00:03.0 7
iommuctl device vf create --bind 0000:00:03.0 7 >/dev/null
iommuctl device unbind pci:0000:00:03.0/vf/6
if iommuctl device vf create --driver=no-such-driver 0000:00:03.0 7; then exit 1; fi
iommuctl device vf destroy 0000:00:03.0
if iommuctl device vf create --driver=no-such-driver 0000:00:03.0 1; then exit 1; fi
if iommuctl device show netdev:eth0/vf/0; then exit 1; fi
[ "$(cat /sys/class/net/eth0/device/sriov_numvfs)" -eq 0 ]
