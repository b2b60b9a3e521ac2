/* SPDX-License-Identifier: MIT */
/* The children of this process, including orphans reparented to it. */
#ifndef CLI_JOB_HANDOVER_DESCENDANTS_H
#define CLI_JOB_HANDOVER_DESCENDANTS_H

/*
 * Kills the children of this process, and their children as they become its own, and waits until
 * all are gone, except those that it has no permission to kill. This process is a subreaper
 * (PR_SET_CHILD_SUBREAPER).
 */
void descendants_end(void);

#endif
