// SPDX-License-Identifier: MIT
/* The ioctls of VFIO that abi/vfio*.h declare. */
#include "decorators/trace.h"

#include <inttypes.h>
#include <string.h>

#include "abi/vfio.h"
#include "abi/vfio_migration.h"
#include "abi/vfio_pci.h"
#include "core/text.h"

static const struct trace_name extensions[] = {
	{ ABI_VFIO_TYPE1_IOMMU, "TYPE1_IOMMU" },
	{ ABI_VFIO_TYPE1v2_IOMMU, "TYPE1v2_IOMMU" },
	{ ABI_VFIO_NOIOMMU_IOMMU, "NOIOMMU_IOMMU" },
	{ 0, NULL },
};

static const struct trace_member extension[] = {
	{ .name = "extension",
		.place = { .width = 4 },
		.when = TRACE_IN,
		.show = TRACE_ENUM,
		.names = extensions },
	{ NULL },
};

static const struct trace_name group_flags[] = {
	{ ABI_VFIO_GROUP_FLAGS_VIABLE, "VIABLE" },
	{ ABI_VFIO_GROUP_FLAGS_CONTAINER_SET, "CONTAINER_SET" },
	{ 0, NULL },
};

static const struct trace_member group_status[] = {
	{ TRACE_MEMBER(abi_vfio_group_status, flags), .when = TRACE_OUT, .show = TRACE_FLAGS,
		.names = group_flags },
	{ NULL },
};

static const struct trace_member container[] = {
	{ .name = "container", .place = { .width = 4 }, .when = TRACE_IN, .show = TRACE_SIGNED },
	{ NULL },
};

static void add_device_name(const struct trace_argument *before, struct trace_fields *in)
{
	if (before->user)
		trace_add_string(in, "name", before->user);
}

static const struct trace_name device_flags[] = {
	{ ABI_VFIO_DEVICE_FLAGS_RESET, "RESET" },
	{ ABI_VFIO_DEVICE_FLAGS_PCI, "PCI" },
	{ ABI_VFIO_DEVICE_FLAGS_PLATFORM, "PLATFORM" },
	{ ABI_VFIO_DEVICE_FLAGS_AMBA, "AMBA" },
	{ ABI_VFIO_DEVICE_FLAGS_CCW, "CCW" },
	{ ABI_VFIO_DEVICE_FLAGS_AP, "AP" },
	{ ABI_VFIO_DEVICE_FLAGS_FSL_MC, "FSL_MC" },
	{ ABI_VFIO_DEVICE_FLAGS_CAPS, "CAPS" },
	{ ABI_VFIO_DEVICE_FLAGS_CDX, "CDX" },
	{ 0, NULL },
};

static const struct trace_member device_info[] = {
	{ TRACE_MEMBER(abi_vfio_device_info, argsz), .when = TRACE_IN | TRACE_OUT },
	{ TRACE_MEMBER(abi_vfio_device_info, flags), .when = TRACE_OUT, .show = TRACE_FLAGS,
		.names = device_flags },
	{ TRACE_MEMBER(abi_vfio_device_info, num_regions), .when = TRACE_OUT },
	{ TRACE_MEMBER(abi_vfio_device_info, num_irqs), .when = TRACE_OUT },
	{ TRACE_MEMBER(abi_vfio_device_info, cap_offset), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_name region_flags[] = {
	{ ABI_VFIO_REGION_INFO_FLAG_READ, "READ" },
	{ ABI_VFIO_REGION_INFO_FLAG_WRITE, "WRITE" },
	{ ABI_VFIO_REGION_INFO_FLAG_MMAP, "MMAP" },
	{ ABI_VFIO_REGION_INFO_FLAG_CAPS, "CAPS" },
	{ 0, NULL },
};

static const struct trace_member region_info[] = {
	{ TRACE_MEMBER(abi_vfio_region_info, argsz), .when = TRACE_IN | TRACE_OUT },
	{ TRACE_MEMBER(abi_vfio_region_info, index), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_vfio_region_info, flags), .when = TRACE_OUT, .show = TRACE_FLAGS,
		.names = region_flags },
	{ TRACE_MEMBER(abi_vfio_region_info, cap_offset), .when = TRACE_OUT },
	{ TRACE_MEMBER(abi_vfio_region_info, size), .when = TRACE_OUT, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_vfio_region_info, offset), .when = TRACE_OUT, .show = TRACE_HEX },
	{ NULL },
};

