/* SPDX-License-Identifier: MIT */
/* What a job knows of its objects, to explain what the kernel refuses. */
#ifndef CLI_JOB_LIVE_KNOWN_H
#define CLI_JOB_LIVE_KNOWN_H

#include "job/live.h"

/*
 * Tells live->failure the library's last error, a failure of @object, narrowed by what is known of
 * the objects alive, of where devices stand and of what is being attached. Where the cause found so
 * has names to it, they are behind it.
 */
void live_explain(struct live *live, const struct document_object *object);

#endif
