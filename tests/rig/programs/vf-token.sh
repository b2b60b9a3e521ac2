#!/bin/sh
# SPDX-License-Identifier: MIT
# vf-token.sh JOB: a PF that vfio-pci drives, and its VF, which only a process that knows the PF's token can bind.
set -e

pf=0000:00:03.0
vf=pci:$pf/vf/0
token=01234567-89ab-cdef-0123-456789abcdef
other=fedcba98-7654-3210-fedc-ba9876543210

# The PF belongs to the session.
bind_vf() {
	echo "with ${1:-no token}:"
	iommuctl device show --hw-info ${1:+--vf-token=$1} $vf | grep '^hw-info' || :
}

echo Y > /sys/module/vfio_pci/parameters/enable_sriov
iommuctl device bind $pf
iommuctl device vf create --bind $pf 1
iommuctl run "$1"

iommuctl session start s
iommuctl -s s device open pf pci=$pf set-vf-token=$token
bind_vf
bind_vf $other
bind_vf $token
iommuctl -s s device open vf select=$vf vf-token=$token
iommuctl session stop s

iommuctl device vf destroy $pf
iommuctl device unbind $pf
