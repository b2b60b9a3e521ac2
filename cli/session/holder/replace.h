/* SPDX-License-Identifier: MIT */
/* Replaces one HWPT with another. */
#ifndef CLI_SESSION_HOLDER_REPLACE_H
#define CLI_SESSION_HOLDER_REPLACE_H

#include "session/session.h"

struct replace_arguments {
	const char *hwpt;
	const char *by;
	json_t *with;
};

/*
 * Makes the new one, moves all devices to it, and destroys the old one; undone like session_apply()
 * if that fails.
 */
enum exit_status session_replace(
	struct session *session, const struct replace_arguments *replace, struct report *report);

#endif
