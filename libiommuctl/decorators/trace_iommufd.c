// SPDX-License-Identifier: MIT
/* The ioctls of /dev/iommu, in the order of their numbers. */
#include "decorators/trace.h"

#include "abi/iommufd.h"

static const struct trace_member destroy[] = {
	{ TRACE_MEMBER(abi_destroy, id), .when = TRACE_IN },
	{ NULL },
};

static const struct trace_member ioas_alloc[] = {
	{ TRACE_MEMBER(abi_ioas_alloc, flags), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_alloc, out_ioas_id), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_member ioas_allow_iovas[] = {
	{ TRACE_MEMBER(abi_ioas_allow_iovas, ioas_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_ioas_allow_iovas, num_iovas), .when = TRACE_IN },
	{ NULL },
};

static const struct trace_name map_flags[] = {
	{ ABI_IOAS_MAP_FIXED_IOVA, "FIXED_IOVA" },
	{ ABI_IOAS_MAP_READABLE, "READABLE" },
	{ ABI_IOAS_MAP_WRITEABLE, "WRITEABLE" },
	{ 0, NULL },
};

/* flags have the same offset in the structures of MAP, MAP_FILE and COPY. */
static const struct trace_condition fixed_iova = {
	{ .offset = offsetof(struct abi_ioas_map, flags),
		.width = 4,
		.mask = ABI_IOAS_MAP_FIXED_IOVA },
	ABI_IOAS_MAP_FIXED_IOVA,
};

static const struct trace_member ioas_copy[] = {
	{ TRACE_MEMBER(abi_ioas_copy, flags), .when = TRACE_IN, .show = TRACE_FLAGS,
		.names = map_flags },
	{ TRACE_MEMBER(abi_ioas_copy, dst_ioas_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_ioas_copy, src_ioas_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_ioas_copy, length), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_copy, dst_iova), .when = TRACE_IN, .show = TRACE_HEX,
		.only = &fixed_iova },
	{ TRACE_MEMBER(abi_ioas_copy, src_iova), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_copy, dst_iova), .when = TRACE_OUT, .show = TRACE_HEX },
	{ NULL },
};

static const struct trace_member ioas_iova_ranges[] = {
	{ TRACE_MEMBER(abi_ioas_iova_ranges, ioas_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_ioas_iova_ranges, num_iovas),
		.when = TRACE_IN | TRACE_OUT | TRACE_FAILED },
	{ TRACE_MEMBER(abi_ioas_iova_ranges, out_iova_alignment), .when = TRACE_OUT,
		.show = TRACE_HEX },
	{ NULL },
};

static const struct trace_member ioas_map[] = {
	{ TRACE_MEMBER(abi_ioas_map, flags), .when = TRACE_IN, .show = TRACE_FLAGS,
		.names = map_flags },
	{ TRACE_MEMBER(abi_ioas_map, ioas_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_ioas_map, user_va), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_map, length), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_map, iova), .when = TRACE_IN, .show = TRACE_HEX,
		.only = &fixed_iova },
	{ TRACE_MEMBER(abi_ioas_map, iova), .when = TRACE_OUT, .show = TRACE_HEX },
	{ NULL },
};

static const struct trace_member ioas_unmap[] = {
	{ TRACE_MEMBER(abi_ioas_unmap, ioas_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_ioas_unmap, iova), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_unmap, length), .when = TRACE_IN | TRACE_OUT, .show = TRACE_HEX },
	{ NULL },
};

static const struct trace_name option_ids[] = {
	{ ABI_OPTION_RLIMIT_MODE, "RLIMIT_MODE" },
	{ ABI_OPTION_HUGE_PAGES, "HUGE_PAGES" },
	{ 0, NULL },
};

static const struct trace_name option_ops[] = {
	{ ABI_OPTION_OP_SET, "SET" },
	{ ABI_OPTION_OP_GET, "GET" },
	{ 0, NULL },
};

static const struct trace_condition option_set = {
	TRACE_PLACE(abi_option, op),
	ABI_OPTION_OP_SET,
};

