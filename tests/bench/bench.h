/* SPDX-License-Identifier: MIT */
/* Measures the cases of a table, each on a subject that the cases know and this does not. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

struct bench_case;

/* A part of a case. 0, or -errno, which ends the measurement. */
typedef int bench_part(void *subject, const struct bench_case *bench);

struct bench_case {
	const char *name;
	uint64_t operations; /* that one run does */
	uint64_t argument;   /* for the parts */
	bench_part *start;   /* before all runs; or NULL */
	bench_part *refresh; /* before each run, not measured; or NULL */
	bench_part *run;
	bench_part *stop; /* after all runs, also failed ones; or NULL */
};

struct bench_result {
	unsigned int runs;
	double nanoseconds; /* for one operation, in the fastest run */
};

/* Has this process stay on the processor that it is on. 0 or -errno. */
int bench_pin(void);

/* Runs a case several times, for a second or so. 0 or -errno. */
int bench_measure(const struct bench_case *bench, void *subject, struct bench_result *result);

/* Millions of operations a second. */
double bench_rate(const struct bench_result *result);

/*
 * Measures and prints one case after the other, then whether all of them reached @target millions
 * of operations a second. *@slower gets how many did not. 0, or -errno of the case that failed.
 */
int bench_print_all(
	const struct bench_case *cases, size_t count, void *subject, double target, size_t *slower);

#endif
