/* SPDX-License-Identifier: MIT */
/* The output formats of a selftest. */
#ifndef CLI_SELFTEST_FORMAT_H
#define CLI_SELFTEST_FORMAT_H

#include "selftest/result.h"

/* All results so far. */
struct selftest_results {
	const char *machine; /* its name; NULL: none */
	const char *backend; /* that carries the jobs out: "kernel", "model" */
	size_t total;	     /* of the suite */
	struct selftest_result *result;
	size_t count; /* of result */
	size_t counts[SELFTEST_OUTCOMES];
	double seconds;
};

/* Each is called at its time, and writes what it can by then; NULL: nothing. */
struct selftest_format {
	const char *name;
	void (*begin)(FILE *out, const struct selftest_results *results);
	void (*next)(FILE *out, const struct selftest_results *results); /* there is one more */
	void (*end)(FILE *out, const struct selftest_results *results);
};

extern const struct selftest_format selftest_tap, selftest_junit, selftest_json;

#endif
