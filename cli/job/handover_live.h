/* SPDX-License-Identifier: MIT */
/* What of a job can be handed over. */
#ifndef CLI_JOB_HANDOVER_LIVE_H
#define CLI_JOB_HANDOVER_LIVE_H

#include "job/handover.h"
#include "job/live.h"

/* Whether the objects of @collection have a file, or an id, once they are there. */
bool handover_has_file(unsigned int collection);
bool handover_has_id(unsigned int collection);

/* Adds all that is alive of @live. Returns 0 or -ENOMEM. */
int handover_add_live(struct handover *handover, const struct live *live);

/*
 * Checks what the arguments @command ask for against @job, before anything is opened: the first
 * @mark that nothing will stand for, or false.
 */
bool handover_find_unknown(const struct job *job, char *const *command, struct handover_mark *mark);

#endif
