// SPDX-License-Identifier: MIT
/*
 * The kernel also attaches PASIDs of a device without PASIDs. DMA is unaffected then, but the rules
 * apply: which HWPTs can be combined, and which are in use. Here a PASID belongs to the devices
 * that attach it; in the kernel, to all devices of their group.
 */
#include "model/vfio/vfio.h"
#include "model/iommufd/iommufd.h"

#include <errno.h>
#include <stdlib.h>

static struct model_pasid *find(const struct model_device *device, uint32_t pasid)
{
	for (size_t i = 0; i < device->pasid_count; i++)
		if (device->pasids[i].pasid == pasid)
			return &device->pasids[i];
	return NULL;
}

struct model_hwpt *model_pasid_hwpt(const struct model_device *device, uint32_t pasid)
{
	const struct model_pasid *found = find(device, pasid);

	return found ? found->hwpt : NULL;
}

static struct model_hwpt *group_hwpt(const struct model_device *device, uint32_t pasid)
{
	const struct model_device *at = NULL;

	while ((at = model_group_next(device, at))) {
		const struct model_pasid *found = find(at, pasid);

		if (found)
			return found->hwpt;
	}
	return NULL;
}

bool model_pasid_compatible(
	const struct model_device *device, uint32_t pasid, const struct model_hwpt *hwpt)
{
	const struct model_device *at = NULL;

	if (pasid && !hwpt->pasid_compat)
		return false;
	while ((at = model_group_next(device, at))) {
		if (!pasid && at->pasid_count && !hwpt->pasid_compat)
			return false;
		if (pasid && at->attached && !at->attached->pasid_compat)
			return false;
	}
	return true;
}

int model_pasid_attach_hwpt(struct model_device *device, uint32_t pasid, struct model_hwpt *hwpt)
{
	struct model_hwpt *common = group_hwpt(device, pasid);
	struct model_pasid *pasids;
	int err;

	if (find(device, pasid))
		return -EBUSY;
	if (common && common != hwpt)
		return -EINVAL;
	if (!common && !model_pasid_compatible(device, pasid, hwpt))
		return -EINVAL;
	pasids = reallocarray(device->pasids, device->pasid_count + 1, sizeof(*pasids));
	if (!pasids)
		return -ENOMEM;
	device->pasids = pasids;
	err = model_stream_pasid(device, pasid, hwpt);
	if (err)
		return err;
	pasids[device->pasid_count++] = (struct model_pasid){ .pasid = pasid, .hwpt = hwpt };
	device->object.users++;
	hwpt->object.users++;
	return 0;
}

int model_pasid_replace_hwpt(struct model_device *device, uint32_t pasid, struct model_hwpt *hwpt)
{
	struct model_hwpt *old = model_pasid_hwpt(device, pasid);
	struct model_device *at = NULL;

	if (!old)
		return -EINVAL;
	if (hwpt == old)
		return 0;
	if (!model_pasid_compatible(device, pasid, hwpt))
		return -EINVAL;
	while ((at = model_group_next(device, at))) {
		struct model_pasid *found = find(at, pasid);
		int err;

		if (!found)
			continue;
		err = model_stream_pasid(at, pasid, hwpt);
		if (err)
			return err;
		model_stream_leave(at, old);
		model_faults_end(at, pasid, old);
		found->hwpt = hwpt;
		hwpt->object.users++;
		model_hwpt_put(device, old);
	}
	return 0;
}

/* PASID 0 means no PASID further down, but vfio treats the two as different attachments. */
static int attach_as_pasid_0(struct model_device *device, uint32_t *pt_id)
{
	int err;

	if (device->attached_as_pasid)
		return model_attach_pt(device, 0, pt_id, model_replace_hwpt);
	err = model_attach_pt(device, 0, pt_id, model_attach_hwpt);
	if (err == 0)
		device->attached_as_pasid = true;
	return err;
}

int model_device_attach_pasid(struct model_device *device, uint32_t pasid, uint32_t *pt_id)
{
	if (pasid == 0)
		return attach_as_pasid_0(device, pt_id);
	if (find(device, pasid))
		return model_attach_pt(device, pasid, pt_id, model_pasid_replace_hwpt);
	if (pasid > INT32_MAX)
		return -ENOSPC;
	return model_attach_pt(device, pasid, pt_id, model_pasid_attach_hwpt);
}

void model_device_detach_pasid(struct model_device *device, uint32_t pasid)
{
	struct model_pasid *found = find(device, pasid);

	if (pasid == 0 && device->attached_as_pasid) {
		device->attached_as_pasid = false;
		model_detach_hwpt(device);
	}
	if (!found)
		return;
	device->object.users--;
	model_stream_pasid(device, pasid, NULL);
	model_stream_leave(device, found->hwpt);
	model_faults_end(device, pasid, found->hwpt);
	model_hwpt_put(device, found->hwpt);
	*found = device->pasids[--device->pasid_count];
}

void model_device_detach_all(struct model_device *device)
{
	model_device_detach_pasid(device, 0);
	while (device->pasid_count)
		model_device_detach_pasid(device, device->pasids[0].pasid);
	free(device->pasids);
	device->pasids = NULL;
	model_device_detach(device);
}
