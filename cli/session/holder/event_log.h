/* SPDX-License-Identifier: MIT */
/* The latest events and page faults of all queues, numbered, for clients that watch them. */
#ifndef CLI_SESSION_HOLDER_EVENT_LOG_H
#define CLI_SESSION_HOLDER_EVENT_LOG_H

#include "job/live/live.h"
#include "output/page_fault.h"

#define EVENT_LOG_SIZE 1024

struct event_record {
	uint64_t number;  /* from 1 */
	int64_t seconds;  /* since 1970, when it was read */
	char object[160]; /* "veventqs.events" */
	bool is_fault;
	/*
	 * Not from a queue, but about a device that the kernel wants back: what happened to it; or
	 * "".
	 */
	char request[256];
	union {
		struct live_event event;
		struct page_fault fault; /* its device is the record's */
	};
	char device[96];  /* "devices.edu"; "": unknown */
	uint64_t dropped; /* page faults lost before this one */
};

struct event_log {
	uint64_t count; /* number of the last event */
	struct event_record records[EVENT_LOG_SIZE];
};

/* The callback for live->watch. */
void event_log_add(const struct live_notice *notice, void *log);

/* Adds a record with its number, the time and the name of @queue, for the caller to fill. */
struct event_record *event_log_next(struct event_log *log, const char *queue);

/* Logs that the kernel wants the device @label back, with the outcome in @text. */
void event_log_add_request(struct event_log *log, const char *label, const char *text);

/*
 * The first record from number @from on; NULL if there is none yet. Its number is greater if those
 * before it are gone.
 */
const struct event_record *event_log_at(const struct event_log *log, uint64_t from);

#endif
