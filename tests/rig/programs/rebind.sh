#!/bin/sh
# SPDX-License-Identifier: MIT
# rebind.sh DEVICE JOB: a device is given back and taken again; in between the job says what is wrong.

iommuctl device unbind "$1" || exit
iommuctl run "$2"
[ $? -eq 1 ] || exit 1
iommuctl device bind "$1" || exit
exec iommuctl run "$2"
