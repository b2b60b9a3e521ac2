/* SPDX-License-Identifier: MIT */
/*
 * One access of a device. Devices do not say whether an access was let through, so that others are
 * asked: the model machine, the events of the vIOMMU, what the device is attached to, and guest
 * memory.
 */
#ifndef CLI_JOB_LIVE_ACCESS_H
#define CLI_JOB_LIVE_ACCESS_H

#include "job/live.h"

enum access_verdict { ACCESS_UNSEEN, ACCESS_DONE, ACCESS_BLOCKED };

#define ACCESS_WHY_SIZE 256

struct live_access {
	struct live_reach reach;
	enum access_verdict verdict;
	size_t events;		   /* that could be its own, but were there before */
	char why[ACCESS_WHY_SIZE]; /* it was blocked; "": no more is known */
};

/*
 * Has @stimulus do @access, and judges it. Guest memory may be asked only if @use_memory: bytes
 * where the device is to write are others then, until it has. Errors are recorded.
 */
int live_access_do(
	struct live *live, struct stimulus *stimulus, struct live_access *access, bool use_memory);

/* Whether there is no vEVENTQ of @viommu for what the SMMU says of its devices, which is lost. */
bool live_is_unheard(const struct live *live, const struct document_object *viommu);

/*
 * What the DMA of @device goes through: what it is attached to, or else another device of its
 * group; NULL: nothing.
 */
const struct document_object *live_led_to(
	const struct live *live, const struct document_object *device);

/* The vIOMMU that is why no event tells of @access; NULL: there is none. */
const struct document_object *live_access_unheard(
	const struct live *live, const struct live_access *access);

/* Waits @timeout_ms for an event that tells that @access was blocked. Errors are recorded. */
int live_access_ask_events(struct live *live, struct live_access *access, uint64_t timeout_ms);

#endif
