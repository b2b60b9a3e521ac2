#!/bin/sh
# SPDX-License-Identifier: MIT
# Files that stay on a host and records that leave it, on a real one: a persistent binding applied, listed and forgotten;
# a specification for containers; a record judged like the host itself. There is no udevd here.
set -eu

device=0000:00:01.0
rules=/etc/udev/rules.d/60-iommuctl-bind-$device.rules

mkdir -p /etc
iommuctl device bind --persist $device
grep -q '^ATTR{driver_override}="vfio-pci"$' $rules
iommuctl device unbind $device
iommuctl device persistent --apply $device
[ "$(basename "$(readlink /sys/bus/pci/devices/$device/driver)")" = vfio-pci ]

iommuctl device cdi --directory=/tmp $device
grep -o '"path": "[^"]*"' /tmp/iommuctl.internal-vfio.json
# Only one process can have it open.
exec 9<> /dev/vfio/devices/"$(ls /sys/bus/pci/devices/$device/vfio-dev)"
! iommuctl device cdi $device
exec 9>&-

iommuctl device unbind --forget $device
[ ! -e $rules ]
[ -z "$(iommuctl device persistent)" ]
iommuctl device bind $device

iommuctl doctor --collect=/tmp/host.json $device
iommuctl doctor --from=/tmp/host.json $device
