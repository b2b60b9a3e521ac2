/* SPDX-License-Identifier: MIT */
/* A session: a job that is carried out piece by piece, on request. */
#ifndef CLI_SESSION_SESSION_H
#define CLI_SESSION_SESSION_H

#include <jansson.h>

#include "invocation.h"
#include "job/live/live.h"
#include "job/plan.h"
#include "model/platform.h"
#include "session/holder/event_log.h"

struct peer;
struct store;

/* A client's step that waits while others are served. */
struct session_wait {
	pid_t pid; /* the client's */
	int left_ms;
	const struct peer *stopper; /* the client that wants to stop the session; NULL: none */
};

struct session {
	const char *name;
	struct cli_context context;
	const struct platform *platform;
	struct interrupt interrupt; /* set before it is opened */
	struct adopted *adopted;    /* files that were passed, or NULL; set before it is opened */
	bool rlimit_mode;	    /* count locked memory per process; set before it is opened */
	struct live live;
	struct job *job; /* the contents, with what the last request added */
	/*
	 * The contents, as a job that makes them again. Its steps are those that change CDs, since
	 * a second change of a CD replaces the first. The "map" of an IOAS may be thousands long,
	 * and is [] here: session/state/mapped_document.h.
	 */
	json_t *document;
	json_t *maps;  /* "map" by the name of an IOAS, as given; missing: it was changed */
	bool is_stale; /* the job is from before the last change */
	bool is_short; /* the job may lack mappings, as the document does */
	bool stopping;
	const struct plan_description *doing; /* operation in progress; NULL: none */
	struct session_wait *wait;	      /* its step; NULL: it does not wait */
	bool keeps_devices; /* devices that the kernel wants back; set before it is opened */
	json_t *taken;	    /* devices that it took back, by name; NULL: none */
	void *reserve;	    /* for describing the contents when memory runs out; NULL: used up */
	struct event_log log;
	struct store *store; /* that keeps the contents; NULL: none */
};

/*
 * Undoes everything in reverse, and reports what cannot be undone; a second call does nothing.
 * Returns @status, or the first failure.
 */
enum exit_status session_close(
	struct session *session, struct report *report, enum exit_status status);

/* Makes the operation in progress end, for the reason in @format. */
void session_end_doing(struct session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The existing object "hwpts.s1"; NULL if there is none. */
const struct document_object *session_find(const struct session *session, const char *label);

#endif
