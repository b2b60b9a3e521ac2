// SPDX-License-Identifier: MIT
#include "explain/operation.h"

#include "abi/iommufd.h"
#include "abi/vfio.h"

/* A finer operation without a name has that of its family, and the request. */
struct operation_entry {
	const char *name;
	unsigned long request;
	enum operation family;
};

#define IOMMUFD(ioctl) "IOMMU_" #ioctl, ABI_##ioctl
#define VFIO(ioctl)    #ioctl, ABI_##ioctl

static const struct operation_entry operations[OPERATION_COUNT] = {
	[OP_ANY] = { "call", 0, OP_ANY },
	[OP_IOMMUFD] = { "ioctl", 0, OP_ANY },
	[OP_VFIO_DEVICE] = { "ioctl", 0, OP_ANY },
	[OP_VFIO_LEGACY] = { "ioctl", 0, OP_ANY },

	[OP_IOMMUFD_OPEN] = { "open", 0, OP_ANY },
	[OP_IOMMUFD_MMAP] = { "mmap", 0, OP_ANY },
	[OP_CLOSE] = { "close", 0, OP_ANY },
	[OP_MUNMAP] = { "munmap", 0, OP_ANY },

	[OP_DESTROY] = { IOMMUFD(DESTROY), OP_IOMMUFD },
	[OP_GET_HW_INFO] = { IOMMUFD(GET_HW_INFO), OP_IOMMUFD },
	[OP_IOAS_ALLOC] = { IOMMUFD(IOAS_ALLOC), OP_IOMMUFD },
	[OP_IOAS_MAP_ANY] = { IOMMUFD(IOAS_MAP), OP_IOMMUFD },
	[OP_IOAS_MAP] = { .family = OP_IOAS_MAP_ANY },
	[OP_IOAS_MAP_FILE] = { IOMMUFD(IOAS_MAP_FILE), OP_IOAS_MAP_ANY },
	[OP_IOAS_COPY] = { IOMMUFD(IOAS_COPY), OP_IOAS_MAP_ANY },
	[OP_IOAS_UNMAP] = { IOMMUFD(IOAS_UNMAP), OP_IOMMUFD },
	[OP_IOAS_IOVA_RANGES] = { IOMMUFD(IOAS_IOVA_RANGES), OP_IOMMUFD },
	[OP_IOAS_ALLOW_IOVAS] = { IOMMUFD(IOAS_ALLOW_IOVAS), OP_IOMMUFD },
	[OP_IOAS_CHANGE_PROCESS] = { IOMMUFD(IOAS_CHANGE_PROCESS), OP_IOMMUFD },
	[OP_IOAS_NOIOMMU_GET_PA] = { IOMMUFD(IOAS_NOIOMMU_GET_PA), OP_IOMMUFD },
	[OP_OPTION] = { IOMMUFD(OPTION), OP_IOMMUFD },
	[OP_OPTION_RLIMIT_MODE] = { .family = OP_OPTION },
	[OP_OPTION_HUGE_PAGES] = { .family = OP_OPTION },
	[OP_OPTION_OTHER] = { .family = OP_OPTION },
	[OP_VFIO_IOAS] = { IOMMUFD(VFIO_IOAS), OP_IOMMUFD },
	[OP_HWPT_ALLOC] = { IOMMUFD(HWPT_ALLOC), OP_IOMMUFD },
	[OP_HWPT_ALLOC_PAGING] = { .family = OP_HWPT_ALLOC },
	[OP_HWPT_ALLOC_PARENT] = { .family = OP_HWPT_ALLOC_PAGING },
	[OP_HWPT_ALLOC_NESTED] = { .family = OP_HWPT_ALLOC },
	[OP_HWPT_INVALIDATE] = { IOMMUFD(HWPT_INVALIDATE), OP_IOMMUFD },
	[OP_HWPT_INVALIDATE_ARM] = { .family = OP_HWPT_INVALIDATE },
	[OP_HWPT_INVALIDATE_VTD] = { .family = OP_HWPT_INVALIDATE },
	[OP_HWPT_SET_DIRTY_TRACKING] = { IOMMUFD(HWPT_SET_DIRTY_TRACKING), OP_IOMMUFD },
	[OP_HWPT_GET_DIRTY_BITMAP] = { IOMMUFD(HWPT_GET_DIRTY_BITMAP), OP_IOMMUFD },
	[OP_VIOMMU_ALLOC] = { IOMMUFD(VIOMMU_ALLOC), OP_IOMMUFD },
	[OP_VDEVICE_ALLOC] = { IOMMUFD(VDEVICE_ALLOC), OP_IOMMUFD },
	[OP_HW_QUEUE_ALLOC] = { IOMMUFD(HW_QUEUE_ALLOC), OP_IOMMUFD },
	[OP_VEVENTQ_ALLOC] = { IOMMUFD(VEVENTQ_ALLOC), OP_IOMMUFD },
	[OP_VEVENTQ_READ] = { "read", 0, OP_ANY },
	[OP_FAULT_QUEUE_ALLOC] = { IOMMUFD(FAULT_QUEUE_ALLOC), OP_IOMMUFD },
	[OP_FAULT_QUEUE_READ] = { "read", 0, OP_ANY },
	[OP_FAULT_QUEUE_RESPOND] = { "write", 0, OP_ANY },

	[OP_VFIO_DEVICE_OPEN] = { "open", 0, OP_ANY },
	[OP_VFIO_BIND] = { VFIO(VFIO_DEVICE_BIND_IOMMUFD), OP_ANY },
	[OP_VFIO_ATTACH_ANY] = { VFIO(VFIO_DEVICE_ATTACH_IOMMUFD_PT), OP_VFIO_DEVICE },
	[OP_VFIO_ATTACH] = { .family = OP_VFIO_ATTACH_ANY },
	[OP_VFIO_ATTACH_PASID] = { .family = OP_VFIO_ATTACH_ANY },
	[OP_VFIO_DETACH_ANY] = { VFIO(VFIO_DEVICE_DETACH_IOMMUFD_PT), OP_VFIO_DEVICE },
	[OP_VFIO_DETACH] = { .family = OP_VFIO_DETACH_ANY },
	[OP_VFIO_DETACH_PASID] = { .family = OP_VFIO_DETACH_ANY },
	[OP_VFIO_GET_INFO] = { VFIO(VFIO_DEVICE_GET_INFO), OP_VFIO_DEVICE },
	[OP_VFIO_GET_REGION_INFO] = { VFIO(VFIO_DEVICE_GET_REGION_INFO), OP_VFIO_DEVICE },
	[OP_VFIO_REGION_ACCESS] = { "read", 0, OP_VFIO_DEVICE },
	[OP_VFIO_REGION_READ] = { "read", 0, OP_VFIO_REGION_ACCESS },
	[OP_VFIO_REGION_WRITE] = { "write", 0, OP_VFIO_REGION_ACCESS },
	[OP_VFIO_REGION_MMAP] = { "mmap", 0, OP_VFIO_REGION_ACCESS },
	[OP_VFIO_GET_IRQ_INFO] = { VFIO(VFIO_DEVICE_GET_IRQ_INFO), OP_VFIO_DEVICE },
	[OP_VFIO_SET_IRQS] = { VFIO(VFIO_DEVICE_SET_IRQS), OP_VFIO_DEVICE },
	[OP_VFIO_RESET] = { VFIO(VFIO_DEVICE_RESET), OP_VFIO_DEVICE },
	[OP_VFIO_FEATURE_ANY] = { VFIO(VFIO_DEVICE_FEATURE), OP_VFIO_DEVICE },
	[OP_VFIO_FEATURE] = { .family = OP_VFIO_FEATURE_ANY },
	[OP_VFIO_DMA_BUF] = { .family = OP_VFIO_FEATURE_ANY },
	[OP_VFIO_CONTAINER_OPEN] = { "open", 0, OP_ANY },
	[OP_VFIO_CONTAINER_GET_API_VERSION] = { VFIO(VFIO_GET_API_VERSION), OP_VFIO_LEGACY },
	[OP_VFIO_CONTAINER_CHECK_EXTENSION] = { VFIO(VFIO_CHECK_EXTENSION), OP_VFIO_LEGACY },
	[OP_VFIO_CONTAINER_SET_IOMMU] = { VFIO(VFIO_SET_IOMMU), OP_VFIO_LEGACY },
	[OP_VFIO_GROUP_OPEN] = { "open", 0, OP_ANY },
	[OP_VFIO_GROUP_GET_STATUS] = { VFIO(VFIO_GROUP_GET_STATUS), OP_VFIO_LEGACY },
	[OP_VFIO_GROUP_SET_CONTAINER] = { VFIO(VFIO_GROUP_SET_CONTAINER), OP_VFIO_LEGACY },
	[OP_VFIO_GROUP_UNSET_CONTAINER] = { VFIO(VFIO_GROUP_UNSET_CONTAINER), OP_VFIO_LEGACY },
	[OP_VFIO_GROUP_GET_DEVICE] = { VFIO(VFIO_GROUP_GET_DEVICE_FD), OP_VFIO_LEGACY },
	[OP_DEVICE_GROUP] = { "device_group", 0, OP_ANY },

	[OP_EVENT_READER_NEXT] = { "event_reader_next", 0, OP_ANY },
	[OP_FAULT_READER_NEXT] = { "fault_reader_next", 0, OP_ANY },
	[OP_FAULT_READER_RESPOND] = { "fault_reader_respond", 0, OP_ANY },
	[OP_RELAY_NEW] = { "relay_new", 0, OP_ANY },
	[OP_RELAY_ADD_STREAM] = { "relay_add_stream", 0, OP_ANY },
	[OP_RELAY_SET_ATS] = { "relay_set_ats", 0, OP_ANY },
	[OP_RELAY_REMOVE_STREAM] = { "relay_remove_stream", 0, OP_ANY },
	[OP_RELAY_ISSUE] = { "relay_issue", 0, OP_ANY },
	[OP_CMDQ_INIT] = { "cmdq_init", 0, OP_ANY },
	[OP_CMDQ_CONSUME] = { "cmdq_consume", 0, OP_ANY },
	[OP_NEST_NEW] = { "nest_new", 0, OP_ANY },
	[OP_NEST_ADD_DEVICE] = { "nest_add_device", 0, OP_ANY },
	[OP_NEST_REMOVE_DEVICE] = { "nest_remove_device", 0, OP_ANY },
	[OP_NEST_SET_STE] = { "nest_set_ste", 0, OP_ANY },
	[OP_NEST_GET_REFUSAL] = { "nest_get_refusal", 0, OP_ANY },
	[OP_NEST_COMMAND] = { "nest_command", 0, OP_ANY },
	[OP_VIRTIO_IOMMU_NEW] = { "virtio_iommu_new", 0, OP_ANY },
	[OP_VIRTIO_IOMMU_ADD_ENDPOINT] = { "virtio_iommu_add_endpoint", 0, OP_ANY },
	[OP_VIRTIO_IOMMU_REMOVE_ENDPOINT] = { "virtio_iommu_remove_endpoint", 0, OP_ANY },
	[OP_VIRTIO_IOMMU_ADD_MEMORY] = { "virtio_iommu_add_memory", 0, OP_ANY },
	[OP_VIRTIO_IOMMU_REMOVE_MEMORY] = { "virtio_iommu_remove_memory", 0, OP_ANY },
	[OP_VIRTIO_IOMMU_ACCEPT] = { "virtio_iommu_accept", 0, OP_ANY },
	[OP_VIRTIO_IOMMU_READ_CONFIG] = { "virtio_iommu_read_config", 0, OP_ANY },
	[OP_VIRTIO_IOMMU_WRITE_CONFIG] = { "virtio_iommu_write_config", 0, OP_ANY },
	[OP_VIRTIO_IOMMU_DRAFTS] = { "virtio_iommu_drafts", 0, OP_ANY },
};

static const struct operation_entry *named(enum operation operation)
{
	while (!operations[operation].name)
		operation = operations[operation].family;
	return &operations[operation];
}

const char *operation_name(enum operation operation)
{
	return named(operation)->name;
}

unsigned long operation_request(enum operation operation)
{
	return named(operation)->request;
}

enum operation operation_family(enum operation operation)
{
	return operations[operation].family;
}
