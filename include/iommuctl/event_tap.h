/* SPDX-License-Identifier: MIT */
/*
 * A copy of what a VMM reads from its event queues, for watchers.
 *
 * A queue has one reader: two would split its events between them. So the VMM reads, and its reader
 * has a tap that forwards the kernel's bytes in packets that "iommuctl events --follow --from" and
 * iommuctl_event_tap_parse() understand. The VMM chooses how a packet gets to a watcher; the
 * command connects to a UNIX socket of type SOCK_SEQPACKET and reads one packet after the other. A
 * watcher costs the guest nothing: what it has no room for is dropped, and a later packet says how
 * much that was.
 *
 * A VMM needs two calls: iommuctl_vsmmuv3_tap_events() (or iommuctl_event_reader_tap() for a reader
 * of its own), and iommuctl_event_tap_add() for each watcher.
 *
 * @tap: the tap
 * @watcher: the watcher
 *
 * Ownership: taps and watchers are the caller's; a zeroed tap has no watcher. Nothing is allocated,
 *   and there is nothing to release.
 * Threads: one thread at a time for a tap, and for all readers that have it.
 * Source: drivers/iommu/iommufd/eventq.c of Linux 7.3, whose bytes are forwarded.
 */
#ifndef IOMMUCTL_EVENT_TAP_H
#define IOMMUCTL_EVENT_TAP_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/fault_queue.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Bounds of a packet.
 *
 * @IOMMUCTL_EVENT_TAP_NAME_SIZE: bytes of the name of a queue, with its NUL
 * @IOMMUCTL_EVENT_TAP_DATA_MAX: bytes from the kernel in one packet
 * @IOMMUCTL_EVENT_TAP_PACKET_MAX: bytes of a packet
 *
 * Since: 0.1
 */
#define IOMMUCTL_EVENT_TAP_NAME_SIZE  32
#define IOMMUCTL_EVENT_TAP_DATA_MAX   2048
#define IOMMUCTL_EVENT_TAP_PACKET_MAX (IOMMUCTL_EVENT_TAP_DATA_MAX + 64)

/*
 * A watcher.
 *
 * @send: takes the @size bytes of @packet as one message, without blocking: 0, or -errno if it has
 *   no room or is gone. If it fails, it may remove its own watcher.
 * @data: for @send
 * @dropped: page faults that it missed since the last packet that it took; missed events show in
 *   the kernel's sequence numbers
 * @next: the tap's own
 *
 * Since: 0.1
 */
struct iommuctl_event_watcher {
	int (*send)(void *data, const void *packet, size_t size);
	void *data;
	uint64_t dropped;
	struct iommuctl_event_watcher *next;
};

/*
 * The watchers of a VMM's queues.
 *
 * @watchers: the tap's own; NULL: none
 *
 * Since: 0.1
 */
struct iommuctl_event_tap {
	struct iommuctl_event_watcher *watchers;
};

/*
 * What a packet carries.
 *
 * Since: 0.1
 */
enum iommuctl_event_tap_kind {
	IOMMUCTL_EVENT_TAP_EVENTS = 1, /* what read(2) of a vEVENTQ returned */
	IOMMUCTL_EVENT_TAP_FAULTS = 2, /* struct iommuctl_pgfault, any number of them */
};

/*
 * A parsed packet.
 *
 * @queue: the name of the queue, of letters, digits and ".:_-"
 * @kind: IOMMUCTL_EVENT_TAP_…
 * @type: of the vEVENTQ, IOMMUCTL_VEVENTQ_TYPE_…
 * @dropped: page faults of any queue that did not reach this watcher before; events that did not
 *   reach it are gaps in the sequence numbers of their queue, like those that the kernel lost
 * @data: bytes from the kernel
 * @size: how many, at least 1
 *
 * Since: 0.1
 */
struct iommuctl_event_packet {
	char queue[IOMMUCTL_EVENT_TAP_NAME_SIZE];
	enum iommuctl_event_tap_kind kind;
	uint32_t type;
	uint64_t dropped;
	const void *data;
	size_t size;
};

/*
 * Adds a watcher, which gets everything read from now on.
 *
 * Ownership: @watcher lives until it is removed.
 * Since: 0.1
 */
void iommuctl_event_tap_add(struct iommuctl_event_tap *tap, struct iommuctl_event_watcher *watcher);

/*
 * Removes a watcher, if it is there.
 *
 * Since: 0.1
 */
void iommuctl_event_tap_remove(
	struct iommuctl_event_tap *tap, struct iommuctl_event_watcher *watcher);

/*
 * Gives bytes that were read from a vEVENTQ to all watchers.
 *
 * Readers that have a tap do so themselves.
 *
 * @queue: the queue's name for watchers, of letters, digits and ".:_-"; a longer name is cut
 * @type: IOMMUCTL_VEVENTQ_TYPE_…
 * @bytes: what read(2) returned
 * @size: how many, IOMMUCTL_EVENT_TAP_DATA_MAX at most; of more, all are dropped
 *
 * Since: 0.1
 */
void iommuctl_event_tap_put_events(struct iommuctl_event_tap *tap, const char *queue, uint32_t type,
	const void *bytes, size_t size);

/*
 * Gives page faults that were read to all watchers.
 *
 * The VMM still has to answer them.
 *
 * @queue: as for iommuctl_event_tap_put_events()
 * @faults: the page faults
 * @count: how many
 *
 * Since: 0.1
 */
void iommuctl_event_tap_put_faults(struct iommuctl_event_tap *tap, const char *queue,
	const struct iommuctl_pgfault *faults, size_t count);

/*
 * Parses a packet from any sender.
 *
 * It does not look into the kernel's bytes: iommuctl_event_reader_feed() does.
 *
 * @bytes: what was received
 * @size: how many bytes, 0 to any number
 * @packet: out: the packet
 *
 * Ownership: @packet->data points into @bytes, with no better alignment.
 * Errors:
 *   -EPROTO: it is not a packet of this version
 * Since: 0.1
 */
int iommuctl_event_tap_parse(const void *bytes, size_t size, struct iommuctl_event_packet *packet);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
