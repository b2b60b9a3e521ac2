// SPDX-License-Identifier: MIT
/* Passed-through devices, and the events about their STEs. */
#include "vsmmuv3/vsmmuv3_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nest/refusal.h"
#include "vsmmuv3/config_walk.h"
#include "vsmmuv3/record.h"

static const struct iommuctl_explanation beyond_sidsize = {
	"the StreamID has more bits than the guest's SMMU shows (IDR1.SIDSIZE)",
	"choose a smaller StreamID, or an identity with more bits (sid_bits)",
};

static struct vsmmuv3_device **find(struct iommuctl_vsmmuv3 *smmu, uint32_t sid)
{
	struct vsmmuv3_device **link = &smmu->devices;

	while (*link && (*link)->sid != sid)
		link = &(*link)->next;
	return link;
}

static int add(struct iommuctl_vsmmuv3 *smmu, int device, uint32_t dev_id, uint32_t sid)
{
	const struct call call = {
		.operation = OP_VSMMUV3_ADD_DEVICE,
		.objects = { { "StreamID", sid, SHOW_HEX }, { "device", dev_id } },
	};
	struct vsmmuv3_device *added;
	int err;

	if ((uint64_t)sid >> (smmu->identity.idr[1] & IDR1_SIDSIZE))
		return call_refuse(smmu->ctx, &call, EINVAL, &beyond_sidsize);
	added = calloc(1, sizeof(*added));
	if (!added)
		return call_fail(smmu->ctx, &call, ENOMEM);
	err = iommuctl_nest_add_device(smmu->nest, device, dev_id, sid);
	if (err) {
		free(added);
		return err;
	}
	added->sid = sid;
	added->next = smmu->devices;
	smmu->devices = added;
	return 0;
}

int iommuctl_vsmmuv3_add_device(
	struct iommuctl_vsmmuv3 *smmu, int device, uint32_t dev_id, uint32_t sid)
{
	int err;

	pthread_mutex_lock(&smmu->lock);
	vsmmuv3_record(smmu, RECORD_ADD, sid, 0);
	err = add(smmu, device, dev_id, sid);
	vsmmuv3_record_end(smmu, err);
	pthread_mutex_unlock(&smmu->lock);
	return err;
}

/* Half removed, it belongs only to the nest, which may finish that by itself. */
static int remove_device(struct iommuctl_vsmmuv3 *smmu, uint32_t sid)
{
	struct vsmmuv3_device **link = find(smmu, sid), *removed = *link;
	int err = iommuctl_nest_remove_device(smmu->nest, sid);

	if (!removed || nest_find_refusal(smmu->nest, sid))
		return err;
	*link = removed->next;
	free(removed);
	return err;
}

int iommuctl_vsmmuv3_remove_device(struct iommuctl_vsmmuv3 *smmu, uint32_t sid)
{
	int err;

	pthread_mutex_lock(&smmu->lock);
	vsmmuv3_record(smmu, RECORD_REMOVE, sid, 0);
	err = remove_device(smmu, sid);
	vsmmuv3_record_end(smmu, err);
	pthread_mutex_unlock(&smmu->lock);
	return err;
}

void vsmmuv3_free_devices(struct iommuctl_vsmmuv3 *smmu)
{
	while (smmu->devices) {
		struct vsmmuv3_device *next = smmu->devices->next;

		free(smmu->devices);
		smmu->devices = next;
	}
}

void vsmmuv3_ste_named(struct iommuctl_vsmmuv3 *smmu, uint32_t sid)
{
	struct vsmmuv3_device *device = *find(smmu, sid);

	if (device)
		device->read = device->named = true;
}

void vsmmuv3_stes_read(struct iommuctl_vsmmuv3 *smmu, uint32_t sid, unsigned int bits)
{
	for (struct vsmmuv3_device *device = smmu->devices; device; device = device->next)
		if (!((uint64_t)(device->sid ^ sid) >> bits))
			device->read = true;
}

/* What the architecture allows but is not supported here is reported as a bad STE too. */
static struct iommuctl_smmuv3_event event_of(
	const struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_device *device)
{
	const struct vsmmuv3_view view = vsmmuv3_look(smmu);
	const struct iommuctl_vsmmuv3_access access = { .sid = device->sid };
	struct vsmmuv3_config config;
	struct vsmmuv3_fault fault;

	if (vsmmuv3_config_walk(&view, &access, &config, &fault))
		switch (fault.event.type) {
		case 0: /* RECINVSID */
		case IOMMUCTL_SMMUV3_C_BAD_STREAMID:
		case IOMMUCTL_SMMUV3_F_STE_FETCH: return fault.event;
		default: break;
		}
	return (struct iommuctl_smmuv3_event){
		.type = IOMMUCTL_SMMUV3_C_BAD_STE,
		.streamid = device->sid,
	};
}

static void tell(struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_device *device)
{
	const struct iommuctl_smmuv3_refusal *refusal = nest_find_refusal(smmu->nest, device->sid);
	struct iommuctl_smmuv3_event event;

	if (!refusal || !refusal->field || !strcmp(refusal->field, "V"))
		return;
	event = event_of(smmu, device);
	if (!event.type || (event.type == IOMMUCTL_SMMUV3_C_BAD_STREAMID && !device->named))
		return;
	vsmmuv3_put_event(smmu, &event);
}

/* Without SMMUEN no SMMU reads STEs: a refusal is about GBPA then, which has no events. */
void vsmmuv3_tell_broken_stes(struct iommuctl_vsmmuv3 *smmu)
{
	const bool reads = vsmmuv3_is_enabled(smmu, CR0_SMMUEN);

	for (struct vsmmuv3_device *device = smmu->devices; device; device = device->next) {
		if (reads && device->read)
			tell(smmu, device);
		device->read = device->named = false;
	}
}
