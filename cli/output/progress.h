/* SPDX-License-Identifier: MIT */
/* The progress of a long operation, for whoever waits at a terminal. */
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
	uint64_t total; /* bytes; 0: unknown */
	atomic_uint_least64_t done;
	bool started; /* there is a thread that looks at the rest */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool ended;
};

/*
 * Shows the progress of @subject ("mapping 4G") on standard error, if it takes more than a
 * second, until progress_end(): only on a terminal, and not in JSON mode. A thread does that,
 * since a single call to the kernel may take long. Nothing else may write to standard error
 * meanwhile.
 */
void progress_start(struct progress *progress, const struct report *report, const char *subject,
	const char *action, uint64_t total);

/* @bytes more are done. @progress may be NULL. */
void progress_add(struct progress *progress, uint64_t bytes);

/* Clears what was shown. */
void progress_end(struct progress *progress);

#endif
