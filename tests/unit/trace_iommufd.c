// SPDX-License-Identifier: MIT
#include <errno.h>

#include "abi/amd.h"
#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/tegra241_cmdqv.h"
#include "abi/vtd.h"
#include "array.h"
#include "trace_fixture.h"

TestSuite(trace_iommufd, .init = trace_setup, .fini = trace_teardown);

static const uint32_t id = 5;
static const abi_u64 unmapped = 0x3000, enabled = 1, phys = 0x80000000;
static const struct abi_hwpt_vtd_s1 vtd_s1 = {
	.flags = ABI_VTD_S1_WPE, .pgtbl_addr = 0x8000, .addr_width = 48
};
static const struct abi_hwpt_amd_guest amd_guest = { { 1, 2, 3 } };
static const struct abi_viommu_tegra241_cmdqv vintf = { 0x10000, 0x20000 };
static const struct abi_iova_range ranges[10] = {
	{ 0, 0x7ffffff },
	{ 0x8100000, UINT64_MAX },
};

#define ANSWER(type, member, value)                                                                \
	.offset = offsetof(struct type, member), .answer = (value), .answer_size = sizeof(*(value))
/* What a 64-bit member points to: not every architecture has that for a constant. */
#define POINTS(type, member, to) .pointer = offsetof(struct type, member), .target = (to)
#define ARGUMENT(type, ...)                                                                        \
	.arg = &(struct type)                                                                      \
	{                                                                                          \
		.size = sizeof(struct type), __VA_ARGS__                                           \
	}

