#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest that resets itself finds the functions that it had, as by power-on.

iommuctl device bind 0000:00:03.0 || exit
sh tests/rig/programs/kvm-reset.sh use,reboot --device 0000:00:01.0 --device 0000:00:03.0
status=$?
iommuctl device unbind 0000:00:03.0 || exit
exit $status