static const struct trace_condition option_get = {
	TRACE_PLACE(abi_option, op),
	ABI_OPTION_OP_GET,
};

static const struct trace_member option[] = {
	{ TRACE_MEMBER(abi_option, option_id), .when = TRACE_IN, .show = TRACE_ENUM,
		.names = option_ids },
	{ TRACE_MEMBER(abi_option, op), .when = TRACE_IN, .show = TRACE_ENUM, .names = option_ops },
	{ TRACE_MEMBER(abi_option, object_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_option, val64), .when = TRACE_IN, .only = &option_set },
	{ TRACE_MEMBER(abi_option, val64), .when = TRACE_OUT, .only = &option_get },
	{ NULL },
};

static const struct trace_name vfio_ioas_ops[] = {
	{ ABI_VFIO_IOAS_GET, "GET" },
	{ ABI_VFIO_IOAS_SET, "SET" },
	{ ABI_VFIO_IOAS_CLEAR, "CLEAR" },
	{ 0, NULL },
};

static const struct trace_condition vfio_ioas_set = {
	TRACE_PLACE(abi_vfio_ioas, op),
	ABI_VFIO_IOAS_SET,
};

static const struct trace_condition vfio_ioas_get = {
	TRACE_PLACE(abi_vfio_ioas, op),
	ABI_VFIO_IOAS_GET,
};

static const struct trace_member vfio_ioas[] = {
	{ TRACE_MEMBER(abi_vfio_ioas, op), .when = TRACE_IN, .show = TRACE_ENUM,
		.names = vfio_ioas_ops },
	{ TRACE_MEMBER(abi_vfio_ioas, ioas_id), .when = TRACE_IN, .only = &vfio_ioas_set },
	{ TRACE_MEMBER(abi_vfio_ioas, ioas_id), .when = TRACE_OUT, .only = &vfio_ioas_get },
	{ NULL },
};

static const struct trace_name hwpt_flags[] = {
	{ ABI_HWPT_ALLOC_NEST_PARENT, "NEST_PARENT" },
	{ ABI_HWPT_ALLOC_DIRTY_TRACKING, "DIRTY_TRACKING" },
	{ ABI_HWPT_FAULT_ID_VALID, "FAULT_ID_VALID" },
	{ ABI_HWPT_ALLOC_PASID, "PASID" },
	{ 0, NULL },
};

static const struct trace_name hwpt_data_types[] = {
	{ ABI_HWPT_DATA_NONE, "NONE" },
	{ ABI_HWPT_DATA_VTD_S1, "VTD_S1" },
	{ ABI_HWPT_DATA_ARM_SMMUV3, "ARM_SMMUV3" },
	{ ABI_HWPT_DATA_AMD_GUEST, "AMD_GUEST" },
	{ 0, NULL },
};

static const struct trace_condition fault_id_valid = {
	{ .offset = offsetof(struct abi_hwpt_alloc, flags),
		.width = 4,
		.mask = ABI_HWPT_FAULT_ID_VALID },
	ABI_HWPT_FAULT_ID_VALID,
};

