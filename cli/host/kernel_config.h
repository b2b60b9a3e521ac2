/* SPDX-License-Identifier: MIT */
/* The options that a kernel was built with. */
#ifndef CLI_HOST_KERNEL_CONFIG_H
#define CLI_HOST_KERNEL_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#include "host/gunzip.h"
#include "host/record.h"

struct kernel_config {
	FILE *stream; /* of lines such as "CONFIG_IOMMUFD=m" */
	struct gunzip gunzip;
};

/*
 * Opens that of the running kernel @release, wherever it is. False if there is none; an empty file
 * does not count.
 */
bool kernel_config_open(struct kernel_config *config, const char *release);

/* Call this after reading to the end: whether that was the whole file. */
bool kernel_config_close(struct kernel_config *config);

/*
 * Looks for @options, a NULL-terminated list of CONFIG_ names, in the lines of @stream; writes
 * those that are neither y nor m into @missing, separated by blanks. False if no option at all is
 * set.
 */
bool kernel_config_search(FILE *stream, const char *const *options, char *missing, size_t size);

/*
 * The same for a recorded host, or this one if @recorded is NULL. False if its configuration cannot
 * be found, or is incomplete.
 */
bool kernel_config_find_missing(
	const struct host_record *recorded, const char *const *options, char *missing, size_t size);

#endif
