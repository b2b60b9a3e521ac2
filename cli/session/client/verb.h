/* SPDX-License-Identifier: MIT */
/* Commands that do the work of a job's key in a session. */
#ifndef CLI_SESSION_CLIENT_VERB_H
#define CLI_SESSION_CLIENT_VERB_H

#include "invocation.h"

/* The collection of the object that the first argument of @verb names; NULL: it names none. */
const char *verb_collection(const struct verb *verb);

/*
 * The key of its shape that the first argument of @verb sets; NULL: all keys are given as
 * KEY=VALUE.
 */
const char *verb_said_key(const struct verb *verb);

/* Carries out the command of @invocation, which has a verb, in the session. */
enum exit_status verb_run(struct invocation *invocation);

#endif
