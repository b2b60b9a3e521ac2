// SPDX-License-Identifier: MIT
/* Thin calls that the kernel has no memory for, and what they refuse before it is asked. */
#include "errors_table.h"

#include <iommuctl/vfio.h>

#include "array.h"
#include "thin_call.h"

#define FD THIN_FD

static struct iommuctl_device_group group;
static struct iommuctl_vfio_device_info device;
static struct iommuctl_vfio_region_info region;
static struct iommuctl_vfio_irq_info irq;
static const struct iommuctl_vfio_region_area area;
static const struct iommuctl_vfio_region_info closed = { .index = 1, .size = 4096 };
static const struct iommuctl_vfio_region_info bar = {
	.flags = IOMMUCTL_VFIO_REGION_INFO_FLAG_READ | IOMMUCTL_VFIO_REGION_INFO_FLAG_WRITE |
		 IOMMUCTL_VFIO_REGION_INFO_FLAG_MMAP,
	.size = 4096,
};
static int number;
static uint32_t id;
static uint64_t value;
static void *address;

static int call_vfio_device_open(void *ctx)
{
	return iommuctl_vfio_device_open(ctx, "/dev/x", &number);
}

static int call_vfio_bind_iommufd(void *ctx)
{
	return iommuctl_vfio_bind_iommufd(ctx, FD, 8, NULL, &id);
}

static int call_vfio_attach(void *ctx)
{
	return iommuctl_vfio_attach(ctx, FD, 1, NULL);
}

static int call_vfio_attach_pasid(void *ctx)
{
	return iommuctl_vfio_attach_pasid(ctx, FD, 5, 1, NULL);
}

static int call_vfio_detach(void *ctx)
{
	return iommuctl_vfio_detach(ctx, FD);
}

static int call_vfio_detach_pasid(void *ctx)
{
	return iommuctl_vfio_detach_pasid(ctx, FD, 5);
}

static int call_vfio_device_get_info(void *ctx)
{
	return iommuctl_vfio_device_get_info(ctx, FD, &device);
}

static int call_vfio_region_get_info(void *ctx)
{
	return iommuctl_vfio_region_get_info(ctx, FD, 2, &region);
}

static int call_vfio_region_get_areas(void *ctx)
{
	return (id = 0, iommuctl_vfio_region_get_areas(ctx, FD, 2, NULL, &id));
}

static int call_vfio_region_read(void *ctx)
{
	return iommuctl_vfio_region_read(ctx, FD, &bar, 0, &value, 8);
}

static int call_vfio_region_write(void *ctx)
{
	return iommuctl_vfio_region_write(ctx, FD, &bar, 0, &value, 8);
}

static int call_vfio_region_mmap(void *ctx)
{
	return iommuctl_vfio_region_mmap(
		ctx, FD, &bar, &(struct iommuctl_vfio_region_area){ .size = 8 }, 0, &address);
}

static int call_vfio_irqs_get_info(void *ctx)
{
	return iommuctl_vfio_irqs_get_info(ctx, FD, 1, &irq);
}

static int call_vfio_irqs_set(void *ctx)
{
	return iommuctl_vfio_irqs_set(ctx, FD, &(struct iommuctl_vfio_irq_set_args){ 0 }, NULL);
}

static int call_vfio_irqs_enable(void *ctx)
{
	return iommuctl_vfio_irqs_enable(ctx, FD, 1, 0, &number, 1);
}

static int call_vfio_irqs_disable(void *ctx)
{
	return iommuctl_vfio_irqs_disable(ctx, FD, 1);
}

static int call_vfio_reset(void *ctx)
{
	return iommuctl_vfio_reset(ctx, FD);
}

static int call_vfio_feature_probe(void *ctx)
{
	return iommuctl_vfio_feature_probe(ctx, FD, 3, 0);
}

static int call_vfio_feature_get(void *ctx)
{
	return iommuctl_vfio_feature_get(ctx, FD, 3, &value, 8);
}

static int call_vfio_feature_set(void *ctx)
{
	return iommuctl_vfio_feature_set(ctx, FD, 3, &value, 8);
}

static int call_vfio_dma_buf_export(void *ctx)
{
	return iommuctl_vfio_dma_buf_export(ctx, FD,
		&(struct iommuctl_vfio_dma_buf_export_args){
			.index = 2, .areas = &area, .count = 1 },
		&number);
}

static int call_vfio_container_open(void *ctx)
{
	return iommuctl_vfio_container_open(ctx, &number);
}

static int call_vfio_container_get_api_version(void *ctx)
{
	return iommuctl_vfio_container_get_api_version(ctx, FD, &number);
}

static int call_vfio_container_check_extension(void *ctx)
{
	return iommuctl_vfio_container_check_extension(ctx, FD, 3, &number);
}

