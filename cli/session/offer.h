/* SPDX-License-Identifier: MIT */
/* A socket on which whoever connects is given files. */
#ifndef CLI_SESSION_OFFER_H
#define CLI_SESSION_OFFER_H

#include <stdint.h>
#include <sys/types.h>

#include "job/interrupt.h"
#include "job/user.h"
#include "output/report.h"

struct offer {
	const char *path;
	mode_t mode;		  /* of the socket */
	const struct user *owner; /* of it; NULL: us */
	uint64_t count;		  /* how many are given the files; 0: all who come */
	const char *text;	  /* what is sent; the files go with its first byte */
	size_t text_size;
	const int *files;
	size_t file_count;
};

/*
 * Listens until @offer->count have taken the files, or a signal of @interrupt comes. Who does not
 * take them within some seconds is not waited for, and does not count. Says who has taken them;
 * reports its own failure.
 */
enum exit_status offer_run(
	const struct offer *offer, const struct interrupt *interrupt, struct report *report);

#endif
