/* SPDX-License-Identifier: MIT */
/* A client that watches the events of a session. */
#ifndef CLI_SESSION_HOLDER_FOLLOW_H
#define CLI_SESSION_HOLDER_FOLLOW_H

#include "output/report.h"
#include "session/holder/event_log.h"

/* The most that a client may ask for. */
#define FOLLOW_COUNT_MAX UINT32_MAX

struct follow {
	char queue[160];  /* the queue that it watches: "events", "veventqs.events"; "": all */
	uint64_t next;	  /* number of the next event that it wants */
	uint64_t left;	  /* how many more; 0: no limit */
	int64_t idle_ms;  /* how long without an event; 0: forever */
	int64_t idle_end; /* on CLOCK_MONOTONIC */
	bool waits;	  /* wait for future events */
	bool json;
	size_t columns; /* of the terminal; 0: none */
	uint64_t lost;	/* what it has been sent */
	uint64_t told;
};

/*
 * Sends what is new in @log to @follow. True: that was all that it wants, and the summary has been
 * sent.
 */
bool follow_say(struct follow *follow, const struct event_log *log, struct report *report);

/* The final status: reports a failure if fewer events came than it waited for. */
enum exit_status follow_end(const struct follow *follow, struct report *report);

/* Whether it watches the queue "veventqs.events". */
bool follow_wants(const struct follow *follow, const char *queue);

/* Milliseconds until its wait ends; -1: it does not end by itself. */
int follow_time_left(const struct follow *follow);

/* Restarts its wait. */
void follow_begin(struct follow *follow);

#endif
