// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/vfio/vfio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/iommufd.h"

#define FIRST_ROOM 16

static bool objects_reserve(struct model_iommufd *iommufd, size_t room)
{
	size_t larger = iommufd->room ? iommufd->room * 2 : FIRST_ROOM;
	struct model_object **objects;

	if (room <= iommufd->room)
		return true;
	objects = reallocarray(iommufd->objects, larger, sizeof(struct model_object *));
	if (!objects)
		return false;
	memset(objects + iommufd->room, 0,
		(larger - iommufd->room) * sizeof(struct model_object *));
	iommufd->objects = objects;
	iommufd->room = larger;
	return true;
}

static uint32_t next_free(const struct model_iommufd *iommufd, uint32_t id)
{
	while (id < iommufd->room && iommufd->objects[id])
		id++;
	return id;
}

const struct model_kind model_tombstone_kind = { .free = NULL };

int model_object_add(struct model_iommufd *iommufd, struct model_object *object,
	const struct model_kind *kind)
{
	uint32_t id = next_free(iommufd, iommufd->free_id);

	if (id > INT32_MAX)
		return -EBUSY;
	if (!objects_reserve(iommufd, (size_t)id + 1))
		return -ENOMEM;
	object->kind = kind;
	object->id = id;
	object->users = 0;
	iommufd->objects[id] = object;
	iommufd->used++;
	iommufd->free_id = id + 1;
	return 0;
}

void model_object_remove(struct model_iommufd *iommufd, struct model_object *object)
{
	iommufd->objects[object->id] = NULL;
	iommufd->used--;
	if (object->id < iommufd->free_id)
		iommufd->free_id = object->id;
}

void model_object_bury(struct model_iommufd *iommufd, struct model_object *object)
{
	iommufd->objects[object->id] = &iommufd->tombstone;
}

struct model_object *model_object_any(const struct model_iommufd *iommufd, uint32_t id)
{
	struct model_object *object = id < iommufd->room ? iommufd->objects[id] : NULL;

	return object && object->kind != &model_tombstone_kind ? object : NULL;
}

void *model_object_find(
	const struct model_iommufd *iommufd, uint32_t id, const struct model_kind *kind)
{
	struct model_object *object = model_object_any(iommufd, id);

	return object && object->kind == kind ? object : NULL;
}

struct model_device *model_device_find(const struct model_iommufd *iommufd, uint32_t id)
{
	return model_object_find(iommufd, id, &model_device_kind);
}

void model_object_destroy(struct model_iommufd *iommufd, struct model_object *object)
{
	model_object_remove(iommufd, object);
	object->kind->free(iommufd, object);
}

/* IOMMU_DESTROY */
int model_destroy(struct model_iommufd *iommufd, void *arg)
{
	const struct abi_destroy *args = arg;
	struct model_object *object = model_object_any(iommufd, args->id);

	if (!object)
		return -ENOENT;
	if (object->users > 0 || !object->kind->free)
		return -EBUSY;
	model_object_destroy(iommufd, object);
	return 0;
}
