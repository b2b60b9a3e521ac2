/* SPDX-License-Identifier: MIT */
/*
 * A transport that counts how often each call was made, how it failed, and how long it took.
 *
 * @transport: one that came from iommuctl_transport_meter_new()
 *
 * Ownership: arguments stay the caller's, unless the function says that it takes them.
 * Threads: any thread, also while calls go through the transport. Each number is exact, but of two
 *   numbers read while a call returns, one may include that call and the other not.
 * Source: this library.
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
 * @IOMMUCTL_METER_BUCKETS: buckets of its latency; bucket i has the calls that took at most 1 << i
 *   nanoseconds and are in no lower bucket, the last one has all others
 * @IOMMUCTL_METER_ERRORS: errnos below it are counted separately
 *
 * Since: 0.1
 */
#define IOMMUCTL_METER_BUCKETS 36
#define IOMMUCTL_METER_ERRORS  134

/*
 * One kind of call.
 *
 * @name: "open", "IOMMU_HWPT_ALLOC"; "ioctl" is for those that the library does not know
 * @calls: how many have returned
 * @failures: those that failed
 * @nanoseconds: their total time, by CLOCK_MONOTONIC
 * @buckets: the same calls, by what each took
 * @errors: the failures, by errno; errors[0] is for errnos that are not counted separately
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
 * @refused: those that the kernel says it has not handled; on Arm that is too low, as it counts
 *   whole lists as handled
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
 * The cost of a call is two more reads of the clock and a few additions; nothing is locked or
 * allocated.
 *
 * @inner: the transport to wrap, which need not be the kernel's
 * @transport: out: the transport
 *
 * Ownership: takes @inner on success.
 * Threads: as for @inner.
 * Errors:
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_transport_meter_new(
	struct iommuctl_transport *inner, struct iommuctl_transport **transport);

/*
 * Gets the counts of one kind of call.
 *
 * Kinds that were never called are included. The order of the kinds does not change.
 *
 * @index: which kind, from 0 on
 * @call: out: the counts
 *
 * Returns: true; false if @index is beyond the last kind.
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
