// SPDX-License-Identifier: MIT
#include <errno.h>

#include "abi/vfio.h"
#include "core/call.h"
#include "vfio/ask.h"

static int attach(struct iommuctl *ctx, struct call *call,
	struct abi_vfio_device_attach_iommufd_pt *arg, uint32_t *resolved_pt_id)
{
	int err;

	arg->argsz = sizeof(*arg);
	call->arg = arg;
	err = call_ioctl(ctx, call);
	if (err)
		return err;
	if (resolved_pt_id)
		*resolved_pt_id = arg->pt_id;
	return 0;
}

static struct call attaching(int device, uint32_t pt_id)
{
	return (struct call){
		.operation = OP_VFIO_ATTACH,
		.fd = device,
		.objects = { { "device", (uint64_t)device, SHOW_FD }, { "page table", pt_id } },
	};
}

int iommuctl_vfio_attach(struct iommuctl *ctx, int device, uint32_t pt_id, uint32_t *resolved_pt_id)
{
	struct abi_vfio_device_attach_iommufd_pt arg = { .pt_id = pt_id };
	struct call call = attaching(device, pt_id);

	return attach(ctx, &call, &arg, resolved_pt_id);
}

int vfio_ask_attach(struct iommuctl *ctx, int device, uint32_t pt_id)
{
	struct abi_vfio_device_attach_iommufd_pt arg = { .pt_id = pt_id };
	struct call call = attaching(device, pt_id);

	call.answers[0] = EINVAL;
	call.answers[1] = EBUSY;
	return attach(ctx, &call, &arg, NULL);
}

int iommuctl_vfio_attach_pasid(
	struct iommuctl *ctx, int device, uint32_t pasid, uint32_t pt_id, uint32_t *resolved_pt_id)
{
	struct abi_vfio_device_attach_iommufd_pt arg = {
		.flags = ABI_VFIO_DEVICE_ATTACH_PASID,
		.pt_id = pt_id,
		.pasid = pasid,
	};
	struct call call = {
		.operation = OP_VFIO_ATTACH_PASID,
		.fd = device,
		.objects = { { "device", (uint64_t)device, SHOW_FD }, { "PASID", pasid },
			{ "page table", pt_id } },
		.facts = (pasid ? 0 : FACT_EMPTY) | (pasid > INT32_MAX ? FACT_TOO_LARGE : 0),
	};

	return attach(ctx, &call, &arg, resolved_pt_id);
}

int iommuctl_vfio_detach(struct iommuctl *ctx, int device)
{
	struct abi_vfio_device_detach_iommufd_pt arg = { .argsz = sizeof(arg) };
	const struct call call = {
		.operation = OP_VFIO_DETACH,
		.fd = device,
		.arg = &arg,
		.objects = { { "device", (uint64_t)device, SHOW_FD } },
	};

	return call_ioctl(ctx, &call);
}

int iommuctl_vfio_detach_pasid(struct iommuctl *ctx, int device, uint32_t pasid)
{
	struct abi_vfio_device_detach_iommufd_pt arg = {
		.argsz = sizeof(arg),
		.flags = ABI_VFIO_DEVICE_DETACH_PASID,
		.pasid = pasid,
	};
	const struct call call = {
		.operation = OP_VFIO_DETACH_PASID,
		.fd = device,
		.arg = &arg,
		.objects = { { "device", (uint64_t)device, SHOW_FD }, { "PASID", pasid } },
	};

	return call_ioctl(ctx, &call);
}
