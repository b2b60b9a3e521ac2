/* SPDX-License-Identifier: MIT */
/* How long a command that watches waits for the next event. */
#ifndef CLI_COMMANDS_IDLE_TIMEOUT_H
#define CLI_COMMANDS_IDLE_TIMEOUT_H

#include "invocation.h"

/* The row of the option in the table of a command, and its text in the manual. */
#define IDLE_TIMEOUT_OPTION                                                                        \
	"idle-timeout", "TIME", "End when no event has come for TIME, such as 5s or 500ms"
#define IDLE_TIMEOUT_HELP                                                                          \
	"TIME is a number with its unit, which is ms, s, m or h: 500ms, 0.5s. A number without "   \
	"a unit is refused. 0 means no timeout."

/* Reads it into *@ms, 0 if it is not given. Reports its own failure. */
enum exit_status idle_timeout_read(const struct invocation *invocation, uint64_t *ms);

#endif
