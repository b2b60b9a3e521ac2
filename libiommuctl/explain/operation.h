/* SPDX-License-Identifier: MIT */
/* What can fail: the only place for the name of each operation, and the request of each ioctl. */
#ifndef LIBIOMMUCTL_EXPLAIN_OPERATION_H
#define LIBIOMMUCTL_EXPLAIN_OPERATION_H

/* Finer than system calls and ioctls where one of them means several things. */
enum operation {
	OP_ANY,		/* the last family: every operation */
	OP_IOMMUFD,	/* every ioctl of an iommufd */
	OP_VFIO_DEVICE, /* every call on a device */
	OP_VFIO_LEGACY, /* every ioctl of a group or a container */

	OP_IOMMUFD_OPEN,
	OP_IOMMUFD_MMAP,
	OP_CLOSE,
	OP_MUNMAP,

	OP_DESTROY,
	OP_GET_HW_INFO,
	OP_IOAS_ALLOC,
	OP_IOAS_MAP_ANY, /* what the three ways to map share */
	OP_IOAS_MAP,
	OP_IOAS_MAP_FILE,
	OP_IOAS_COPY,
	OP_IOAS_UNMAP,
	OP_IOAS_IOVA_RANGES,
	OP_IOAS_ALLOW_IOVAS,
	OP_IOAS_CHANGE_PROCESS,
	OP_IOAS_NOIOMMU_GET_PA,
	OP_OPTION_RLIMIT_MODE,
	OP_OPTION_HUGE_PAGES,
	OP_OPTION_OTHER,
	OP_VFIO_IOAS,
	OP_HWPT_ALLOC, /* what the three kinds share */
	OP_HWPT_ALLOC_PAGING,
	OP_HWPT_ALLOC_PARENT,
	OP_HWPT_ALLOC_NESTED,
	OP_HWPT_INVALIDATE,
	OP_HWPT_INVALIDATE_ARM,
	OP_HWPT_INVALIDATE_VTD,
	OP_HWPT_SET_DIRTY_TRACKING,
	OP_HWPT_GET_DIRTY_BITMAP,
	OP_VIOMMU_ALLOC,
	OP_VDEVICE_ALLOC,
	OP_HW_QUEUE_ALLOC,
	OP_VEVENTQ_ALLOC,
	OP_VEVENTQ_READ,
	OP_FAULT_QUEUE_ALLOC,
	OP_FAULT_QUEUE_READ,
	OP_FAULT_QUEUE_RESPOND,
	OP_TEST, /* of the kernel's own test device */

	OP_VFIO_DEVICE_OPEN,
	OP_VFIO_BIND,
	OP_VFIO_ATTACH_ANY, /* what the two kinds share */
	OP_VFIO_ATTACH,
	OP_VFIO_ATTACH_PASID,
	OP_VFIO_DETACH,
	OP_VFIO_DETACH_PASID,
	OP_VFIO_GET_INFO,
	OP_VFIO_GET_REGION_INFO,
	OP_VFIO_REGION_ACCESS, /* what read, write and mmap share */
	OP_VFIO_REGION_READ,
	OP_VFIO_REGION_WRITE,
	OP_VFIO_REGION_MMAP,
	OP_VFIO_GET_IRQ_INFO,
	OP_VFIO_SET_IRQS,
	OP_VFIO_RESET,
	OP_VFIO_FEATURE,
	OP_VFIO_DMA_BUF,
	OP_VFIO_MIGRATION, /* what the features of migration share */
	OP_VFIO_MIGRATION_STATE,
	OP_VFIO_MIGRATION_PRECOPY_INFO,
	OP_VFIO_DMA_LOGGING, /* what start, stop and report share */
	OP_VFIO_DMA_LOGGING_START,
	OP_VFIO_DMA_LOGGING_REPORT,
	OP_VFIO_LOW_POWER,
	OP_VFIO_BUS_MASTER,
	OP_VFIO_PCI_HOT_RESET_INFO,
	OP_VFIO_PCI_HOT_RESET,
	OP_VFIO_IOEVENTFD,
	OP_VFIO_CONTAINER_OPEN,
	OP_VFIO_CONTAINER_GET_API_VERSION,
	OP_VFIO_CONTAINER_CHECK_EXTENSION,
	OP_VFIO_CONTAINER_SET_IOMMU,
	OP_VFIO_GROUP_OPEN,
	OP_VFIO_GROUP_GET_STATUS,
	OP_VFIO_GROUP_SET_CONTAINER,
	OP_VFIO_GROUP_UNSET_CONTAINER,
	OP_VFIO_GROUP_GET_DEVICE,
	OP_DEVICE_GROUP,

	/* Operations of the library itself, which it may refuse without a call. */
	OP_EVENT_READER_FEED,
	OP_EVENT_READER_NEXT,
	OP_FAULT_READER_NEXT,
	OP_FAULT_READER_RESPOND,
	OP_RELAY_NEW,
	OP_RELAY_ADD_STREAM,
	OP_RELAY_SET_ATS,
	OP_RELAY_REMOVE_STREAM,
	OP_RELAY_ISSUE,
	OP_VTD_RELAY_NEW,
	OP_VTD_RELAY_ADD_HWPT,
	OP_VTD_RELAY_REMOVE_HWPT,
	OP_VTD_RELAY_ISSUE,
	OP_CMDQ_INIT,
	OP_CMDQ_CONSUME,
	OP_NEST_NEW,
	OP_NEST_ADD_DEVICE,
	OP_NEST_REMOVE_DEVICE,
	OP_NEST_SET_STE,
	OP_NEST_GET_REFUSAL,
	OP_NEST_COMMAND,
	OP_VSMMUV3_NEW,
	OP_VSMMUV3_ADD_DEVICE,
	OP_VSMMUV3_TRANSLATE,
	OP_VSMMUV3_SAVE,
	OP_VSMMUV3_RESTORE,
	OP_VIRTIO_IOMMU_NEW,
	OP_VIRTIO_IOMMU_ADD_ENDPOINT,
	OP_VIRTIO_IOMMU_REMOVE_ENDPOINT,
	OP_VIRTIO_IOMMU_ADD_MEMORY,
	OP_VIRTIO_IOMMU_REMOVE_MEMORY,
	OP_VIRTIO_IOMMU_ACCEPT,
	OP_VIRTIO_IOMMU_READ_CONFIG,
	OP_VIRTIO_IOMMU_WRITE_CONFIG,
	OP_VIRTIO_IOMMU_TRANSLATE,
	OP_VIRTIO_IOMMU_FAULT_FROM_EVENT,
	OP_VIRTIO_IOMMU_DRAFTS, /* the functions of the VMM */
	OPERATION_COUNT,
};

struct operation_entry {
	const char *name;      /* of the system call, ioctl or function of the library */
	unsigned long request; /* the number of the ioctl; 0: not an ioctl */
	enum operation family; /* the next more general operation, finally OP_ANY */
};

extern const struct operation_entry operation_entries[OPERATION_COUNT];

static inline const char *operation_name(enum operation operation)
{
	return operation_entries[operation].name;
}

static inline unsigned long operation_request(enum operation operation)
{
	return operation_entries[operation].request;
}

static inline enum operation operation_family(enum operation operation)
{
	return operation_entries[operation].family;
}

#endif
