/* SPDX-License-Identifier: MIT */
/* What a host's kernel was told on its command line. */
#ifndef CLI_HOST_KERNEL_PARAMETER_H
#define CLI_HOST_KERNEL_PARAMETER_H

#include <stdbool.h>

#include "host/sysfs.h"

/*
 * Whether a parameter @name has @value among its values, which commas separate:
 * "intel_iommu=on,sm_on". False as well where the command line cannot be read.
 */
bool kernel_parameter_has(const struct sysfs *sysfs, const char *name, const char *value);

#endif
