/* SPDX-License-Identifier: MIT */
/* A socket that passes files to any client that connects. */
#ifndef CLI_SESSION_CLIENT_FD_OFFER_H
#define CLI_SESSION_CLIENT_FD_OFFER_H

#include <stdint.h>
#include <sys/types.h>

#include "job/interrupt.h"
#include "job/handover/user.h"
#include "output/report.h"

struct offer {
	const char *path;
	mode_t mode;		  /* of the socket */
	const struct user *owner; /* of it; NULL: us */
	uint64_t count;		  /* number of clients to serve; 0: no limit */
	const char *text;	  /* text to send; the files go with its first byte */
	size_t text_size;
	const int *files;
	size_t file_count;
};

/*
 * Listens until @offer->count clients have taken the files, or a signal of @interrupt comes. A
 * client that does not take them within a few seconds is dropped and does not count. Reports which
 * clients have taken them; reports its own failure.
 */
enum exit_status offer_run(
	const struct offer *offer, const struct interrupt *interrupt, struct report *report);

#endif
