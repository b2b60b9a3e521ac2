// SPDX-License-Identifier: MIT
/* Each thin call of iommufd sends exactly its structure and returns every field that comes back. */
#include <iommuctl/iommufd.h>

#include "abi/iommufd.h"
#include "array.h"
#include "thin_call.h"

#define HOST	 ((void *)(uintptr_t)0x7f0000)
#define U32(out) ((uint32_t)(out))

static int run_destroy(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_destroy(ctx, THIN_FD, 9);
}

static int hw_info_out(int ret, const struct iommuctl_hw_info *info, uint64_t *out)
{
	if (ret)
		return ret;
	out[0] = info->type;
	out[1] = info->data_len;
	out[2] = info->capabilities;
	out[3] = info->max_pasid_log2;
	return 0;
}

static int run_get_hw_info(struct iommuctl *ctx, uint64_t *out)
{
	struct iommuctl_hw_info info;

	return hw_info_out(
		iommuctl_device_get_hw_info(ctx, THIN_FD, 3, HOST, 40, &info), &info, out);
}

static int run_get_hw_info_typed(struct iommuctl *ctx, uint64_t *out)
{
	struct iommuctl_hw_info info = { .type = IOMMUCTL_HW_INFO_TYPE_TEGRA241_CMDQV };

	return hw_info_out(
		iommuctl_device_get_hw_info_typed(ctx, THIN_FD, 3, HOST, 8, &info), &info, out);
}

static int run_ioas_alloc(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t id = U32(out[0]);
	int ret = iommuctl_ioas_alloc(ctx, THIN_FD, &id);

	out[0] = ret ? out[0] : id;
	return ret;
}

static int run_ioas_map(struct iommuctl *ctx, uint64_t *out)
{
	return iommuctl_ioas_map(ctx, THIN_FD,
		&(struct iommuctl_ioas_map_args){
			.flags = IOMMUCTL_IOAS_MAP_READABLE | IOMMUCTL_IOAS_MAP_FIXED_IOVA,
			.ioas_id = 5,
			.host = HOST,
			.length = 0x2000 },
		&out[0]);
}

static int run_ioas_map_anywhere(struct iommuctl *ctx, uint64_t *out)
{
	return iommuctl_ioas_map(ctx, THIN_FD,
		&(struct iommuctl_ioas_map_args){ .flags = IOMMUCTL_IOAS_MAP_WRITEABLE,
			.ioas_id = 5,
			.host = HOST,
			.length = 0x2000 },
		&out[0]);
}

static int run_ioas_map_file(struct iommuctl *ctx, uint64_t *out)
{
	return iommuctl_ioas_map_file(ctx, THIN_FD,
		&(struct iommuctl_ioas_map_file_args){
			.flags = IOMMUCTL_IOAS_MAP_READABLE | IOMMUCTL_IOAS_MAP_FIXED_IOVA,
			.ioas_id = 5,
			.file = 11,
			.start = 0x3000,
			.length = 0x2000 },
		&out[0]);
}

static int run_ioas_copy(struct iommuctl *ctx, uint64_t *out)
{
	const struct iommuctl_ioas_copy_args args = {
		.flags = IOMMUCTL_IOAS_MAP_READABLE | IOMMUCTL_IOAS_MAP_FIXED_IOVA,
		.dst_ioas_id = 6,
		.src_ioas_id = 5,
		.length = 0x2000,
		.src_iova = 0x40000000,
	};

	return iommuctl_ioas_copy(ctx, THIN_FD, &args, &out[0]);
}

static int run_ioas_unmap(struct iommuctl *ctx, uint64_t *out)
{
	return iommuctl_ioas_unmap(ctx, THIN_FD, 5, 0x40000000, 0x2000, &out[0]);
}

static int run_ioas_allow_iovas(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_ioas_allow_iovas(ctx, THIN_FD, 5, HOST, 2);
}

static int run_ioas_iova_ranges(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t count = 4;
	int ret = iommuctl_ioas_get_iova_ranges(ctx, THIN_FD, 5, HOST, &count, &out[1]);

	out[0] = ret ? out[0] : count;
	return ret;
}

