/* SPDX-License-Identifier: MIT */
/* A remapping unit of VT-d, as sysfs tells of it. */
#ifndef CLI_HOST_VTD_UNIT_H
#define CLI_HOST_VTD_UNIT_H

#include <stdbool.h>

#include <iommuctl/vtd.h>

#include "host/sysfs.h"

/* What the unit @name, such as "dmar0", can do; false where sysfs does not tell. */
bool vtd_unit_read(const struct sysfs *sysfs, const char *name, struct iommuctl_vtd_cap *cap);

#endif
