// SPDX-License-Identifier: MIT
/*
 * Ioctls that came after /dev/iommu itself (Linux 6.2): a kernel without one says ENOTTY. For other
 * ioctls it means only that the file is not an iommufd.
 */
#include "array.h"
#include "explain/explain.h"

#include <errno.h>

#define SINCE(ioctl, version)                                                                      \
	{                                                                                          \
		.operation = OP_##ioctl, .code = ENOTTY,                                           \
		.cause = "the kernel does not know IOMMU_" #ioctl                                  \
			 ", which Linux has since " version,                                       \
		.remedy = "use Linux " version " or newer",                                        \
	}

static const struct explain_row rows[] = {
	SINCE(GET_HW_INFO, "6.6"),
	SINCE(HWPT_ALLOC, "6.6"),
	SINCE(HWPT_SET_DIRTY_TRACKING, "6.7"),
	SINCE(HWPT_GET_DIRTY_BITMAP, "6.7"),
	SINCE(HWPT_INVALIDATE, "6.8"),
	SINCE(FAULT_QUEUE_ALLOC, "6.11"),
	SINCE(IOAS_MAP_FILE, "6.13"),
	SINCE(VIOMMU_ALLOC, "6.13"),
	SINCE(VDEVICE_ALLOC, "6.13"),
	SINCE(IOAS_CHANGE_PROCESS, "6.14"),
	SINCE(VEVENTQ_ALLOC, "6.15"),
	SINCE(HW_QUEUE_ALLOC, "6.17"),
	SINCE(IOAS_NOIOMMU_GET_PA, "7.3"),
	{ .operation = OP_TEST,
		.code = ENOTTY,
		.cause = "the kernel was built without CONFIG_IOMMUFD_TEST",
		.remedy = "use a kernel for tests" },
};

const struct explain_table explain_since = { rows, ARRAY_SIZE(rows) };
