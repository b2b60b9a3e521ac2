// SPDX-License-Identifier: MIT
/* Thin calls that the kernel has no memory for, and what they refuse before it is asked. */
#include "errors_table.h"

#include <iommuctl/iommufd.h>

#include "array.h"
#include "thin_call.h"

#define FD THIN_FD

static struct iommuctl_hw_info hw_info;
static struct iommuctl_pgfault fault;
static const struct iommuctl_page_response response;
static int number;
static uint32_t id;
static uint64_t value;
static size_t size;
static void *address;

static int call_iommufd_open(void *ctx)
{
	return iommuctl_iommufd_open(ctx, &number);
}

static int call_iommufd_mmap(void *ctx)
{
	return iommuctl_iommufd_mmap(ctx, FD, 0, 4096, &address);
}

static int call_close(void *ctx)
{
	return iommuctl_close(ctx, FD);
}

static int call_munmap(void *ctx)
{
	return iommuctl_munmap(ctx, NULL, 1);
}

static int call_destroy(void *ctx)
{
	return iommuctl_destroy(ctx, FD, 1);
}

static int call_device_get_hw_info(void *ctx)
{
	return iommuctl_device_get_hw_info(ctx, FD, 1, NULL, 0, &hw_info);
}

static int call_device_get_hw_info_typed(void *ctx)
{
	return iommuctl_device_get_hw_info_typed(ctx, FD, 1, NULL, 0, &hw_info);
}

static int call_ioas_alloc(void *ctx)
{
	return iommuctl_ioas_alloc(ctx, FD, &id);
}

static int call_ioas_map(void *ctx)
{
	return iommuctl_ioas_map(
		ctx, FD, &(struct iommuctl_ioas_map_args){ .ioas_id = 1, .length = 1 }, &value);
}

static int call_ioas_map_file(void *ctx)
{
	return iommuctl_ioas_map_file(ctx, FD,
		&(struct iommuctl_ioas_map_file_args){ .ioas_id = 1, .file = 9, .length = 1 },
		&value);
}

static int call_ioas_copy(void *ctx)
{
	return iommuctl_ioas_copy(ctx, FD, &(struct iommuctl_ioas_copy_args){ 0 }, &value);
}

static int call_ioas_unmap(void *ctx)
{
	return iommuctl_ioas_unmap(ctx, FD, 1, 0, 1, NULL);
}

static int call_ioas_get_iova_ranges(void *ctx)
{
	return (id = 0, iommuctl_ioas_get_iova_ranges(ctx, FD, 1, NULL, &id, NULL));
}

static int call_ioas_allow_iovas(void *ctx)
{
	return iommuctl_ioas_allow_iovas(ctx, FD, 1, NULL, 0);
}

static int call_ioas_change_process(void *ctx)
{
	return iommuctl_ioas_change_process(ctx, FD);
}

static int call_ioas_get_noiommu_pa(void *ctx)
{
	return iommuctl_ioas_get_noiommu_pa(ctx, FD, 1, 0, &value, &value);
}

static int call_option_get(void *ctx)
{
	return iommuctl_option_get(ctx, FD, 1, 2, &value);
}

static int call_option_set(void *ctx)
{
	return iommuctl_option_set(ctx, FD, 0, 0, 1);
}

static int call_vfio_ioas_get(void *ctx)
{
	return iommuctl_vfio_ioas_get(ctx, FD, &id);
}

static int call_vfio_ioas_set(void *ctx)
{
	return iommuctl_vfio_ioas_set(ctx, FD, 1);
}

static int call_vfio_ioas_clear(void *ctx)
{
	return iommuctl_vfio_ioas_clear(ctx, FD);
}

static int call_hwpt_alloc(void *ctx)
{
	return iommuctl_hwpt_alloc(ctx, FD, &(struct iommuctl_hwpt_alloc_args){ 0 }, &id);
}

static int call_hwpt_invalidate(void *ctx)
{
	return (id = 3, iommuctl_hwpt_invalidate(ctx, FD,
				&(struct iommuctl_hwpt_invalidate_args){
					.hwpt_id = 1, .data_type = 1, .entry_len = 24 },
				&id));
}

static int call_hwpt_set_dirty_tracking(void *ctx)
{
	return iommuctl_hwpt_set_dirty_tracking(ctx, FD, 1, 0);
}

