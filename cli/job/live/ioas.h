/* SPDX-License-Identifier: MIT */
/* The mappings of IOASes. */
#ifndef CLI_JOB_LIVE_IOAS_H
#define CLI_JOB_LIVE_IOAS_H

#include "job/live/live.h"

/* Records the mapping @map of @ioas. -EEXIST or -ENOMEM. */
int live_note_map(
	struct live *live, const struct document_object *ioas, const struct job_ioas_map *map);

/* Maps one piece of guest memory in @ioas. */
int live_ioas_map(
	struct live *live, const struct document_object *ioas, const struct job_ioas_map *map);

/* Copies mappings of @source, which may be @ioas itself, to @ioas. */
int live_ioas_copy(struct live *live, const struct document_object *ioas,
	const struct document_object *source, const struct iova_copy *copy);

/* Makes the kernel keep @ranges, struct job_range, mappable in @ioas. */
int live_ioas_allow(
	struct live *live, const struct document_object *ioas, const struct document_list *ranges);

#endif
