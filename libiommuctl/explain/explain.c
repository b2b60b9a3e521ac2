// SPDX-License-Identifier: MIT
#include "explain/explain.h"

struct operation_entry {
	const char *name;
	enum operation family;
};

static const struct operation_entry operations[OPERATION_COUNT] = {
	[OP_ANY] = { "call", OP_ANY },
	[OP_IOMMUFD] = { "ioctl", OP_ANY },
	[OP_VFIO_DEVICE] = { "ioctl", OP_ANY },
	[OP_VFIO_LEGACY] = { "ioctl", OP_ANY },

	[OP_IOMMUFD_OPEN] = { "open", OP_ANY },
	[OP_IOMMUFD_MMAP] = { "mmap", OP_ANY },
	[OP_CLOSE] = { "close", OP_ANY },
	[OP_MUNMAP] = { "munmap", OP_ANY },

	[OP_DESTROY] = { "IOMMU_DESTROY", OP_IOMMUFD },
	[OP_GET_HW_INFO] = { "IOMMU_GET_HW_INFO", OP_IOMMUFD },
	[OP_IOAS_ALLOC] = { "IOMMU_IOAS_ALLOC", OP_IOMMUFD },
	[OP_IOAS_MAP_ANY] = { "IOMMU_IOAS_MAP", OP_IOMMUFD },
	[OP_IOAS_MAP] = { "IOMMU_IOAS_MAP", OP_IOAS_MAP_ANY },
	[OP_IOAS_MAP_FILE] = { "IOMMU_IOAS_MAP_FILE", OP_IOAS_MAP_ANY },
	[OP_IOAS_COPY] = { "IOMMU_IOAS_COPY", OP_IOAS_MAP_ANY },
	[OP_IOAS_UNMAP] = { "IOMMU_IOAS_UNMAP", OP_IOMMUFD },
	[OP_IOAS_IOVA_RANGES] = { "IOMMU_IOAS_IOVA_RANGES", OP_IOMMUFD },
	[OP_IOAS_ALLOW_IOVAS] = { "IOMMU_IOAS_ALLOW_IOVAS", OP_IOMMUFD },
	[OP_IOAS_CHANGE_PROCESS] = { "IOMMU_IOAS_CHANGE_PROCESS", OP_IOMMUFD },
	[OP_IOAS_NOIOMMU_GET_PA] = { "IOMMU_IOAS_NOIOMMU_GET_PA", OP_IOMMUFD },
	[OP_OPTION_RLIMIT_MODE] = { "IOMMU_OPTION", OP_IOMMUFD },
	[OP_OPTION_HUGE_PAGES] = { "IOMMU_OPTION", OP_IOMMUFD },
	[OP_OPTION_OTHER] = { "IOMMU_OPTION", OP_IOMMUFD },
	[OP_VFIO_IOAS] = { "IOMMU_VFIO_IOAS", OP_IOMMUFD },
	[OP_HWPT_ALLOC] = { "IOMMU_HWPT_ALLOC", OP_IOMMUFD },
	[OP_HWPT_ALLOC_PAGING] = { "IOMMU_HWPT_ALLOC", OP_HWPT_ALLOC },
	[OP_HWPT_ALLOC_PARENT] = { "IOMMU_HWPT_ALLOC", OP_HWPT_ALLOC_PAGING },
	[OP_HWPT_ALLOC_NESTED] = { "IOMMU_HWPT_ALLOC", OP_HWPT_ALLOC },
	[OP_HWPT_INVALIDATE] = { "IOMMU_HWPT_INVALIDATE", OP_IOMMUFD },
	[OP_HWPT_INVALIDATE_ARM] = { "IOMMU_HWPT_INVALIDATE", OP_HWPT_INVALIDATE },
	[OP_HWPT_INVALIDATE_VTD] = { "IOMMU_HWPT_INVALIDATE", OP_HWPT_INVALIDATE },
	[OP_HWPT_SET_DIRTY_TRACKING] = { "IOMMU_HWPT_SET_DIRTY_TRACKING", OP_IOMMUFD },
	[OP_HWPT_GET_DIRTY_BITMAP] = { "IOMMU_HWPT_GET_DIRTY_BITMAP", OP_IOMMUFD },
	[OP_VIOMMU_ALLOC] = { "IOMMU_VIOMMU_ALLOC", OP_IOMMUFD },
	[OP_VDEVICE_ALLOC] = { "IOMMU_VDEVICE_ALLOC", OP_IOMMUFD },
	[OP_HW_QUEUE_ALLOC] = { "IOMMU_HW_QUEUE_ALLOC", OP_IOMMUFD },
	[OP_VEVENTQ_ALLOC] = { "IOMMU_VEVENTQ_ALLOC", OP_IOMMUFD },
	[OP_VEVENTQ_READ] = { "read", OP_ANY },
	[OP_FAULT_QUEUE_ALLOC] = { "IOMMU_FAULT_QUEUE_ALLOC", OP_IOMMUFD },
	[OP_FAULT_QUEUE_READ] = { "read", OP_ANY },
	[OP_FAULT_QUEUE_RESPOND] = { "write", OP_ANY },

	[OP_VFIO_DEVICE_OPEN] = { "open", OP_ANY },
	[OP_VFIO_BIND] = { "VFIO_DEVICE_BIND_IOMMUFD", OP_ANY },
	[OP_VFIO_ATTACH_ANY] = { "VFIO_DEVICE_ATTACH_IOMMUFD_PT", OP_VFIO_DEVICE },
	[OP_VFIO_ATTACH] = { "VFIO_DEVICE_ATTACH_IOMMUFD_PT", OP_VFIO_ATTACH_ANY },
	[OP_VFIO_ATTACH_PASID] = { "VFIO_DEVICE_ATTACH_IOMMUFD_PT", OP_VFIO_ATTACH_ANY },
	[OP_VFIO_DETACH] = { "VFIO_DEVICE_DETACH_IOMMUFD_PT", OP_VFIO_DEVICE },
	[OP_VFIO_DETACH_PASID] = { "VFIO_DEVICE_DETACH_IOMMUFD_PT", OP_VFIO_DEVICE },
	[OP_VFIO_GET_INFO] = { "VFIO_DEVICE_GET_INFO", OP_VFIO_DEVICE },
	[OP_VFIO_GET_REGION_INFO] = { "VFIO_DEVICE_GET_REGION_INFO", OP_VFIO_DEVICE },
	[OP_VFIO_REGION_ACCESS] = { "read", OP_VFIO_DEVICE },
	[OP_VFIO_REGION_READ] = { "read", OP_VFIO_REGION_ACCESS },
	[OP_VFIO_REGION_WRITE] = { "write", OP_VFIO_REGION_ACCESS },
	[OP_VFIO_REGION_MMAP] = { "mmap", OP_VFIO_REGION_ACCESS },
	[OP_VFIO_GET_IRQ_INFO] = { "VFIO_DEVICE_GET_IRQ_INFO", OP_VFIO_DEVICE },
	[OP_VFIO_SET_IRQS] = { "VFIO_DEVICE_SET_IRQS", OP_VFIO_DEVICE },
	[OP_VFIO_RESET] = { "VFIO_DEVICE_RESET", OP_VFIO_DEVICE },
	[OP_VFIO_FEATURE] = { "VFIO_DEVICE_FEATURE", OP_VFIO_DEVICE },
	[OP_VFIO_DMA_BUF] = { "VFIO_DEVICE_FEATURE", OP_VFIO_DEVICE },
	[OP_VFIO_CONTAINER_OPEN] = { "open", OP_ANY },
	[OP_VFIO_CONTAINER_GET_API_VERSION] = { "VFIO_GET_API_VERSION", OP_VFIO_LEGACY },
	[OP_VFIO_CONTAINER_CHECK_EXTENSION] = { "VFIO_CHECK_EXTENSION", OP_VFIO_LEGACY },
	[OP_VFIO_CONTAINER_SET_IOMMU] = { "VFIO_SET_IOMMU", OP_VFIO_LEGACY },
	[OP_VFIO_GROUP_OPEN] = { "open", OP_ANY },
	[OP_VFIO_GROUP_GET_STATUS] = { "VFIO_GROUP_GET_STATUS", OP_VFIO_LEGACY },
	[OP_VFIO_GROUP_SET_CONTAINER] = { "VFIO_GROUP_SET_CONTAINER", OP_VFIO_LEGACY },
	[OP_VFIO_GROUP_UNSET_CONTAINER] = { "VFIO_GROUP_UNSET_CONTAINER", OP_VFIO_LEGACY },
	[OP_VFIO_GROUP_GET_DEVICE] = { "VFIO_GROUP_GET_DEVICE_FD", OP_VFIO_LEGACY },
	[OP_DEVICE_GROUP] = { "device_group", OP_ANY },
	[OP_NEST_NEW] = { "nest_new", OP_ANY },
};

