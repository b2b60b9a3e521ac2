// SPDX-License-Identifier: MIT
/*
 * Thin calls of one context from several threads at once, under ThreadSanitizer: through a trace, a
 * fault that is never due and a meter, all of them failing, with a log of the failures. Each thread
 * finds its own failure, no call and no line gets lost, and a race ends the program with a status of
 * its own.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/meter.h>
#include <iommuctl/transport.h>
#include <iommuctl/vfio.h>

#include "array.h"

#define ROUNDS	2000
#define THREADS 4
#define NEVER	1000000
#define NO_FILE (-1)

static struct iommuctl *ctx;
static atomic_ulong traced, logged, wrong;

static void take_trace(const struct iommuctl_trace_record *record, void *data)
{
	char line[1024];

	(void)data;
	iommuctl_trace_format(record, line, sizeof(line));
	if (strstr(line, "EBADF"))
		traced++;
}

static void take_failure(const struct iommuctl_error *error, void *data)
{
	(void)data;
	if (error->code == EBADF)
		logged++;
}

/* The failure of this thread is of the call that it made last, whatever others do meanwhile. */
static void expect(int result, const char *operation)
{
	const struct iommuctl_error *error = iommuctl_last_error(ctx);

	if (result != -EBADF || !error || error->code != EBADF ||
		!strstr(error->operation, operation))
		wrong++;
}

static void *call(void *unused)
{
	uint32_t id;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		expect(iommuctl_ioas_alloc(ctx, NO_FILE, &id), "IOAS_ALLOC");
		expect(iommuctl_vfio_attach(ctx, NO_FILE, 1, &id), "ATTACH");
	}
	return unused;
}

/* From the kernel outwards: counters and trace show the kernel's answers. */
static int open_context(struct iommuctl_transport **meter)
{
	struct iommuctl_transport *kernel, *trace, *fault;

	if (iommuctl_transport_kernel_new(&kernel) ||
		iommuctl_transport_trace_new(kernel, take_trace, NULL, &trace) ||
		iommuctl_transport_meter_new(trace, meter) ||
		iommuctl_transport_fault_new(*meter, NEVER, ENOMEM, &fault) ||
		iommuctl_new(fault, &ctx))
		return -1;
	iommuctl_set_log(ctx, take_failure, NULL);
	return 0;
}

static uint64_t count_metered(const struct iommuctl_transport *meter)
{
	struct iommuctl_meter_call counts;
	uint64_t sum = 0;

	for (size_t i = 0; iommuctl_transport_meter_get_call(meter, i, &counts); i++)
		sum += counts.errors[EBADF];
	return sum;
}

int main(void)
{
	const unsigned long calls = 2UL * ROUNDS * THREADS;
	struct iommuctl_transport *meter;
	pthread_t threads[THREADS];

	if (open_context(&meter))
		return EXIT_FAILURE;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_create(&threads[i], NULL, call, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	printf("of %lu calls: %lu traced, %lu logged, %lu counted; %lu with a failure of another\n",
		calls, traced, logged, (unsigned long)count_metered(meter), wrong);
	if (traced != calls || logged != calls || count_metered(meter) != calls || wrong)
		return EXIT_FAILURE;
	iommuctl_free(ctx);
	return EXIT_SUCCESS;
}
