/* SPDX-License-Identifier: MIT */
/*
 * One access by a device. Devices do not report whether an access got through, so this is found out
 * from the model machine, the vIOMMU's events, the device's attachment, and guest memory.
 */
#ifndef CLI_JOB_LIVE_ACCESS_H
#define CLI_JOB_LIVE_ACCESS_H

#include "job/live/live.h"
#include "job/live/reach.h"

enum access_verdict { ACCESS_UNSEEN, ACCESS_DONE, ACCESS_BLOCKED };

#define ACCESS_WHY_SIZE 256

struct live_access {
	struct live_reach reach;
	enum access_verdict verdict;
	size_t events;		   /* that could be its own, but came before it */
	char why[ACCESS_WHY_SIZE]; /* it was blocked; "": for an unknown reason */
};

/*
 * Makes @stimulus do @access, and judges it. Guest memory is used for that only if @use_memory: the
 * bytes at the destination are then changed before the device writes. Errors are recorded.
 */
int live_access_do(
	struct live *live, struct stimulus *stimulus, struct live_access *access, bool use_memory);

/* Whether @viommu has no vEVENTQ, so that the SMMU's events for its devices are lost. */
bool live_is_unheard(const struct live *live, const struct document_object *viommu);

/* The vIOMMU that is why no event tells of @access; NULL: there is none. */
const struct document_object *live_access_unheard(
	const struct live *live, const struct live_access *access);

/* Waits @timeout_ms for an event that shows that @access was blocked. Errors are recorded. */
int live_access_ask_events(struct live *live, struct live_access *access, uint64_t timeout_ms);

#endif
