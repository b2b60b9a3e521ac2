// SPDX-License-Identifier: MIT
/* A device in a nest: its vDEVICE, and the nested HWPT that it is attached to. */
#include "nest/nest_private.h"
#include "nest/refusal.h"

#include <errno.h>
#include <stdlib.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/vfio.h>

static const struct iommuctl_explanation no_stream = {
	"no device of the nest has the StreamID",
	"pass the StreamID of one that was added and not removed since",
};

static const struct iommuctl_explanation stream_taken = {
	"another device of the nest has the StreamID",
	"give each device one of its own, or remove the other first",
};

struct nest_device *nest_find_device(const struct iommuctl_nest *nest, uint32_t vsid)
{
	struct nest_device *device = nest->devices;

	while (device && device->vsid != vsid)
		device = device->next;
	return device;
}

int nest_device_apply(
	struct iommuctl_nest *nest, struct nest_device *device, const struct nest_ste *ste)
{
	device->ste = *ste;
	return nest_group_commit(nest, device->group);
}

static void set_attached(struct nest_device *device, bool attached)
{
	device->attached = attached;
	device->group->missing.known = false;
}

int nest_device_release(struct iommuctl_nest *nest, struct nest_device *device)
{
	int err = nest_group_leave(nest, device);

	if (err)
		return err;
	set_attached(device, false);
	if (device->relayed)
		iommuctl_relay_remove_stream(nest->relay, device->vsid);
	device->relayed = false;
	err = nest_group_clean(nest, device->group);
	return err ? err : nest_destroy(nest, &device->vdevice);
}

static void free_device(struct iommuctl_nest *nest, struct nest_device *device)
{
	struct nest_device **link = &nest->devices;

	while (*link != device)
		link = &(*link)->next;
	*link = device->next;
	nest_group_put(nest, device);
	free(device);
}

/* The other devices of its group get a refusal for what they lack, or their STE back. */
static int remove_device(struct iommuctl_nest *nest, struct nest_device *device)
{
	struct nest_group *group = device->group;
	struct error_first first = { .err = 0 };

	error_first_keep(nest->ctx, &first, nest_device_release(nest, device));
	nest_group_commit(nest, group);
	if (first.err)
		device->stuck = first;
	else
		free_device(nest, device);
	return error_first_tell(nest->ctx, &first);
}

/* Finishes removals that failed half-way; an error if a half-removed device is still in the way. */
static int finish_removals(struct iommuctl_nest *nest, uint32_t dev_id, uint32_t vsid)
{
	struct error_first first = { .err = 0 };
	struct nest_device *next;

	for (struct nest_device *device = nest->devices; device; device = next) {
		int err = 0;

		next = device->next;
		if (!device->attached)
			err = remove_device(nest, device);
		if (err && (device->vsid == vsid || device->dev_id == dev_id))
			error_first_keep(nest->ctx, &first, err);
	}
	return error_first_tell(nest->ctx, &first);
}

/* If only half-removed devices of a group are still attached, no other can be added. */
static int find_obstacle(struct iommuctl_nest *nest, const struct nest_device *device)
{
	const struct nest_device *obstacle = NULL;

	for (const struct nest_device *peer = device->group->devices; peer; peer = peer->peer) {
		if (peer->attached)
			return 0;
		if (peer->held)
			obstacle = peer;
	}
	return obstacle ? error_first_tell(nest->ctx, &obstacle->stuck) : 0;
}

static int new_device(struct iommuctl_nest *nest, int fd, uint32_t dev_id, uint32_t vsid,
	struct nest_device **device)
{
	struct nest_device *made = calloc(1, sizeof(*made));
	int err;

