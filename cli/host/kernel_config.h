/* SPDX-License-Identifier: MIT */
/* The options that the running kernel was built with. */
#ifndef CLI_HOST_KERNEL_CONFIG_H
#define CLI_HOST_KERNEL_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#include "host/gunzip.h"

struct kernel_config {
	FILE *stream; /* of lines such as "CONFIG_IOMMUFD=m" */
	struct gunzip gunzip;
};

/* Opens that of the running kernel @release, wherever it is. False if it is nowhere. */
bool kernel_config_open(struct kernel_config *config, const char *release);
void kernel_config_close(struct kernel_config *config);

#endif