/* The call, what the kernel writes back where, and the resulting line. */
static const struct {
	unsigned long request;
	void *arg;
	size_t offset;
	const void *answer;
	size_t answer_size;
	size_t pointer;
	const void *target;
	int result;
	const char *line;
} goldens[] = {
	{ ABI_DESTROY, ARGUMENT(abi_destroy, .id = 9), .line = "IOMMU_DESTROY(3, id=9) = 0" },
	{ ABI_DESTROY, ARGUMENT(abi_destroy, .id = 9), .result = -EBUSY,
		.line = "IOMMU_DESTROY(3, id=9) = -1 EBUSY (Device or resource busy)" },
	{ ABI_IOAS_ALLOC, ARGUMENT(abi_ioas_alloc), ANSWER(abi_ioas_alloc, out_ioas_id, &id),
		.line = "IOMMU_IOAS_ALLOC(3, flags=0x0) = 0 → out_ioas_id=5" },
	{ ABI_IOAS_ALLOW_IOVAS, ARGUMENT(abi_ioas_allow_iovas, .ioas_id = 2, .num_iovas = 2),
		POINTS(abi_ioas_allow_iovas, allowed_iovas, ranges),
		.line = "IOMMU_IOAS_ALLOW_IOVAS(3, ioas_id=2, num_iovas=2, "
			"range={0x0..0x7ffffff}, range={0x8100000..0xffffffffffffffff}) = 0" },
	{ ABI_IOAS_COPY,
		ARGUMENT(abi_ioas_copy, .flags = ABI_IOAS_MAP_WRITEABLE, .dst_ioas_id = 4,
			.src_ioas_id = 2, .length = 0x1000, .dst_iova = 0x5000, .src_iova = 0x6000),
		.line = "IOMMU_IOAS_COPY(3, flags=WRITEABLE, dst_ioas_id=4, src_ioas_id=2, "
			"length=0x1000, src_iova=0x6000) = 0 → dst_iova=0x5000" },
	{ ABI_IOAS_MAP,
		ARGUMENT(abi_ioas_map, .flags = 7, .ioas_id = 2, .user_va = 0x7f0000000000,
			.length = 0x1000000, .iova = 0x40000000),
		.line = "IOMMU_IOAS_MAP(3, flags=FIXED_IOVA|READABLE|WRITEABLE, ioas_id=2, "
			"user_va=0x7f0000000000, length=0x1000000, iova=0x40000000) = 0 "
			"→ iova=0x40000000" },
	{ ABI_IOAS_MAP,
		ARGUMENT(abi_ioas_map, .flags = 7, .ioas_id = 2, .user_va = 0x7f0000000000,
			.length = 0x1000, .iova = 0x40000000),
		.result = -EEXIST,
		.line = "IOMMU_IOAS_MAP(3, flags=FIXED_IOVA|READABLE|WRITEABLE, ioas_id=2, "
			"user_va=0x7f0000000000, length=0x1000, iova=0x40000000) = -1 EEXIST "
			"(File exists)" },
	{ ABI_IOAS_MAP_FILE,
		ARGUMENT(abi_ioas_map_file, .flags = ABI_IOAS_MAP_READABLE | 0x80, .ioas_id = 2,
			.fd = -1, .start = 0x2000, .length = 0x1000, .iova = 0x9000),
		.line = "IOMMU_IOAS_MAP_FILE(3, flags=READABLE|0x80, ioas_id=2, fd=-1, "
			"start=0x2000, length=0x1000) = 0 → iova=0x9000" },
	{ ABI_IOAS_UNMAP, ARGUMENT(abi_ioas_unmap, .ioas_id = 2, .iova = 0, .length = UINT64_MAX),
		ANSWER(abi_ioas_unmap, length, &unmapped),
		.line = "IOMMU_IOAS_UNMAP(3, ioas_id=2, iova=0x0, length=0xffffffffffffffff) = 0 "
			"→ length=0x3000" },
	{ ABI_OPTION, ARGUMENT(abi_option, .option_id = ABI_OPTION_RLIMIT_MODE, .val64 = 1),
		.line = "IOMMU_OPTION(3, option_id=RLIMIT_MODE, op=SET, object_id=0, val64=1) = 0" },
	{ ABI_OPTION,
		ARGUMENT(abi_option, .option_id = ABI_OPTION_HUGE_PAGES, .op = ABI_OPTION_OP_GET,
			.object_id = 2),
		ANSWER(abi_option, val64, &enabled),
		.line = "IOMMU_OPTION(3, option_id=HUGE_PAGES, op=GET, object_id=2) = 0 "
			"→ val64=1" },
	{ ABI_VFIO_IOAS, ARGUMENT(abi_vfio_ioas, .ioas_id = 2, .op = ABI_VFIO_IOAS_SET),
		.line = "IOMMU_VFIO_IOAS(3, op=SET, ioas_id=2) = 0" },
	{ ABI_VFIO_IOAS, ARGUMENT(abi_vfio_ioas), ANSWER(abi_vfio_ioas, ioas_id, &id),
		.line = "IOMMU_VFIO_IOAS(3, op=GET) = 0 → ioas_id=5" },
	{ ABI_HWPT_ALLOC,
		ARGUMENT(abi_hwpt_alloc, .flags = ABI_HWPT_ALLOC_NEST_PARENT, .dev_id = 1,
			.pt_id = 2),
		ANSWER(abi_hwpt_alloc, out_hwpt_id, &id),
		.line = "IOMMU_HWPT_ALLOC(3, flags=NEST_PARENT, dev_id=1, pt_id=2, "
			"data_type=NONE, data_len=0) = 0 → out_hwpt_id=5" },
	{ ABI_HWPT_ALLOC,
		ARGUMENT(abi_hwpt_alloc, .flags = ABI_HWPT_FAULT_ID_VALID, .dev_id = 1, .pt_id = 6,
			.data_type = ABI_HWPT_DATA_VTD_S1,
			.data_len = sizeof(struct abi_hwpt_vtd_s1), .fault_id = 8),
		POINTS(abi_hwpt_alloc, data_uptr, &vtd_s1),
		ANSWER(abi_hwpt_alloc, out_hwpt_id, &id),
		.line = "IOMMU_HWPT_ALLOC(3, flags=FAULT_ID_VALID, dev_id=1, pt_id=6, "
			"data_type=VTD_S1, data_len=24, fault_id=8, vtd_s1.flags=WPE, "
			"vtd_s1.pgtbl_addr=0x8000, vtd_s1.addr_width=48) = 0 → out_hwpt_id=5" },
	{ ABI_HWPT_ALLOC,
		ARGUMENT(abi_hwpt_alloc, .dev_id = 1, .pt_id = 6,
			.data_type = ABI_HWPT_DATA_AMD_GUEST, .data_len = 32),
		POINTS(abi_hwpt_alloc, data_uptr, &amd_guest), .result = -EOPNOTSUPP,
		.line = "IOMMU_HWPT_ALLOC(3, flags=0, dev_id=1, pt_id=6, data_type=AMD_GUEST, "
			"data_len=32, dte={0x0000000000000001 0x0000000000000002 "
			"0x0000000000000003 0x0000000000000000}) = -1 EOPNOTSUPP "
			"(Operation not supported)" },
	{ ABI_HWPT_SET_DIRTY_TRACKING,
		ARGUMENT(abi_hwpt_set_dirty_tracking, .flags = 1, .hwpt_id = 7),
		.line = "IOMMU_HWPT_SET_DIRTY_TRACKING(3, flags=ENABLE, hwpt_id=7) = 0" },
	{ ABI_HWPT_GET_DIRTY_BITMAP,
		ARGUMENT(abi_hwpt_get_dirty_bitmap, .hwpt_id = 7, .flags = 1, .iova = 0x1000,
			.length = 0x2000, .page_size = 0x1000, .data = 0x7000),
		.line = "IOMMU_HWPT_GET_DIRTY_BITMAP(3, hwpt_id=7, flags=NO_CLEAR, iova=0x1000, "
			"length=0x2000, page_size=0x1000, data=0x7000) = 0" },
	{ ABI_FAULT_QUEUE_ALLOC, ARGUMENT(abi_fault_alloc, .out_fault_fd = 20),
		ANSWER(abi_fault_alloc, out_fault_id, &id),
		.line = "IOMMU_FAULT_QUEUE_ALLOC(3, flags=0x0) = 0 → out_fault_id=5, "
			"out_fault_fd=20" },
	{ ABI_VIOMMU_ALLOC,
		ARGUMENT(abi_viommu_alloc, .type = ABI_VIOMMU_TYPE_ARM_SMMUV3, .dev_id = 1,
			.hwpt_id = 3),
		ANSWER(abi_viommu_alloc, out_viommu_id, &id),
		.line = "IOMMU_VIOMMU_ALLOC(3, flags=0x0, type=ARM_SMMUV3, dev_id=1, hwpt_id=3, "
			"data_len=0) = 0 → out_viommu_id=5" },
	{ ABI_VIOMMU_ALLOC,
		ARGUMENT(abi_viommu_alloc, .type = ABI_VIOMMU_TYPE_TEGRA241_CMDQV, .dev_id = 1,
			.hwpt_id = 3, .data_len = sizeof(struct abi_viommu_tegra241_cmdqv)),
		POINTS(abi_viommu_alloc, data_uptr, &vintf),
		ANSWER(abi_viommu_alloc, out_viommu_id, &id),
		.line = "IOMMU_VIOMMU_ALLOC(3, flags=0x0, type=TEGRA241_CMDQV, dev_id=1, "
			"hwpt_id=3, data_len=16) = 0 → out_viommu_id=5, "
			"out_vintf_mmap_offset=0x10000, out_vintf_mmap_length=0x20000" },
	{ ABI_VIOMMU_ALLOC, ARGUMENT(abi_viommu_alloc, .type = 77), .result = -EOPNOTSUPP,
		.line = "IOMMU_VIOMMU_ALLOC(3, flags=0x0, type=77, dev_id=0, hwpt_id=0, "
			"data_len=0) = -1 EOPNOTSUPP (Operation not supported)" },
	{ ABI_VDEVICE_ALLOC,
		ARGUMENT(abi_vdevice_alloc, .viommu_id = 4, .dev_id = 1, .virt_id = 0x42),
		ANSWER(abi_vdevice_alloc, out_vdevice_id, &id),
		.line = "IOMMU_VDEVICE_ALLOC(3, viommu_id=4, dev_id=1, virt_id=0x42) = 0 "
			"→ out_vdevice_id=5" },
	{ ABI_IOAS_CHANGE_PROCESS, ARGUMENT(abi_ioas_change_process),
		.line = "IOMMU_IOAS_CHANGE_PROCESS(3) = 0" },
	{ ABI_VEVENTQ_ALLOC,
		ARGUMENT(abi_veventq_alloc, .viommu_id = 4, .type = ABI_VEVENTQ_TYPE_ARM_SMMUV3,
			.veventq_depth = 64, .out_veventq_fd = 21),
		ANSWER(abi_veventq_alloc, out_veventq_id, &id),
		.line = "IOMMU_VEVENTQ_ALLOC(3, flags=0x0, viommu_id=4, type=ARM_SMMUV3, "
			"veventq_depth=64) = 0 → out_veventq_id=5, out_veventq_fd=21" },
	{ ABI_HW_QUEUE_ALLOC,
		ARGUMENT(abi_hw_queue_alloc, .viommu_id = 4,
			.type = ABI_HW_QUEUE_TYPE_TEGRA241_CMDQV, .index = 1,
			.nesting_parent_iova = 0x200000, .length = 0x10000),
		ANSWER(abi_hw_queue_alloc, out_hw_queue_id, &id),
		.line = "IOMMU_HW_QUEUE_ALLOC(3, flags=0x0, viommu_id=4, type=TEGRA241_CMDQV, "
			"index=1, nesting_parent_iova=0x200000, length=0x10000) = 0 "
			"→ out_hw_queue_id=5" },
	{ ABI_IOAS_NOIOMMU_GET_PA,
		ARGUMENT(abi_ioas_noiommu_get_pa, .ioas_id = 2, .iova = 0x1000, .length = 0x2000),
		ANSWER(abi_ioas_noiommu_get_pa, out_phys, &phys),
		.line = "IOMMU_IOAS_NOIOMMU_GET_PA(3, flags=0x0, ioas_id=2, iova=0x1000, "
			"length=0x2000) = 0 → length=0x2000, out_phys=0x80000000" },
};

