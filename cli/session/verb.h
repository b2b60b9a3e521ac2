/* SPDX-License-Identifier: MIT */
/* Commands that do the work of a job's key in a session. */
#ifndef CLI_SESSION_VERB_H
#define CLI_SESSION_VERB_H

#include "invocation.h"

enum verb_kind {
	VERB_MAKE,    /* a named object of the collection @key */
	VERB_DESTROY, /* one */
	VERB_ACT,     /* the action @key of a step */
	VERB_REPLACE, /* a HWPT; its arguments go under @key, if set */
};

struct verb {
	enum verb_kind kind;
	const char *key;
	const char *first;  /* for an action: the key of a first argument without '=' */
	const char *inside; /* for an action: its key that contains the others; NULL: none */
	const char *preset; /* more arguments of an action, as JSON; NULL: none */
};

/* The collection of the object that the first argument of @verb names; NULL: none. */
const char *verb_collection(const struct verb *verb);

/*
 * The key of its shape that the first argument of @verb sets; NULL: all keys are given as
 * KEY=VALUE.
 */
const char *verb_said_key(const struct verb *verb);

/* Carries out the command of @invocation, which has a verb, in the session. */
enum exit_status verb_run(struct invocation *invocation);

#endif
