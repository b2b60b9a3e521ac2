/* SPDX-License-Identifier: MIT */
/*
 * A log's guest memory. An access reads only what its own lines contain, so memory can be emptied
 * between accesses, and no log makes it grow without end.
 */
#ifndef LIBIOMMUCTL_REPLAY_MEMORY_H
#define LIBIOMMUCTL_REPLAY_MEMORY_H

#include <iommuctl/guest_memory.h>
#include <iommuctl/vsmmuv3_replay.h>

#include "record/line.h"

struct replay_mapping {
	void *start;
	size_t size;
};

struct replay_memory {
	struct iommuctl_guest_memory memory;
	struct iommuctl_guest_range ranges[IOMMUCTL_VSMMUV3_REPLAY_RANGES_MAX];
	struct replay_mapping mappings[IOMMUCTL_VSMMUV3_REPLAY_RANGES_MAX];
	/* lines since it was emptied, each of which may have touched a page or two */
	size_t written;
};

void replay_memory_init(struct replay_memory *memory);
void replay_memory_clear(struct replay_memory *memory);

/* A line that adds a range of memory. 0; -EINVAL, -E2BIG, -ENOMEM. */
int replay_memory_place(struct replay_memory *memory, const struct record_line *line);

/* A line with what is read. 0; -EINVAL: there is no memory. */
int replay_memory_fill(struct replay_memory *memory, const struct record_line *line);

/* An access begins. */
void replay_memory_trim(struct replay_memory *memory);

#endif