Test(trace_iommufd, every_ioctl_is_shown_by_name_with_its_members)
{
	for (size_t i = 0; i < ARRAY_SIZE(goldens); i++) {
		const uint64_t target = (uintptr_t)goldens[i].target;
		int result;

		if (target)
			memcpy((char *)goldens[i].arg + goldens[i].pointer, &target,
				sizeof(target));
		script_add_answer(traced.script,
			(struct script_answer){
				.request = goldens[i].request,
				.result = goldens[i].result,
				.offset = goldens[i].offset,
				.data = goldens[i].answer,
				.size = goldens[i].answer_size,
			});
		result = traced.transport->ioctl(
			traced.transport, 3, goldens[i].request, goldens[i].arg);
		cr_expect_eq(result, goldens[i].result);
		cr_expect_str_eq(traced.line, goldens[i].line);
	}
}

static void call_ioctl(unsigned long request, void *arg)
{
	traced.transport->ioctl(traced.transport, 3, request, arg);
}

Test(trace_iommufd, the_ranges_that_fitted_are_shown)
{
	struct abi_ioas_iova_ranges arg = {
		.size = sizeof(arg),
		.ioas_id = 2,
		.num_iovas = 2,
		.allowed_iovas = (uintptr_t)ranges,
		.out_iova_alignment = 0x1000,
	};

	call_ioctl(ABI_IOAS_IOVA_RANGES, &arg);
	cr_expect_str_eq(traced.line,
		"IOMMU_IOAS_IOVA_RANGES(3, ioas_id=2, num_iovas=2) = 0 → num_iovas=2, "
		"out_iova_alignment=0x1000, range={0x0..0x7ffffff}, "
		"range={0x8100000..0xffffffffffffffff}");
}

