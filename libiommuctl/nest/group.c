// SPDX-License-Identifier: MIT
/*
 * The kernel attaches IOMMU groups, not devices: the STE of one member becomes that of all. So a
 * group has the STE that the guest gave to each of its devices, or aborts.
 */
#include "array.h"
#include "nest/nest_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio/ask.h"

/* A device other than @except that the kernel has attached for this nest. */
static struct nest_device *find_held(
	const struct nest_group *group, const struct nest_device *except)
{
	struct nest_device *device = group->devices;

	while (device && (!device->held || device == except))
		device = device->peer;
	return device;
}

/*
 * If the group is unknown, its first HWPT is its own, whatever the STE, so that the kernel refuses
 * a second device of the same group. If both began with a shared HWPT, they would share STEs
 * unnoticed.
 */
static bool needs_nested(const struct nest_group *group, const struct nest_ste *ste)
{
	return nest_ste_has_stage1(ste) || (!group->known && !group->hwpt);
}

/*
 * Destroys the leftovers of changes that failed half-way, if possible; that it is not is no
 * failure.
 */
static void try_to_clean(struct iommuctl_nest *nest, struct nest_group *group)
{
	nest_try_destroy(nest, &group->stale);
	if (!group->stale && group->nested != group->hwpt)
		nest_try_destroy(nest, &group->nested);
}

int nest_group_clean(struct iommuctl_nest *nest, struct nest_group *group)
{
	int err = nest_destroy(nest, &group->stale);

	if (err || group->nested == group->hwpt)
		return err;
	return nest_destroy(nest, &group->nested);
}

/* Guests must not make HWPTs pile up: there is room for two that are not in use. */
static int make_nested(struct iommuctl_nest *nest, const struct nest_device *device,
	const struct nest_ste *ste, uint32_t *nested)
{
	int err = nest_group_clean(nest, device->group);

	return err ? err : nest_hwpt_alloc(nest, device->dev_id, ste, nested);
}

static void set_ste(struct nest_group *group, const struct nest_ste *ste)
{
	group->in_force = *ste;
	group->ats = nest_ste_has_ats(ste);
}

static void put_in_force(struct nest_group *group, uint32_t hwpt, uint32_t nested)
{
	group->hwpt = hwpt;
	if (!nested && group->stale)
		return;
	if (group->nested)
		group->stale = group->nested;
	group->nested = nested;
}

/* The kernel moves all devices of the group that are attached. */
static int attach(
	struct iommuctl_nest *nest, struct nest_device *device, const struct nest_ste *ste)
{
	struct nest_group *group = device->group;
	uint32_t hwpt = nest_ste_equal(ste, &nest_ste_abort) ? nest->abort_hwpt : nest->bypass_hwpt;
	uint32_t nested = 0;
	int err;

	if (needs_nested(group, ste)) {
		err = make_nested(nest, device, ste, &nested);
		if (err)
			return err;
		hwpt = nested;
	}
	err = iommuctl_vfio_attach(nest->ctx, device->fd, hwpt, NULL);
	if (!err) {
		put_in_force(group, hwpt, nested);
		set_ste(group, ste);
		device->held = true;
	} else if (nested) {
		group->stale = nested;
	}
	/* If this fails, the next change tries again, and finally the removal. */
	nest_try_destroy(nest, &group->stale);
	return err;
}

static int force(struct iommuctl_nest *nest, struct nest_group *group, const struct nest_ste *ste)
{
	struct nest_device *device = find_held(group, NULL);

	if (!device || !nest_ste_equal(&group->in_force, ste))
		return attach(nest, device ? device : nest_group_next(group, NULL), ste);
	try_to_clean(nest, group);
	return 0;
}

/* If there are several devices, all abort while one is added. */
static int join(struct iommuctl_nest *nest, struct nest_group *group)
{
	struct nest_device *device = nest_group_next(group, NULL);
	int err = 0;

	if (!nest_group_next(group, device))
		return 0;
	for (; !err && device; device = nest_group_next(group, device)) {
		if (device->held)
			continue;
		err = force(nest, group, &nest_ste_abort);
		if (err || device->held)
			continue;
		err = iommuctl_vfio_attach(nest->ctx, device->fd, group->hwpt, NULL);
		device->held = !err;
	}
	return err;
}

static int detach(struct iommuctl_nest *nest, struct nest_device *device)
{
	struct nest_group *group = device->group;
	int err = device->held ? iommuctl_vfio_detach(nest->ctx, device->fd) : 0;

	if (err)
		return err;
	device->held = false;
	if (!find_held(group, NULL)) {
		group->hwpt = 0;
		set_ste(group, &nest_ste_abort);
	}
	return 0;
}