static int call_vfio_container_set_iommu(void *ctx)
{
	return iommuctl_vfio_container_set_iommu(ctx, FD, 3);
}

static int call_vfio_group_open(void *ctx)
{
	return iommuctl_vfio_group_open(ctx, "/dev/vfio/9", &number);
}

static int call_vfio_group_get_status(void *ctx)
{
	return iommuctl_vfio_group_get_status(ctx, FD, &id);
}

static int call_vfio_group_set_container(void *ctx)
{
	return iommuctl_vfio_group_set_container(ctx, FD, 8);
}

static int call_vfio_group_unset_container(void *ctx)
{
	return iommuctl_vfio_group_unset_container(ctx, FD);
}

static int call_vfio_group_get_device(void *ctx)
{
	return iommuctl_vfio_group_get_device(ctx, FD, "0000:00:01.0", &number);
}

static int call_vfio_device_get_group(void *ctx)
{
	return iommuctl_vfio_device_get_group(ctx, FD, &group);
}

static int refuse_vfio_region_read(void *ctx)
{
	return iommuctl_vfio_region_read(ctx, FD, &closed, 0, &value, 8);
}

static int refuse_vfio_region_write(void *ctx)
{
	return iommuctl_vfio_region_write(ctx, FD, &bar, 4096, &value, 8);
}

static int refuse_vfio_region_mmap(void *ctx)
{
	return iommuctl_vfio_region_mmap(
		ctx, FD, &closed, &(struct iommuctl_vfio_region_area){ .size = 8 }, 0, &address);
}

static int refuse_vfio_feature_get(void *ctx)
{
	return iommuctl_vfio_feature_get(ctx, FD, 11, &value, 8);
}

static int refuse_vfio_feature_set_with_a_file(void *ctx)
{
	return iommuctl_vfio_feature_set(ctx, FD, 2, &value, 8);
}

static int refuse_vfio_feature_set_with_a_page_size(void *ctx)
{
	return iommuctl_vfio_feature_set(ctx, FD, 6, &value, 8);
}

static int refuse_vfio_feature_set(void *ctx)
{
	return iommuctl_vfio_feature_set(ctx, FD, 3, NULL, SIZE_MAX);
}

static int refuse_vfio_irqs_set(void *ctx)
{
	return iommuctl_vfio_irqs_set(
		ctx, FD, &(struct iommuctl_vfio_irq_set_args){ .data_size = SIZE_MAX }, NULL);
}

