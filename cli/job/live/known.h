/* SPDX-License-Identifier: MIT */
/* What a job knows about its objects, to explain why the kernel refuses something. */
#ifndef CLI_JOB_LIVE_KNOWN_H
#define CLI_JOB_LIVE_KNOWN_H

#include "job/live/live.h"

/*
 * Sets live->failure to the library's last error, a failure of @object, narrowed by what is known
 * about the live objects, the devices' topology and the attachment in progress. If the cause found
 * involves other objects, their names follow it.
 */
void live_explain(struct live *live, const struct document_object *object);

#endif