/* Errors that may be gone the next time. Returning any other would stop a guest's queue forever. */
static bool is_transient(int err)
{
	static const int errors[] = { -ENOMEM, -EINTR, -EAGAIN, -ENOSPC };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (errors[i] == err)
			return true;
	return false;
}

static void remember(struct iommuctl_nest *nest, struct nest_group *group, int err)
{
	const struct iommuctl_error *error = &group->failure.state.error;

	group->failure.err = 0;
	error_first_keep(nest->ctx, &group->failure, err);
	snprintf(group->why, sizeof(group->why), "the kernel refused it: %s", strerror(-err));
	if (error->code)
		iommuctl_error_format(error, group->why, sizeof(group->why));
}

/* The guest continues, but the device aborts, or at worst is attached to nothing. */
static int fall_back(struct iommuctl_nest *nest, struct nest_group *group)
{
	bool detached = false;

	nest->counters.refused++;
	if (force(nest, group, &nest_ste_abort) == 0)
		return 0;
	for (struct nest_device *device = group->devices; device; device = device->peer) {
		detached |= device->held;
		if (detach(nest, device))
			return error_first_tell(nest->ctx, &group->failure);
	}
	nest->counters.detached += detached;
	return 0;
}

static int apply(struct iommuctl_nest *nest, struct nest_group *group, const struct nest_ste *ste)
{
	int err = join(nest, group);

	if (!err)
		err = force(nest, group, ste);
	if (!err)
		return 0;
	remember(nest, group, err);
	return is_transient(err) ? err : fall_back(nest, group);
}

static void keep_or_restore(struct nest_device *device, bool restores)
{
	if (restores) {
		device->ste = device->before.ste;
		device->illegal = device->before.illegal;
	}
	device->before.ste = device->ste;
	device->before.illegal = device->illegal;
}

int nest_group_commit(struct iommuctl_nest *nest, struct nest_group *group)
{
	struct nest_device *device = nest_group_next(group, NULL);
	struct nest_obstacle obstacle;
	int err;

	group->failure.err = 0;
	if (!device)
		return 0;
	nest_group_look(device, &obstacle);
	err = apply(nest, group, &obstacle.ste);
	for (; device; device = nest_group_next(group, device))
		keep_or_restore(device, err);
	if (err)
		nest_group_look(obstacle.first, &obstacle);
	while ((device = nest_group_next(group, device))) {
		nest_obstacle_tell(&obstacle, device);
		nest_ats_update(nest, device);
	}
	return err;
}

int nest_group_leave(struct iommuctl_nest *nest, struct nest_device *device)
{
	struct nest_group *group = device->group;

	if (!device->held)
		return 0;
	/*
	 * The kernel does not change the hardware for @device until the last of the group is
	 * detached.
	 */
	if (find_held(group, device) && !nest_ste_equal(&group->in_force, &nest_ste_abort)) {
		int err = attach(nest, device, &nest_ste_abort);

		if (err)
			return err;
	}
	return detach(nest, device);
}

static struct nest_group *find_group(
	const struct iommuctl_nest *nest, const struct iommuctl_device_group *info)
{
	struct nest_group *group = nest->groups;

	while (group && !(group->known && group->info.id == info->id))
		group = group->next;
	return group;
}

/* The members of a group may change, so ask again for every device. */
int nest_group_get(struct iommuctl_nest *nest, struct nest_device *device)
{
	struct iommuctl_device_group info = { .member_count = 0 };
	int err = vfio_ask_group(nest->ctx, device->fd, &info);
	struct nest_group *group;

	if (err && err != -EOPNOTSUPP)
		return err;
	group = err ? NULL : find_group(nest, &info);
	if (!group) {
		group = calloc(1, sizeof(*group));
		if (!group)
			return nest_refuse(nest, OP_NEST_ADD_DEVICE, device->vsid, ENOMEM, NULL);
		group->known = !err;
		group->next = nest->groups;
		nest->groups = group;
	}
	group->info = info;
	group->missing.known = false;
	memcpy(device->name, info.device, sizeof(device->name));
	device->group = group;
	device->peer = group->devices;
	group->devices = device;
	group->device_count++;
	return 0;
}

void nest_group_put(struct iommuctl_nest *nest, struct nest_device *device)
{
	struct nest_group *group = device->group;
	struct nest_device **peer = &group->devices;
	struct nest_group **link = &nest->groups;

	while (*peer != device)
		peer = &(*peer)->peer;
	*peer = device->peer;
	group->device_count--;
	if (group->devices)
		return;
	while (*link != group)
		link = &(*link)->next;
	*link = group->next;
	free(group);
}
