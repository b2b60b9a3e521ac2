// SPDX-License-Identifier: MIT
#include <iommuctl/vfio_migration.h>

#include "abi/vfio_migration.h"
#include "vfio/feature.h"

int iommuctl_vfio_dma_logging_start(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_dma_range *ranges, uint32_t count, uint64_t *page_size)
{
	const struct feature_call set = {
		.operation = OP_VFIO_DMA_LOGGING_START,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_START,
		.flags = ABI_VFIO_DEVICE_FEATURE_SET,
		.facts = count ? 0 : FACT_EMPTY,
	};
	struct abi_vfio_device_feature_dma_logging_control control = {
		.page_size = *page_size,
		.num_ranges = count,
		.ranges = (uintptr_t)ranges,
	};
	int err = feature_exchange(ctx, &set, &control, &control, sizeof(control));

	if (!err)
		*page_size = control.page_size;
	return err;
}

int iommuctl_vfio_dma_logging_stop(struct iommuctl *ctx, int device)
{
	const struct feature_call set = {
		.operation = OP_VFIO_DMA_LOGGING,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP,
		.flags = ABI_VFIO_DEVICE_FEATURE_SET,
	};

	return feature_exchange(ctx, &set, NULL, NULL, 0);
}

int iommuctl_vfio_dma_logging_report(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_dma_range *range, uint64_t page_size, uint64_t *bitmap)
{
	const struct feature_call get = {
		.operation = OP_VFIO_DMA_LOGGING_REPORT,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT,
		.flags = ABI_VFIO_DEVICE_FEATURE_GET,
	};
	const struct abi_vfio_device_feature_dma_logging_report report = {
		.iova = range->iova,
		.length = range->length,
		.page_size = page_size,
		.bitmap = (uintptr_t)bitmap,
	};

	return feature_exchange(ctx, &get, &report, NULL, sizeof(report));
}
