// SPDX-License-Identifier: MIT
/*
 * The kernel's known refusals and their errnos: for each, one of the causes that a caller without
 * further knowledge gets names it.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "array.h"
#include "explain/explain.h"

struct refusal {
	enum operation operation;
	int code;
	uint64_t facts;
	const char *word; /* of the cause that is about it */
};

static const struct refusal refusals[] = {
	/* Opening and binding. */
	{ OP_IOMMUFD_OPEN, EACCES, 0, "0660" },
	{ OP_IOMMUFD_OPEN, ENOENT, 0, "CONFIG_IOMMUFD" },
	{ OP_IOMMUFD_OPEN, ENOENT, 0, "container" },
	{ OP_VFIO_DEVICE_OPEN, ENOENT, 0, "CONFIG_VFIO_DEVICE_CDEV" },
	{ OP_VFIO_DEVICE_OPEN, EPERM, 0, "no IOMMU" },
	{ OP_VFIO_GET_INFO, EINVAL, 0, "not bound" },
	{ OP_VFIO_ATTACH, EINVAL, 0, "not bound" },
	{ OP_VFIO_BIND, EINVAL, 0, "bound already" },
	{ OP_VFIO_BIND, EINVAL, 0, "legacy group" },
	{ OP_VFIO_BIND, EINVAL, 0, "cache coherent" },
	{ OP_VFIO_BIND, EINVAL, 0, "1:1 mapping" },
	{ OP_VFIO_BIND, EINVAL, FACT_NEGATIVE_FD, "negative" },
	{ OP_VFIO_BIND, EINVAL, FACT_TOKEN, "takes no VF token" },
	{ OP_VFIO_BIND, EACCES, 0, "VF token" },
	{ OP_VFIO_BIND, EACCES, FACT_TOKEN, "not the one" },
	{ OP_VFIO_FEATURE, ENOTTY, FACT_TOKEN, "not a PF" },
	{ OP_VFIO_BIND, EBADF, 0, "not open" },
	{ OP_VFIO_BIND, EBADFD, 0, "is not one" },
	{ OP_VFIO_BIND, EBUSY, 0, "legacy group" },
	{ OP_VFIO_BIND, ENODEV, 0, "no IOMMU group" },
	{ OP_VFIO_BIND, EPERM, 0, "not isolated" },
	{ OP_VFIO_BIND, EPERM, 0, "host driver" },
	{ OP_VFIO_BIND, EPERM, 0, "another iommufd" },
	{ OP_VFIO_GROUP_OPEN, EBUSY, 0, "bound to an iommufd" },
	{ OP_VFIO_GROUP_OPEN, EBUSY, 0, "open already" },
	{ OP_VFIO_GROUP_OPEN, ENOENT, 0, "CONFIG_VFIO_GROUP" },
	{ OP_VFIO_GROUP_SET_CONTAINER, EINVAL, 0, "1:1 mapping" },
	{ OP_VFIO_GROUP_GET_DEVICE, EINVAL, 0, "1:1 mapping" },

	/* Memory. */
	{ OP_IOAS_MAP, EINVAL, FACT_NO_ACCESS, "READABLE" },
	{ OP_IOAS_MAP, EINVAL, FACT_FIXED_IOVA, "aligned" },
	{ OP_IOAS_MAP, EINVAL, FACT_FIXED_IOVA, "reserved region" },
	{ OP_IOAS_MAP, EEXIST, 0, "there already" },
	{ OP_IOAS_MAP, EOVERFLOW, 0, "address space" },
	{ OP_IOAS_MAP, EFAULT, 0, "BAR" },
	{ OP_IOAS_MAP, EFAULT, FACT_WRITEABLE, "ext4" },
	{ OP_IOAS_MAP, ENOMEM, 0, "RLIMIT_MEMLOCK" },
	{ OP_IOAS_MAP, EINVAL, 0, "772415" },
	{ OP_IOAS_UNMAP, ENOENT, 0, "split a mapping" },
	{ OP_IOAS_UNMAP, EBUSY, 0, "HW queue" },
	{ OP_IOAS_IOVA_RANGES, EMSGSIZE, 0, "room" },
	{ OP_OPTION_RLIMIT_MODE, EPERM, 0, "CAP_SYS_RESOURCE" },
	{ OP_OPTION_RLIMIT_MODE, EBUSY, 0, "objects already" },

	/* The nesting parent and what stands on it. */
	{ OP_HWPT_ALLOC_PARENT, ENOENT, 0, "has the id" },
	{ OP_HWPT_ALLOC_PARENT, EINVAL, 0, "pt_id" },
	{ OP_HWPT_ALLOC_PARENT, EINVAL, FACT_DATA_MISSING, "data_type" },
	{ OP_HWPT_ALLOC_PARENT, EINVAL, 0, "772415" },
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, FACT_FAULT_ID, "report faults" },
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, FACT_DIRTY_TRACKING, "DIRTY_TRACKING" },
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, FACT_PASID, "PASID" },
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, 0, "MMU-700" },
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, 0, "scalable mode" },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_UNKNOWN_FLAGS, "flags" },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_TYPE_DEFAULT, "DEFAULT" },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_ARM, "CANWBS" },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_ARM, "CMDQ_FORCE_SYNC" },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_ARM, "FEAT_NESTING" },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_ARM, "CONFIG_ARM_SMMU_V3_IOMMUFD" },
	{ OP_HWPT_ALLOC_PARENT, EOPNOTSUPP, 0, "cannot make nesting parents yet" },
	{ OP_VIOMMU_ALLOC, EOPNOTSUPP, FACT_ARM, "no IOMMU" },
	{ OP_VIOMMU_ALLOC, EINVAL, 0, "nesting parent" },
	{ OP_VIOMMU_ALLOC, EINVAL, 0, "another SMMU" },
	{ OP_VDEVICE_ALLOC, EINVAL, 0, "another IOMMU" },
	{ OP_VDEVICE_ALLOC, EEXIST, 0, "this vSID" },
	{ OP_VDEVICE_ALLOC, EEXIST, 0, "a vDEVICE already" },
	{ OP_VDEVICE_ALLOC, EOPNOTSUPP, 0, "several StreamIDs" },
	{ OP_VEVENTQ_ALLOC, EINVAL, FACT_EMPTY, "depth is 0" },
	{ OP_VEVENTQ_ALLOC, EINVAL, FACT_TOO_LARGE, "524288" },
	{ OP_VEVENTQ_ALLOC, EEXIST, 0, "of this type already" },
	{ OP_VEVENTQ_READ, EINVAL, 0, "first event" },

	/* Nested HWPTs, and attaching them. */
	{ OP_HWPT_ALLOC_NESTED, EOPNOTSUPP, FACT_ARM | FACT_UNKNOWN_FLAGS, "no flag" },
	{ OP_HWPT_ALLOC_NESTED, EOPNOTSUPP, FACT_ARM, "vIOMMU only" },
	{ OP_HWPT_ALLOC_NESTED, EOPNOTSUPP, FACT_AMD, "AMD" },
	{ OP_HWPT_ALLOC_NESTED, EINVAL, FACT_ARM | FACT_DATA_LENGTH, "wrong length for its type" },
	{ OP_HWPT_ALLOC_NESTED, EINVAL, FACT_ARM, "another IOMMU" },
	{ OP_HWPT_ALLOC_NESTED, EIO, FACT_ARM, "Cfg" },
	{ OP_HWPT_ALLOC_NESTED, EIO, FACT_ARM, "EATS" },
	{ OP_HWPT_ALLOC_NESTED, EIO, FACT_ARM, "S1ContextPtr" },
	{ OP_VFIO_ATTACH, EINVAL, 0, "another IOMMU" },
	{ OP_VFIO_ATTACH, EINVAL, 0, "another page table" },
	{ OP_VFIO_ATTACH, EINVAL, 0, "CANWBS" },
	{ OP_VFIO_ATTACH, EINVAL, 0, "has no IOMMU" },
	{ OP_VFIO_ATTACH, EBUSY, 0, "PASIDs" },
	{ OP_VFIO_ATTACH, ENOENT, 0, "the device has no vDEVICE" },
	{ OP_VFIO_ATTACH, ENOENT, 0, "another device of the IOMMU group has no vDEVICE" },
	{ OP_VFIO_ATTACH, EADDRINUSE, 0, "reserved region" },
	{ OP_VFIO_ATTACH, EFAULT, 0, "BAR" },
	{ OP_VFIO_ATTACH, EINVAL, 0, "neither a memfd" },
	{ OP_VFIO_ATTACH, EOPNOTSUPP, 0, "CONFIG_ARM_SMMU_V3_SVA" },
	{ OP_VFIO_ATTACH, EBUSY, 0, "PASID 0" },
	{ OP_VFIO_ATTACH, ENOSPC, 0, "domain id" },
	{ OP_VFIO_ATTACH, ENODEV, 0, "no PRI" },
	{ OP_VFIO_ATTACH_PASID, EOPNOTSUPP, 0, "AMD" },
	{ OP_VFIO_ATTACH_PASID, EBUSY, FACT_EMPTY, "PASID 0" },
	{ OP_VFIO_ATTACH_PASID, ENOSPC, FACT_TOO_LARGE, "INT32_MAX" },
	{ OP_VFIO_DMA_BUF, EOVERFLOW, 0, "address space" },
	{ OP_VFIO_ATTACH_PASID, EINVAL, 0, "ALLOC_PASID" },

	/* Invalidations. */
	{ OP_HWPT_INVALIDATE_ARM, EIO, 0, "not one of TLBI" },
	{ OP_HWPT_INVALIDATE_ARM, EIO, 0, "vSID" },
	{ OP_HWPT_INVALIDATE_ARM, EIO, 0, "does not implement" },
	{ OP_HWPT_INVALIDATE_ARM, EOPNOTSUPP, 0, "nested HWPT" },
	{ OP_HWPT_INVALIDATE_ARM, EINVAL, 0, "neither a vIOMMU nor a nested HWPT" },
	{ OP_HWPT_INVALIDATE_ARM, EINVAL, FACT_EMPTY, "no entries" },
	{ OP_HWPT_INVALIDATE_ARM, EINVAL, FACT_TOO_LARGE, "524288" },
	{ OP_HWPT_INVALIDATE_ARM, EINVAL, FACT_DATA_LENGTH, "longer than a page" },
	{ OP_HWPT_INVALIDATE_ARM, ENOMEM, 0, "262144" },
	{ OP_HWPT_INVALIDATE_ARM, ETIMEDOUT, 0, "in time" },
	{ OP_HWPT_INVALIDATE_VTD, EINVAL, 0, "UINT64_MAX" },
	{ OP_HWPT_INVALIDATE_VTD, EOPNOTSUPP, 0, "AMD" },

	/* Taking down, and what else there is. */
	{ OP_DESTROY, EBUSY, 0, "still uses it" },
	{ OP_DESTROY, ENOENT, 0, "device was closed first" },
	{ OP_FAULT_QUEUE_READ, EINVAL, 0, "does not fit" },
	{ OP_FAULT_QUEUE_RESPOND, EINVAL, 0, "cookie" },
	{ OP_FAULT_QUEUE_RESPOND, EINVAL, 0, "PAGE_RESP" },
	{ OP_HW_QUEUE_ALLOC, ENOENT, 0, "not fully mapped" },
	{ OP_HW_QUEUE_ALLOC, EFAULT, 0, "contiguous" },
	{ OP_HW_QUEUE_ALLOC, EINVAL, 0, "index" },
	{ OP_HW_QUEUE_ALLOC, EINVAL, 0, "power of two" },
	{ OP_HW_QUEUE_ALLOC, EINVAL, 0, "aligned to the length" },
	{ OP_HW_QUEUE_ALLOC, EEXIST, 0, "already" },
	{ OP_HW_QUEUE_ALLOC, EIO, 0, "previous index" },
	{ OP_IOMMUFD_MMAP, EPERM, 0, "executable" },
	{ OP_IOMMUFD_MMAP, ENXIO, 0, "another length" },
	{ OP_VFIO_SET_IRQS, ENOSPC, FACT_MSI, "not attached" },
	{ OP_VFIO_CONTAINER_SET_IOMMU, EPERM, 0, "not isolated" },
	{ OP_VFIO_CONTAINER_SET_IOMMU, ENODEV, 0, "no group yet" },
	{ OP_VFIO_GROUP_SET_CONTAINER, EPERM, 0, "not isolated" },
	{ OP_VFIO_GROUP_GET_DEVICE, EPERM, 0, "given as container has an IOAS" },
	{ OP_HWPT_ALLOC_PAGING, EADDRINUSE, 0, "allowed range" },
	{ OP_VFIO_ATTACH, EADDRINUSE, 0, "allowed range beyond" },
	{ OP_VFIO_SET_IRQS, ENOSPC, 0, "fewer vectors" },
	{ OP_VFIO_SET_IRQS, ENOSPC, 0, "memory ran out" },
	{ OP_VFIO_REGION_ACCESS, EBUSY, 0, "could not reserve" },
	{ OP_VFIO_REGION_ACCESS, EBUSY, 0, "memory ran out" },
	{ OP_VFIO_RESET, EINVAL, 0, "has no reset" },
	{ OP_IOAS_NOIOMMU_GET_PA, ENOTTY, 0, "since 7.3" },
	{ OP_VIOMMU_ALLOC, ENOTTY, 0, "does not know IOMMU_VIOMMU_ALLOC" },
	{ OP_VDEVICE_ALLOC, ENOTTY, 0, "since 6.13" },
	{ OP_VEVENTQ_ALLOC, ENOTTY, 0, "since 6.15" },
	{ OP_HW_QUEUE_ALLOC, ENOTTY, 0, "since 6.17" },
	{ OP_IOAS_MAP_FILE, ENOTTY, 0, "since 6.13" },
	{ OP_IOAS_ALLOC, ENOTTY, 0, "not an iommufd" },
	{ OP_IOAS_ALLOC, E2BIG, 0, "does not know yet" },
};

static bool names(const struct refusal *refusal)
{
	struct iommuctl_explanation list[IOMMUCTL_EXPLANATIONS_MAX];
	size_t count = explain(refusal->operation, refusal->code, refusal->facts, list);

	for (size_t i = 0; i < count; i++)
		if (strstr(list[i].cause, refusal->word))
			return true;
	return false;
}

Test(explain_kernel, each_known_refusal_of_the_kernel_is_named_by_a_cause)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++)
		cr_expect(names(&refusals[i]), "%s, %s: no cause has \"%s\"",
			operation_name(refusals[i].operation), strerrorname_np(refusals[i].code),
			refusals[i].word);
}
