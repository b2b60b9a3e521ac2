/* SPDX-License-Identifier: MIT */
/* How far something has come that may take long, for who waits for it at a terminal. */
#ifndef CLI_OUTPUT_PROGRESS_H
#define CLI_OUTPUT_PROGRESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "output/report.h"

struct progress {
	FILE *err;
	char what[64];
	uint64_t total; /* bytes; 0: it is not known how far it has come */
	atomic_uint_least64_t done;
	bool started; /* there is a thread that looks at the rest */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool ended;
};

/*
 * From now on, what is to be done to @subject ("mapping 4G") shows on standard error, if it takes
 * more than a second, until progress_end(): on a terminal alone, and not in JSON mode. A thread
 * does that, since a single call to the kernel may be what takes long. Nothing else is to write to
 * standard error meanwhile.
 */
void progress_start(struct progress *progress, const struct report *report, const char *subject,
	const char *action, uint64_t total);

/* @bytes more are done. NULL: nobody wants to know. */
void progress_add(struct progress *progress, uint64_t bytes);

/* Takes away what was shown. */
void progress_end(struct progress *progress);

#endif
