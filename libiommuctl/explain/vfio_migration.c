// SPDX-License-Identifier: MIT
/* vfio/vfio_main.c: migration and the log of DMA */
#include "array.h"
#include "explain/explain.h"

#include <errno.h>

static const struct explain_row rows[] = {
	{ .operation = OP_VFIO_MIGRATION,
		.code = ENOTTY,
		.cause = "the driver of the device does not support migration; vfio-pci does not",
		.remedy = "bind the VFIO driver that was made for the device" },
	{ .operation = OP_VFIO_MIGRATION,
		.code = EINVAL,
		.cause = "the device has no PRE_COPY states, or none of these features",
		.remedy = "see which states it has in its migration flags" },
	{ .operation = OP_VFIO_MIGRATION_STATE,
		.code = EINVAL,
		.cause = "the device's current state does not lead to this one",
		.remedy = "read its state; go through STOP, and reset it if it is in ERROR" },
	{ .operation = OP_VFIO_MIGRATION_PRECOPY_INFO,
		.code = EINVAL,
		.cause = "the device is not in PRE_COPY or PRE_COPY_P2P",
		.remedy = "ask while it is in one of them" },
	{ .operation = OP_VFIO_MIGRATION_PRECOPY_INFO,
		.code = ENOTTY,
		.cause = "the file is not the stream of a device that saves its state",
		.remedy = "pass the file returned on entering PRE_COPY" },

	{ .operation = OP_VFIO_DMA_LOGGING,
		.code = ENOTTY,
		.cause = "the device or its driver cannot log DMA; vfio-pci cannot",
		.remedy = "track dirty pages in the IOMMU (IOMMU_HWPT_SET_DIRTY_TRACKING)" },
	{ .operation = OP_VFIO_DMA_LOGGING,
		.code = EINVAL,
		.unless = FACT_EMPTY,
		.cause = "the log was started already, or was not started",
		.remedy = "start and stop the log once each" },
	{ .operation = OP_VFIO_DMA_LOGGING,
		.code = EOVERFLOW,
		.cause = "a range ends beyond 64 bits of IOVA",
		.remedy = "keep iova + length below 2^64" },
	{ .operation = OP_VFIO_DMA_LOGGING_START,
		.code = EINVAL,
		.when = FACT_EMPTY,
		.cause = "no range was given",
		.remedy = "pass at least one" },
	{ .operation = OP_VFIO_DMA_LOGGING_START,
		.code = EINVAL,
		.unless = FACT_EMPTY,
		.cause = "a range is not aligned to the page size, or two overlap",
		.remedy = "align the ranges, and join those that touch" },
	{ .operation = OP_VFIO_DMA_LOGGING_START,
		.code = E2BIG,
		.cause = "there are more ranges than fit into a page of the kernel",
		.remedy = "join those with the smallest gaps" },
	{ .operation = OP_VFIO_DMA_LOGGING_REPORT,
		.code = EINVAL,
		.cause = "the page size is not a power of two of at least 4096, or the range is "
			 "empty",
		.remedy = "pass a power of two, and a range of at least one page" },
};

const struct explain_table explain_vfio_migration = { rows, ARRAY_SIZE(rows) };
