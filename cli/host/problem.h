/* SPDX-License-Identifier: MIT */
/* What went wrong on this host, and what to do about it. */
#ifndef CLI_HOST_PROBLEM_H
#define CLI_HOST_PROBLEM_H

struct host_problem {
	int code;         /* a positive errno */
	char text[512];   /* one sentence */
	const char *hint; /* in text, or NULL */
};

/*
 * Fills in @problem. The first line of the text says what is wrong, a second line, if there is one,
 * what to do. @error is a negative errno, and is returned.
 */
int host_problem_set(struct host_problem *problem, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
