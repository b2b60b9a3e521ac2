/* SPDX-License-Identifier: MIT */
/*
 * A transport that counts: how often each call came, how it failed, and how long it took.
 *
 * @transport: one that came from iommuctl_transport_meter_new()
 *
 * Ownership: what a function is given stays the caller's, unless it says that it takes it.
 * Threads: any thread, also while calls go through the transport. Each number is exact, but one
 *   that is read while a call ends may have that call where another has not.
 * Source: this library alone.
 */
#ifndef IOMMUCTL_METER_H
#define IOMMUCTL_METER_H

#include <iommuctl/transport.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What is counted of each call.
 *
 * @IOMMUCTL_METER_BUCKETS: buckets of its latency; bucket i is of calls that took at most 1 << i
 *   nanoseconds and are in no bucket before it, the last one of all others
 * @IOMMUCTL_METER_ERRORS: errnos that are told apart: those below it
 *
 * Since: 0.1
 */
#define IOMMUCTL_METER_BUCKETS 36
#define IOMMUCTL_METER_ERRORS  134

/*
 * One kind of call.
 *
 * @name: "open", "IOMMU_HWPT_ALLOC"; "ioctl" is of those that the library does not know
 * @calls: how many have returned
 * @failures: those that failed
 * @nanoseconds: what all took together, by CLOCK_MONOTONIC
 * @buckets: the same calls, by what each took
 * @errors: the failures, by errno; errors[0] is of errnos that are not told apart
 *
 * Since: 0.1
 */
struct iommuctl_meter_call {
	const char *name;
	uint64_t calls;
	uint64_t failures;
	uint64_t nanoseconds;
	uint64_t buckets[IOMMUCTL_METER_BUCKETS];
	uint64_t errors[IOMMUCTL_METER_ERRORS];
};

/*
 * The invalidation commands that were handed to the kernel by IOMMU_HWPT_INVALIDATE.
 *
 * @issued: all of them
 * @refused: those that the kernel says it has not handled; on Arm it says too few, as it counts
 *   those of a whole list
 *
 * Since: 0.1
 */
struct iommuctl_meter_commands {
	uint64_t issued;
	uint64_t refused;
};

/*
 * Wraps a transport so that calls are counted.
 *
 * A call costs two looks at the clock more, and a few additions; nothing is locked or allocated.
 *
 * @inner: the transport to wrap, which need not be the kernel's
 * @transport: out: the transport
 *
 * Ownership: takes @inner on success.
 * Threads: what holds for @inner.
 * Errors:
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_transport_meter_new(
	struct iommuctl_transport *inner, struct iommuctl_transport **transport);

/*
 * Gets what was counted of one kind of call.
 *
 * Those that never came are there as well. Their order is that of the names in the library, and
 * stays.
 *
 * @index: which kind, from 0 on
 * @call: out: the counts
 *
 * Returns: true; false if there are no more than @index kinds.
 * Since: 0.1
 */
bool iommuctl_transport_meter_get_call(
	const struct iommuctl_transport *transport, size_t index, struct iommuctl_meter_call *call);

/*
 * Gets how many invalidation commands went through.
 *
 * @commands: out: the counts
 *
 * Since: 0.1
 */
void iommuctl_transport_meter_get_commands(
	const struct iommuctl_transport *transport, struct iommuctl_meter_commands *commands);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
