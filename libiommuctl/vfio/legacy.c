// SPDX-License-Identifier: MIT
#include <iommuctl/vfio.h>

#include "abi/vfio.h"
#include "core/call.h"

/* Container ioctls take a number where others take a pointer. */
static void *number_argument(uint32_t number)
{
	return (void *)(uintptr_t)number; /* NOLINT(performance-no-int-to-ptr): that is the ABI */
}

int iommuctl_vfio_container_open(struct iommuctl *ctx, int *container)
{
	static const char path[] = "/dev/vfio/vfio";
	const struct call call = {
		.operation = OP_VFIO_CONTAINER_OPEN,
		.objects = { { path, .show = SHOW_NAME } },
	};

	return call_open(ctx, &call, path, container);
}

int iommuctl_vfio_container_get_api_version(struct iommuctl *ctx, int container, int *version)
{
	const struct call call = {
		.operation = OP_VFIO_CONTAINER_GET_API_VERSION,
		.fd = container,
		.objects = { { "container", (uint64_t)container, SHOW_FD } },
	};

	return call_ioctl_value(ctx, &call, version);
}

int iommuctl_vfio_container_check_extension(
	struct iommuctl *ctx, int container, uint32_t extension, int *value)
{
	const struct call call = {
		.operation = OP_VFIO_CONTAINER_CHECK_EXTENSION,
		.fd = container,
		.arg = number_argument(extension),
		.objects = { { "container", (uint64_t)container, SHOW_FD },
			{ "extension", extension } },
	};

	return call_ioctl_value(ctx, &call, value);
}

int iommuctl_vfio_container_set_iommu(struct iommuctl *ctx, int container, uint32_t type)
{
	const struct call call = {
		.operation = OP_VFIO_CONTAINER_SET_IOMMU,
		.fd = container,
		.arg = number_argument(type),
		.objects = { { "container", (uint64_t)container, SHOW_FD }, { "type", type } },
	};

	return call_ioctl(ctx, &call);
}

int iommuctl_vfio_group_open(struct iommuctl *ctx, const char *path, int *group)
{
	const struct call call = {
		.operation = OP_VFIO_GROUP_OPEN,
		.objects = { { path, .show = SHOW_NAME } },
	};

	return call_open(ctx, &call, path, group);
}

int iommuctl_vfio_group_get_status(struct iommuctl *ctx, int group, uint32_t *flags)
{
	struct abi_vfio_group_status arg = { .argsz = sizeof(arg) };
	const struct call call = {
		.operation = OP_VFIO_GROUP_GET_STATUS,
		.fd = group,
		.arg = &arg,
		.objects = { { "group", (uint64_t)group, SHOW_FD } },
	};
	int ret = call_ioctl(ctx, &call);

	if (ret)
		return ret;
	*flags = arg.flags;
	return 0;
}

int iommuctl_vfio_group_set_container(struct iommuctl *ctx, int group, int container)
{
	int32_t arg = container;
	const struct call call = {
		.operation = OP_VFIO_GROUP_SET_CONTAINER,
		.fd = group,
		.arg = &arg,
		.objects = { { "group", (uint64_t)group, SHOW_FD },
			{ "container", (uint64_t)container, SHOW_FD } },
	};

	return call_ioctl(ctx, &call);
}

int iommuctl_vfio_group_unset_container(struct iommuctl *ctx, int group)
{
	const struct call call = {
		.operation = OP_VFIO_GROUP_UNSET_CONTAINER,
		.fd = group,
		.objects = { { "group", (uint64_t)group, SHOW_FD } },
	};

	return call_ioctl(ctx, &call);
}

int iommuctl_vfio_group_get_device(struct iommuctl *ctx, int group, const char *name, int *device)
{
	const struct call call = {
		.operation = OP_VFIO_GROUP_GET_DEVICE,
		.fd = group,
		.arg = (void *)name,
		.objects = { { "group", (uint64_t)group, SHOW_FD }, { name, .show = SHOW_NAME } },
	};

	return call_ioctl_value(ctx, &call, device);
}
