/* SPDX-License-Identifier: MIT */
/* Walks an IOVA of a device through the tables bound by a live job, as far as memory. */
#ifndef CLI_LOOK_WALK_H
#define CLI_LOOK_WALK_H

#include "job/live/live.h"

struct look_walk_args {
	const struct document_object *device; /* of the collection JOB_DEVICES */
	bool has_ssid;
	uint32_t ssid;
	uint64_t iova;
	uint32_t permissions; /* IOMMUCTL_STAGE1_READ or _WRITE, perhaps with _PRIVILEGED */
};

/*
 * Shows each structure that the SMMU fetches for the access, stage 2, and where it leads; or the
 * resulting fault, which is a result and not a failure. Changes nothing.
 */
enum exit_status look_walk(
	const struct live *live, const struct look_walk_args *args, struct report *report);

#endif
