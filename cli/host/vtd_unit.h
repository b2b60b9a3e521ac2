/* SPDX-License-Identifier: MIT */
/* A VT-d remapping unit, by sysfs. */
#ifndef CLI_HOST_VTD_UNIT_H
#define CLI_HOST_VTD_UNIT_H

#include <stdbool.h>

#include <iommuctl/vtd.h>

#include "host/sysfs.h"

/* The capabilities of the unit @name, such as "dmar0"; false if sysfs does not show them. */
bool vtd_unit_read(const struct sysfs *sysfs, const char *name, struct iommuctl_vtd_cap *cap);

#endif
