// SPDX-License-Identifier: MIT
#include <iommuctl/vfio_migration.h>

#include "abi/vfio_migration.h"
#include "vfio/feature.h"

int iommuctl_vfio_migration_get_flags(struct iommuctl *ctx, int device, uint64_t *flags)
{
	const struct feature_call get = {
		.operation = OP_VFIO_MIGRATION,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_MIGRATION,
		.flags = ABI_VFIO_DEVICE_FEATURE_GET,
	};
	struct abi_vfio_device_feature_migration migration = { 0 };
	int err = feature_exchange(ctx, &get, &migration, &migration, sizeof(migration));

	if (!err)
		*flags = migration.flags;
	return err;
}

static int exchange_state(struct iommuctl *ctx, int device, uint32_t flags,
	struct abi_vfio_device_feature_mig_state *state)
{
	const struct feature_call exchange = {
		.operation = OP_VFIO_MIGRATION_STATE,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
		.flags = flags,
	};

	return feature_exchange(ctx, &exchange, state, state, sizeof(*state));
}

int iommuctl_vfio_migration_get_state(struct iommuctl *ctx, int device, uint32_t *state)
{
	struct abi_vfio_device_feature_mig_state now = { .data_fd = -1 };
	int err = exchange_state(ctx, device, ABI_VFIO_DEVICE_FEATURE_GET, &now);

	if (!err)
		*state = now.device_state;
	return err;
}

int iommuctl_vfio_migration_set_state(
	struct iommuctl *ctx, int device, uint32_t state, int *data_fd)
{
	struct abi_vfio_device_feature_mig_state next = { .device_state = state, .data_fd = -1 };
	int err = exchange_state(ctx, device, ABI_VFIO_DEVICE_FEATURE_SET, &next);

	if (!err)
		*data_fd = next.data_fd;
	return err;
}

int iommuctl_vfio_migration_get_data_size(struct iommuctl *ctx, int device, uint64_t *length)
{
	const struct feature_call get = {
		.operation = OP_VFIO_MIGRATION,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_MIG_DATA_SIZE,
		.flags = ABI_VFIO_DEVICE_FEATURE_GET,
	};
	struct abi_vfio_device_feature_mig_data_size size = { 0 };
	int err = feature_exchange(ctx, &get, &size, &size, sizeof(size));

	if (!err)
		*length = size.stop_copy_length;
	return err;
}

int iommuctl_vfio_migration_enable_precopy_flags(struct iommuctl *ctx, int device)
{
	const struct feature_call set = {
		.operation = OP_VFIO_MIGRATION,
		.device = device,
		.feature = ABI_VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2,
		.flags = ABI_VFIO_DEVICE_FEATURE_SET,
	};

	return feature_exchange(ctx, &set, NULL, NULL, 0);
}

int iommuctl_vfio_migration_get_precopy_info(
	struct iommuctl *ctx, int data_fd, struct iommuctl_vfio_precopy_info *info)
{
	struct abi_vfio_precopy_info arg = { .argsz = sizeof(arg) };
	const struct call call = {
		.operation = OP_VFIO_MIGRATION_PRECOPY_INFO,
		.fd = data_fd,
		.arg = &arg,
		.objects = { { "stream", (uint64_t)data_fd, SHOW_FD } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*info = (struct iommuctl_vfio_precopy_info){
		.flags = arg.flags,
		.initial_bytes = arg.initial_bytes,
		.dirty_bytes = arg.dirty_bytes,
	};
	return 0;
}