static const struct trace_member hwpt_alloc[] = {
	{ TRACE_MEMBER(abi_hwpt_alloc, flags), .when = TRACE_IN, .show = TRACE_FLAGS,
		.names = hwpt_flags },
	{ TRACE_MEMBER(abi_hwpt_alloc, dev_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_hwpt_alloc, pt_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_hwpt_alloc, data_type), .when = TRACE_IN, .show = TRACE_ENUM,
		.names = hwpt_data_types },
	{ TRACE_MEMBER(abi_hwpt_alloc, data_len), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_hwpt_alloc, fault_id), .when = TRACE_IN, .only = &fault_id_valid },
	{ TRACE_MEMBER(abi_hwpt_alloc, out_hwpt_id), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_name hw_info_flags[] = {
	{ ABI_HW_INFO_FLAG_INPUT_TYPE, "INPUT_TYPE" },
	{ 0, NULL },
};

static const struct trace_name hw_info_types[] = {
	{ ABI_HW_INFO_TYPE_NONE, "NONE" },
	{ ABI_HW_INFO_TYPE_INTEL_VTD, "INTEL_VTD" },
	{ ABI_HW_INFO_TYPE_ARM_SMMUV3, "ARM_SMMUV3" },
	{ ABI_HW_INFO_TYPE_TEGRA241_CMDQV, "TEGRA241_CMDQV" },
	{ ABI_HW_INFO_TYPE_AMD, "AMD" },
	{ 0, NULL },
};

static const struct trace_name hw_capabilities[] = {
	{ ABI_HW_CAP_DIRTY_TRACKING, "DIRTY_TRACKING" },
	{ ABI_HW_CAP_PCI_PASID_EXEC, "PCI_PASID_EXEC" },
	{ ABI_HW_CAP_PCI_PASID_PRIV, "PCI_PASID_PRIV" },
	{ ABI_HW_CAP_PCI_ATS_NOT_SUPPORTED, "PCI_ATS_NOT_SUPPORTED" },
	{ 0, NULL },
};

static const struct trace_condition input_type_valid = {
	{ .offset = offsetof(struct abi_hw_info, flags),
		.width = 4,
		.mask = ABI_HW_INFO_FLAG_INPUT_TYPE },
	ABI_HW_INFO_FLAG_INPUT_TYPE,
};

static const struct trace_member hw_info[] = {
	{ TRACE_MEMBER(abi_hw_info, flags), .when = TRACE_IN, .show = TRACE_FLAGS,
		.names = hw_info_flags },
	{ TRACE_MEMBER(abi_hw_info, dev_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_hw_info, data_len), .when = TRACE_IN | TRACE_OUT },
	{ TRACE_MEMBER(abi_hw_info, in_data_type), .when = TRACE_IN, .show = TRACE_ENUM,
		.names = hw_info_types, .only = &input_type_valid },
	{ TRACE_MEMBER(abi_hw_info, out_data_type), .when = TRACE_OUT, .show = TRACE_ENUM,
		.names = hw_info_types },
	{ TRACE_MEMBER(abi_hw_info, out_max_pasid_log2), .when = TRACE_OUT },
	{ TRACE_MEMBER(abi_hw_info, out_capabilities), .when = TRACE_OUT, .show = TRACE_FLAGS,
		.names = hw_capabilities },
	{ NULL },
};

static const struct trace_name set_dirty_flags[] = {
	{ ABI_HWPT_DIRTY_TRACKING_ENABLE, "ENABLE" },
	{ 0, NULL },
};

static const struct trace_member set_dirty_tracking[] = {
	{ TRACE_MEMBER(abi_hwpt_set_dirty_tracking, flags), .when = TRACE_IN, .show = TRACE_FLAGS,
		.names = set_dirty_flags },
	{ TRACE_MEMBER(abi_hwpt_set_dirty_tracking, hwpt_id), .when = TRACE_IN },
	{ NULL },
};

static const struct trace_name get_dirty_flags[] = {
	{ ABI_HWPT_GET_DIRTY_BITMAP_NO_CLEAR, "NO_CLEAR" },
	{ 0, NULL },
};

static const struct trace_member get_dirty_bitmap[] = {
	{ TRACE_MEMBER(abi_hwpt_get_dirty_bitmap, hwpt_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_hwpt_get_dirty_bitmap, flags), .when = TRACE_IN, .show = TRACE_FLAGS,
		.names = get_dirty_flags },
	{ TRACE_MEMBER(abi_hwpt_get_dirty_bitmap, iova), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_hwpt_get_dirty_bitmap, length), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_hwpt_get_dirty_bitmap, page_size), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_hwpt_get_dirty_bitmap, data), .when = TRACE_IN, .show = TRACE_HEX },
	{ NULL },
};

static const struct trace_name invalidate_types[] = {
	{ ABI_HWPT_INVALIDATE_DATA_VTD_S1, "VTD_S1" },
	{ ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3, "ARM_SMMUV3" },
	{ 0, NULL },
};