static const struct errors_row rows[] = {
	{ "vfio_device_open", call_vfio_device_open, ENOMEM, "open", "/dev/x" },
	{ "vfio_bind_iommufd", call_vfio_bind_iommufd, ENOMEM, "VFIO_DEVICE_BIND_IOMMUFD",
		"device fd 7, iommufd fd 8" },
	{ "vfio_attach", call_vfio_attach, ENOMEM, "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
		"device fd 7, page table 1" },
	{ "vfio_attach_pasid", call_vfio_attach_pasid, ENOMEM, "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
		"device fd 7, PASID 5, page table 1" },
	{ "vfio_detach", call_vfio_detach, ENOMEM, "VFIO_DEVICE_DETACH_IOMMUFD_PT", "device fd 7" },
	{ "vfio_detach_pasid", call_vfio_detach_pasid, ENOMEM, "VFIO_DEVICE_DETACH_IOMMUFD_PT",
		"device fd 7, PASID 5" },
	{ "vfio_device_get_info", call_vfio_device_get_info, ENOMEM, "VFIO_DEVICE_GET_INFO",
		"device fd 7" },
	{ "vfio_region_get_info", call_vfio_region_get_info, ENOMEM, "VFIO_DEVICE_GET_REGION_INFO",
		"device fd 7, region 2" },
	{ "vfio_region_get_areas", call_vfio_region_get_areas, ENOMEM,
		"VFIO_DEVICE_GET_REGION_INFO", "device fd 7, region 2" },
	{ "vfio_region_read", call_vfio_region_read, ENOMEM, "read",
		"device fd 7, region 0, offset 0x0, length 0x8" },
	{ "vfio_region_write", call_vfio_region_write, ENOMEM, "write",
		"device fd 7, region 0, offset 0x0, length 0x8" },
	{ "vfio_region_mmap", call_vfio_region_mmap, ENOMEM, "mmap",
		"device fd 7, region 0, offset 0x0, length 0x8" },
	{ "vfio_irqs_get_info", call_vfio_irqs_get_info, ENOMEM, "VFIO_DEVICE_GET_IRQ_INFO",
		"device fd 7, interrupt index 1" },
	{ "vfio_irqs_set", call_vfio_irqs_set, ENOMEM, "VFIO_DEVICE_SET_IRQS",
		"device fd 7, interrupt index 0, start 0, count 0" },
	{ "vfio_irqs_enable", call_vfio_irqs_enable, ENOMEM, "VFIO_DEVICE_SET_IRQS",
		"device fd 7, interrupt index 1, start 0, count 1" },
	{ "vfio_irqs_disable", call_vfio_irqs_disable, ENOMEM, "VFIO_DEVICE_SET_IRQS",
		"device fd 7, interrupt index 1, start 0, count 0" },
	{ "vfio_reset", call_vfio_reset, ENOMEM, "VFIO_DEVICE_RESET", "device fd 7" },
	{ "vfio_feature_probe", call_vfio_feature_probe, ENOMEM, "VFIO_DEVICE_FEATURE",
		"device fd 7, feature 3" },
	{ "vfio_feature_get", call_vfio_feature_get, ENOMEM, "VFIO_DEVICE_FEATURE",
		"device fd 7, feature 3" },
	{ "vfio_feature_set", call_vfio_feature_set, ENOMEM, "VFIO_DEVICE_FEATURE",
		"device fd 7, feature 3" },
	{ "vfio_dma_buf_export", call_vfio_dma_buf_export, ENOMEM, "VFIO_DEVICE_FEATURE",
		"device fd 7, region 2" },
	{ "vfio_container_open", call_vfio_container_open, ENOMEM, "open", "/dev/vfio/vfio" },
	{ "vfio_container_get_api_version", call_vfio_container_get_api_version, ENOMEM,
		"VFIO_GET_API_VERSION", "container fd 7" },
	{ "vfio_container_check_extension", call_vfio_container_check_extension, ENOMEM,
		"VFIO_CHECK_EXTENSION", "container fd 7, extension 3" },
	{ "vfio_container_set_iommu", call_vfio_container_set_iommu, ENOMEM, "VFIO_SET_IOMMU",
		"container fd 7, type 3" },
	{ "vfio_group_open", call_vfio_group_open, ENOMEM, "open", "/dev/vfio/9" },
	{ "vfio_group_get_status", call_vfio_group_get_status, ENOMEM, "VFIO_GROUP_GET_STATUS",
		"group fd 7" },
	{ "vfio_group_set_container", call_vfio_group_set_container, ENOMEM,
		"VFIO_GROUP_SET_CONTAINER", "group fd 7, container fd 8" },
	{ "vfio_group_unset_container", call_vfio_group_unset_container, ENOMEM,
		"VFIO_GROUP_UNSET_CONTAINER", "group fd 7" },
	{ "vfio_group_get_device", call_vfio_group_get_device, ENOMEM, "VFIO_GROUP_GET_DEVICE_FD",
		"group fd 7, 0000:00:01.0" },
	{ "vfio_device_get_group", call_vfio_device_get_group, EOPNOTSUPP, "device_group",
		"device fd 7" },
	{ "vfio_region_read", refuse_vfio_region_read, EACCES, "read",
		"device fd 7, region 1, offset 0x0, length 0x8" },
	{ "vfio_region_write", refuse_vfio_region_write, EINVAL, "write",
		"device fd 7, region 0, offset 0x1000, length 0x8" },
	{ "vfio_region_mmap", refuse_vfio_region_mmap, EINVAL, "mmap",
		"device fd 7, region 1, offset 0x0, length 0x8" },
	{ "vfio_feature_get", refuse_vfio_feature_get, EINVAL, "VFIO_DEVICE_FEATURE",
		"device fd 7, feature 11" },
	{ "vfio_feature_set", refuse_vfio_feature_set_with_a_file, EINVAL, "VFIO_DEVICE_FEATURE",
		"device fd 7, feature 2" },
	{ "vfio_feature_set", refuse_vfio_feature_set_with_a_page_size, EINVAL,
		"VFIO_DEVICE_FEATURE", "device fd 7, feature 6" },
	{ "vfio_feature_set", refuse_vfio_feature_set, EOVERFLOW, "VFIO_DEVICE_FEATURE",
		"device fd 7, feature 3" },
	{ "vfio_irqs_set", refuse_vfio_irqs_set, EOVERFLOW, "VFIO_DEVICE_SET_IRQS",
		"device fd 7, interrupt index 0, start 0, count 0" },
};

const struct errors_table errors_of_vfio = { rows, ARRAY_SIZE(rows) };

Test(errors_vfio, each_failure_has_a_record_of_its_own)
{
	struct script script = { .result = -ENOMEM };
	struct iommuctl *ctx = script_context(&script);

	for (size_t i = 0; i < errors_of_vfio.count; i++) {
		errors_make_stale(ctx);
		errors_expect(ctx, &rows[i], rows[i].run(ctx));
	}
	iommuctl_free(ctx);
}
