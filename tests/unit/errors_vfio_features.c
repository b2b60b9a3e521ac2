// SPDX-License-Identifier: MIT
/* Migration, the log of DMA, power, resets of a slot or bus, ioeventfds: each fails, and says so. */
#include "errors_table.h"

#include <iommuctl/vfio.h>

#include "array.h"
#include "thin_call.h"

#define FD THIN_FD

static const struct iommuctl_vfio_dma_range range = { 0x1000, 0x1000 };
static const struct iommuctl_vfio_region_info bar = { .index = 2, .size = 4096 };
static struct iommuctl_vfio_precopy_info precopy;
static uint64_t value;
static uint32_t id, count;
static int number;

static int call_migration_get_flags(void *ctx)
{
	return iommuctl_vfio_migration_get_flags(ctx, FD, &value);
}

static int call_migration_get_state(void *ctx)
{
	return iommuctl_vfio_migration_get_state(ctx, FD, &id);
}

static int call_migration_set_state(void *ctx)
{
	return iommuctl_vfio_migration_set_state(ctx, FD, 1, &number);
}

static int call_migration_get_data_size(void *ctx)
{
	return iommuctl_vfio_migration_get_data_size(ctx, FD, &value);
}

static int call_migration_enable_precopy_flags(void *ctx)
{
	return iommuctl_vfio_migration_enable_precopy_flags(ctx, FD);
}

static int call_migration_get_precopy_info(void *ctx)
{
	return iommuctl_vfio_migration_get_precopy_info(ctx, FD, &precopy);
}

static int call_dma_logging_start(void *ctx)
{
	return iommuctl_vfio_dma_logging_start(ctx, FD, &range, 1, &value);
}

static int call_dma_logging_stop(void *ctx)
{
	return iommuctl_vfio_dma_logging_stop(ctx, FD);
}

static int call_dma_logging_report(void *ctx)
{
	return iommuctl_vfio_dma_logging_report(ctx, FD, &range, 4096, &value);
}

static int call_low_power_entry(void *ctx)
{
	return iommuctl_vfio_low_power_entry(ctx, FD);
}

static int call_low_power_entry_with_wakeup(void *ctx)
{
	return iommuctl_vfio_low_power_entry_with_wakeup(ctx, FD, 8);
}

static int call_low_power_exit(void *ctx)
{
	return iommuctl_vfio_low_power_exit(ctx, FD);
}

static int call_bus_master_set(void *ctx)
{
	return iommuctl_vfio_bus_master_set(ctx, FD, true);
}

static int call_hot_reset_get_info(void *ctx)
{
	return (count = 0, iommuctl_vfio_pci_hot_reset_get_info(ctx, FD, &id, NULL, &count));
}

static int call_hot_reset(void *ctx)
{
	return iommuctl_vfio_pci_hot_reset(ctx, FD, NULL, 0);
}

static int refuse_hot_reset(void *ctx)
{
	return iommuctl_vfio_pci_hot_reset(ctx, FD, NULL, UINT32_MAX);
}

static int set_ioeventfd(void *ctx, uint32_t size)
{
	return iommuctl_vfio_ioeventfd_set(ctx, FD,
		&(struct iommuctl_vfio_ioeventfd_args){
			.region = &bar, .offset = 0x10, .size = size, .eventfd = 8 });
}

static int call_ioeventfd_set(void *ctx)
{
	return set_ioeventfd(ctx, 4);
}

static int refuse_ioeventfd_set(void *ctx)
{
	return set_ioeventfd(ctx, 8192);
}

#define FEATURE "VFIO_DEVICE_FEATURE"

static const struct errors_row rows[] = {
	{ "vfio_migration_get_flags", call_migration_get_flags, ENOMEM, FEATURE,
		"device fd 7, feature 1" },
	{ "vfio_migration_get_state", call_migration_get_state, ENOMEM, FEATURE,
		"device fd 7, feature 2" },
	{ "vfio_migration_set_state", call_migration_set_state, ENOMEM, FEATURE,
		"device fd 7, feature 2" },
	{ "vfio_migration_get_data_size", call_migration_get_data_size, ENOMEM, FEATURE,
		"device fd 7, feature 9" },
	{ "vfio_migration_enable_precopy_flags", call_migration_enable_precopy_flags, ENOMEM,
		FEATURE, "device fd 7, feature 12" },
	{ "vfio_migration_get_precopy_info", call_migration_get_precopy_info, ENOMEM,
		"VFIO_MIG_GET_PRECOPY_INFO", "stream fd 7" },
	{ "vfio_dma_logging_start", call_dma_logging_start, ENOMEM, FEATURE,
		"device fd 7, feature 6" },
	{ "vfio_dma_logging_stop", call_dma_logging_stop, ENOMEM, FEATURE,
		"device fd 7, feature 7" },
	{ "vfio_dma_logging_report", call_dma_logging_report, ENOMEM, FEATURE,
		"device fd 7, feature 8" },
	{ "vfio_low_power_entry", call_low_power_entry, ENOMEM, FEATURE, "device fd 7, feature 3" },
	{ "vfio_low_power_entry_with_wakeup", call_low_power_entry_with_wakeup, ENOMEM, FEATURE,
		"device fd 7, feature 4" },
	{ "vfio_low_power_exit", call_low_power_exit, ENOMEM, FEATURE, "device fd 7, feature 5" },
	{ "vfio_bus_master_set", call_bus_master_set, ENOMEM, FEATURE, "device fd 7, feature 10" },
	{ "vfio_pci_hot_reset_get_info", call_hot_reset_get_info, ENOMEM,
		"VFIO_DEVICE_GET_PCI_HOT_RESET_INFO", "device fd 7" },
	{ "vfio_pci_hot_reset", call_hot_reset, ENOMEM, "VFIO_DEVICE_PCI_HOT_RESET",
		"device fd 7" },
	{ "vfio_pci_hot_reset", refuse_hot_reset, EINVAL, "VFIO_DEVICE_PCI_HOT_RESET",
		"device fd 7" },
	{ "vfio_ioeventfd_set", call_ioeventfd_set, ENOMEM, "VFIO_DEVICE_IOEVENTFD",
		"device fd 7, region 2, offset 0x10" },
	{ "vfio_ioeventfd_set", refuse_ioeventfd_set, EINVAL, "VFIO_DEVICE_IOEVENTFD",
		"device fd 7, region 2, offset 0x10" },
};

const struct errors_table errors_of_vfio_features = { rows, ARRAY_SIZE(rows) };

Test(errors_vfio_features, each_failure_has_a_record_of_its_own)
{
	struct script script = { .result = -ENOMEM };
	struct iommuctl *ctx = script_context(&script);

	for (size_t i = 0; i < errors_of_vfio_features.count; i++) {
		errors_make_stale(ctx);
		errors_expect(ctx, &rows[i], rows[i].run(ctx));
	}
	iommuctl_free(ctx);
}
