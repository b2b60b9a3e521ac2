// SPDX-License-Identifier: MIT
#include <iommuctl/vfio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/vfio.h"
#include "core/call.h"

int iommuctl_vfio_irqs_get_info(
	struct iommuctl *ctx, int device, uint32_t index, struct iommuctl_vfio_irq_info *info)
{
	struct abi_vfio_irq_info arg = { .argsz = sizeof(arg), .index = index };
	const struct call call = {
		.operation = OP_VFIO_GET_IRQ_INFO,
		.fd = device,
		.arg = &arg,
		.objects = { { "device", (uint64_t)device, SHOW_FD },
			{ "interrupt index", index } },
	};
	int err = call_ioctl(ctx, &call);

	if (err)
		return err;
	*info = (struct iommuctl_vfio_irq_info){
		.flags = arg.flags,
		.index = arg.index,
		.count = arg.count,
	};
	return 0;
}

static uint32_t irq_facts(const struct iommuctl_vfio_irq_set_args *args)
{
	uint32_t facts = 0;

	if (!args->count)
		facts |= FACT_EMPTY;
	if (args->index == ABI_VFIO_PCI_MSI_IRQ_INDEX || args->index == ABI_VFIO_PCI_MSIX_IRQ_INDEX)
		facts |= FACT_MSI;
	return facts;
}

int iommuctl_vfio_irqs_set(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_irq_set_args *args, uint32_t *available)
{
	struct call call = {
		.operation = OP_VFIO_SET_IRQS,
		.fd = device,
		.facts = irq_facts(args),
		.objects = { { "device", (uint64_t)device, SHOW_FD },
			{ "interrupt index", args->index }, { "start", args->start },
			{ "count", args->count } },
	};
	struct abi_vfio_irq_set bare = { 0 }; /* disabling takes no memory */
	struct abi_vfio_irq_set *arg = &bare;
	uint32_t argsz;
	int vectors = 0;
	int err;

	if (__builtin_add_overflow(sizeof(*arg), args->data_size, &argsz)) {
		call.facts |= FACT_OUT_OF_BOUNDS;
		return call_fail(ctx, &call, EOVERFLOW);
	}
	if (args->data_size)
		arg = calloc(1, argsz);
	if (!arg)
		return call_fail(ctx, &call, ENOMEM);
	arg->argsz = argsz;
	arg->flags = args->flags;
	arg->index = args->index;
	arg->start = args->start;
	arg->count = args->count;
	if (args->data_size)
		memcpy(arg->data, args->data, args->data_size);
	call.arg = arg;
	err = call_ioctl_value(ctx, &call, &vectors);
	if (arg != &bare)
		free(arg);
	/* A positive result is the number of available vectors, -ENOSPC means none. */
	if (vectors) {
		call.facts |= FACT_SHORT;
		err = call_fail(ctx, &call, ENOSPC);
	}
	if (err == -ENOSPC && available)
		*available = (uint32_t)vectors;
	return err;
}

int iommuctl_vfio_irqs_enable(struct iommuctl *ctx, int device, uint32_t index, uint32_t start,
	const int *eventfds, uint32_t count)
{
	const struct iommuctl_vfio_irq_set_args args = {
		.flags = ABI_VFIO_IRQ_SET_DATA_EVENTFD | ABI_VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = index,
		.start = start,
		.count = count,
		.data = eventfds,
		.data_size = (size_t)count * sizeof(*eventfds),
	};

	return iommuctl_vfio_irqs_set(ctx, device, &args, NULL);
}

int iommuctl_vfio_irqs_disable(struct iommuctl *ctx, int device, uint32_t index)
{
	const struct iommuctl_vfio_irq_set_args args = {
		.flags = ABI_VFIO_IRQ_SET_DATA_NONE | ABI_VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = index,
	};

	return iommuctl_vfio_irqs_set(ctx, device, &args, NULL);
}
