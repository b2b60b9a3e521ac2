/* SPDX-License-Identifier: MIT */
/* What a holder gives up once it is set up. */
#ifndef CLI_SESSION_CONFINE_H
#define CLI_SESSION_CONFINE_H

/* Leaves the folder that it was started in to others. Returns a file that is nothing, or -errno. */
int confine_leave(void);

/* And the terminal: standard input, output and error are @nothing from now on. */
void confine_detach(int nothing);

/*
 * Closes all files that whoever has started us has left open, but for standard ones: who waits for
 * an end of one of them would wait for the session.
 */
void confine_close_inherited(void);

/*
 * No program that is executed gains privileges any more, and of root's capabilities those stay that
 * the kernel asks for when memory is pinned. -errno.
 */
int confine_privileges(void);

#endif
