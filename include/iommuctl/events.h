/* SPDX-License-Identifier: MIT */
/*
 * Readers of iommufd's queues for a VMM: one event at a time, with an exact count of lost ones, or
 * one group of page faults at a time.
 *
 * A reader is the caller's structure and allocates nothing. No function blocks: poll(2) the
 * descriptor after -EAGAIN.
 *
 * @ctx: the context, borrowed by the reader
 * @fd: the queue's file descriptor, borrowed by the reader
 * @reader: the reader
 *
 * Ownership: readers are the caller's and own nothing; there is nothing to release.
 * Threads: one thread at a time for a reader, and one reader for a queue.
 * Source: drivers/iommu/iommufd/eventq.c and driver.c of Linux 7.3.
 */
#ifndef IOMMUCTL_EVENTS_H
#define IOMMUCTL_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/event_tap.h>
#include <iommuctl/fault_queue.h>
#include <iommuctl/smmuv3_cmdqv.h>
#include <iommuctl/smmuv3_event.h>
#include <iommuctl/veventq.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * A reader of a vEVENTQ.
 *
 * @expected: the sequence number of the next event: 0 for a new queue, and 0 again after
 *   0x7fffffff. A caller that continues with a queue sets it after iommuctl_event_reader_init().
 * @received: events handed out
 * @lost: events that the kernel had no room for
 * @ctx, @fd, @tap, @queue, @type, @offset, @length, @buffer: the reader's own
 *
 * Since: 0.1
 */
struct iommuctl_event_reader {
	struct iommuctl *ctx;
	int fd;
	struct iommuctl_event_tap *tap;
	const char *queue;
	uint32_t expected;
	uint32_t type;
	uint64_t received;
	uint64_t lost;
	size_t offset;
	size_t length;
	unsigned char buffer[2048];
};

/*
 * Makes a reader ready for a new queue of type ARM_SMMUV3.
 *
 * @fd: -1: it reads nothing, and is fed
 * @reader: out: the reader
 *
 * Since: 0.1
 */
void iommuctl_event_reader_init(struct iommuctl_event_reader *reader, struct iommuctl *ctx, int fd);

/*
 * Makes a reader ready for a new queue of a given type.
 *
 * @fd: -1: it reads nothing, and is fed
 * @type: IOMMUCTL_VEVENTQ_TYPE_… of the queue: ARM_SMMUV3 or TEGRA241_CMDQV
 * @reader: out: the reader
 *
 * Since: 0.1
 */
void iommuctl_event_reader_init_typed(
	struct iommuctl_event_reader *reader, struct iommuctl *ctx, int fd, uint32_t type);

/*
 * Forwards everything read from now on to the watchers of a tap.
 *
 * @tap: the tap, or NULL: no watchers
 * @queue: what they call the queue: letters, digits and ".:_-"
 *
 * Ownership: @tap and @queue live as long as the reader has them.
 * Since: 0.1
 */
void iommuctl_event_reader_tap(
	struct iommuctl_event_reader *reader, struct iommuctl_event_tap *tap, const char *queue);

/*
 * Feeds a reader with bytes that another reader read, from a packet of a tap.
 *
 * iommuctl_event_reader_next() then takes its events from them. If they start in the middle of a
 * queue, the caller sets @expected to the sequence number of the first event.
 *
 * @bytes: what read(2) of the queue returned; copied
 * @size: how many bytes, 2048 at most
 *
 * Errors:
 *   -EINVAL: @reader was not filled by iommuctl_event_reader_init()
 *   -E2BIG: @size is too large
 *   -EBUSY: @reader has not handed out all that it has read
 * Since: 0.1
 */
int iommuctl_event_reader_feed(
	struct iommuctl_event_reader *reader, const void *bytes, size_t size);

/*
 * Takes the next event of a queue of type ARM_SMMUV3.
 *
 * A call reads the queue twice at most.
 *
 * @event: out: the event
 * @lost: out, may be NULL: the number of events lost since the previous one; also written with
 *   -EAGAIN, if the queue's latest entry reports losses
 *
 * Errors:
 *   -EINVAL: @reader was not filled by iommuctl_event_reader_init(), or is of another type
 *   -EAGAIN: no event waits, or only losses were read
 *   -EPROTO: less than a whole event came, or a sequence number from the past: what was read with
 *     it is dropped, @expected is the next number if that is known, and the next call continues
 *   others: those of iommuctl_veventq_read()
 * Since: 0.1
 */
