// SPDX-License-Identifier: MIT
#include "replay/log.h"

#include <string.h>

int replay_log_next(struct replay_log *log, struct record_line *line)
{
	int found = 0;

	while (!found && log->at < log->end) {
		const size_t left = (size_t)(log->end - log->at);
		const char *newline = memchr(log->at, '\n', left);
		const size_t length = newline ? (size_t)(newline - log->at) : left;

		log->number++;
		found = record_parse(log->at, length, line, &log->problem);
		log->at += newline ? length + 1 : length;
	}
	return found;
}
