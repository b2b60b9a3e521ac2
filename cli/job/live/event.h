/* SPDX-License-Identifier: MIT */
/* An event read from a vEVENTQ, of an SMMU or of its CMDQV. */
#ifndef CLI_JOB_LIVE_EVENT_H
#define CLI_JOB_LIVE_EVENT_H

#include <jansson.h>

#include <iommuctl/events.h>

/* An event and the number lost before it; or only the loss. */
struct live_event {
	bool is_loss;
	bool is_cmdqv;
	uint64_t lost;
	uint64_t untaken; /* of these: read here, but dropped before a step took them */
	union {
		struct iommuctl_smmuv3_event event;
		struct iommuctl_smmuv3_cmdqv_event cmdqv;
	};
};

/*
 * Reads the next event of @reader's queue, of the type that @is_cmdqv says. Returns as
 * iommuctl_event_reader_next() does; with -EAGAIN, @event is the loss, if there is one.
 */
int live_event_read(struct iommuctl_event_reader *reader, bool is_cmdqv, struct live_event *event);

/* Describe an event that is not a loss, as text, and as JSON with @label as its queue. */
void live_event_print(const struct live_event *event, char *text, size_t size);
json_t *live_event_to_json(const char *label, const struct live_event *event);

#endif