static int call_hwpt_get_dirty_bitmap(void *ctx)
{
	return iommuctl_hwpt_get_dirty_bitmap(ctx, FD, &(struct iommuctl_dirty_bitmap_args){ 0 });
}

static int call_viommu_alloc(void *ctx)
{
	return iommuctl_viommu_alloc(ctx, FD, &(struct iommuctl_viommu_alloc_args){ 0 }, &id);
}

static int call_vdevice_alloc(void *ctx)
{
	return iommuctl_vdevice_alloc(ctx, FD, 1, 2, 3, &id);
}

static int call_hw_queue_alloc(void *ctx)
{
	return iommuctl_hw_queue_alloc(ctx, FD, &(struct iommuctl_hw_queue_alloc_args){ 0 }, &id);
}

static int call_veventq_alloc(void *ctx)
{
	return iommuctl_veventq_alloc(ctx, FD,
		&(struct iommuctl_veventq_alloc_args){ .viommu_id = 1, .type = 1, .depth = 8 }, &id,
		&number);
}

static int call_veventq_read(void *ctx)
{
	return iommuctl_veventq_read(ctx, FD, &value, sizeof(value), &size);
}

static int call_fault_queue_alloc(void *ctx)
{
	return iommuctl_fault_queue_alloc(ctx, FD, &id, &number);
}

static int call_fault_queue_read(void *ctx)
{
	return (size = 1, iommuctl_fault_queue_read(ctx, FD, &fault, &size));
}

static int call_fault_queue_respond(void *ctx)
{
	return (size = 1, iommuctl_fault_queue_respond(ctx, FD, &response, &size));
}

#if SIZE_MAX > UINT32_MAX
static int refuse_device_get_hw_info(void *ctx)
{
	return iommuctl_device_get_hw_info(ctx, FD, 1, NULL, SIZE_MAX, &hw_info);
}
#endif

static int refuse_fault_queue_read(void *ctx)
{
	return (size = SIZE_MAX, iommuctl_fault_queue_read(ctx, FD, &fault, &size));
}

static int refuse_fault_queue_respond(void *ctx)
{
	return (size = SIZE_MAX, iommuctl_fault_queue_respond(ctx, FD, &response, &size));
}

