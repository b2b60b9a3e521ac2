// SPDX-License-Identifier: MIT
/* What keeps the devices of an IOMMU group from the STEs that the guest gave them. */
#include "nest/nest_private.h"

#include <stdio.h>
#include <string.h>

static const struct nest_device *find_other_ste(const struct nest_device *device)
{
	const struct nest_device *at = device;

	while ((at = nest_group_next(device->group, at)))
		if (!nest_ste_equal(&at->ste, &device->ste))
			return at;
	return NULL;
}

static bool has_member(const struct nest_group *group, const char *name)
{
	const struct nest_device *at = NULL;

	while ((at = nest_group_next(group, at)))
		if (strcmp(at->name, name) == 0)
			return true;
	return false;
}

static bool has_room_for_all(const struct nest_group *group)
{
	return group->info.member_count <= IOMMUCTL_GROUP_MEMBERS_MAX;
}

static struct nest_missing find_missing(const struct nest_group *group)
{
	const struct iommuctl_device_group *info = &group->info;
	struct nest_missing missing = { .known = true };

	for (size_t i = 0; i < info->member_count && i < IOMMUCTL_GROUP_MEMBERS_MAX; i++) {
		const struct iommuctl_group_member *member = &info->members[i];

		if (has_member(group, member->name))
			continue;
		if (!missing.any)
			missing.any = member->name;
		if (!missing.endpoint && !member->bridge)
			missing.endpoint = member->name;
	}
	return missing;
}

/*
 * A device that @ste would apply to although the guest does not have it. A bridge issues no DMA of
 * its own, but for a stage 1 the kernel requires a vDEVICE of it.
 */
static const char *get_missing(struct nest_group *group, const struct nest_ste *ste)
{
	if (!group->missing.known)
		group->missing = find_missing(group);
	return nest_ste_has_stage1(ste) ? group->missing.any : group->missing.endpoint;
}

void nest_group_look(const struct nest_device *first, struct nest_obstacle *obstacle)
{
	struct nest_group *group = first->group;

	obstacle->first = first;
	obstacle->other = find_other_ste(first);
	obstacle->missing = obstacle->other ? NULL : get_missing(group, &first->ste);
	if (obstacle->other || obstacle->missing || !has_room_for_all(group))
		obstacle->ste = nest_ste_abort;
	else
		obstacle->ste = first->ste;
}

static void refuse(struct nest_device *device, const char *field, const char *reason)
{
	device->refusal = (struct iommuctl_smmuv3_refusal){ .field = field, .reason = reason };
}

static void tell_other(struct nest_device *device, const struct nest_obstacle *obstacle)
{
	const bool as_first = nest_ste_equal(&device->ste, &obstacle->first->ste);
	const struct nest_device *other = as_first ? obstacle->other : obstacle->first;

	snprintf(device->reason, sizeof(device->reason),
		"StreamID 0x%x of the same IOMMU group has another STE", other->vsid);
}

/* Sets the refusal: why the STE that the guest gave the device does not apply. */
static void tell_obstacle(struct nest_device *device, const struct nest_obstacle *obstacle)
{
	const struct nest_group *group = device->group;

	refuse(device, "IOMMU group", device->reason);
	if (obstacle->other)
		tell_other(device, obstacle);
	else if (obstacle->missing)
		snprintf(device->reason, sizeof(device->reason),
			"%s of the same IOMMU group has no vDEVICE", obstacle->missing);
	else if (!has_room_for_all(group))
		snprintf(device->reason, sizeof(device->reason),
			"the IOMMU group has %zu devices, and only %d are supported",
			group->info.member_count, IOMMUCTL_GROUP_MEMBERS_MAX);
	else
		refuse(device, "STE", group->why);
}

void nest_obstacle_tell(const struct nest_obstacle *obstacle, struct nest_device *device)
{
	device->refusal = device->illegal;
	if (device->illegal.field || nest_ste_equal(&device->ste, &device->group->in_force) ||
		nest_ste_equal(&device->ste, &nest_ste_abort))
		return;
	tell_obstacle(device, obstacle);
}
