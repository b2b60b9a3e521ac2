/* SPDX-License-Identifier: MIT */
/* How one job of a selftest ended. */
#ifndef CLI_SELFTEST_RESULT_H
#define CLI_SELFTEST_RESULT_H

#include <stdio.h>

#include <jansson.h>

#include "output/exit_status.h"

enum selftest_outcome { SELFTEST_PASSED, SELFTEST_SKIPPED, SELFTEST_FAILED, SELFTEST_OUTCOMES };

struct selftest_result {
	enum selftest_outcome outcome;
	enum exit_status status; /* that the job ended with */
	const char *file;	 /* borrowed */
	char name[128];		 /* of the file, without directory and ".json" */
	char reason[512];	 /* why it did not pass; "" if it did */
	json_t *error;		 /* as the job reported it, or NULL */
	json_int_t steps;	 /* that passed */
	double seconds;
};

/* "passed". */
const char *selftest_outcome_name(enum selftest_outcome outcome);

/* Starts the result of the job in @file. */
void selftest_result_init(struct selftest_result *result, const char *file);

/*
 * Fills in how it ended: with @status, and its output in @out, one JSON object a line.
 */
void selftest_result_read(struct selftest_result *result, enum exit_status status, FILE *out);

/* The same for a job that did not end by itself: a failure, with this reason. */
void selftest_result_fail(struct selftest_result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void selftest_result_free(struct selftest_result *result);

#endif
