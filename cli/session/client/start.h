/* SPDX-License-Identifier: MIT */
/* Starting a session. */
#ifndef CLI_SESSION_CLIENT_START_H
#define CLI_SESSION_CLIENT_START_H

#include "invocation.h"

struct session_start {
	const char *name;
	const char *job;    /* file; NULL: the session begins empty */
	bool rlimit_mode;   /* IOMMU_OPTION_RLIMIT_MODE is set */
	bool keeps_devices; /* devices that the kernel wants back */
	bool foreground;    /* this process holds it, rather than one in the background */
};

/*
 * Starts a session, and returns when it is ready for clients, or in the foreground when it has
 * ended. Reports its own failure.
 */
enum exit_status session_start(struct invocation *invocation, const struct session_start *start);

#endif
