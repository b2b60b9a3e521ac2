/* SPDX-License-Identifier: MIT */
/* A session: a job that is carried out piece by piece, as it is asked for. */
#ifndef CLI_SESSION_SESSION_H
#define CLI_SESSION_SESSION_H

#include <jansson.h>

#include "invocation.h"
#include "job/live.h"
#include "job/plan.h"
#include "model/platform.h"
#include "session/event_log.h"

struct peer;
struct store;

/* The step of a client waits, and others are served meanwhile. */
struct session_wait {
	pid_t pid; /* the client's */
	int left_ms;
	const struct peer *stopper; /* who wants the end of the session; NULL: nobody does */
};

struct session {
	const char *name;
	struct cli_context context;
	const struct platform *platform;
	struct interrupt interrupt; /* set before it is opened */
	struct adopted *adopted;    /* files that were passed; set before it is opened; or NULL */
	bool rlimit_mode; /* locked memory is counted per process; set before it is opened */
	struct live live;
	struct job *job; /* what there is, with what the last request added */
	/*
	 * What there is, as a job that makes it again: its steps are those that change CDs, since
	 * the first of what a CD says is lost with the second. The "map" of an IOAS may be
	 * thousands long, and is [] here: session/whole.h.
	 */
	json_t *document;
	json_t *maps;  /* "map" by the name of an IOAS, as it was said; none: it was changed */
	bool is_stale; /* the job says what was there before the last change */
	bool is_short; /* the job may say as little of what is mapped as the document does */
	bool stopping;
	const struct plan_description *doing; /* what is being carried out; NULL: nothing is */
	struct session_wait *wait;	      /* of that; NULL: it does not wait */
	bool keeps_devices; /* that the kernel wants back; set before it is opened */
	json_t *taken;	    /* the devices that it has got back, by name; NULL: none */
	void *reserve;	    /* memory for telling what there is once it has run out; NULL: it has */
	struct event_log log;
	struct store *store; /* that is to have what there is; NULL: none */
};

/*
 * Undoes everything in reverse, and says what cannot be; a second time, it does nothing. Returns
 * @status, or the first failure.
 */
enum exit_status session_close(
	struct session *session, struct report *report, enum exit_status status);

/* What is being carried out is to end, because of what @format says. */
void session_end_doing(struct session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The object "hwpts.s1" that exists; NULL: none does. */
const struct document_object *session_find(const struct session *session, const char *label);

#endif
