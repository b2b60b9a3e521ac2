/* SPDX-License-Identifier: MIT */
/* The stimulus drivers of devices. */
#ifndef CLI_JOB_LIVE_STIMULUS_H
#define CLI_JOB_LIVE_STIMULUS_H

#include "job/live/live.h"

/* Starts the stimulus driver of @device, if it is not running. */
int live_stimulus(
	struct live *live, const struct document_object *device, struct stimulus **stimulus);

/* -EOPNOTSUPP with a failure recorded if @stimulus cannot do @access whatever the IOMMU allows. */
int live_stimulus_can(struct live *live, const struct document_object *device,
	const struct stimulus *stimulus, const struct stimulus_access *access);

/* What is expected of a transfer that writes what it has read. */
struct live_kept {
	uint64_t iova; /* destination of the write */
	uint64_t ipa;  /* where @size bytes are expected */
	uint64_t size;
};

/* The same if it does not return the bytes that are expected. */
int live_stimulus_keeps(struct live *live, const struct document_object *device,
	const struct stimulus *stimulus, const struct live_kept *kept);

#endif
