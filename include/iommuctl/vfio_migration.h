/* SPDX-License-Identifier: MIT */
/*
 * Migrating a device to another host: its states, its data stream, and a log of its DMA.
 *
 * The driver of the device has to support it (mlx5, pds, hisi_acc, qat, xe, virtio); vfio-pci does
 * not.
 *
 * Common: vfio.h
 * Errors:
 *   -ENOTTY: the driver of the device does not support it, or the kernel is older than this
 *   others: those of the device's driver
 * Source: drivers/vfio/vfio_main.c of Linux 7.3.
 */
#ifndef IOMMUCTL_VFIO_MIGRATION_H
#define IOMMUCTL_VFIO_MIGRATION_H

#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Which states a device has, beside RUNNING and ERROR.
 *
 * @IOMMUCTL_VFIO_MIGRATION_STOP_COPY: STOP, STOP_COPY and RESUMING
 * @IOMMUCTL_VFIO_MIGRATION_P2P: RUNNING_P2P
 * @IOMMUCTL_VFIO_MIGRATION_PRE_COPY: PRE_COPY, and PRE_COPY_P2P together with P2P
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_MIGRATION_STOP_COPY (1 << 0)
#define IOMMUCTL_VFIO_MIGRATION_P2P	  (1 << 1)
#define IOMMUCTL_VFIO_MIGRATION_PRE_COPY  (1 << 2)

/* The states of a device. Since: 0.1 */
enum iommuctl_vfio_device_state {
	IOMMUCTL_VFIO_DEVICE_STATE_ERROR = 0, /* failed; iommuctl_vfio_reset() recovers it */
	IOMMUCTL_VFIO_DEVICE_STATE_STOP =
		1, /* stopped: it changes no state, its own or any other */
	IOMMUCTL_VFIO_DEVICE_STATE_RUNNING = 2,	     /* as ever */
	IOMMUCTL_VFIO_DEVICE_STATE_STOP_COPY = 3,    /* stopped, and its data can be read */
	IOMMUCTL_VFIO_DEVICE_STATE_RESUMING = 4,     /* stopped, and data can be written */
	IOMMUCTL_VFIO_DEVICE_STATE_RUNNING_P2P = 5,  /* it runs, without DMA to other devices */
	IOMMUCTL_VFIO_DEVICE_STATE_PRE_COPY = 6,     /* it runs, and data can be read already */
	IOMMUCTL_VFIO_DEVICE_STATE_PRE_COPY_P2P = 7, /* both */
};

/*
 * Reads which states a device has.
 *
 * @flags: out: IOMMUCTL_VFIO_MIGRATION_…
 *
 * Errors:
 *   -ENOTTY: it cannot be moved
 * Since: 0.1
 */
int iommuctl_vfio_migration_get_flags(struct iommuctl *ctx, int device, uint64_t *flags);

/*
 * Reads the state of a device.
 *
 * @state: out: enum iommuctl_vfio_device_state
 *
 * Errors:
 *   -ENOTTY: it cannot be moved
 * Since: 0.1
 */
int iommuctl_vfio_migration_get_state(struct iommuctl *ctx, int device, uint32_t *state);

/*
 * Brings a device into a state, through the states between.
 *
 * After a failure, the device may be in any of these, or in ERROR.
 *
 * @state: enum iommuctl_vfio_device_state, except ERROR
 * @data_fd: out: the stream that begins with this state, to read data from or write data to; -1:
 *   none begins
 *
 * Ownership: the caller closes *@data_fd with iommuctl_close().
 * Errors:
 *   -EINVAL: also the device does not have the state, or it cannot be reached from the current one
 * Since: 0.1
 */
int iommuctl_vfio_migration_set_state(
	struct iommuctl *ctx, int device, uint32_t state, int *data_fd);

/*
 * Estimates the amount of a device's data.
 *
 * @length: out: bytes that STOP_COPY will have
 *
 * Errors:
 *   -ENOTTY: it cannot be migrated, or the kernel is older than 6.2
 * Since: 0.1
 */
int iommuctl_vfio_migration_get_data_size(struct iommuctl *ctx, int device, uint64_t *length);

/*
 * Enables the flags of iommuctl_vfio_migration_get_precopy_info().
 *
 * They stay enabled until the device is closed; without this, kernels and drivers may leave
 * anything in the flags.
 *
 * Errors:
 *   -EINVAL: also the device has no PRE_COPY
 * Since: 0.1
 */
int iommuctl_vfio_migration_enable_precopy_flags(struct iommuctl *ctx, int device);

/*
 * Flags of precopy, valid after iommuctl_vfio_migration_enable_precopy_flags().
 *
 * @IOMMUCTL_VFIO_PRECOPY_INFO_REINIT: there is new initial data
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_PRECOPY_INFO_REINIT (1 << 0)

/* The data left to read before a device is stopped. Since: 0.1 */
struct iommuctl_vfio_precopy_info {
	uint32_t flags;		/* IOMMUCTL_VFIO_PRECOPY_INFO_… */
	uint64_t initial_bytes; /* estimated; when 0, it is time for STOP_COPY */
	uint64_t dirty_bytes;	/* estimated: what has changed since it was read */
};

/*
 * Gets how much data is left to read in PRE_COPY.
 *
 * @data_fd: the stream of iommuctl_vfio_migration_set_state()
 * @info: out: how much
 *
 * Errors:
 *   -EINVAL: the device is not in PRE_COPY or PRE_COPY_P2P
 *   -ENOTTY: @data_fd is not such a stream
 * Since: 0.1
 */
int iommuctl_vfio_migration_get_precopy_info(
	struct iommuctl *ctx, int data_fd, struct iommuctl_vfio_precopy_info *info);

/* Addresses whose DMA is logged. Since: 0.1 */
struct iommuctl_vfio_dma_range {
	uint64_t iova;	 /* the first */
	uint64_t length; /* bytes */
};

/*
 * Makes a device log the pages that it writes.
 *
 * @ranges: what is logged
 * @count: of @ranges, 1 to 256 (4K pages of the kernel)
 * @page_size: in: the preferred page size in bytes; out: the page size of the log
 *
 * Errors:
 *   -EINVAL: also no range, one that is not aligned to the page size, or two that overlap
 *   -E2BIG: more ranges than a page of the kernel holds
 *   -EOVERFLOW: a range beyond 64 bits
 * Since: 0.1
 */
int iommuctl_vfio_dma_logging_start(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_dma_range *ranges, uint32_t count, uint64_t *page_size);

/*
 * Stops logging.
 *
 * Errors:
 *   -EINVAL: also no log is kept
 * Since: 0.1
 */
int iommuctl_vfio_dma_logging_stop(struct iommuctl *ctx, int device);

/*
 * Reads a part of the log, and clears it.
 *
 * After a failure the log is unreliable: treat all memory as written.
 *
 * @range: which part
 * @page_size: bytes that a bit stands for: a power of two, 4096 at least
 * @bitmap: in and out: a bit for each page, the first in bit 0; bits are set, none is cleared
 *
 * Errors:
 *   -EINVAL: also no such page size, or no log; for an empty range it depends on the driver
 *   -EOVERFLOW: a range beyond 64 bits
 * Since: 0.1
 */
int iommuctl_vfio_dma_logging_report(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_dma_range *range, uint64_t page_size, uint64_t *bitmap);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