static const struct trace_name irq_info_flags[] = {
	{ ABI_VFIO_IRQ_INFO_EVENTFD, "EVENTFD" },
	{ ABI_VFIO_IRQ_INFO_MASKABLE, "MASKABLE" },
	{ ABI_VFIO_IRQ_INFO_AUTOMASKED, "AUTOMASKED" },
	{ ABI_VFIO_IRQ_INFO_NORESIZE, "NORESIZE" },
	{ 0, NULL },
};

static const struct trace_member irq_info[] = {
	{ TRACE_MEMBER(abi_vfio_irq_info, index), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_vfio_irq_info, flags), .when = TRACE_OUT, .show = TRACE_FLAGS,
		.names = irq_info_flags },
	{ TRACE_MEMBER(abi_vfio_irq_info, count), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_name irq_set_flags[] = {
	{ ABI_VFIO_IRQ_SET_DATA_NONE, "DATA_NONE" },
	{ ABI_VFIO_IRQ_SET_DATA_BOOL, "DATA_BOOL" },
	{ ABI_VFIO_IRQ_SET_DATA_EVENTFD, "DATA_EVENTFD" },
	{ ABI_VFIO_IRQ_SET_ACTION_MASK, "ACTION_MASK" },
	{ ABI_VFIO_IRQ_SET_ACTION_UNMASK, "ACTION_UNMASK" },
	{ ABI_VFIO_IRQ_SET_ACTION_TRIGGER, "ACTION_TRIGGER" },
	{ 0, NULL },
};

static const struct trace_member irq_set[] = {
	{ TRACE_MEMBER(abi_vfio_irq_set, flags), .when = TRACE_IN, .show = TRACE_FLAGS,
		.names = irq_set_flags },
	{ TRACE_MEMBER(abi_vfio_irq_set, index), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_vfio_irq_set, start), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_vfio_irq_set, count), .when = TRACE_IN },
	{ NULL },
};

/* The items that follow the structure, within the caller's size. */
static void add_irq_data(const struct trace_argument *before, struct trace_fields *in)
{
	const char *data = (const char *)before->user + sizeof(struct abi_vfio_irq_set);
	struct abi_vfio_irq_set set;
	struct text text = { 0 };
	size_t width, count, shown;

	memcpy(&set, before->copy, sizeof(set));
	width = set.flags & ABI_VFIO_IRQ_SET_DATA_EVENTFD ? sizeof(int32_t) : sizeof(uint8_t);
	if (!(set.flags & (ABI_VFIO_IRQ_SET_DATA_BOOL | ABI_VFIO_IRQ_SET_DATA_EVENTFD)) ||
		before->size < sizeof(set))
		return;
	count = (before->size - sizeof(set)) / width;
	if (count > set.count)
		count = set.count;
	text.at = trace_text_room(in, &text.size);
	for (shown = 0; shown < count && shown < TRACE_ITEMS_MAX; shown++) {
		int32_t item = (uint8_t)data[shown];

		if (width == sizeof(item))
			memcpy(&item, data + shown * width, sizeof(item));
		text_add(&text, "%s%" PRId32, shown ? " " : "", item);
	}
	if (count)
		trace_add_printed(in, "data", text.length);
	trace_add_more(in, count - shown);
}

