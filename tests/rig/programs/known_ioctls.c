// SPDX-License-Identifier: MIT
/*
 * known_ioctls: asks the kernel for each ioctl that came after /dev/iommu itself, and says whether it knows it; of
 * one that it does not, what the library says.
 *
 * The ids are of nothing: a kernel that knows an ioctl refuses them in another way than one that does not.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <iommuctl/iommuctl.h>

#include "array.h"

static int get_hw_info(struct iommuctl *ctx, int iommufd)
{
	struct iommuctl_hw_info info;

	return iommuctl_device_get_hw_info(ctx, iommufd, 0, NULL, 0, &info);
}

static int alloc_hwpt(struct iommuctl *ctx, int iommufd)
{
	const struct iommuctl_hwpt_alloc_args args = { .flags = 0 };
	uint32_t id;

	return iommuctl_hwpt_alloc(ctx, iommufd, &args, &id);
}

static int set_dirty_tracking(struct iommuctl *ctx, int iommufd)
{
	return iommuctl_hwpt_set_dirty_tracking(ctx, iommufd, 0, 0);
}

static int get_dirty_bitmap(struct iommuctl *ctx, int iommufd)
{
	uint64_t bitmap = 0;
	const struct iommuctl_dirty_bitmap_args args = {
		.page_size = 4096,
		.length = 4096,
		.bitmap = &bitmap,
	};

	return iommuctl_hwpt_get_dirty_bitmap(ctx, iommufd, &args);
}

static int invalidate(struct iommuctl *ctx, int iommufd)
{
	const uint64_t command[2] = { 0 };
	const struct iommuctl_hwpt_invalidate_args args = {
		.data_type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
		.entry_len = sizeof(command),
		.entries = command,
	};
	uint32_t count = 1;

	return iommuctl_hwpt_invalidate(ctx, iommufd, &args, &count);
}

static int alloc_fault_queue(struct iommuctl *ctx, int iommufd)
{
	uint32_t id;
	int fd;
	int err = iommuctl_fault_queue_alloc(ctx, iommufd, &id, &fd);

	if (!err)
		close(fd);
	return err;
}

static int map_file(struct iommuctl *ctx, int iommufd)
{
	const struct iommuctl_ioas_map_file_args args = { .length = 4096 };
	uint64_t iova = 0;

	return iommuctl_ioas_map_file(ctx, iommufd, &args, &iova);
}

static int alloc_viommu(struct iommuctl *ctx, int iommufd)
{
	const struct iommuctl_viommu_alloc_args args = { .type = IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3 };
	uint32_t id;

	return iommuctl_viommu_alloc(ctx, iommufd, &args, &id);
}

static int alloc_vdevice(struct iommuctl *ctx, int iommufd)
{
	uint32_t id;

	return iommuctl_vdevice_alloc(ctx, iommufd, 0, 0, 0, &id);
}

static int change_process(struct iommuctl *ctx, int iommufd)
{
	return iommuctl_ioas_change_process(ctx, iommufd);
}

static int alloc_veventq(struct iommuctl *ctx, int iommufd)
{
	const struct iommuctl_veventq_alloc_args args = {
		.type = IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3,
		.depth = 1,
	};
	uint32_t id;
	int fd;

	return iommuctl_veventq_alloc(ctx, iommufd, &args, &id, &fd);
}

static int alloc_hw_queue(struct iommuctl *ctx, int iommufd)
{
	const struct iommuctl_hw_queue_alloc_args args = {
		.type = IOMMUCTL_HW_QUEUE_TYPE_TEGRA241_CMDQV,
		.length = 4096,
	};
	uint32_t id;

	return iommuctl_hw_queue_alloc(ctx, iommufd, &args, &id);
}

static int get_noiommu_pa(struct iommuctl *ctx, int iommufd)
{
	uint64_t length, physical;

	return iommuctl_ioas_get_noiommu_pa(ctx, iommufd, 0, 0, &length, &physical);
}

static const struct {
	const char *name;
	int (*ask)(struct iommuctl *ctx, int iommufd);
} ioctls[] = {
	{ "IOMMU_GET_HW_INFO", get_hw_info },
	{ "IOMMU_HWPT_ALLOC", alloc_hwpt },
	{ "IOMMU_HWPT_SET_DIRTY_TRACKING", set_dirty_tracking },
	{ "IOMMU_HWPT_GET_DIRTY_BITMAP", get_dirty_bitmap },
	{ "IOMMU_HWPT_INVALIDATE", invalidate },
	{ "IOMMU_FAULT_QUEUE_ALLOC", alloc_fault_queue },
	{ "IOMMU_IOAS_MAP_FILE", map_file },
	{ "IOMMU_VIOMMU_ALLOC", alloc_viommu },
	{ "IOMMU_VDEVICE_ALLOC", alloc_vdevice },
	{ "IOMMU_IOAS_CHANGE_PROCESS", change_process },
	{ "IOMMU_VEVENTQ_ALLOC", alloc_veventq },
	{ "IOMMU_HW_QUEUE_ALLOC", alloc_hw_queue },
	{ "IOMMU_IOAS_NOIOMMU_GET_PA", get_noiommu_pa },
};

int main(void)
{
	struct iommuctl *ctx;
	int iommufd;

	if (iommuctl_new(NULL, &ctx) || iommuctl_iommufd_open(ctx, &iommufd))
		return EXIT_FAILURE;
	for (size_t i = 0; i < ARRAY_SIZE(ioctls); i++) {
		int err = ioctls[i].ask(ctx, iommufd);
		const struct iommuctl_error *error = err ? iommuctl_last_error(ctx) : NULL;

		if (err == -ENOTTY && error->explanation_count)
			printf("%s: %s\n", ioctls[i].name, error->explanation[0].cause);
		else
			printf("%s: %s\n", ioctls[i].name,
				err == -ENOTTY ? "unexplained" : "known");
	}
	close(iommufd);
	iommuctl_free(ctx);
	return EXIT_SUCCESS;
}
