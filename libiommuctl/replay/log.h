/* SPDX-License-Identifier: MIT */
/* The text of a log, line by line. */
#ifndef LIBIOMMUCTL_REPLAY_LOG_H
#define LIBIOMMUCTL_REPLAY_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "record/line.h"

/* A place in a log: behind line @number. */
struct replay_log {
	const char *at;
	const char *end;
	uint64_t number;
	const char *problem; /* with line @number, if that is broken */
};

/* The next line that says something. 1; 0: there is none; -EINVAL: it is broken. */
int replay_log_next(struct replay_log *log, struct record_line *line);

#endif
