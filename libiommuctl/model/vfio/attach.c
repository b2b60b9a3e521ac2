// SPDX-License-Identifier: MIT
/* Attaches devices and their groups to HWPTs and IOASs. */
#include "model/vfio/vfio.h"
#include "model/ioas/ioas.h"
#include "model/iommufd/iommufd.h"

#include <errno.h>

struct model_hwpt_paging *model_paging_of(const struct model_hwpt *hwpt)
{
	return hwpt ? hwpt->paging : NULL;
}

/* HWPTs that the kernel made for an attachment go with the last one. */
void model_hwpt_put(struct model_device *device, struct model_hwpt *hwpt)
{
	struct model_object *object = &hwpt->object;

	object->users--;
	if (hwpt == &hwpt->paging->hwpt && hwpt->paging->is_auto && object->users == 0)
		model_object_destroy(device->iommufd, object);
}

static struct model_hwpt *group_hwpt(const struct model_device *device)
{
	const struct model_device *at = NULL;

	while ((at = model_group_next(device, at)))
		if (at->attached)
			return at->attached;
	return NULL;
}

/* The doorbell of the group's interrupts is mapped wherever the group is attached. */
static void map_doorbell(const struct model_device *device, struct model_hwpt_paging *paging)
{
	const struct model_device *at = NULL;

	while ((at = model_group_next(device, at)))
		if (at->msi_required)
			paging->msi_mapped = true;
}

static void hold(struct model_device *device, struct model_hwpt *hwpt)
{
	device->attached = hwpt;
	hwpt->object.users++;
	device->object.users++;
}

int model_attach_hwpt(struct model_device *device, uint32_t pasid, struct model_hwpt *hwpt)
{
	struct model_hwpt_paging *paging = hwpt->paging;
	struct model_hwpt *common = group_hwpt(device);
	int err;

	if (device->attached)
		return -EBUSY;
	if (common && common != hwpt)
		return -EINVAL;
	err = model_ioas_attach(paging->ioas, device);
	if (err)
		return err;
	if (!common) {
		map_doorbell(device, paging);
		err = model_pasid_compatible(device, pasid, hwpt) ? 0 : -EINVAL;
		if (err == 0)
			err = model_stream_group(device, hwpt);
	}
	if (err) {
		model_ioas_detach(paging->ioas, device);
		return err;
	}
	hold(device, hwpt);
	return 0;
}

void model_detach_hwpt(struct model_device *device)
{
	struct model_hwpt *hwpt = device->attached;
	struct model_hwpt_paging *paging = hwpt->paging;

	device->attached = NULL;
	device->object.users--;
	if (!group_hwpt(device))
		model_stream_group(device, NULL);
	model_ioas_detach(paging->ioas, device);
	model_hwpt_put(device, hwpt);
}

static void unreserve_group(const struct model_device *device, struct model_ioas *ioas)
{
	const struct model_device *at = NULL;

	while ((at = model_group_next(device, at)))
		if (at->attached)
			model_ioas_detach(ioas, at);
}

static int reserve_group(const struct model_device *device, struct model_ioas *ioas)
{
	const struct model_device *at = NULL;
	int err = 0;

	while (err == 0 && (at = model_group_next(device, at)))
		if (at->attached)
			err = model_ioas_attach(ioas, at);
	return err;
}

/*
 * As in the kernel, a failure removes the reserved regions even from an IOAS that had them before.
 */
static int change_group(struct model_device *device, uint32_t pasid, struct model_hwpt *hwpt)
{
	struct model_hwpt_paging *old = device->attached->paging;
	struct model_hwpt_paging *paging = hwpt->paging;
	int err = 0;

	if (paging->ioas != old->ioas)
		err = reserve_group(device, paging->ioas);
	if (err == 0) {
		map_doorbell(device, paging);
		err = model_pasid_compatible(device, pasid, hwpt) ? 0 : -EINVAL;
	}
	if (err == 0)
		err = model_stream_group(device, hwpt);
	if (err)
		unreserve_group(device, paging->ioas);
	else if (paging->ioas != old->ioas)
		unreserve_group(device, old->ioas);
	return err;
}

int model_replace_hwpt(struct model_device *device, uint32_t pasid, struct model_hwpt *hwpt)
{
	struct model_hwpt *old = device->attached;
	struct model_device *at = NULL;
	int err;

	if (!old)
		return -EINVAL;
	if (hwpt == old)
		return 0;
	err = change_group(device, pasid, hwpt);
	if (err)
		return err;
	while ((at = model_group_next(device, at))) {
		if (!at->attached)
			continue;
		at->attached = hwpt;
		hwpt->object.users++;
		model_hwpt_put(device, old);
	}
	return 0;
}

/*
 * Checks that the kernel makes before it fills a new HWPT; for an attach, it makes them first. A
 * HWPT that it makes itself takes no PASIDs.
 */
static int check_before_new(const struct model_device *device, uint32_t pasid,
	struct model_ioas *ioas, model_attach *attach)
{
	int err;

	if (attach == model_pasid_attach_hwpt)
		return model_pasid_hwpt(device, pasid) ? -EBUSY : -EINVAL;
	if (attach != model_attach_hwpt)
		return 0;
	if (device->attached)
		return -EBUSY;
	if (group_hwpt(device))
		return -EINVAL;
	err = model_ioas_attach(ioas, device);
	if (err == 0)
		model_ioas_detach(ioas, device);
	return err;
}

/* A HWPT that the kernel has made for this IOAS is reused if it suits the device. */
int model_attach_to_ioas(struct model_device *device, uint32_t pasid, struct model_object *object,
	uint32_t *pt_id, model_attach *attach)
{
	struct model_ioas *ioas = (void *)object;
	struct model_hwpt_paging *hwpt;
	int err;

	for (size_t i = 0; i < ioas->hwpt_count; i++) {
		hwpt = ioas->hwpts[i];
		if (!hwpt->is_auto)
			continue;
		err = attach(device, pasid, &hwpt->hwpt);
		if (err == -EINVAL)
			continue;
		if (err == 0)
			*pt_id = hwpt->hwpt.object.id;
		return err;
	}
	err = check_before_new(device, pasid, ioas, attach);
	if (err)
		return err;
	err = model_hwpt_paging_new(device->iommufd, ioas, device, 0, &hwpt);
	if (err)
		return err;
	err = attach(device, pasid, &hwpt->hwpt);
	if (err) {
		model_object_destroy(device->iommufd, &hwpt->hwpt.object);
		return err;
	}
	hwpt->is_auto = true;
	*pt_id = hwpt->hwpt.object.id;
	return 0;
}

int model_attach_to_hwpt(struct model_device *device, uint32_t pasid, struct model_object *hwpt,
	uint32_t *pt_id, model_attach *attach)
{
	(void)pt_id;
	return attach(device, pasid, (void *)hwpt);
}

int model_attach_pt(
	struct model_device *device, uint32_t pasid, uint32_t *pt_id, model_attach *attach)
{
	struct model_object *object = model_object_any(device->iommufd, *pt_id);

	if (!object)
		return -ENOENT;
	if (!object->kind->attach)
		return -EINVAL;
	return object->kind->attach(device, pasid, object, pt_id, attach);
}

int model_device_attach(struct model_device *device, uint32_t *pt_id)
{
	const bool replaces = device->attached && !device->attached_as_pasid;

	return model_attach_pt(device, 0, pt_id, replaces ? model_replace_hwpt : model_attach_hwpt);
}

void model_device_detach(struct model_device *device)
{
	if (device->attached && !device->attached_as_pasid)
		model_detach_hwpt(device);
}
