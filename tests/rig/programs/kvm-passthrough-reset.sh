#!/bin/sh
# SPDX-License-Identifier: MIT
# A guest that resets itself finds its functions again, in their power-on state.

iommuctl device bind 0000:00:03.0 || exit
sh tests/rig/programs/kvm-reset.sh use,reboot --device 0000:00:01.0 --device 0000:00:03.0
status=$?
iommuctl device unbind 0000:00:03.0 || exit
exit $status