Test(trace_iommufd, no_more_ranges_are_read_than_there_is_room_for)
{
	struct abi_ioas_iova_ranges arg = {
		.size = sizeof(arg), .num_iovas = 1, .allowed_iovas = (uintptr_t)ranges
	};

	script_add_answer(traced.script,
		(struct script_answer){
			.request = ABI_IOAS_IOVA_RANGES,
			.offset = offsetof(struct abi_ioas_iova_ranges, num_iovas),
			.data = &id,
			.size = sizeof(id),
		});
	call_ioctl(ABI_IOAS_IOVA_RANGES, &arg);
	cr_expect_str_eq(traced.line,
		"IOMMU_IOAS_IOVA_RANGES(3, ioas_id=0, num_iovas=1) = 0 → num_iovas=5, "
		"out_iova_alignment=0x0, range={0x0..0x7ffffff}");
}

Test(trace_iommufd, too_few_ranges_show_the_number_needed)
{
	struct abi_ioas_iova_ranges arg = {
		.size = sizeof(arg), .num_iovas = 1, .allowed_iovas = (uintptr_t)ranges
	};

	script_add_answer(traced.script,
		(struct script_answer){
			.request = ABI_IOAS_IOVA_RANGES,
			.result = -EMSGSIZE,
			.offset = offsetof(struct abi_ioas_iova_ranges, num_iovas),
			.data = &id,
			.size = sizeof(id),
		});
	call_ioctl(ABI_IOAS_IOVA_RANGES, &arg);
	cr_expect_str_eq(traced.line,
		"IOMMU_IOAS_IOVA_RANGES(3, ioas_id=0, num_iovas=1) = -1 EMSGSIZE "
		"(Message too long) → num_iovas=5");
}

