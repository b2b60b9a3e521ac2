// SPDX-License-Identifier: MIT
/*
 * Memory that cannot be pinned: mm/gup.c, iommufd/pages.c. An IOAS without a HWPT pins nothing, and
 * what brings it the first one then fails as the mapping would have.
 */
#include "array.h"
#include "explain/explain.h"

#include <errno.h>

#define IOAS_MEMORY   "memory that the IOAS maps"
#define LEGACY_MEMORY "the container is an iommufd, and memory that its IOAS for VFIO maps"

#define ABSENT_CAUSE                                                                               \
	" is not, or no longer, mapped in its process, or is read-only there while the mapping "   \
	"is WRITEABLE"
#define ABSENT_REMEDY "keep it mapped in the process as long as in the IOAS, with the same access"
#define BAR_CAUSE     " is a mapping of a device's BAR, which cannot be pinned"
#define BAR_REMEDY                                                                                 \
	"export the BAR as a dma-buf (VFIO_DEVICE_FEATURE_DMA_BUF) and map that with "             \
	"IOMMU_IOAS_MAP_FILE"
#define DISK_CAUSE                                                                                 \
	" is a MAP_SHARED mapping of a file on a disk file system, such as ext4 or xfs, which "    \
	"cannot be pinned WRITEABLE since Linux 6.5"
#define DISK_REMEDY                                                                                \
	"use a memfd, or a file on tmpfs or hugetlbfs; or map the file MAP_PRIVATE, which keeps "  \
	"writes out of it"
#define DAX_CAUSE  " is a file on a DAX file system, which cannot be pinned for DMA"
#define DAX_REMEDY "use a device DAX node (/dev/dax), which can be pinned, or other memory"

/* The causes that all ways to pin share; the mapping is WRITEABLE with the facts @writeable. */
#define PIN(op, memory, writeable)                                                                 \
	{ .operation = op, .code = EFAULT, .cause = memory BAR_CAUSE, .remedy = BAR_REMEDY },      \
	{                                                                                          \
		.operation = op, .code = EFAULT, .when = writeable, .cause = memory DISK_CAUSE,    \
		.remedy = DISK_REMEDY,                                                             \
	}
#define ABSENT(op, memory)                                                                         \
	{                                                                                          \
		.operation = op, .code = EFAULT, .cause = memory ABSENT_CAUSE,                     \
		.remedy = ABSENT_REMEDY                                                            \
	}
#define DAX(op, memory)                                                                            \
	{                                                                                          \
		.operation = op, .code = EOPNOTSUPP, .unless = FACT_UNKNOWN_FLAGS,                 \
		.cause = memory DAX_CAUSE, .remedy = DAX_REMEDY,                                   \
	}

static const char file_cause[] =
	"a file that the IOAS maps is neither a memfd (shmem or hugetlbfs) nor a dma-buf, or ends "
	"before the mapping does";
static const char file_remedy[] = "map files of these kinds, and not beyond their end";

static const struct explain_row rows[] = {
	{ .operation = OP_IOAS_MAP,
		.code = EFAULT,
		.cause = "the memory is not mapped in this process, or is read-only while the "
			 "mapping is WRITEABLE",
		.remedy = "map it in the process first, with the same access" },
	PIN(OP_IOAS_MAP, "the memory", FACT_WRITEABLE),
	DAX(OP_IOAS_MAP, "the memory"),

	ABSENT(OP_IOAS_COPY, "the memory"),
	PIN(OP_IOAS_COPY, "the memory", 0),
	DAX(OP_IOAS_COPY, "the memory"),
	{ .operation = OP_IOAS_COPY,
		.code = EINVAL,
		.unless = FACT_NO_ACCESS | FACT_EMPTY,
		.cause = file_cause,
		.remedy = file_remedy },

	ABSENT(OP_HWPT_ALLOC_PAGING, IOAS_MEMORY),
	PIN(OP_HWPT_ALLOC_PAGING, IOAS_MEMORY, 0),
	/* Flags, and the nesting of a parent, explain the errno better. */
	{ .operation = OP_HWPT_ALLOC_PAGING,
		.code = EOPNOTSUPP,
		.general = true,
		.cause = IOAS_MEMORY DAX_CAUSE,
		.remedy = DAX_REMEDY },
	{ .operation = OP_HWPT_ALLOC_PAGING,
		.code = EINVAL,
		.unless = FACT_DATA_MISSING,
		.cause = file_cause,
		.remedy = file_remedy },

	ABSENT(OP_VFIO_ATTACH_ANY, IOAS_MEMORY),
	PIN(OP_VFIO_ATTACH_ANY, IOAS_MEMORY, 0),
	DAX(OP_VFIO_ATTACH_ANY, IOAS_MEMORY),
	{ .operation = OP_VFIO_ATTACH_ANY,
		.code = EINVAL,
		.unless = KNOWN(SAME_IOMMU), /* a HWPT, whose memory is pinned already */
		.cause = file_cause,
		.remedy = file_remedy },

	ABSENT(OP_VFIO_GROUP_GET_DEVICE, LEGACY_MEMORY),
	PIN(OP_VFIO_GROUP_GET_DEVICE, LEGACY_MEMORY, 0),
	DAX(OP_VFIO_GROUP_GET_DEVICE, LEGACY_MEMORY),
	{ .operation = OP_VFIO_GROUP_GET_DEVICE,
		.code = ENOMEM,
		.cause = LEGACY_MEMORY " is pinned now and exceeds RLIMIT_MEMLOCK",
		.remedy = "raise the limit, or grant CAP_IPC_LOCK" },
};

const struct explain_table explain_pin = { rows, ARRAY_SIZE(rows) };
