/* SPDX-License-Identifier: MIT */
/* Commands that do in a session what a key of a job says. */
#ifndef CLI_SESSION_VERB_H
#define CLI_SESSION_VERB_H

#include "invocation.h"

enum verb_kind {
	VERB_MAKE,    /* a named object of the collection @key */
	VERB_DESTROY, /* one */
	VERB_ACT,     /* the action @key of a step */
	VERB_REPLACE, /* a HWPT; what is said goes under @key, if there is one */
};

struct verb {
	enum verb_kind kind;
	const char *key;
	const char *first;  /* of an action: what the first argument is, if it has no '=' */
	const char *inside; /* of an action: its key that the others are inside of; NULL: none */
	const char *preset; /* what an action says besides, as JSON; NULL: nothing */
};

/* The collection of the object that the first argument of @verb names; NULL: it names none. */
const char *verb_collection(const struct verb *verb);

/* The key of its shape that the first argument of @verb says; NULL: KEY=VALUE says all of them. */
const char *verb_said_key(const struct verb *verb);

/* Carries out the command of @invocation, which has a verb, in the session. */
enum exit_status verb_run(struct invocation *invocation);

#endif
