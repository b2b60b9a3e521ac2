// SPDX-License-Identifier: MIT
/* What the relay itself takes: on a transport whose calls do nothing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <iommuctl/context.h>

#include "array.h"
#include "bench.h"
#include "bench/invalidate.h"

#define ROUNDS	     2000
#define RELAY_TARGET 6.0 /* nanoseconds for a command of a batch */
#define QUEUE_TARGET 12.0
#define TARGET_BATCH 504  /* the least that the targets are about */
#define PAIR_TARGET  30.0 /* nanoseconds for one TLBI and its CMD_SYNC, beside the call */

static int do_nothing(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	(void)transport;
	(void)fd;
	(void)request;
	(void)arg;
	return 0;
}

static void free_nothing(struct iommuctl_transport *transport)
{
	(void)transport;
}

static bool is_reached(const struct bench_load *load, const struct bench_timing timings[BENCH_WAYS])
{
	const double call = timings[BENCH_BY_HAND].nanoseconds;

	if (load->batch == 1)
		return timings[BENCH_QUEUE].nanoseconds - call <= PAIR_TARGET;
	return load->batch < TARGET_BATCH ||
	       (timings[BENCH_RELAY].nanoseconds <= RELAY_TARGET &&
		       timings[BENCH_QUEUE].nanoseconds <= QUEUE_TARGET);
}

/* Says whether the targets, where they are meant, are reached. */
static bool report(const struct bench_load *load, const struct bench_timing timings[BENCH_WAYS])
{
	printf("%5u %-10s", load->batch, load->random ? "random" : "sequential");
	for (unsigned int way = 0; way < BENCH_WAYS; way++)
		printf(" %10.2f", timings[way].nanoseconds);
	putchar('\n');
	return is_reached(load, timings);
}

static int measure_all(struct bench_invalidate *bench, bool *reached)
{
	static const uint32_t batches[] = { 1, 63, 126, 512, 4032 };
	struct bench_timing timings[BENCH_WAYS];
	int err = 0;

	*reached = true;
	printf("batch %-10s", "addresses");
	for (unsigned int way = 0; way < BENCH_WAYS; way++)
		printf(" %10s", bench_way_names[way]);
	putchar('\n');
	for (size_t i = 0; !err && i < 2 * ARRAY_SIZE(batches); i++) {
		const struct bench_load load = { batches[i / 2], i % 2 };

		err = bench_invalidate_measure(bench, &load, ROUNDS, timings);
		if (!err)
			*reached &= report(&load, timings);
	}
	return err;
}

int main(void)
{
	struct iommuctl_transport nothing = { .ioctl = do_nothing, .free = free_nothing };
	const struct iommuctl_smmuv3_idr idr = { .asid16 = 1, .ril = 1, .gran4k = 1 };
	struct bench_target target = { .viommu_id = 1, .idr = &idr };
	struct bench_invalidate *bench;
	bool reached = false;
	int err = bench_pin();

	if (!err)
		err = iommuctl_new(&nothing, &target.ctx);
	if (!err)
		err = bench_invalidate_new(&target, &bench);
	if (!err) {
		err = measure_all(bench, &reached);
		bench_invalidate_free(bench);
	}
	iommuctl_free(target.ctx);
	if (err) {
		fprintf(stderr, "relay: %s\n", strerror(-err));
		return 1;
	}
	printf("nanoseconds for a command; the relay is to take no more than %g, the queue %g, and %g "
	       "more than the call for one TLBI and its CMD_SYNC: %s\n",
		RELAY_TARGET, QUEUE_TARGET, PAIR_TARGET, reached ? "reached" : "not reached");
	return reached ? 0 : 1;
}