static const struct errors_row rows[] = {
	{ "iommufd_open", call_iommufd_open, ENOMEM, "open", "/dev/iommu" },
	{ "iommufd_mmap", call_iommufd_mmap, ENOMEM, "mmap",
		"iommufd fd 7, offset 0x0, length 0x1000" },
	{ "close", call_close, ENOMEM, "close", "file fd 7" },
	{ "munmap", call_munmap, ENOMEM, "munmap", "address 0x0, length 0x1" },
	{ "destroy", call_destroy, ENOMEM, "IOMMU_DESTROY", "object 1" },
	{ "device_get_hw_info", call_device_get_hw_info, ENOMEM, "IOMMU_GET_HW_INFO", "device 1" },
	{ "device_get_hw_info_typed", call_device_get_hw_info_typed, ENOMEM, "IOMMU_GET_HW_INFO",
		"device 1" },
	{ "ioas_alloc", call_ioas_alloc, ENOMEM, "IOMMU_IOAS_ALLOC", "iommufd fd 7" },
	{ "ioas_map", call_ioas_map, ENOMEM, "IOMMU_IOAS_MAP", "IOAS 1, any IOVA, length 0x1" },
	{ "ioas_map_file", call_ioas_map_file, ENOMEM, "IOMMU_IOAS_MAP_FILE",
		"IOAS 1, any IOVA, length 0x1, file fd 9" },
	{ "ioas_copy", call_ioas_copy, ENOMEM, "IOMMU_IOAS_COPY",
		"IOAS 0, any IOVA, from IOAS 0, IOVA 0x0" },
	{ "ioas_unmap", call_ioas_unmap, ENOMEM, "IOMMU_IOAS_UNMAP",
		"IOAS 1, IOVA 0x0, length 0x1" },
	{ "ioas_get_iova_ranges", call_ioas_get_iova_ranges, ENOMEM, "IOMMU_IOAS_IOVA_RANGES",
		"IOAS 1" },
	{ "ioas_allow_iovas", call_ioas_allow_iovas, ENOMEM, "IOMMU_IOAS_ALLOW_IOVAS", "IOAS 1" },
	{ "ioas_change_process", call_ioas_change_process, ENOMEM, "IOMMU_IOAS_CHANGE_PROCESS",
		"iommufd fd 7" },
	{ "ioas_get_noiommu_pa", call_ioas_get_noiommu_pa, ENOMEM, "IOMMU_IOAS_NOIOMMU_GET_PA",
		"IOAS 1, IOVA 0x0" },
	{ "option_get", call_option_get, ENOMEM, "IOMMU_OPTION", "option 1, object 2" },
	{ "option_set", call_option_set, ENOMEM, "IOMMU_OPTION", "option 0, object 0" },
	{ "vfio_ioas_get", call_vfio_ioas_get, ENOMEM, "IOMMU_VFIO_IOAS", "iommufd fd 7" },
	{ "vfio_ioas_set", call_vfio_ioas_set, ENOMEM, "IOMMU_VFIO_IOAS", "iommufd fd 7, IOAS 1" },
	{ "vfio_ioas_clear", call_vfio_ioas_clear, ENOMEM, "IOMMU_VFIO_IOAS", "iommufd fd 7" },
	{ "hwpt_alloc", call_hwpt_alloc, ENOMEM, "IOMMU_HWPT_ALLOC", "device 0, page table 0" },
	{ "hwpt_invalidate", call_hwpt_invalidate, ENOMEM, "IOMMU_HWPT_INVALIDATE",
		"object 1, entries 3" },
	{ "hwpt_set_dirty_tracking", call_hwpt_set_dirty_tracking, ENOMEM,
		"IOMMU_HWPT_SET_DIRTY_TRACKING", "HWPT 1" },
	{ "hwpt_get_dirty_bitmap", call_hwpt_get_dirty_bitmap, ENOMEM,
		"IOMMU_HWPT_GET_DIRTY_BITMAP", "HWPT 0, IOVA 0x0, length 0x0" },
	{ "viommu_alloc", call_viommu_alloc, ENOMEM, "IOMMU_VIOMMU_ALLOC", "device 0, HWPT 0" },
	{ "vdevice_alloc", call_vdevice_alloc, ENOMEM, "IOMMU_VDEVICE_ALLOC",
		"device 2, vIOMMU 1, vSID 0x3" },
	{ "hw_queue_alloc", call_hw_queue_alloc, ENOMEM, "IOMMU_HW_QUEUE_ALLOC",
		"vIOMMU 0, HW queue index 0, IPA 0x0, length 0x0" },
	{ "veventq_alloc", call_veventq_alloc, ENOMEM, "IOMMU_VEVENTQ_ALLOC", "vIOMMU 1, depth 8" },
	{ "veventq_read", call_veventq_read, ENOMEM, "read", "vEVENTQ fd 7" },
	{ "fault_queue_alloc", call_fault_queue_alloc, ENOMEM, "IOMMU_FAULT_QUEUE_ALLOC",
		"iommufd fd 7" },
	{ "fault_queue_read", call_fault_queue_read, ENOMEM, "read", "fault queue fd 7" },
	{ "fault_queue_respond", call_fault_queue_respond, ENOMEM, "write", "fault queue fd 7" },
#if SIZE_MAX > UINT32_MAX
	{ "device_get_hw_info", refuse_device_get_hw_info, EOVERFLOW, "IOMMU_GET_HW_INFO",
		"device 1" },
#endif
	{ "fault_queue_read", refuse_fault_queue_read, EOVERFLOW, "read", "fault queue fd 7" },
	{ "fault_queue_respond", refuse_fault_queue_respond, EOVERFLOW, "write",
		"fault queue fd 7" },
};

const struct errors_table errors_of_iommufd = { rows, ARRAY_SIZE(rows) };

Test(errors_iommufd, each_failure_has_a_record_of_its_own)
{
	struct script script = { .result = -ENOMEM };
	struct iommuctl *ctx = script_context(&script);

	for (size_t i = 0; i < errors_of_iommufd.count; i++) {
		errors_make_stale(ctx);
		errors_expect(ctx, &rows[i], rows[i].run(ctx));
	}
	iommuctl_free(ctx);
}
