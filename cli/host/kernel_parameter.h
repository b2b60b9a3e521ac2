/* SPDX-License-Identifier: MIT */
/* Parameters on the command line of a host's kernel. */
#ifndef CLI_HOST_KERNEL_PARAMETER_H
#define CLI_HOST_KERNEL_PARAMETER_H

#include <stddef.h>

#include "host/sysfs.h"

/* Words after this are for the first process. */
#define KERNEL_PARAMETERS_END "--"

/*
 * How much of @word, from a command line, is @prefix, which is written with '_'. As in the kernel,
 * '-' is the same, and a leading quote does not count. 0: it begins otherwise.
 */
size_t kernel_parameter_begin(const char *word, const char *prefix);

enum kernel_switch {
	KERNEL_SWITCH_UNSAID,
	KERNEL_SWITCH_ON,
	KERNEL_SWITCH_OFF,
};

/*
 * Which of @on and @off comes last among the comma-separated values of the parameter @name:
 * "intel_iommu=on,sm_on". A parameter may be repeated. Also unsaid if the command line cannot be
 * read.
 */
enum kernel_switch kernel_parameter_switch(
	const struct sysfs *sysfs, const char *name, const char *on, const char *off);

#endif