static const struct trace_member hwpt_invalidate[] = {
	{ TRACE_MEMBER(abi_hwpt_invalidate, hwpt_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_hwpt_invalidate, data_type), .when = TRACE_IN, .show = TRACE_ENUM,
		.names = invalidate_types },
	{ TRACE_MEMBER(abi_hwpt_invalidate, entry_len), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_hwpt_invalidate, entry_num),
		.when = TRACE_IN | TRACE_OUT | TRACE_FAILED },
	{ NULL },
};

static const struct trace_member fault_alloc[] = {
	{ TRACE_MEMBER(abi_fault_alloc, flags), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_fault_alloc, out_fault_id), .when = TRACE_OUT },
	{ TRACE_MEMBER(abi_fault_alloc, out_fault_fd), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_member ioas_map_file[] = {
	{ TRACE_MEMBER(abi_ioas_map_file, flags), .when = TRACE_IN, .show = TRACE_FLAGS,
		.names = map_flags },
	{ TRACE_MEMBER(abi_ioas_map_file, ioas_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_ioas_map_file, fd), .when = TRACE_IN, .show = TRACE_SIGNED },
	{ TRACE_MEMBER(abi_ioas_map_file, start), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_map_file, length), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_map_file, iova), .when = TRACE_IN, .show = TRACE_HEX,
		.only = &fixed_iova },
	{ TRACE_MEMBER(abi_ioas_map_file, iova), .when = TRACE_OUT, .show = TRACE_HEX },
	{ NULL },
};

static const struct trace_name viommu_types[] = {
	{ ABI_VIOMMU_TYPE_DEFAULT, "DEFAULT" },
	{ ABI_VIOMMU_TYPE_ARM_SMMUV3, "ARM_SMMUV3" },
	{ ABI_VIOMMU_TYPE_TEGRA241_CMDQV, "TEGRA241_CMDQV" },
	{ 0, NULL },
};

static const struct trace_member viommu_alloc[] = {
	{ TRACE_MEMBER(abi_viommu_alloc, flags), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_viommu_alloc, type), .when = TRACE_IN, .show = TRACE_ENUM,
		.names = viommu_types },
	{ TRACE_MEMBER(abi_viommu_alloc, dev_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_viommu_alloc, hwpt_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_viommu_alloc, data_len), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_viommu_alloc, out_viommu_id), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_member vdevice_alloc[] = {
	{ TRACE_MEMBER(abi_vdevice_alloc, viommu_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_vdevice_alloc, dev_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_vdevice_alloc, virt_id), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_vdevice_alloc, out_vdevice_id), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_name veventq_types[] = {
	{ ABI_VEVENTQ_TYPE_DEFAULT, "DEFAULT" },
	{ ABI_VEVENTQ_TYPE_ARM_SMMUV3, "ARM_SMMUV3" },
	{ ABI_VEVENTQ_TYPE_TEGRA241_CMDQV, "TEGRA241_CMDQV" },
	{ 0, NULL },
};

static const struct trace_member veventq_alloc[] = {
	{ TRACE_MEMBER(abi_veventq_alloc, flags), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_veventq_alloc, viommu_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_veventq_alloc, type), .when = TRACE_IN, .show = TRACE_ENUM,
		.names = veventq_types },
	{ TRACE_MEMBER(abi_veventq_alloc, veventq_depth), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_veventq_alloc, out_veventq_id), .when = TRACE_OUT },
	{ TRACE_MEMBER(abi_veventq_alloc, out_veventq_fd), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_name hw_queue_types[] = {
	{ ABI_HW_QUEUE_TYPE_DEFAULT, "DEFAULT" },
	{ ABI_HW_QUEUE_TYPE_TEGRA241_CMDQV, "TEGRA241_CMDQV" },
	{ 0, NULL },
};

static const struct trace_member hw_queue_alloc[] = {
	{ TRACE_MEMBER(abi_hw_queue_alloc, flags), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_hw_queue_alloc, viommu_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_hw_queue_alloc, type), .when = TRACE_IN, .show = TRACE_ENUM,
		.names = hw_queue_types },
	{ TRACE_MEMBER(abi_hw_queue_alloc, index), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_hw_queue_alloc, nesting_parent_iova), .when = TRACE_IN,
		.show = TRACE_HEX },
	{ TRACE_MEMBER(abi_hw_queue_alloc, length), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_hw_queue_alloc, out_hw_queue_id), .when = TRACE_OUT },
	{ NULL },
};

