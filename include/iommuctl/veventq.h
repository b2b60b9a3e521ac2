/* SPDX-License-Identifier: MIT */
/*
 * The events of a vIOMMU: vEVENTQs of iommufd.
 *
 * Common: iommufd.h
 * Source: drivers/iommu/iommufd/eventq.c of Linux 7.3.
 */
#ifndef IOMMUCTL_VEVENTQ_H
#define IOMMUCTL_VEVENTQ_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Types of vEVENTQs, and the most events that one holds.
 *
 * @IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3: event records of an SMMUv3, 32 bytes each
 * @IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV: errors of a Tegra241 CMDQV
 * @IOMMUCTL_VEVENTQ_DEPTH_MAX: the most events that one holds
 *
 * Since: 0.1
 */
#define IOMMUCTL_VEVENTQ_TYPE_DEFAULT	     0 /* not a type that can be created */
#define IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3     1
#define IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV 2
#define IOMMUCTL_VEVENTQ_DEPTH_MAX	     (1 << 19)

/* The arguments of iommuctl_veventq_alloc(). Since: 0.1 */
struct iommuctl_veventq_alloc_args {
	uint32_t viommu_id; /* the vIOMMU */
	uint32_t type;	    /* IOMMUCTL_VEVENTQ_TYPE_… */
	uint32_t depth;	    /* the most events that wait, 1 to IOMMUCTL_VEVENTQ_DEPTH_MAX */
};

/*
 * Creates the queue of a vIOMMU for events of one type.
 *
 * @args: the arguments
 * @veventq_id: out: its id
 * @fd: out: the file descriptor to poll and to read
 *
 * Ownership: the caller closes *@fd with iommuctl_close() before it destroys the queue.
 * Errors:
 *   -EINVAL: depth is 0 or above IOMMUCTL_VEVENTQ_DEPTH_MAX
 *   -EEXIST: the vIOMMU has one of this type
 * Since: 0.1
 */
int iommuctl_veventq_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_veventq_alloc_args *args, uint32_t *veventq_id, int *fd);

/*
 * Reads the events that wait, as many as fit.
 *
 * It never blocks: poll(2) first. Walk the @buffer with iommuctl_vevent_next().
 *
 * @fd: the queue's file descriptor
 * @buffer: out: the events
 * @size: bytes of @buffer, 8 at least
 * @length: out: bytes that were read; 0 if no event waits
 *
 * Errors:
 *   -EINVAL: @size does not hold the first event, or not even a header (8 bytes)
 * Since: 0.1
 */
int iommuctl_veventq_read(struct iommuctl *ctx, int fd, void *buffer, size_t size, size_t *length);

/* The queue overflowed here. Since: 0.1 */
#define IOMMUCTL_VEVENTQ_FLAG_LOST_EVENTS (1 << 0)

/*
 * An event.
 *
 * @data_len: bytes of @data
 *
 * Since: 0.1
 */
struct iommuctl_vevent {
	uint32_t flags;	   /* LOST_EVENTS: the queue overflowed here, and there is no data */
	uint32_t sequence; /* that of the previous event plus one, or 0 after 0x7fffffff; a gap
			      counts losses */
	const void *data;  /* inside the buffer; NULL with LOST_EVENTS */
	size_t data_len;
};

/*
 * Takes the next event from a buffer.
 *
 * @type: IOMMUCTL_VEVENTQ_TYPE_… of the queue
 * @buffer: the bytes from iommuctl_veventq_read()
 * @length: the number of bytes read
 * @offset: in: 0 at first; out: the end of the event
 * @event: out: the event
 *
 * Ownership: @event points into @buffer.
 * Errors:
 *   -ENODATA: no event is left
 *   -EBADMSG: less than a whole event is left
 *   -EINVAL: @type is unknown
 * Since: 0.1
 */
int iommuctl_vevent_next(uint32_t type, const void *buffer, size_t length, size_t *offset,
	struct iommuctl_vevent *event);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
