/* SPDX-License-Identifier: MIT */
/* The parts of a job that can be handed over. */
#ifndef CLI_JOB_HANDOVER_LIVE_H
#define CLI_JOB_HANDOVER_LIVE_H

#include "job/handover/handover.h"
#include "job/live/live.h"

/* Whether objects of @collection have a file, or an ID, once they exist. */
bool handover_has_file(unsigned int collection);
bool handover_has_id(unsigned int collection);

/* Adds everything alive in @live. Returns 0 or -ENOMEM. */
int handover_add_live(struct handover *handover, const struct live *live);

/*
 * Checks the marks in the arguments @command against @job, before anything is opened: true with the
 * first @mark that will have no value, else false.
 */
bool handover_find_unknown(const struct job *job, char *const *command, struct handover_mark *mark);

#endif
