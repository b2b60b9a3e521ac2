/* SPDX-License-Identifier: MIT */
/* Guest memory in a file: saved by a VMM, or its memfd in /proc. */
#ifndef CLI_LOOK_MEMORY_FILE_H
#define CLI_LOOK_MEMORY_FILE_H

#include <iommuctl/guest_memory.h>

#include "output/report.h"

struct look_memory_file {
	char *name;
	struct iommuctl_guest_range range;
	struct iommuctl_guest_memory memory; /* of that range; must not be moved or copied */
};

/*
 * Opens FILE[@IPA], whose first byte is at IPA, or at 0. Reports its own failure, after which there
 * is nothing to close.
 */
enum exit_status look_memory_file_open(
	struct look_memory_file *file, const char *argument, struct report *report);
void look_memory_file_close(struct look_memory_file *file);

typedef enum exit_status look_memory_fn(
	const struct look_memory_file *file, const void *data, struct report *report);

/*
 * Calls @look with @data in a process of its own: if the mapped file shrinks, the kernel kills the
 * reader, and that is reported as a failure. Returns what @look returns.
 */
enum exit_status look_memory_file_look(const struct look_memory_file *file, look_memory_fn *look,
	const void *data, struct report *report);

#endif
