/* SPDX-License-Identifier: MIT */
/* Reports anything left behind: the ledger has seen every call. */
#ifndef CLI_JOB_LEDGER_H
#define CLI_JOB_LEDGER_H

#include "invocation.h"

/* Call it once everything is undone. Returns @status, or the failure that it has reported. */
enum exit_status ledger_check(
	const struct cli_context *context, struct report *report, enum exit_status status);

#endif
