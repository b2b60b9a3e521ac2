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
		.cause = "there is no way from the device's state to this one",
		.remedy = "read its state; go through STOP, and reset it if it is in ERROR" },
	{ .operation = OP_VFIO_MIGRATION_PRECOPY_INFO,
		.code = EINVAL,
		.cause = "the device is not in PRE_COPY or PRE_COPY_P2P",
		.remedy = "ask while it is" },
	{ .operation = OP_VFIO_MIGRATION_PRECOPY_INFO,
		.code = ENOTTY,
		.cause = "the file is no stream of a device that saves its state",
		.remedy = "pass the file that entering PRE_COPY has returned" },

	{ .operation = OP_VFIO_DMA_LOGGING,
		.code = ENOTTY,
		.cause = "the device or its driver cannot log DMA; vfio-pci cannot",
		.remedy = "track dirty pages in the IOMMU (IOMMU_HWPT_SET_DIRTY_TRACKING)" },
	{ .operation = OP_VFIO_DMA_LOGGING,
		.code = EINVAL,
		.unless = FACT_EMPTY,
		.cause = "a log is kept already where one is started, or none is kept",
		.remedy = "start once, and stop once" },
	{ .operation = OP_VFIO_DMA_LOGGING,
		.code = EOVERFLOW,
		.cause = "a range ends beyond 64 bits of IOVA",
		.remedy = "keep iova + length below" },
	{ .operation = OP_VFIO_DMA_LOGGING_START,
		.code = EINVAL,
		.when = FACT_EMPTY,
		.cause = "no range was given",
		.remedy = "pass at least one" },
	{ .operation = OP_VFIO_DMA_LOGGING_START,
		.code = EINVAL,
		.unless = FACT_EMPTY,
		.cause = "a range is not aligned to the page size, or two overlap",
		.remedy = "align them, and join those that touch" },
	{ .operation = OP_VFIO_DMA_LOGGING_START,
		.code = E2BIG,
		.cause = "there are more ranges than fit into a page of the kernel",
		.remedy = "join those with the smallest gaps" },
	{ .operation = OP_VFIO_DMA_LOGGING_REPORT,
		.code = EINVAL,
		.cause = "the page size is no power of two of at least 4096, or the range is empty",
		.remedy = "pass one that is" },
};

const struct explain_table explain_vfio_migration = { rows, ARRAY_SIZE(rows) };
