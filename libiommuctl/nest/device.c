// SPDX-License-Identifier: MIT
/* A device in a nest: its vDEVICE, and the nested HWPT that it is attached to. */
#include "nest/nest_private.h"

#include <errno.h>
#include <stdlib.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/vfio.h>

struct nest_device *nest_find_device(const struct iommuctl_nest *nest, uint32_t vsid)
{
	struct nest_device *device = nest->devices;

	while (device && device->vsid != vsid)
		device = device->next;
	return device;
}

/* @own is the HWPT if it is to be the device's alone, else 0. */
static int choose_hwpt(struct iommuctl_nest *nest, const struct nest_device *device,
	const struct nest_ste *ste, uint32_t *hwpt, uint32_t *own)
{
	int err;

	*own = 0;
	*hwpt = nest_ste_equal(ste, &nest_ste_abort) ? nest->abort_hwpt : nest->bypass_hwpt;
	if (!nest_ste_has_stage1(ste))
		return 0;
	err = nest_hwpt_alloc(nest, device->dev_id, ste, own);
	*hwpt = *own;
	return err;
}

int nest_device_apply(
	struct iommuctl_nest *nest, struct nest_device *device, const struct nest_ste *ste)
{
	uint32_t hwpt;
	uint32_t own;
	int err;

	if (device->attached && nest_ste_equal(&device->ste, ste))
		return 0;
	/* There is room for one that was left: what a guest does must not pile up. */
	err = nest_destroy(nest, &device->left);
	if (err)
		return err;
	err = choose_hwpt(nest, device, ste, &hwpt, &own);
	if (err)
		return err;

	err = iommuctl_vfio_attach(nest->ctx, device->fd, hwpt, NULL);
	device->left = err ? own : device->own;
	if (!err) {
		device->own = own;
		device->ste = *ste;
		device->attached = true;
	}
	/* If this fails it is tried again by the next change, and at last by the removal. */
	nest_destroy(nest, &device->left);
	return err;
}

int nest_device_release(struct iommuctl_nest *nest, struct nest_device *device)
{
	int err = device->attached ? iommuctl_vfio_detach(nest->ctx, device->fd) : 0;

	if (err)
		return err;
	device->attached = false;
	if (device->relayed)
		iommuctl_relay_remove_stream(nest->relay, device->vsid);
	device->relayed = false;
	err = nest_destroy(nest, &device->own);
	if (!err)
		err = nest_destroy(nest, &device->left);
	return err ? err : nest_destroy(nest, &device->vdevice);
}

static int remove_device(struct iommuctl_nest *nest, struct nest_device *device)
{
	struct nest_device **link = &nest->devices;
	int err = nest_device_release(nest, device);

	if (err)
		return err;
	while (*link != device)
		link = &(*link)->next;
	*link = device->next;
	free(device);
	return 0;
}

int iommuctl_nest_add_device(struct iommuctl_nest *nest, int fd, uint32_t dev_id, uint32_t vsid)
{
	struct nest_device *device;
	int err;

	if (nest_find_device(nest, vsid))
		return -EEXIST;
	device = calloc(1, sizeof(*device));
	if (!device)
		return -ENOMEM;
	device->fd = fd;
	device->dev_id = dev_id;
	device->vsid = vsid;
	device->next = nest->devices;
	nest->devices = device;

	/* Before it is attached: the kernel looks then for the vSID that events are to have. */
	err = iommuctl_vdevice_alloc(
		nest->ctx, nest->iommufd, nest->viommu, dev_id, vsid, &device->vdevice);
	if (!err)
		err = iommuctl_relay_add_stream(nest->relay, vsid);
	device->relayed = !err;
	if (!err)
		err = nest_device_load(nest, device);
	if (err)
		remove_device(nest, device);
	return err;
}

int iommuctl_nest_remove_device(struct iommuctl_nest *nest, uint32_t vsid)
{
	struct nest_device *device = nest_find_device(nest, vsid);

	return device ? remove_device(nest, device) : -ENOENT;
}

int iommuctl_nest_set_ste(struct iommuctl_nest *nest, uint32_t vsid,
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	struct nest_device *device = nest_find_device(nest, vsid);
	struct iommuctl_smmuv3_refusal why;
	struct nest_ste ste;
	int err;

	if (!device || !device->attached)
		return -ENOENT;
	ste = nest_ste_translate(&nest->idr, words, &why);
	err = nest_device_apply(nest, device, &ste);
	if (err)
		return err;
	device->refusal = why;
	if (refusal)
		*refusal = why;
	return 0;
}

int iommuctl_nest_get_refusal(
	const struct iommuctl_nest *nest, uint32_t vsid, struct iommuctl_smmuv3_refusal *refusal)
{
	const struct nest_device *device = nest_find_device(nest, vsid);

	if (!device)
		return -ENOENT;
	*refusal = device->refusal;
	return 0;
}