Test(trace_iommufd, long_lists_are_cut_and_counted)
{
	struct abi_ioas_allow_iovas arg = {
		.size = sizeof(arg), .num_iovas = 10, .allowed_iovas = (uintptr_t)ranges
	};
	const char *last = "range={0x0..0x0}, more=2) = 0";

	call_ioctl(ABI_IOAS_ALLOW_IOVAS, &arg);
	cr_expect_str_eq(traced.line + strlen(traced.line) - strlen(last), last);
}

/* V, S1, a CD table at 0x40100000. */
static const uint8_t ste[16] = { 0x0b, 0, 0x10, 0x40 };

/* TLBI_NH_ASID of ASID 7, 0x11. */
static const uint8_t cmds[2][16] = { { 0x11, [6] = 7 }, { 0x11, [6] = 8 } };

Test(trace_iommufd, an_ste_is_decoded)
{
	struct abi_hwpt_alloc arg = {
		.size = sizeof(arg),
		.data_type = ABI_HWPT_DATA_ARM_SMMUV3,
		.data_len = sizeof(ste),
		.data_uptr = (uintptr_t)ste,
	};

	call_ioctl(ABI_HWPT_ALLOC, &arg);
	cr_expect_not_null(strstr(traced.line, "data_type=ARM_SMMUV3, data_len=16, ste={V "));
	cr_expect_not_null(strstr(traced.line, "Config=S1 "));
	cr_expect_not_null(strstr(traced.line, "S1ContextPtr=0x40100000"));
}

