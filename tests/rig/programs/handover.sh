#!/bin/sh
# SPDX-License-Identifier: MIT
# handover.sh UNBOUND-JOB BOUND-JOB: a command that binds the device itself works only with the first job,
# because a device is bound once.

program=tests/rig/programs/binding_child
iommuctl run "$1" -- $program '{fd:iommufd}' '{fd:devices.edu}' || exit
exec iommuctl run "$2" -- $program '{fd:iommufd}' '{fd:devices.edu}'