const struct explain_table *const explain_tables[EXPLAIN_TABLES] = {
	&explain_common,
	&explain_ioas,
	&explain_hwpt,
	&explain_viommu,
	&explain_vfio_bind,
	&explain_vfio,
	&explain_vfio_legacy,
	&explain_nest,
};

const char *operation_name(enum operation operation)
{
	return operations[operation].name;
}

enum operation operation_family(enum operation operation)
{
	return operations[operation].family;
}

/* Who comes first: each rank is looked for in all families before the next. */
enum rank {
	RANK_PROVEN,
	RANK_LIKELY,
	RANK_POSSIBLE,
	RANK_GENERAL,
	RANK_NONE,
};

struct failure {
	enum operation operation;
	int code;
	uint64_t facts;
};

uint64_t facts_of_known(uint64_t known)
{
	const uint64_t facts = (known & UINT32_MAX) << KNOWN_SHIFT;

	return facts & KNOWN(KINDS) ? facts | FACT_LIVE_IDS : facts;
}

static bool row_applies(const struct explain_row *row, const struct failure *failure)
{
	if (row->operation != failure->operation || row->code != failure->code)
		return false;
	if ((failure->facts & row->when) != row->when || failure->facts & row->unless)
		return false;
	return !row->unless_all || (failure->facts & row->unless_all) != row->unless_all;
}

