// SPDX-License-Identifier: MIT
#include <iommuctl/vfio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/vfio.h"
#include "vfio/feature.h"

static struct call call_of_feature(enum operation operation, int device, uint16_t feature)
{
	return (struct call){
		.operation = operation,
		.fd = device,
		.objects = { { "device", (uint64_t)device, SHOW_FD }, { "feature", feature } },
	};
}

int iommuctl_vfio_feature_probe(
	struct iommuctl *ctx, int device, uint16_t feature, uint32_t operations)
{
	const uint32_t both = ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_SET;
	struct abi_vfio_device_feature arg = {
		.argsz = sizeof(arg),
		.flags = feature | ABI_VFIO_DEVICE_FEATURE_PROBE | (operations & both),
	};
	struct call call = call_of_feature(OP_VFIO_FEATURE, device, feature);

	call.arg = &arg;
	return call_ioctl(ctx, &call);
}

/* The argument of @call, with room for @size bytes of data, for the caller to free; or an @error.
 */
static struct abi_vfio_device_feature *feature_new(
	struct call *call, uint32_t flags, uint64_t size, int *error)
{
	struct abi_vfio_device_feature *arg;
	uint32_t argsz;

	if (__builtin_add_overflow(sizeof(*arg), size, &argsz)) {
		call->facts |= FACT_OUT_OF_BOUNDS;
		*error = EOVERFLOW;
		return NULL;
	}
	arg = calloc(1, argsz);
	if (!arg) {
		*error = ENOMEM;
		return NULL;
	}
	arg->argsz = argsz;
	arg->flags = flags;
	call->arg = arg;
	return arg;
}

int feature_exchange(struct iommuctl *ctx, const struct feature_call *feature, const void *in,
	void *out, size_t size)
{
	struct call call = call_of_feature(feature->operation, feature->device, feature->feature);
	struct abi_vfio_device_feature *arg;
	int err;

	call.facts = feature->facts;
	arg = feature_new(&call, feature->feature | feature->flags, size, &err);
	if (!arg)
		return call_fail(ctx, &call, err);
	if (size)
		memcpy(arg->data, in, size);
	err = call_ioctl(ctx, &call);
	if (!err && size && out)
		memcpy(out, arg->data, size);
	free(arg);
	return err;
}

/* The kernel would return a file, or more, that this call does not pass back. */
static int refuse_answer(struct iommuctl *ctx, int device, uint16_t feature)
{
	struct call call = call_of_feature(OP_VFIO_FEATURE, device, feature);

	call.facts = FACT_NO_ACCESS;
	return call_fail(ctx, &call, EINVAL);
}

int iommuctl_vfio_feature_get(
	struct iommuctl *ctx, int device, uint16_t feature, void *data, size_t size)
{
	const struct feature_call get = {
		.operation = OP_VFIO_FEATURE,
		.device = device,
		.feature = feature,
		.flags = ABI_VFIO_DEVICE_FEATURE_GET,
	};

	if (feature == ABI_VFIO_DEVICE_FEATURE_DMA_BUF)
		return refuse_answer(ctx, device, feature);
	return feature_exchange(ctx, &get, data, data, size);
}

int iommuctl_vfio_feature_set(
	struct iommuctl *ctx, int device, uint16_t feature, const void *data, size_t size)
{
	const struct feature_call set = {
		.operation = OP_VFIO_FEATURE,
		.device = device,
		.feature = feature,
		.flags = ABI_VFIO_DEVICE_FEATURE_SET,
		.facts = feature == ABI_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN ? FACT_TOKEN : 0,
	};

	if (feature == ABI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE ||
		feature == ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_START)
		return refuse_answer(ctx, device, feature);
	return feature_exchange(ctx, &set, data, NULL, size);
}

int iommuctl_vfio_dma_buf_export(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_dma_buf_export_args *args, int *dma_buf)
{
	const struct abi_vfio_device_feature_dma_buf fixed = {
		.region_index = args->index,
		.open_flags = args->open_flags,
		.nr_ranges = args->count,
	};
	struct call call =
		call_of_feature(OP_VFIO_DMA_BUF, device, ABI_VFIO_DEVICE_FEATURE_DMA_BUF);
	const uint64_t areas_size = (uint64_t)args->count * sizeof(*args->areas);
	struct abi_vfio_device_feature *arg;
	int err;

	call.facts = args->count ? 0 : FACT_EMPTY;
	call.objects[1] = (struct call_object){ "region", args->index };
	arg = feature_new(&call, ABI_VFIO_DEVICE_FEATURE_DMA_BUF | ABI_VFIO_DEVICE_FEATURE_GET,
		sizeof(fixed) + areas_size, &err);
	if (!arg)
		return call_fail(ctx, &call, err);
	memcpy(arg->data, &fixed, sizeof(fixed));
	if (args->count)
		memcpy(arg->data + sizeof(fixed), args->areas, (size_t)areas_size);
	err = call_ioctl_value(ctx, &call, dma_buf);
	free(arg);
	return err;
}
