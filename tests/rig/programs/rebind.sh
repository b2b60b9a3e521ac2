#!/bin/sh
# SPDX-License-Identifier: MIT
# rebind.sh DEVICE JOB: a device is returned and taken again; in between the job reports the cause.

iommuctl device unbind "$1" || exit
iommuctl run "$2"
[ $? -eq 1 ] || exit 1
iommuctl device bind "$1" || exit
exec iommuctl run "$2"
