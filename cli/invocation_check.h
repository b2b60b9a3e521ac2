/* SPDX-License-Identifier: MIT */
/* Checks a command line against what its command takes. */
#ifndef CLI_INVOCATION_CHECK_H
#define CLI_INVOCATION_CHECK_H

#include "invocation.h"

/* Checks the number of arguments, and the global options. Reports its own failure. */
enum exit_status invocation_check(const struct invocation *invocation);

/* "; if 'x' is meant for --model: --model=x", or nothing, in @text. */
const char *invocation_bare_hint(const struct invocation *invocation, char *text, size_t size);

#endif