int iommuctl_event_reader_next(
	struct iommuctl_event_reader *reader, struct iommuctl_smmuv3_event *event, uint64_t *lost);

/*
 * Takes the next event of a queue of type TEGRA241_CMDQV.
 *
 * @event: out: the event
 * @lost: out, may be NULL: as for iommuctl_event_reader_next()
 *
 * Errors:
 *   -EINVAL: @reader was not filled by iommuctl_event_reader_init_typed() for that type
 *   others: those of iommuctl_event_reader_next()
 * Since: 0.1
 */
int iommuctl_event_reader_next_cmdqv(struct iommuctl_event_reader *reader,
	struct iommuctl_smmuv3_cmdqv_event *event, uint64_t *lost);

/*
 * Says whether @reader has read events that it has not handed out yet: poll(2) does not see them,
 * and the next call returns one without reading the queue.
 *
 * Returns: true, or false.
 * Since: 0.1
 */
bool iommuctl_event_reader_holds_events(const struct iommuctl_event_reader *reader);

/*
 * A reader of a queue of page faults.
 *
 * @faults: the caller's array of @room faults: no group may be larger
 * @room: faults that @faults holds
 * @ctx, @fd, @tap, @queue, @next, @count: the reader's own
 *
 * Since: 0.1
 */
struct iommuctl_fault_reader {
	struct iommuctl *ctx;
	int fd;
	struct iommuctl_event_tap *tap;
	const char *queue;
	struct iommuctl_pgfault *faults;
	size_t room;
	size_t next;
	size_t count;
};

/*
 * Makes a reader ready for a queue of page faults.
 *
 * @reader: out: the reader
 * @faults: room for the faults of a group, borrowed by the reader
 * @room: how many faults @faults holds; no group may be larger
 *
 * Since: 0.1
 */
void iommuctl_fault_reader_init(struct iommuctl_fault_reader *reader, struct iommuctl *ctx, int fd,
	struct iommuctl_pgfault *faults, size_t room);

/*
 * Forwards all page faults read from now on to the watchers of a tap.
 *
 * @tap: the tap, or NULL: no watchers
 * @queue: what they call the queue: letters, digits and ".:_-"
 *
 * Ownership: @tap and @queue live as long as the reader has them.
 * Since: 0.1
 */
void iommuctl_fault_reader_tap(
	struct iommuctl_fault_reader *reader, struct iommuctl_event_tap *tap, const char *queue);

/*
 * Takes the next group of faults.
 *
 * They share one grpid and one cookie, and only the last has LAST_PAGE. Each group needs one
 * answer, by iommuctl_fault_reader_respond(); until then the device waits.
 *
 * @group: out: the first fault of the group
 * @count: out: how many faults it has
 *
 * Ownership: *@group is the reader's, valid until the next call.
 * Errors:
 *   -EAGAIN: none waits
 *   -EINVAL: the group has more faults than there is room, or @reader was not filled by
 *     iommuctl_fault_reader_init()
 *   -EPROTO: faults that do not form a group: what was read with them is dropped, and their devices
 *     wait until they are detached
 *   others: those of iommuctl_fault_queue_read()
 * Since: 0.1
 */
int iommuctl_fault_reader_next(
	struct iommuctl_fault_reader *reader, const struct iommuctl_pgfault **group, size_t *count);

/*
 * Answers a group of faults.
 *
 * @cookie: the cookie of the group's faults
 * @code: IOMMUCTL_PAGE_RESP_…
 *
 * Errors:
 *   -EINVAL: no unanswered group has @cookie, the code is unknown, or @reader was not filled by
 *     iommuctl_fault_reader_init()
 *   -EIO: the kernel took no answer
 *   others: those of iommuctl_fault_queue_respond()
 * Since: 0.1
 */
int iommuctl_fault_reader_respond(
	struct iommuctl_fault_reader *reader, uint32_t cookie, uint32_t code);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