	if (!made) {
		nest_refuse(nest, OP_NEST_ADD_DEVICE, vsid, ENOMEM, NULL);
		return -ENOMEM;
	}
	made->fd = fd;
	made->dev_id = dev_id;
	made->vsid = vsid;
	err = nest_group_get(nest, made);
	if (err)
		goto free_device;
	err = find_obstacle(nest, made);
	if (err)
		goto put_group;
	made->next = nest->devices;
	nest->devices = made;
	*device = made;
	return 0;

put_group:
	nest_group_put(nest, made);
free_device:
	free(made);
	return err;
}

/*
 * A device that was attached elsewhere would move its whole group. If the group is unknown, it is
 * detached first, so that the kernel refuses it if another device of the group is still attached.
 */
static int enter(struct iommuctl_nest *nest, struct nest_device *device)
{
	int err = device->group->known ? 0 : iommuctl_vfio_detach(nest->ctx, device->fd);

	if (err)
		return err;
	set_attached(device, true);
	err = nest_device_load(nest, device);
	if (!err && !device->held)
		err = error_first_tell(nest->ctx, &device->group->failure);
	if (err)
		set_attached(device, false);
	return err;
}

static int set_up(struct iommuctl_nest *nest, struct nest_device *device)
{
	int err;

	/* Before the device is attached, as the kernel then looks up the vSID for its events. */
	err = iommuctl_vdevice_alloc(nest->ctx, nest->iommufd, nest->viommu, device->dev_id,
		device->vsid, &device->vdevice);
	if (err)
		return err;
	err = iommuctl_relay_add_stream(nest->relay, device->vsid);
	if (err)
		return err;
	device->relayed = true;
	err = nest_ats_probe(nest, device);
	return err ? err : enter(nest, device);
}

int iommuctl_nest_add_device(struct iommuctl_nest *nest, int device, uint32_t dev_id, uint32_t vsid)
{
	struct error_first first = { .err = 0 };
	struct nest_device *added = NULL;
	int err = finish_removals(nest, dev_id, vsid);

	if (err)
		return err;
	if (nest_find_device(nest, vsid))
		return nest_refuse(nest, OP_NEST_ADD_DEVICE, vsid, EEXIST, &stream_taken);
	err = new_device(nest, device, dev_id, vsid, &added);
	if (err)
		return err;
	err = set_up(nest, added);
	if (!err)
		return 0;
	error_first_keep(nest->ctx, &first, err);
	remove_device(nest, added);
	return error_first_tell(nest->ctx, &first);
}

int iommuctl_nest_remove_device(struct iommuctl_nest *nest, uint32_t vsid)
{
	struct nest_device *device = nest_find_device(nest, vsid);

	if (!device)
		return nest_refuse(nest, OP_NEST_REMOVE_DEVICE, vsid, ENOENT, &no_stream);
	return remove_device(nest, device);
}

int iommuctl_nest_set_ste(struct iommuctl_nest *nest, uint32_t vsid,
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	struct nest_device *device = nest_find_device(nest, vsid);
	struct nest_ste ste;
	int err;

	if (!device || !device->attached)
		return nest_refuse(nest, OP_NEST_SET_STE, vsid, ENOENT, &no_stream);
	nest_forget_reads(nest);
	ste = nest_ste_translate(&nest->features, words, &device->illegal);
	err = nest_device_apply(nest, device, &ste);
	if (!err && refusal)
		*refusal = device->refusal;
	return err;
}

const struct iommuctl_smmuv3_refusal *nest_find_refusal(
	const struct iommuctl_nest *nest, uint32_t vsid)
{
	const struct nest_device *device = nest_find_device(nest, vsid);

	return device && device->attached ? &device->refusal : NULL;
}

int iommuctl_nest_get_refusal(
	const struct iommuctl_nest *nest, uint32_t vsid, struct iommuctl_smmuv3_refusal *refusal)
{
	const struct iommuctl_smmuv3_refusal *found = nest_find_refusal(nest, vsid);

	if (!found)
		return nest_refuse(nest, OP_NEST_GET_REFUSAL, vsid, ENOENT, &no_stream);
	*refusal = *found;
	return 0;
}