static int run_ioas_change_process(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_ioas_change_process(ctx, THIN_FD);
}

static int run_ioas_noiommu_get_pa(struct iommuctl *ctx, uint64_t *out)
{
	return iommuctl_ioas_get_noiommu_pa(ctx, THIN_FD, 5, 0x40000000, &out[0], &out[1]);
}

static int run_option_get(struct iommuctl *ctx, uint64_t *out)
{
	return iommuctl_option_get(ctx, THIN_FD, IOMMUCTL_OPTION_HUGE_PAGES, 5, &out[0]);
}

static int run_option_set(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_option_set(ctx, THIN_FD, IOMMUCTL_OPTION_RLIMIT_MODE, 0, 1);
}

static int run_vfio_ioas_get(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t id = U32(out[0]);
	int ret = iommuctl_vfio_ioas_get(ctx, THIN_FD, &id);

	out[0] = ret ? out[0] : id;
	return ret;
}

static int run_vfio_ioas_set(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_ioas_set(ctx, THIN_FD, 5);
}

static int run_vfio_ioas_clear(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_ioas_clear(ctx, THIN_FD);
}

static int run_hwpt_alloc(struct iommuctl *ctx, uint64_t *out)
{
	const struct iommuctl_hwpt_alloc_args args = {
		.flags = IOMMUCTL_HWPT_FAULT_ID_VALID,
		.dev_id = 3,
		.pt_id = 8,
		.data_type = IOMMUCTL_HWPT_DATA_ARM_SMMUV3,
		.data_len = 16,
		.data = HOST,
		.fault_id = 12,
	};
	uint32_t id = U32(out[0]);
	int ret = iommuctl_hwpt_alloc(ctx, THIN_FD, &args, &id);

	out[0] = ret ? out[0] : id;
	return ret;
}

static int run_hwpt_set_dirty_tracking(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_hwpt_set_dirty_tracking(
		ctx, THIN_FD, 9, IOMMUCTL_HWPT_DIRTY_TRACKING_ENABLE);
}

static int run_hwpt_get_dirty_bitmap(struct iommuctl *ctx, uint64_t *out)
{
	const struct iommuctl_dirty_bitmap_args args = {
		.hwpt_id = 9,
		.flags = IOMMUCTL_HWPT_GET_DIRTY_BITMAP_NO_CLEAR,
		.iova = 0x40000000,
		.length = 0x200000,
		.page_size = 0x1000,
		.bitmap = HOST,
	};

	(void)out;
	return iommuctl_hwpt_get_dirty_bitmap(ctx, THIN_FD, &args);
}

static int run_viommu_alloc(struct iommuctl *ctx, uint64_t *out)
{
	const struct iommuctl_viommu_alloc_args args = {
		.type = IOMMUCTL_VIOMMU_TYPE_TEGRA241_CMDQV,
		.dev_id = 3,
		.hwpt_id = 9,
		.data = HOST,
		.data_len = 16,
	};
	uint32_t id = U32(out[0]);
	int ret = iommuctl_viommu_alloc(ctx, THIN_FD, &args, &id);

	out[0] = ret ? out[0] : id;
	return ret;
}

static int run_vdevice_alloc(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t id = U32(out[0]);
	int ret = iommuctl_vdevice_alloc(ctx, THIN_FD, 8, 3, 0x42, &id);

	out[0] = ret ? out[0] : id;
	return ret;
}

static int run_hw_queue_alloc(struct iommuctl *ctx, uint64_t *out)
{
	const struct iommuctl_hw_queue_alloc_args args = {
		.viommu_id = 8,
		.type = IOMMUCTL_HW_QUEUE_TYPE_TEGRA241_CMDQV,
		.index = 1,
		.nesting_parent_iova = 0x40010000,
		.length = 0x1000,
	};
	uint32_t id = U32(out[0]);
	int ret = iommuctl_hw_queue_alloc(ctx, THIN_FD, &args, &id);

	out[0] = ret ? out[0] : id;
	return ret;
}

