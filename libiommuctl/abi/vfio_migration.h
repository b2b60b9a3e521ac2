/* SPDX-License-Identifier: MIT */
/*
 * The part of Linux 7.3's VFIO ABI that migrates a device: its states, its data, a log of its DMA.
 * Everything except precopy information is a feature (ABI_VFIO_DEVICE_FEATURE).
 */
#ifndef LIBIOMMUCTL_ABI_VFIO_MIGRATION_H
#define LIBIOMMUCTL_ABI_VFIO_MIGRATION_H

#include "abi/vfio.h"

enum abi_vfio_migration_flags {
	ABI_VFIO_MIGRATION_STOP_COPY = 1 << 0,
	ABI_VFIO_MIGRATION_P2P = 1 << 1,
	ABI_VFIO_MIGRATION_PRE_COPY = 1 << 2,
};

struct abi_vfio_device_feature_migration {
	abi_u64 flags; /* enum abi_vfio_migration_flags */
};

enum abi_vfio_device_mig_state {
	ABI_VFIO_DEVICE_STATE_ERROR = 0,
	ABI_VFIO_DEVICE_STATE_STOP = 1,
	ABI_VFIO_DEVICE_STATE_RUNNING = 2,
	ABI_VFIO_DEVICE_STATE_STOP_COPY = 3,
	ABI_VFIO_DEVICE_STATE_RESUMING = 4,
	ABI_VFIO_DEVICE_STATE_RUNNING_P2P = 5,
	ABI_VFIO_DEVICE_STATE_PRE_COPY = 6,
	ABI_VFIO_DEVICE_STATE_PRE_COPY_P2P = 7,
};

struct abi_vfio_device_feature_mig_state {
	uint32_t device_state; /* enum abi_vfio_device_mig_state */
	int32_t data_fd;       /* out: a stream that has begun, else -1 */
};

struct abi_vfio_device_feature_mig_data_size {
	abi_u64 stop_copy_length;
};

/* on the stream of a device in one of the PRE_COPY states */
#define ABI_VFIO_MIG_GET_PRECOPY_INFO ABI_VFIO_IO(21)

enum abi_vfio_precopy_info_flags {
	ABI_VFIO_PRECOPY_INFO_REINIT = 1 << 0, /* after MIG_PRECOPY_INFOv2 was set, else anything */
};

struct abi_vfio_precopy_info {
	uint32_t argsz;
	uint32_t flags; /* out: enum abi_vfio_precopy_info_flags */
	abi_u64 initial_bytes;
	abi_u64 dirty_bytes;
};

struct abi_vfio_device_feature_dma_logging_range {
	abi_u64 iova;
	abi_u64 length;
};

struct abi_vfio_device_feature_dma_logging_control {
	abi_u64 page_size; /* in: a wish; out: what the device logs */
	uint32_t num_ranges;
	uint32_t reserved;
	abi_u64 ranges; /* struct abi_vfio_device_feature_dma_logging_range * */
};

/* Reading clears that part of the log. */
struct abi_vfio_device_feature_dma_logging_report {
	abi_u64 iova;
	abi_u64 length;
	abi_u64 page_size; /* of a bit */
	abi_u64 bitmap;	   /* uint64_t *, in which bits are set and none is cleared */
};

#endif
