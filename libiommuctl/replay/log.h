/* SPDX-License-Identifier: MIT */
/* Reads a log line by line. */
#ifndef LIBIOMMUCTL_REPLAY_LOG_H
#define LIBIOMMUCTL_REPLAY_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "record/line.h"

/* A place in a log: after line @number. */
struct replay_log {
	const char *at;
	const char *end;
	uint64_t number;
	const char *problem; /* with line @number, if it is malformed */
};

/*
 * The last well-formed line that ends before @end and starts at @start or later; returns where it
 * starts. NULL: none.
 */
const char *replay_log_last(const char *start, const char *end, struct record_line *line);

/* Reads the next line that is not empty or a comment. 1; 0: none; -EINVAL: it is malformed. */
int replay_log_next(struct replay_log *log, struct record_line *line);

#endif
