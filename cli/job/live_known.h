/* SPDX-License-Identifier: MIT */
/* What a job knows of its objects, to explain what the kernel refuses. */
#ifndef CLI_JOB_LIVE_KNOWN_H
#define CLI_JOB_LIVE_KNOWN_H

#include "job/live.h"

/*
 * Narrows the library's last error, a failure of @object, by what is known of the objects alive and
 * of where devices stand; @attach is what was being attached, or NULL. Where the cause found so has
 * names to it, live->cause becomes that cause with the names. Returns the error.
 */
struct iommuctl_error live_narrow(struct live *live, const struct document_object *object,
	const struct job_attach *attach);

#endif
