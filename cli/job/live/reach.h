/* SPDX-License-Identifier: MIT */
/* What a device can reach. */
#ifndef CLI_JOB_LIVE_REACH_H
#define CLI_JOB_LIVE_REACH_H

#include "job/live/live.h"

/* An access by a device. */
struct live_reach {
	const struct document_object *device;
	uint64_t iova;
	uint64_t size; /* not 0 */
	bool write;
	bool has_ssid;
	uint32_t ssid;
};

/*
 * What the DMA of @device goes through: what it is attached to, or else another device of its
 * group; NULL: nothing.
 */
const struct document_object *live_led_to(
	const struct live *live, const struct document_object *device);

/* Why @reach must be blocked, as far as the device's attachment shows; else "". */
void live_obstacle(
	const struct live *live, const struct live_reach *reach, char *text, size_t size);

/* The destination of a write by @device if no stage 1 translates it; else NULL. */
unsigned char *live_target(const struct live *live, const struct document_object *device,
	uint64_t iova, uint64_t size);

#endif
