/* SPDX-License-Identifier: MIT */
/* Drops privileges and files that a holder no longer needs once it is set up. */
#ifndef CLI_SESSION_HOLDER_CONFINE_H
#define CLI_SESSION_HOLDER_CONFINE_H

/* Leaves the directory that it was started in. Returns an open /dev/null, or -errno. */
int confine_leave(void);

/* Leaves the terminal: makes @nothing standard input, output and error. */
void confine_detach(int nothing);

/*
 * Closes all inherited files except the standard ones: a process that waits for end-of-file on one
 * of them would wait for the session.
 */
void confine_close_inherited(void);

/*
 * Sets no_new_privs, and drops all capabilities except those that the kernel requires for pinning
 * memory. -errno.
 */
int confine_privileges(void);

#endif
