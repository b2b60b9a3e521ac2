// SPDX-License-Identifier: MIT
#include "look/objects.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "output/memory.h"

int look_objects_open(const struct live *live, struct look_objects *objects)
{
	size_t room = 1;

	for (int collection = 0; collection < JOB_COLLECTIONS; collection++)
		room += live->job->objects[collection].count;
	*objects = (struct look_objects){ .items = calloc(room, sizeof(*objects->items)) };
	if (!objects->items) {
		memory_note_failure();
		return -ENOMEM;
	}
	for (unsigned int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		objects->first[collection] = objects->count;
		for (size_t i = 0; i < live->job->objects[collection].count; i++) {
			if (live->objects[collection][i].made)
				objects->items[objects->count++] =
					document_object_at(live->job->document, collection, i);
		}
	}
	objects->first[JOB_COLLECTIONS] = objects->count;
	return 0;
}

void look_objects_close(struct look_objects *objects)
{
	free(objects->items);
}

/* Within a collection, in the order of their index. */
size_t look_objects_find(const struct look_objects *objects, const struct document_object *object)
{
	size_t low = objects->first[object->collection];
	size_t high = objects->first[object->collection + 1];

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (objects->items[middle]->index < object->index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < objects->first[object->collection + 1] && objects->items[low] == object
		       ? low
		       : objects->count;
}

/* Tables lie at an IPA: the job does not name the memory. */
static const struct document_object *memory_of_tables(
	const struct live *live, const struct document_object *object)
{
	const struct job_memory *memory = NULL;

	if (object->collection == JOB_STAGE1)
		memory = job_memory_at(live->job, ((const struct job_stage1 *)object)->at, 1);
	if (object->collection == JOB_CD_TABLES)
		memory = job_memory_at(live->job, ((const struct job_cd_table *)object)->at, 1);
	return memory ? &memory->object : NULL;
}

/* The key that has the reference; for one in a list, the key of the list. */
static const char *key_of(const struct document_path *path)
{
	while (path && !path->key)
		path = path->parent;
	return path ? path->key : "";
}

static bool is_first_use(const struct document_use *uses, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (uses[i].ref->target == uses[at].ref->target)
			return false;
	}
	return true;
}

static bool maps_of(const struct iova_map *map, const struct job_memory *memory)
{
	for (size_t i = 0; i < map->count; i++) {
		if (map->spans[i].ipa - memory->ipa < memory->size)
			return true;
	}
	return false;
}

/* The job has the mappings of when the IOAS was made; the live state has those of now. */
static void each_mapped(
	const struct live *live, const struct document_object *ioas, look_link_fn *each, void *data)
{
	const struct job_memory *memory = live->job->objects[JOB_MEMORY].items;

	for (size_t i = 0; i < live->job->objects[JOB_MEMORY].count; i++) {
		const struct document_object *object = &memory[i].object;

		if (live_object(live, object)->made &&
			maps_of(&live->maps[ioas->index], &memory[i]))
			each(&(struct look_link){ object, "memory", 0 }, data);
	}
}

static void each_attached(const struct live *live, const struct document_object *device,
	look_link_fn *each, void *data)
{
	for (size_t i = 0; i < live->entry_count; i++) {
		const struct live_entry *entry = &live->entries[i];
		struct look_link link = { .pasid = entry->pasid };

		if (!entry->is_attachment || entry->object != device)
			continue;
		link.target = live_attached_to(live, entry);
		if (link.target)
			each(&link, data);
	}
}

const char *look_link_text(const struct look_link *link, char text[LOOK_LINK_SIZE])
{
	snprintf(text, LOOK_LINK_SIZE, "%s", link->how ? link->how : "attached");
	if (link->pasid)
		snprintf(text, LOOK_LINK_SIZE, "attached, PASID %" PRIu32, link->pasid);
	return text;
}

void look_each_link(const struct live *live, const struct document_object *object,
	look_link_fn *each, void *data)
{
	const struct document_use *uses = document_uses_of(live->job->document, object);
	const struct document_object *memory = memory_of_tables(live, object);

	if (object->collection == JOB_DEVICES)
		each_attached(live, object, each, data);
	if (object->collection == JOB_IOAS) {
		each_mapped(live, object, each, data);
		return;
	}
	for (size_t i = 0; i < object->use_count; i++) {
		const struct document_object *target = uses[i].ref->target;

		if (target && live_object(live, target)->made && is_first_use(uses, i))
			each(&(struct look_link){ target, key_of(uses[i].path), 0 }, data);
	}
	if (memory && live_object(live, memory)->made)
		each(&(struct look_link){ memory, "at", 0 }, data);
}