static const struct trace_member noiommu_get_pa[] = {
	{ TRACE_MEMBER(abi_ioas_noiommu_get_pa, flags), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_noiommu_get_pa, ioas_id), .when = TRACE_IN },
	{ TRACE_MEMBER(abi_ioas_noiommu_get_pa, iova), .when = TRACE_IN, .show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_noiommu_get_pa, length), .when = TRACE_IN | TRACE_OUT,
		.show = TRACE_HEX },
	{ TRACE_MEMBER(abi_ioas_noiommu_get_pa, out_phys), .when = TRACE_OUT, .show = TRACE_HEX },
	{ NULL },
};

const struct trace_ioctl trace_iommufd_ioctls[] = {
	{ OP_DESTROY, .size = sizeof(struct abi_destroy), .members = destroy },
	{ OP_IOAS_ALLOC, .size = sizeof(struct abi_ioas_alloc), .members = ioas_alloc },
	{ OP_IOAS_ALLOW_IOVAS, .size = sizeof(struct abi_ioas_allow_iovas),
		.members = ioas_allow_iovas, .payload_in = trace_allowed_iovas },
	{ OP_IOAS_COPY, .size = sizeof(struct abi_ioas_copy), .members = ioas_copy },
	{ OP_IOAS_IOVA_RANGES, .size = sizeof(struct abi_ioas_iova_ranges),
		.members = ioas_iova_ranges, .payload_out = trace_iova_ranges },
	{ OP_IOAS_MAP, .size = sizeof(struct abi_ioas_map), .members = ioas_map },
	{ OP_IOAS_UNMAP, .size = sizeof(struct abi_ioas_unmap), .members = ioas_unmap },
	{ OP_OPTION_OTHER, .size = sizeof(struct abi_option), .members = option },
	{ OP_VFIO_IOAS, .size = sizeof(struct abi_vfio_ioas), .members = vfio_ioas },
	{ OP_HWPT_ALLOC, .size = sizeof(struct abi_hwpt_alloc), .members = hwpt_alloc,
		.payload_in = trace_hwpt_data },
	{ OP_GET_HW_INFO, .size = sizeof(struct abi_hw_info), .members = hw_info,
		.payload_out = trace_hw_info },
	{ OP_HWPT_SET_DIRTY_TRACKING, .size = sizeof(struct abi_hwpt_set_dirty_tracking),
		.members = set_dirty_tracking },
	{ OP_HWPT_GET_DIRTY_BITMAP, .size = sizeof(struct abi_hwpt_get_dirty_bitmap),
		.members = get_dirty_bitmap },
	{ OP_HWPT_INVALIDATE, .size = sizeof(struct abi_hwpt_invalidate),
		.members = hwpt_invalidate, .payload_in = trace_invalidations },
	{ OP_FAULT_QUEUE_ALLOC, .size = sizeof(struct abi_fault_alloc), .members = fault_alloc },
	{ OP_IOAS_MAP_FILE, .size = sizeof(struct abi_ioas_map_file), .members = ioas_map_file },
	{ OP_VIOMMU_ALLOC, .size = sizeof(struct abi_viommu_alloc), .members = viommu_alloc,
		.payload_out = trace_viommu_data },
	{ OP_VDEVICE_ALLOC, .size = sizeof(struct abi_vdevice_alloc), .members = vdevice_alloc },
	{ OP_IOAS_CHANGE_PROCESS, .size = sizeof(struct abi_ioas_change_process) },
	{ OP_VEVENTQ_ALLOC, .size = sizeof(struct abi_veventq_alloc), .members = veventq_alloc },
	{ OP_HW_QUEUE_ALLOC, .size = sizeof(struct abi_hw_queue_alloc), .members = hw_queue_alloc },
	{ OP_IOAS_NOIOMMU_GET_PA, .size = sizeof(struct abi_ioas_noiommu_get_pa),
		.members = noiommu_get_pa },
	{ OP_ANY },
};
