/* SPDX-License-Identifier: MIT */
/* A client that watches the events of a session. */
#ifndef CLI_SESSION_FOLLOW_H
#define CLI_SESSION_FOLLOW_H

#include "output/report.h"
#include "session/event_log.h"

/* The most that may be asked for. */
#define FOLLOW_COUNT_MAX UINT32_MAX

struct follow {
	char queue[160];  /* whose events it wants: "events", "veventqs.events"; "": of all */
	uint64_t next;	  /* the number of the event that it wants next */
	uint64_t left;	  /* how many more; 0: there is no end */
	int64_t idle_ms;  /* how long without an event; 0: for ever */
	int64_t idle_end; /* in the time of CLOCK_MONOTONIC */
	bool waits;	  /* for those that are yet to come */
	bool json;
	size_t columns; /* of the terminal; 0: none */
	uint64_t lost;	/* what it has been told of */
	uint64_t told;
};

/*
 * Says what of @log is new to @follow. True: that was all that it wants, and a summary has been
 * said.
 */
bool follow_say(struct follow *follow, const struct event_log *log, struct report *report);

/*
 * How that has ended: it has waited for events, and fewer have come than it was to wait for, which
 * is reported.
 */
enum exit_status follow_end(const struct follow *follow, struct report *report);

/* Whether what comes of the queue "veventqs.events" is for it. */
bool follow_wants(const struct follow *follow, const char *queue);

/* How long until it has waited enough, in milliseconds; -1: it does not end by itself. */
int follow_time_left(const struct follow *follow);

/* From now on, it has waited for nothing. */
void follow_begin(struct follow *follow);

#endif
