/* SPDX-License-Identifier: MIT */
/* The forms in which a selftest says its results. */
#ifndef CLI_SELFTEST_FORMAT_H
#define CLI_SELFTEST_FORMAT_H

#include "selftest/result.h"

/* All results so far. */
struct selftest_results {
	const char *machine; /* by name; NULL: it has none */
	const char *backend; /* what carries the jobs out: "kernel", "model" */
	size_t total;	     /* of the suite */
	struct selftest_result *result;
	size_t count; /* of result */
	size_t counts[SELFTEST_OUTCOMES];
	double seconds;
};

/* Each is told at its time, for what it then can say; NULL: nothing. */
struct selftest_format {
	const char *name;
	void (*begin)(FILE *out, const struct selftest_results *results);
	void (*next)(FILE *out, const struct selftest_results *results); /* there is one more */
	void (*end)(FILE *out, const struct selftest_results *results);
};

extern const struct selftest_format selftest_tap, selftest_junit, selftest_json;

#endif
