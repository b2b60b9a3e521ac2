/* SPDX-License-Identifier: MIT */
/* Walks an IOVA through a guest's tables in a file of its memory, from its stream table on. */
#ifndef CLI_LOOK_WALK_FILE_H
#define CLI_LOOK_WALK_FILE_H

#include "look/memory_file.h"
#include "look/path.h"

/* As look_walk(), except that the walk ends with the IPA that the guest's stage 1 gives. */
enum exit_status look_walk_file(const struct look_memory_file *file,
	const struct iommuctl_stream_table_shape *shape, const struct look_access *access,
	struct report *report);

#endif