static enum rank row_rank(const struct explain_row *row, const struct failure *failure)
{
	if (!row_applies(row, failure))
		return RANK_NONE;
	if (row->general)
		return RANK_GENERAL;
	if (failure->facts & row->proof)
		return RANK_PROVEN;
	return failure->facts & row->likely ? RANK_LIKELY : RANK_POSSIBLE;
}

static size_t list_add(struct iommuctl_explanation *list, size_t count,
	const struct failure *failure, enum rank rank)
{
	for (size_t i = 0; i < EXPLAIN_TABLES; i++) {
		const struct explain_table *table = explain_tables[i];

		for (size_t j = 0; j < table->count; j++) {
			const struct explain_row *row = &table->rows[j];

			if (count == IOMMUCTL_EXPLANATIONS_MAX)
				return count;
			if (row_rank(row, failure) != rank)
				continue;
			list[count].cause = row->cause;
			list[count].remedy = row->remedy;
			count++;
		}
	}
	return count;
}

/* Adds what has @rank, from the operation itself to the most general of its families. */
static size_t list_fill(struct iommuctl_explanation *list, size_t count, struct failure failure,
	enum rank rank)
{
	for (;;) {
		count = list_add(list, count, &failure, rank);
		if (failure.operation == OP_ANY)
			return count;
		failure.operation = operation_family(failure.operation);
	}
}

size_t explain(enum operation operation, int code, uint64_t facts,
	struct iommuctl_explanation list[static IOMMUCTL_EXPLANATIONS_MAX])
{
	const struct failure failure = { operation, code, facts };
	size_t count = list_fill(list, 0, failure, RANK_PROVEN);

	if (count)
		return count;
	count = list_fill(list, 0, failure, RANK_LIKELY);
	count = list_fill(list, count, failure, RANK_POSSIBLE);
	return count ? count : list_fill(list, 0, failure, RANK_GENERAL);
}
