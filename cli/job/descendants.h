/* SPDX-License-Identifier: MIT */
/* The children of this process, of which some may be orphans that came to it. */
#ifndef CLI_JOB_DESCENDANTS_H
#define CLI_JOB_DESCENDANTS_H

/*
 * Kills the children of this process, and theirs as they become its own, and waits until all are
 * gone, but for those that it may not kill. This process is a subreaper (PR_SET_CHILD_SUBREAPER).
 */
void descendants_end(void);

#endif
