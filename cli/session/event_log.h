/* SPDX-License-Identifier: MIT */
/* The last events and page faults of all queues, numbered, for those who watch them. */
#ifndef CLI_SESSION_EVENT_LOG_H
#define CLI_SESSION_EVENT_LOG_H

#include "job/live.h"
#include "output/page_fault.h"

#define EVENT_LOG_SIZE 1024

struct event_record {
	uint64_t number;  /* from 1 */
	int64_t seconds;  /* since 1970, when it was read */
	char object[160]; /* "veventqs.events" */
	bool is_fault;
	/* Not of a queue but of a device that the kernel wants: what of it; or "". */
	char request[256];
	union {
		struct live_event event;
		struct page_fault fault; /* its device is the one of the record */
	};
	char device[96];  /* "devices.edu"; "": unknown */
	uint64_t dropped; /* page faults before this one that did not come here */
};

struct event_log {
	uint64_t count; /* of all events: the number of the last */
	struct event_record records[EVENT_LOG_SIZE];
};

/* What live->watch calls. */
void event_log_add(const struct live_notice *notice, void *log);

/* The next record, with its number and time, and the name of @queue; for the caller to fill. */
struct event_record *event_log_next(struct event_log *log, const char *queue);

/* The kernel wants the device @label: @text is what has become of that. */
void event_log_add_request(struct event_log *log, const char *label, const char *text);

/*
 * The first record from the number @from on; NULL: there is none yet. It has a greater number if
 * those before it are gone.
 */
const struct event_record *event_log_at(const struct event_log *log, uint64_t from);

#endif
