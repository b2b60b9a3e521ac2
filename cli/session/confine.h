/* SPDX-License-Identifier: MIT */
/* What a holder gives up once it is set up. */
#ifndef CLI_SESSION_CONFINE_H
#define CLI_SESSION_CONFINE_H

/*
 * Leaves the terminal, and the folder that it was started in, to others: standard input, output and
 * error are nothing from now on. -errno.
 */
int confine_detach(void);

/*
 * Closes all files but standard ones and @kept, of which there are @count: who waits for an end
 * of one of them would wait for the session.
 */
void confine_close_others(const int *kept, int count);

/*
 * No program that is executed gains privileges any more, and of root's capabilities those stay that
 * the kernel asks for when memory is pinned. -errno.
 */
int confine_privileges(void);

#endif