Test(trace_iommufd, data_of_the_wrong_length_is_not_read)
{
	struct abi_hwpt_alloc arg = {
		.size = sizeof(arg),
		.data_type = ABI_HWPT_DATA_ARM_SMMUV3,
		.data_len = sizeof(ste) - 1,
		.data_uptr = (uintptr_t)ste,
	};

	call_ioctl(ABI_HWPT_ALLOC, &arg);
	cr_expect_null(strstr(traced.line, "ste="));
	arg.data_len = sizeof(ste);
	arg.data_uptr = 0;
	call_ioctl(ABI_HWPT_ALLOC, &arg);
	cr_expect_null(strstr(traced.line, "ste="));
}

Test(trace_iommufd, commands_are_decoded_and_a_failure_shows_how_many_were_handled)
{
	struct abi_hwpt_invalidate arg = {
		.size = sizeof(arg),
		.hwpt_id = 4,
		.data_uptr = (uintptr_t)cmds,
		.data_type = ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
		.entry_len = sizeof(cmds[0]),
		.entry_num = 2,
	};

	script_add_answer(traced.script,
		(struct script_answer){
			.request = ABI_HWPT_INVALIDATE,
			.result = -EIO,
			.offset = offsetof(struct abi_hwpt_invalidate, entry_num),
			.data = &(const uint32_t){ 1 },
			.size = sizeof(uint32_t),
		});
	call_ioctl(ABI_HWPT_INVALIDATE, &arg);
	cr_expect_str_eq(traced.line,
		"IOMMU_HWPT_INVALIDATE(3, hwpt_id=4, data_type=ARM_SMMUV3, entry_len=16, "
		"entry_num=2, cmd={TLBI_NH_ASID VMID=0x0 ASID=0x7}, "
		"cmd={TLBI_NH_ASID VMID=0x0 ASID=0x8}) = -1 EIO (Input/output error) "
		"→ entry_num=1");
}

Test(trace_iommufd, vtd_invalidations_are_decoded)
{
	struct abi_hwpt_vtd_s1_invalidate entries[] = {
		{ .addr = 0, .npages = UINT64_MAX },
		{ .addr = 0x1000, .npages = 2, .flags = ABI_VTD_INV_FLAGS_LEAF },
	};
	struct abi_hwpt_invalidate arg = {
		.size = sizeof(arg),
		.data_uptr = (uintptr_t)entries,
		.entry_len = sizeof(entries[0]),
		.entry_num = 2,
	};

	call_ioctl(ABI_HWPT_INVALIDATE, &arg);
	cr_expect_not_null(strstr(traced.line, "entry={addr=0x0 npages=18446744073709551615}, "
					       "entry={addr=0x1000 npages=2 LEAF}) = 0"));
}

Test(trace_iommufd, entries_without_a_pointer_are_not_read)
{
	struct abi_hwpt_invalidate arg = {
		.size = sizeof(arg),
		.data_type = ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
		.entry_len = sizeof(struct abi_viommu_arm_smmuv3_invalidate),
		.entry_num = 3,
	};

	call_ioctl(ABI_HWPT_INVALIDATE, &arg);
	cr_expect_not_null(strstr(traced.line, "entry_len=16, entry_num=3) = 0"));
}

static void answer_hw_info(uint32_t type, uint32_t length)
{
	static struct abi_hw_info answer;

	answer = (struct abi_hw_info){
		.data_len = length,
		.out_data_type = type,
		.out_capabilities = ABI_HW_CAP_PCI_ATS_NOT_SUPPORTED,
	};
	script_add_answer(traced.script,
		(struct script_answer){ .request = ABI_GET_HW_INFO,
			.offset = offsetof(struct abi_hw_info, out_data_type),
			.data = &answer.out_data_type,
			.size = sizeof(answer) - offsetof(struct abi_hw_info, out_data_type) });
}

static void trace_hw_info_of(uint32_t type, void *data, uint32_t length)
{
	struct abi_hw_info arg = {
		.size = sizeof(arg), .dev_id = 1, .data_len = length, .data_uptr = (uintptr_t)data
	};

	answer_hw_info(type, length);
	call_ioctl(ABI_GET_HW_INFO, &arg);
}

