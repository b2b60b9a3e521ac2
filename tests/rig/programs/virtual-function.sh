#!/bin/sh
# SPDX-License-Identifier: MIT
# virtual-function.sh JOB: runs JOB with a virtual function of eth0, which is bound and given back.
set -e

device=/sys/class/net/eth0/device
echo 2 > $device/sriov_numvfs
iommuctl device bind --netdev=eth0 --vf=1
iommuctl device show --netdev=eth0 --vf=1
iommuctl run "$1"
iommuctl device unbind "$(basename "$(readlink $device/virtfn1)")"
echo 0 > $device/sriov_numvfs
