// SPDX-License-Identifier: MIT
#include <errno.h>

#include "abi/vfio.h"
#include "array.h"
#include "order.h"
#include "trace_fixture.h"

TestSuite(trace_vfio, .init = trace_setup, .fini = trace_teardown);

#define ARGUMENT(type, ...)                                                                        \
	&(struct type)                                                                             \
	{                                                                                          \
		.argsz = sizeof(struct type), __VA_ARGS__                                          \
	}

/* Members that the kernel writes stand here from the start: the fake transport leaves them. */
static const struct {
	unsigned long request;
	void *arg;
	int result;
	const char *line;
} goldens[] = {
	{ ABI_VFIO_GET_API_VERSION, NULL, 0, "VFIO_GET_API_VERSION(4) = 0" },
	{ ABI_VFIO_CHECK_EXTENSION, (void *)ABI_VFIO_TYPE1v2_IOMMU, 1,
		"VFIO_CHECK_EXTENSION(4, extension=TYPE1v2_IOMMU) = 1" },
	{ ABI_VFIO_SET_IOMMU, (void *)99, -ENODEV,
		"VFIO_SET_IOMMU(4, extension=99) = -1 ENODEV (No such device)" },
	{ ABI_VFIO_GROUP_GET_STATUS, ARGUMENT(abi_vfio_group_status, .flags = 3), 0,
		"VFIO_GROUP_GET_STATUS(4) = 0 → flags=VIABLE|CONTAINER_SET" },
	{ ABI_VFIO_GROUP_SET_CONTAINER, &(int){ 7 }, 0,
		"VFIO_GROUP_SET_CONTAINER(4, container=7) = 0" },
	{ ABI_VFIO_GROUP_UNSET_CONTAINER, NULL, 0, "VFIO_GROUP_UNSET_CONTAINER(4) = 0" },
	{ ABI_VFIO_GROUP_GET_DEVICE_FD, "0000:00:01.0", 8,
		"VFIO_GROUP_GET_DEVICE_FD(4, name=\"0000:00:01.0\") = 8" },
	{ ABI_VFIO_DEVICE_GET_INFO,
		ARGUMENT(abi_vfio_device_info, .flags = 3, .num_regions = 9, .num_irqs = 5), 0,
		"VFIO_DEVICE_GET_INFO(4, argsz=24) = 0 → argsz=24, flags=RESET|PCI, "
		"num_regions=9, num_irqs=5, cap_offset=0" },
	{ ABI_VFIO_DEVICE_GET_REGION_INFO,
		ARGUMENT(abi_vfio_region_info, .flags = 7, .index = 2, .size = 0x100000,
			.offset = UINT64_C(2) << 40),
		0,
		"VFIO_DEVICE_GET_REGION_INFO(4, argsz=32, index=2) = 0 → argsz=32, "
		"flags=READ|WRITE|MMAP, cap_offset=0, size=0x100000, offset=0x20000000000" },
	{ ABI_VFIO_DEVICE_GET_IRQ_INFO,
		ARGUMENT(abi_vfio_irq_info, .flags = 9, .index = 1, .count = 1), 0,
		"VFIO_DEVICE_GET_IRQ_INFO(4, index=1) = 0 → flags=EVENTFD|NORESIZE, count=1" },
	{ ABI_VFIO_DEVICE_RESET, NULL, -ENOTTY,
		"VFIO_DEVICE_RESET(4) = -1 ENOTTY (Inappropriate ioctl for device)" },
	{ ABI_VFIO_DEVICE_BIND_IOMMUFD,
		ARGUMENT(abi_vfio_device_bind_iommufd, .flags = ABI_VFIO_DEVICE_BIND_FLAG_TOKEN,
			.iommufd = 3, .out_devid = 1),
		0, "VFIO_DEVICE_BIND_IOMMUFD(4, flags=TOKEN, iommufd=3) = 0 → out_devid=1" },
	{ ABI_VFIO_DEVICE_BIND_IOMMUFD, ARGUMENT(abi_vfio_device_bind_iommufd, .iommufd = -1),
		-EINVAL,
		"VFIO_DEVICE_BIND_IOMMUFD(4, flags=0, iommufd=-1) = -1 EINVAL "
		"(Invalid argument)" },
	{ ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT,
		ARGUMENT(abi_vfio_device_attach_iommufd_pt, .pt_id = 6, .pasid = 1), -ENOENT,
		"VFIO_DEVICE_ATTACH_IOMMUFD_PT(4, flags=0, pt_id=6) = -1 ENOENT "
		"(No such file or directory)" },
	{ ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT,
		ARGUMENT(abi_vfio_device_attach_iommufd_pt, .flags = 1, .pt_id = 6, .pasid = 1), 0,
		"VFIO_DEVICE_ATTACH_IOMMUFD_PT(4, flags=PASID, pt_id=6, pasid=1) = 0 → pt_id=6" },
	{ ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT,
		ARGUMENT(abi_vfio_device_detach_iommufd_pt, .pasid = 9), 0,
		"VFIO_DEVICE_DETACH_IOMMUFD_PT(4, flags=0) = 0" },
	{ ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT,
		ARGUMENT(abi_vfio_device_detach_iommufd_pt, .flags = 1, .pasid = 9), 0,
		"VFIO_DEVICE_DETACH_IOMMUFD_PT(4, flags=PASID, pasid=9) = 0" },
};

