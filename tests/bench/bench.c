// SPDX-License-Identifier: MIT
#include "bench.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NANOSECONDS_SECOND UINT64_C(1000000000)
#define RUNS_MIN	   3
#define MEASURED_MIN	   NANOSECONDS_SECOND

int bench_pin(void)
{
	const int cpu = sched_getcpu();
	cpu_set_t set;

	if (cpu < 0)
		return -errno;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * NANOSECONDS_SECOND + (uint64_t)time.tv_nsec;
}

static int run_once(const struct bench_case *bench, void *subject, uint64_t *nanoseconds)
{
	int err = bench->refresh ? bench->refresh(subject, bench) : 0;
	uint64_t start;

	if (err)
		return err;
	start = now();
	err = bench->run(subject, bench);
	*nanoseconds = now() - start;
	return err;
}

/* What else runs on the machine makes a run slower, never faster: the best one counts. */
static int run_all(const struct bench_case *bench, void *subject, struct bench_result *result)
{
	uint64_t best = UINT64_MAX, sum = 0;

	for (result->runs = 0; result->runs < RUNS_MIN || sum < MEASURED_MIN; result->runs++) {
		uint64_t nanoseconds;
		int err = run_once(bench, subject, &nanoseconds);

		if (err)
			return err;
		sum += nanoseconds;
		if (nanoseconds < best)
			best = nanoseconds;
	}
	result->nanoseconds = (double)best / (double)bench->operations;
	return 0;
}

int bench_measure(const struct bench_case *bench, void *subject, struct bench_result *result)
{
	int err = bench->start ? bench->start(subject, bench) : 0;
	int stop_err;

	if (!err)
		err = run_all(bench, subject, result);
	stop_err = bench->stop ? bench->stop(subject, bench) : 0;
	return err ? err : stop_err;
}

double bench_rate(const struct bench_result *result)
{
	return 1000 / result->nanoseconds;
}

int bench_print_all(
	const struct bench_case *cases, size_t count, void *subject, double target, size_t *slower)
{
	*slower = 0;
	printf("%-26s %12s %10s %9s\n", "", "operations", "M ops/s", "ns/op");
	for (size_t i = 0; i < count; i++) {
		struct bench_result result;
		int err = bench_measure(&cases[i], subject, &result);

		if (err) {
			fprintf(stderr, "%s: %s\n", cases[i].name, strerror(-err));
			return err;
		}
		printf("%-26s %12" PRIu64 " %10.2f %9.1f\n", cases[i].name,
			cases[i].operations * result.runs, bench_rate(&result), result.nanoseconds);
		fflush(stdout);
		*slower += bench_rate(&result) < target;
	}
	if (*slower)
		printf("%zu of %zu did not reach %g M ops/s\n", *slower, count, target);
	else
		printf("all %zu reached %g M ops/s\n", count, target);
	return 0;
}
