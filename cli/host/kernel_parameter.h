/* SPDX-License-Identifier: MIT */
/* What a host's kernel was told on its command line. */
#ifndef CLI_HOST_KERNEL_PARAMETER_H
#define CLI_HOST_KERNEL_PARAMETER_H

#include <stddef.h>

#include "host/sysfs.h"

/* What comes after it is the first process's. */
#define KERNEL_PARAMETERS_END "--"

/*
 * How much of @word, one of a command line's, is @prefix, which is written with '_': as the kernel
 * compares, for which '-' is the same, and a quote in front is nothing. 0: it begins otherwise.
 */
size_t kernel_parameter_begin(const char *word, const char *prefix);

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