static void call_ioctl(unsigned long request, void *arg)
{
	traced.transport->ioctl(traced.transport, 4, request, arg);
}

Test(trace_vfio, every_ioctl_is_shown_by_name_with_its_members)
{
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		script_add_answer(traced.script,
			(struct script_answer){
				.request = goldens[i].request, .result = goldens[i].result });
		call_ioctl(goldens[i].request, goldens[i].arg);
		cr_expect_str_eq(traced.line, goldens[i].line);
	}
}

/* Where a structure and the data that follows it are put together. */
static _Alignas(8) uint8_t argument[256];

static struct abi_vfio_irq_set *irq_set(uint32_t flags, uint32_t count)
{
	static const int32_t eventfds[10] = { 10, -1, 12 };
	struct abi_vfio_irq_set *set = (void *)argument;

	*set = (struct abi_vfio_irq_set){
		.argsz = (uint32_t)(sizeof(*set) + count * sizeof(eventfds[0])),
		.flags = flags | ABI_VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = 1,
		.count = count,
	};
	memcpy(set->data, eventfds, sizeof(eventfds));
	return set;
}

Test(trace_vfio, the_eventfds_of_interrupts_are_shown)
{
	call_ioctl(ABI_VFIO_DEVICE_SET_IRQS, irq_set(ABI_VFIO_IRQ_SET_DATA_EVENTFD, 3));
	cr_expect_str_eq(traced.line,
		"VFIO_DEVICE_SET_IRQS(4, flags=DATA_EVENTFD|ACTION_TRIGGER, index=1, start=0, "
		"count=3, data={10 -1 12}) = 0");
}

Test(trace_vfio, bools_of_interrupts_are_shown)
{
	struct abi_vfio_irq_set *set = irq_set(ABI_VFIO_IRQ_SET_DATA_BOOL, 4);

	memcpy(set->data, "\x01\x00\x01\x01", 4);
	call_ioctl(ABI_VFIO_DEVICE_SET_IRQS, set);
	cr_expect_not_null(strstr(traced.line, "count=4, data={1 0 1 1}) = 0"));
}

Test(trace_vfio, interrupts_without_data_show_none)
{
	call_ioctl(ABI_VFIO_DEVICE_SET_IRQS, irq_set(ABI_VFIO_IRQ_SET_DATA_NONE, 3));
	cr_expect_str_eq(traced.line,
		"VFIO_DEVICE_SET_IRQS(4, flags=DATA_NONE|ACTION_TRIGGER, index=1, start=0, "
		"count=3) = 0");
}

Test(trace_vfio, interrupt_data_is_read_no_further_than_its_size)
{
	struct abi_vfio_irq_set *set = irq_set(ABI_VFIO_IRQ_SET_DATA_EVENTFD, 2);

	set->count = UINT32_MAX;
	call_ioctl(ABI_VFIO_DEVICE_SET_IRQS, set);
	cr_expect_not_null(strstr(traced.line, "count=4294967295, data={10 -1}) = 0"));
	set->argsz = sizeof(*set) - 1;
	call_ioctl(ABI_VFIO_DEVICE_SET_IRQS, set);
	cr_expect_null(strstr(traced.line, "data="));
}