static int run_veventq_alloc(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t id = U32(out[0]);
	int fd = -1;
	int ret = iommuctl_veventq_alloc(ctx, THIN_FD,
		&(struct iommuctl_veventq_alloc_args){
			.viommu_id = 8, .type = IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3, .depth = 64 },
		&id, &fd);

	if (ret)
		return ret;
	out[0] = id;
	out[1] = (uint64_t)fd;
	return 0;
}

static int run_fault_queue_alloc(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t id = U32(out[0]);
	int fd = -1;
	int ret = iommuctl_fault_queue_alloc(ctx, THIN_FD, &id, &fd);

	if (ret)
		return ret;
	out[0] = id;
	out[1] = (uint64_t)fd;
	return 0;
}

/* A structure for a table of calls, with its size filled in. */
#define ABI(type, ...)                                                                             \
	&(const struct type)                                                                       \
	{                                                                                          \
		.size = sizeof(struct type), __VA_ARGS__                                           \
	}
#define STRUCTURE(type) .size = sizeof(struct type)
#define HOST_ADDRESS	0x7f0000

static const struct thin_call calls[] = {
	{ "IOMMU_DESTROY", "object 9", ABI_DESTROY, ABI(abi_destroy, .id = 9), NULL,
		STRUCTURE(abi_destroy), run_destroy },
	{ "IOMMU_GET_HW_INFO", "device 3", ABI_GET_HW_INFO,
		ABI(abi_hw_info, .dev_id = 3, .data_len = 40, .data_uptr = HOST_ADDRESS),
		ABI(abi_hw_info, .data_len = 48, .out_data_type = ABI_HW_INFO_TYPE_ARM_SMMUV3,
			.out_max_pasid_log2 = 20, .out_capabilities = UINT64_C(0x8000000000000009)),
		STRUCTURE(abi_hw_info), run_get_hw_info,
		{ ABI_HW_INFO_TYPE_ARM_SMMUV3, 48, UINT64_C(0x8000000000000009), 20 }, 4 },
	{ "IOMMU_GET_HW_INFO", "device 3", ABI_GET_HW_INFO,
		ABI(abi_hw_info, .flags = ABI_HW_INFO_FLAG_INPUT_TYPE, .dev_id = 3, .data_len = 8,
			.data_uptr = HOST_ADDRESS, .in_data_type = ABI_HW_INFO_TYPE_TEGRA241_CMDQV),
		ABI(abi_hw_info, .data_len = 8, .out_data_type = ABI_HW_INFO_TYPE_TEGRA241_CMDQV),
		STRUCTURE(abi_hw_info), run_get_hw_info_typed,
		{ ABI_HW_INFO_TYPE_TEGRA241_CMDQV, 8, 0, 0 }, 4 },
	{ "IOMMU_IOAS_ALLOC", "iommufd fd 7", ABI_IOAS_ALLOC, ABI(abi_ioas_alloc),
		ABI(abi_ioas_alloc, .out_ioas_id = 5), STRUCTURE(abi_ioas_alloc), run_ioas_alloc,
		{ 5 }, 1 },
	{ "IOMMU_IOAS_MAP", "IOAS 5, IOVA 0x1111111111111111, length 0x2000", ABI_IOAS_MAP,
		ABI(abi_ioas_map, .flags = ABI_IOAS_MAP_READABLE | ABI_IOAS_MAP_FIXED_IOVA,
			.ioas_id = 5, .user_va = HOST_ADDRESS, .length = 0x2000,
			.iova = THIN_UNTOUCHED),
		ABI(abi_ioas_map, .iova = 0x40000000), STRUCTURE(abi_ioas_map), run_ioas_map,
		{ 0x40000000 }, 1 },
	{ "IOMMU_IOAS_MAP", "IOAS 5, any IOVA, length 0x2000", ABI_IOAS_MAP,
		ABI(abi_ioas_map, .flags = ABI_IOAS_MAP_WRITEABLE, .ioas_id = 5,
			.user_va = HOST_ADDRESS, .length = 0x2000),
		ABI(abi_ioas_map, .iova = 0x40000000), STRUCTURE(abi_ioas_map),
		run_ioas_map_anywhere, { 0x40000000 }, 1 },
	{ "IOMMU_IOAS_MAP_FILE", "IOAS 5, IOVA 0x1111111111111111, length 0x2000, file fd 11",
		ABI_IOAS_MAP_FILE,
		ABI(abi_ioas_map_file, .flags = ABI_IOAS_MAP_READABLE | ABI_IOAS_MAP_FIXED_IOVA,
			.ioas_id = 5, .fd = 11, .start = 0x3000, .length = 0x2000,
			.iova = THIN_UNTOUCHED),
		ABI(abi_ioas_map_file, .iova = 0x40000000), STRUCTURE(abi_ioas_map_file),
		run_ioas_map_file, { 0x40000000 }, 1 },
	{ "IOMMU_IOAS_COPY", "IOAS 6, IOVA 0x1111111111111111, from IOAS 5, IOVA 0x40000000",
		ABI_IOAS_COPY,
		ABI(abi_ioas_copy, .flags = ABI_IOAS_MAP_READABLE | ABI_IOAS_MAP_FIXED_IOVA,
			.dst_ioas_id = 6, .src_ioas_id = 5, .length = 0x2000,
			.dst_iova = THIN_UNTOUCHED, .src_iova = 0x40000000),
		ABI(abi_ioas_copy, .dst_iova = 0x80000000), STRUCTURE(abi_ioas_copy), run_ioas_copy,
		{ 0x80000000 }, 1 },
	{ "IOMMU_IOAS_UNMAP", "IOAS 5, IOVA 0x40000000, length 0x2000", ABI_IOAS_UNMAP,
		ABI(abi_ioas_unmap, .ioas_id = 5, .iova = 0x40000000, .length = 0x2000),
		ABI(abi_ioas_unmap, .length = 0x1000), STRUCTURE(abi_ioas_unmap), run_ioas_unmap,
		{ 0x1000 }, 1 },
	{ "IOMMU_IOAS_ALLOW_IOVAS", "IOAS 5", ABI_IOAS_ALLOW_IOVAS,
		ABI(abi_ioas_allow_iovas, .ioas_id = 5, .num_iovas = 2,
			.allowed_iovas = HOST_ADDRESS),
		NULL, STRUCTURE(abi_ioas_allow_iovas), run_ioas_allow_iovas },
	{ "IOMMU_IOAS_IOVA_RANGES", "IOAS 5", ABI_IOAS_IOVA_RANGES,
		ABI(abi_ioas_iova_ranges, .ioas_id = 5, .num_iovas = 4,
			.allowed_iovas = HOST_ADDRESS),
		ABI(abi_ioas_iova_ranges, .num_iovas = 3, .out_iova_alignment = 0x1000),
		STRUCTURE(abi_ioas_iova_ranges), run_ioas_iova_ranges, { 3, 0x1000 }, 2 },
	{ "IOMMU_IOAS_CHANGE_PROCESS", "iommufd fd 7", ABI_IOAS_CHANGE_PROCESS,
		ABI(abi_ioas_change_process), NULL, STRUCTURE(abi_ioas_change_process),
		run_ioas_change_process },
	{ "IOMMU_IOAS_NOIOMMU_GET_PA", "IOAS 5, IOVA 0x40000000", ABI_IOAS_NOIOMMU_GET_PA,
		ABI(abi_ioas_noiommu_get_pa, .ioas_id = 5, .iova = 0x40000000,
			.length = THIN_UNTOUCHED),
		ABI(abi_ioas_noiommu_get_pa, .length = 0x1000, .out_phys = 0x90000000),
		STRUCTURE(abi_ioas_noiommu_get_pa), run_ioas_noiommu_get_pa, { 0x1000, 0x90000000 },
		2 },
	{ "IOMMU_OPTION", "option 1, object 5", ABI_OPTION,
		ABI(abi_option, .option_id = ABI_OPTION_HUGE_PAGES, .op = ABI_OPTION_OP_GET,
			.object_id = 5),
		ABI(abi_option, .val64 = 1), STRUCTURE(abi_option), run_option_get, { 1 }, 1 },
	{ "IOMMU_OPTION", "option 0, object 0", ABI_OPTION,
		ABI(abi_option, .option_id = ABI_OPTION_RLIMIT_MODE, .op = ABI_OPTION_OP_SET,
			.val64 = 1),
		NULL, STRUCTURE(abi_option), run_option_set },
	{ "IOMMU_VFIO_IOAS", "iommufd fd 7", ABI_VFIO_IOAS,
		ABI(abi_vfio_ioas, .op = ABI_VFIO_IOAS_GET), ABI(abi_vfio_ioas, .ioas_id = 5),
		STRUCTURE(abi_vfio_ioas), run_vfio_ioas_get, { 5 }, 1 },
	{ "IOMMU_VFIO_IOAS", "iommufd fd 7, IOAS 5", ABI_VFIO_IOAS,
		ABI(abi_vfio_ioas, .ioas_id = 5, .op = ABI_VFIO_IOAS_SET), NULL,
		STRUCTURE(abi_vfio_ioas), run_vfio_ioas_set },
	{ "IOMMU_VFIO_IOAS", "iommufd fd 7", ABI_VFIO_IOAS,
		ABI(abi_vfio_ioas, .op = ABI_VFIO_IOAS_CLEAR), NULL, STRUCTURE(abi_vfio_ioas),
		run_vfio_ioas_clear },
	{ "IOMMU_HWPT_ALLOC", "device 3, page table 8", ABI_HWPT_ALLOC,
		ABI(abi_hwpt_alloc, .flags = ABI_HWPT_FAULT_ID_VALID, .dev_id = 3, .pt_id = 8,
			.data_type = ABI_HWPT_DATA_ARM_SMMUV3, .data_len = 16,
			.data_uptr = HOST_ADDRESS, .fault_id = 12),
		ABI(abi_hwpt_alloc, .out_hwpt_id = 13), STRUCTURE(abi_hwpt_alloc), run_hwpt_alloc,
		{ 13 }, 1 },
	{ "IOMMU_HWPT_SET_DIRTY_TRACKING", "HWPT 9", ABI_HWPT_SET_DIRTY_TRACKING,
		ABI(abi_hwpt_set_dirty_tracking, .flags = ABI_HWPT_DIRTY_TRACKING_ENABLE,
			.hwpt_id = 9),
		NULL, STRUCTURE(abi_hwpt_set_dirty_tracking), run_hwpt_set_dirty_tracking },
	{ "IOMMU_HWPT_GET_DIRTY_BITMAP", "HWPT 9, IOVA 0x40000000, length 0x200000",
		ABI_HWPT_GET_DIRTY_BITMAP,
		ABI(abi_hwpt_get_dirty_bitmap, .hwpt_id = 9,
			.flags = ABI_HWPT_GET_DIRTY_BITMAP_NO_CLEAR, .iova = 0x40000000,
			.length = 0x200000, .page_size = 0x1000, .data = HOST_ADDRESS),
		NULL, STRUCTURE(abi_hwpt_get_dirty_bitmap), run_hwpt_get_dirty_bitmap },
	{ "IOMMU_VIOMMU_ALLOC", "device 3, HWPT 9", ABI_VIOMMU_ALLOC,
		ABI(abi_viommu_alloc, .type = ABI_VIOMMU_TYPE_TEGRA241_CMDQV, .dev_id = 3,
			.hwpt_id = 9, .data_len = 16, .data_uptr = HOST_ADDRESS),
		ABI(abi_viommu_alloc, .out_viommu_id = 8), STRUCTURE(abi_viommu_alloc),
		run_viommu_alloc, { 8 }, 1 },
	{ "IOMMU_VDEVICE_ALLOC", "device 3, vIOMMU 8, vSID 0x42", ABI_VDEVICE_ALLOC,
		ABI(abi_vdevice_alloc, .viommu_id = 8, .dev_id = 3, .virt_id = 0x42),
		ABI(abi_vdevice_alloc, .out_vdevice_id = 10), STRUCTURE(abi_vdevice_alloc),
		run_vdevice_alloc, { 10 }, 1 },
	{ "IOMMU_HW_QUEUE_ALLOC", "vIOMMU 8, HW queue index 1, IPA 0x40010000, length 0x1000",
		ABI_HW_QUEUE_ALLOC,
		ABI(abi_hw_queue_alloc, .viommu_id = 8, .type = ABI_HW_QUEUE_TYPE_TEGRA241_CMDQV,
			.index = 1, .nesting_parent_iova = 0x40010000, .length = 0x1000),
		ABI(abi_hw_queue_alloc, .out_hw_queue_id = 14), STRUCTURE(abi_hw_queue_alloc),
		run_hw_queue_alloc, { 14 }, 1 },
	{ "IOMMU_VEVENTQ_ALLOC", "vIOMMU 8, depth 64", ABI_VEVENTQ_ALLOC,
		ABI(abi_veventq_alloc, .viommu_id = 8, .type = ABI_VEVENTQ_TYPE_ARM_SMMUV3,
			.veventq_depth = 64),
		ABI(abi_veventq_alloc, .out_veventq_id = 15, .out_veventq_fd = 21),
		STRUCTURE(abi_veventq_alloc), run_veventq_alloc, { 15, 21 }, 2 },
	{ "IOMMU_FAULT_QUEUE_ALLOC", "iommufd fd 7", ABI_FAULT_QUEUE_ALLOC, ABI(abi_fault_alloc),
		ABI(abi_fault_alloc, .out_fault_id = 12, .out_fault_fd = 22),
		STRUCTURE(abi_fault_alloc), run_fault_queue_alloc, { 12, 22 }, 2 },
};

