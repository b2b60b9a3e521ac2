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

const char *replay_log_last(const char *start, const char *end, struct record_line *line)
{
	while (start < end) {
		const size_t length = (size_t)(end - start) - (end[-1] == '\n');
		const char *newline = memrchr(start, '\n', length), *problem;
		const char *at = newline ? newline + 1 : start;

		if (record_parse(at, length - (size_t)(at - start), line, &problem) > 0)
			return at;
		end = at;
	}
	return NULL;
}