Test(trace_vfio, many_eventfds_are_cut_and_counted)
{
	call_ioctl(ABI_VFIO_DEVICE_SET_IRQS, irq_set(ABI_VFIO_IRQ_SET_DATA_EVENTFD, 10));
	cr_expect_not_null(strstr(traced.line, "data={10 -1 12 0 0 0 0 0}, more=2) = 0"));
}

static struct abi_vfio_device_feature *feature(uint32_t flags, const void *data, size_t size)
{
	struct abi_vfio_device_feature *arg = (void *)argument;

	arg->argsz = (uint32_t)(sizeof(*arg) + size);
	arg->flags = flags;
	memcpy(arg->data, data, size);
	return arg;
}

Test(trace_vfio, a_dma_buf_shows_the_slices_of_its_region)
{
	/* region_index, open_flags, flags, nr_ranges; one range of two 64-bit numbers */
	const uint32_t dma_buf[] = { 2, 2, 0, 1, HALVES(0x1000), HALVES(0x2000) };

	script_add_answer(traced.script,
		(struct script_answer){ .request = ABI_VFIO_DEVICE_FEATURE, .result = 9 });
	call_ioctl(ABI_VFIO_DEVICE_FEATURE,
		feature(ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_DMA_BUF, dma_buf,
			sizeof(dma_buf)));
	cr_expect_str_eq(traced.line,
		"VFIO_DEVICE_FEATURE(4, flags=GET, feature=DMA_BUF, region_index=2, "
		"open_flags=0x2, nr_ranges=1, range={offset=0x1000 length=0x2000}) = 9");
}

static const struct {
	uint32_t flags;
	uint32_t data[8];
	size_t size;
	const char *line;
} features[] = {
	{ ABI_VFIO_DEVICE_FEATURE_SET | ABI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, { 3, 12 }, 8,
		"flags=SET, feature=MIG_DEVICE_STATE, device_state=STOP_COPY) = 0 → data_fd=12" },
	{ ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, { 2, UINT32_MAX },
		8, "flags=GET, feature=MIG_DEVICE_STATE) = 0 → device_state=RUNNING" },
	{ ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_MIGRATION, { HALVES(5) }, 8,
		"flags=GET, feature=MIGRATION) = 0 → flags=STOP_COPY|PRE_COPY" },
	{ ABI_VFIO_DEVICE_FEATURE_SET | ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY, { 0 }, 0,
		"flags=SET, feature=LOW_POWER_ENTRY) = 0" },
	{ ABI_VFIO_DEVICE_FEATURE_SET | ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP, { 9 },
		8, "flags=SET, feature=LOW_POWER_ENTRY_WITH_WAKEUP, wakeup_eventfd=9) = 0" },
	{ ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT,
		{ HALVES(0x1000), HALVES(0x2000), HALVES(0x1000) }, 32,
		"flags=GET, feature=DMA_LOGGING_REPORT, iova=0x1000, length=0x2000, "
		"page_size=0x1000) = 0" },
};

Test(trace_vfio, features_show_their_data)
{
	char line[256];

	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		call_ioctl(ABI_VFIO_DEVICE_FEATURE,
			feature(features[i].flags, features[i].data, features[i].size));
		snprintf(line, sizeof(line), "VFIO_DEVICE_FEATURE(4, %s", features[i].line);
		cr_expect_str_eq(traced.line, line, "%s", traced.line);
	}
}

Test(trace_vfio, a_vf_token_is_not_shown)
{
	call_ioctl(ABI_VFIO_DEVICE_FEATURE,
		feature(ABI_VFIO_DEVICE_FEATURE_SET | ABI_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN,
			"secret of 16 by", 16));
	cr_expect_str_eq(
		traced.line, "VFIO_DEVICE_FEATURE(4, flags=SET, feature=PCI_VF_TOKEN) = 0");
}