#define CALL_COUNT ARRAY_SIZE(calls)

Test(iommufd_calls, each_sends_exactly_its_structure)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_sends_its_structure(&calls[i]);
}

Test(iommufd_calls, each_returns_every_out_field)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_returns_every_out_field(&calls[i]);
}

Test(iommufd_calls, a_failure_leaves_out_parameters_alone_and_names_operation_and_objects)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_failure_leaves_outs_alone(&calls[i]);
}

Test(iommufd_calls, a_positive_result_where_zero_is_the_contract_is_a_protocol_error)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_refuses_a_positive_result(&calls[i]);
}

/* A kernel that is older than a field refuses it with E2BIG unless it is 0. */
Test(iommufd_calls, a_field_that_is_not_in_use_is_sent_as_zero)
{
	const struct iommuctl_hwpt_alloc_args hwpt = { .data = HOST, .fault_id = 12 };
	const struct iommuctl_viommu_alloc_args viommu = {
		.type = IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3,
		.data = HOST,
	};
	const struct abi_hwpt_alloc sent_hwpt = { .size = sizeof(sent_hwpt) };
	const struct abi_viommu_alloc sent_viommu = {
		.size = sizeof(sent_viommu),
		.type = ABI_VIOMMU_TYPE_ARM_SMMUV3,
	};
	struct script script = { .sent_size = sizeof(sent_hwpt) };
	struct iommuctl *ctx = script_context(&script);
	uint32_t id;

	cr_assert_eq(iommuctl_hwpt_alloc(ctx, THIN_FD, &hwpt, &id), 0);
	cr_expect_arr_eq(script.sent, &sent_hwpt, sizeof(sent_hwpt));
	script.sent_size = sizeof(sent_viommu);
	cr_assert_eq(iommuctl_viommu_alloc(ctx, THIN_FD, &viommu, &id), 0);
	cr_expect_arr_eq(script.sent, &sent_viommu, sizeof(sent_viommu));
	iommuctl_free(ctx);
}