static const struct trace_name hot_reset_flags[] = {
	{ ABI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID, "DEV_ID" },
	{ ABI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED, "DEV_ID_OWNED" },
	{ 0, NULL },
};

static const struct trace_member hot_reset_info[] = {
	{ TRACE_MEMBER(abi_vfio_pci_hot_reset_info, flags), .when = TRACE_OUT, .show = TRACE_FLAGS,
		.names = hot_reset_flags },
	{ TRACE_MEMBER(abi_vfio_pci_hot_reset_info, count), .when = TRACE_OUT | TRACE_FAILED },
	{ NULL },
};

static const struct trace_member hot_reset[] = {
	{ TRACE_MEMBER(abi_vfio_pci_hot_reset, count), .when = TRACE_IN },
	{ NULL },
};

static const struct trace_name ioeventfd_flags[] = {
	{ ABI_VFIO_DEVICE_IOEVENTFD_8, "8" },
	{ ABI_VFIO_DEVICE_IOEVENTFD_16, "16" },
	{ ABI_VFIO_DEVICE_IOEVENTFD_32, "32" },
	{ ABI_VFIO_DEVICE_IOEVENTFD_64, "64" },
	{ 0, NULL },
};

static const struct trace_member ioeventfd[] = {
	{ TRACE_MEMBER(abi_vfio_device_ioeventfd, flags), .when = TRACE_IN, .show = TRACE_FLAGS,
		.names = ioeventfd_flags },
	{ TRACE_MEMBER(abi_vfio_device_ioeventfd, offset), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_vfio_device_ioeventfd, data), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_vfio_device_ioeventfd, fd), .when = TRACE_IN, .show = TRACE_SIGNED },
	{ NULL },
};

static const struct trace_name precopy_flags[] = {
	{ ABI_VFIO_PRECOPY_INFO_REINIT, "REINIT" },
	{ 0, NULL },
};