Test(trace_iommufd, hardware_information_is_decoded)
{
	struct abi_hw_info_arm_smmuv3 arm = { .idr = { 0xd81, 0x1, [5] = 0x54 }, .aidr = 2 };
	struct abi_hw_info_vtd vtd = { .cap_reg = 0x12, .ecap_reg = 0x34 };
	struct abi_hw_info_tegra241_cmdqv tegra = { .version = 1, .log2vcmdqs = 2, .log2vsids = 4 };
	struct abi_hw_info_amd amd = { .efr = 0x56, .efr2 = 0x78 };

	trace_hw_info_of(ABI_HW_INFO_TYPE_ARM_SMMUV3, &arm, sizeof(arm));
	cr_expect_not_null(strstr(traced.line,
		"IOMMU_GET_HW_INFO(3, flags=0, dev_id=1, data_len=40) = 0 → data_len=40, "
		"out_data_type=ARM_SMMUV3, out_max_pasid_log2=0, "
		"out_capabilities=PCI_ATS_NOT_SUPPORTED, flags=0x0, idr[0]=0xd81, idr[1]=0x1, "
		"idr[2]=0x0, idr[3]=0x0, idr[4]=0x0, idr[5]=0x54, iidr=0x0, aidr=0x2, smmuv3={"));
	cr_expect_not_null(strstr(traced.line, "GRAN4K"));

	trace_hw_info_of(ABI_HW_INFO_TYPE_INTEL_VTD, &vtd, sizeof(vtd));
	cr_expect_not_null(strstr(traced.line, "flags=0x0, cap_reg=0x12, ecap_reg=0x34"));
	trace_hw_info_of(ABI_HW_INFO_TYPE_TEGRA241_CMDQV, &tegra, sizeof(tegra));
	cr_expect_not_null(strstr(traced.line, "version=1, log2vcmdqs=2, log2vsids=4"));
	trace_hw_info_of(ABI_HW_INFO_TYPE_AMD, &amd, sizeof(amd));
	cr_expect_not_null(strstr(traced.line, "efr=0x56, efr2=0x78"));
	trace_hw_info_of(ABI_HW_INFO_TYPE_AMD, &amd, sizeof(amd) - 1);
	cr_expect_null(strstr(traced.line, "efr="));
}

Test(trace_iommufd, no_more_information_is_read_than_the_kernel_has)
{
	struct abi_hw_info_amd amd = { 0 };
	struct abi_hw_info arg = {
		.size = sizeof(arg),
		.data_len = sizeof(amd),
		.data_uptr = (uintptr_t)&amd,
		.out_data_type = ABI_HW_INFO_TYPE_AMD,
	};

	script_add_answer(traced.script,
		(struct script_answer){
			.request = ABI_GET_HW_INFO,
			.offset = offsetof(struct abi_hw_info, data_len),
			.data = &id,
			.size = sizeof(id),
		});
	call_ioctl(ABI_GET_HW_INFO, &arg);
	cr_expect_not_null(strstr(traced.line, "→ data_len=5, out_data_type=AMD"));
	cr_expect_null(strstr(traced.line, "efr="));
}

Test(trace_iommufd, a_short_structure_is_read_no_further_than_its_size)
{
	struct abi_ioas_alloc arg = { .size = 8, .out_ioas_id = 99 };

	call_ioctl(ABI_IOAS_ALLOC, &arg);
	cr_expect_str_eq(traced.line, "IOMMU_IOAS_ALLOC(3, flags=0x0) = 0");
	call_ioctl(ABI_IOAS_ALLOC, NULL);
	cr_expect_str_eq(traced.line, "IOMMU_IOAS_ALLOC(3) = 0");
}

Test(trace_iommufd, an_ioctl_that_no_table_knows_is_shown_by_number)
{
	call_ioctl(0x3bff, (void *)0x1234);
	cr_expect_str_eq(traced.line, "ioctl(3, request=0x3bff, arg=0x1234) = 0");
}
