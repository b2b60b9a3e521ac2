/* SPDX-License-Identifier: MIT */
/* What a host's kernel was told on its command line. */
#ifndef CLI_HOST_KERNEL_PARAMETER_H
#define CLI_HOST_KERNEL_PARAMETER_H

#include "host/sysfs.h"

/* What comes after it is the first process's. */
#define KERNEL_PARAMETERS_END "--"

enum kernel_switch {
	KERNEL_SWITCH_UNSAID,
	KERNEL_SWITCH_ON,
	KERNEL_SWITCH_OFF,
};

/*
 * Which of @on and @off the parameter @name has last among its values, which commas separate:
 * "intel_iommu=on,sm_on". A parameter may be repeated. Unsaid as well where the command line
 * cannot be read.
 */
enum kernel_switch kernel_parameter_switch(
	const struct sysfs *sysfs, const char *name, const char *on, const char *off);

#endif