static const struct trace_member precopy_info[] = {
	{ TRACE_MEMBER(abi_vfio_precopy_info, flags), .when = TRACE_OUT, .show = TRACE_FLAGS,
		.names = precopy_flags },
	{ TRACE_MEMBER(abi_vfio_precopy_info, initial_bytes), .when = TRACE_OUT },
	{ TRACE_MEMBER(abi_vfio_precopy_info, dirty_bytes), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_name bind_flags[] = {
	{ ABI_VFIO_DEVICE_BIND_FLAG_TOKEN, "TOKEN" },
	{ 0, NULL },
};

static const struct trace_member bind_iommufd[] = {
	{ TRACE_MEMBER(abi_vfio_device_bind_iommufd, flags), .when = TRACE_IN, .show = TRACE_FLAGS,
		.names = bind_flags },
	{ TRACE_MEMBER(abi_vfio_device_bind_iommufd, iommufd), .when = TRACE_IN,
		.show = TRACE_SIGNED },
	{ TRACE_MEMBER(abi_vfio_device_bind_iommufd, out_devid), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_name attach_flags[] = {
	{ ABI_VFIO_DEVICE_ATTACH_PASID, "PASID" },
	{ 0, NULL },
};

static const struct trace_condition attach_has_pasid = {
	{ .offset = offsetof(struct abi_vfio_device_attach_iommufd_pt, flags),
		.width = 4,
		.mask = ABI_VFIO_DEVICE_ATTACH_PASID },
	ABI_VFIO_DEVICE_ATTACH_PASID,
};

static const struct trace_member attach[] = {
	{ TRACE_MEMBER(abi_vfio_device_attach_iommufd_pt, flags), .when = TRACE_IN,
		.show = TRACE_FLAGS, .names = attach_flags },
	{ TRACE_MEMBER(abi_vfio_device_attach_iommufd_pt, pt_id), .when = TRACE_IN | TRACE_OUT },
	{ TRACE_MEMBER(abi_vfio_device_attach_iommufd_pt, pasid), .when = TRACE_IN,
		.only = &attach_has_pasid },
	{ NULL },
};

static const struct trace_name detach_flags[] = {
	{ ABI_VFIO_DEVICE_DETACH_PASID, "PASID" },
	{ 0, NULL },
};

static const struct trace_condition detach_has_pasid = {
	{ .offset = offsetof(struct abi_vfio_device_detach_iommufd_pt, flags),
		.width = 4,
		.mask = ABI_VFIO_DEVICE_DETACH_PASID },
	ABI_VFIO_DEVICE_DETACH_PASID,
};

static const struct trace_member detach[] = {
	{ TRACE_MEMBER(abi_vfio_device_detach_iommufd_pt, flags), .when = TRACE_IN,
		.show = TRACE_FLAGS, .names = detach_flags },
	{ TRACE_MEMBER(abi_vfio_device_detach_iommufd_pt, pasid), .when = TRACE_IN,
		.only = &detach_has_pasid },
	{ NULL },
};

const struct trace_ioctl trace_vfio_ioctls[] = {
	{ OP_VFIO_CONTAINER_GET_API_VERSION, .kind = TRACE_ARGUMENT_NONE },
	{ OP_VFIO_CONTAINER_CHECK_EXTENSION, .kind = TRACE_ARGUMENT_VALUE, .members = extension },
	{ OP_VFIO_CONTAINER_SET_IOMMU, .kind = TRACE_ARGUMENT_VALUE, .members = extension },
	{ OP_VFIO_GROUP_GET_STATUS, .size = sizeof(struct abi_vfio_group_status),
		.members = group_status },
	{ OP_VFIO_GROUP_SET_CONTAINER, .kind = TRACE_ARGUMENT_INT, .members = container },
	{ OP_VFIO_GROUP_UNSET_CONTAINER, .kind = TRACE_ARGUMENT_NONE },
	{ OP_VFIO_GROUP_GET_DEVICE, .kind = TRACE_ARGUMENT_STRING, .payload_in = add_device_name },
	{ OP_VFIO_GET_INFO, .size = sizeof(struct abi_vfio_device_info), .members = device_info },
	{ OP_VFIO_GET_REGION_INFO, .size = sizeof(struct abi_vfio_region_info),
		.members = region_info },
	{ OP_VFIO_GET_IRQ_INFO, .size = sizeof(struct abi_vfio_irq_info), .members = irq_info },
	{ OP_VFIO_SET_IRQS, .size = sizeof(struct abi_vfio_irq_set), .members = irq_set,
		.payload_in = add_irq_data },
	{ OP_VFIO_RESET, .kind = TRACE_ARGUMENT_NONE },
	{ OP_VFIO_FEATURE, .size = TRACE_ARGUMENT_MAX, .members = trace_vfio_feature,
		.payload_in = trace_dma_buf },
	{ OP_VFIO_MIGRATION_PRECOPY_INFO, .size = sizeof(struct abi_vfio_precopy_info),
		.members = precopy_info },
	{ OP_VFIO_PCI_HOT_RESET_INFO, .size = sizeof(struct abi_vfio_pci_hot_reset_info),
		.members = hot_reset_info },
	{ OP_VFIO_PCI_HOT_RESET, .size = sizeof(struct abi_vfio_pci_hot_reset),
		.members = hot_reset },
	{ OP_VFIO_IOEVENTFD, .size = sizeof(struct abi_vfio_device_ioeventfd),
		.members = ioeventfd },
	{ OP_VFIO_BIND, .size = sizeof(struct abi_vfio_device_bind_iommufd),
		.members = bind_iommufd },
	{ OP_VFIO_ATTACH, .size = sizeof(struct abi_vfio_device_attach_iommufd_pt),
		.members = attach },
	{ OP_VFIO_DETACH, .size = sizeof(struct abi_vfio_device_detach_iommufd_pt),
		.members = detach },
	{ OP_ANY },
};
