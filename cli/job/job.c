// SPDX-License-Identifier: MIT
#include "job/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document/arena.h"
#include "document/schema.h"

static const struct schema_key *collection_key(enum job_collection collection)
{
	const struct schema_key *key = schema_job.keys;

	while (key->type != SCHEMA_NAMED || key->collection != collection)
		key++;
	return key;
}

const char *job_collection_name(enum job_collection collection)
{
	return collection_key(collection)->name;
}

const struct schema_shape *job_collection_shape(enum job_collection collection)
{
	return collection_key(collection)->shape;
}

struct document_object *job_object_at(const struct job *job, enum job_collection collection, size_t index)
{
	const size_t size = collection_key(collection)->shape->size;

	return (struct document_object *)((char *)job->objects[collection].items + index * size);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(struct document_object *const *)a)->name, (*(struct document_object *const *)b)->name);
}

int job_index_names(struct job *job)
{
	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		const size_t count = job->objects[collection].count;
		struct document_object **sorted = document_arena_alloc(job->arena, count, sizeof(*sorted));

		if (!sorted)
			return -ENOMEM;
		for (size_t i = 0; i < count; i++)
			sorted[i] = job_object_at(job, collection, i);
		qsort(sorted, count, sizeof(*sorted), compare_names);
		job->by_name[collection] = sorted;
	}
	return 0;
}

static int compare_to_name(const void *name, const void *object)
{
	return strcmp(name, (*(struct document_object *const *)object)->name);
}

struct document_object *job_find(const struct job *job, enum job_collection collection, const char *name)
{
	struct document_object **found = bsearch(name, job->by_name[collection],
		job->objects[collection].count, sizeof(*found), compare_to_name);

	return found ? *found : NULL;
}

struct document_object *job_find_labelled(const struct job *job, const char *label)
{
	const char *dot = strchr(label, '.');

	for (int collection = 0; dot && collection < JOB_COLLECTIONS; collection++) {
		const char *name = job_collection_name(collection);

		if (strlen(name) == (size_t)(dot - label) && !strncmp(name, label, strlen(name)))
			return job_find(job, collection, dot + 1);
	}
	return NULL;
}

const char *job_object_label(const struct document_object *object, char *label, size_t size)
{
	snprintf(label, size, "%s.%s", job_collection_name(object->collection), object->name);
	return label;
}

const struct job_memory *job_memory_at(const struct job *job, uint64_t ipa, uint64_t size)
{
	const struct job_memory *memory = job->objects[JOB_MEMORY].items;

	for (size_t i = 0; i < job->objects[JOB_MEMORY].count; i++) {
		uint64_t offset = ipa - memory[i].ipa;

		if (ipa >= memory[i].ipa && offset <= memory[i].size &&
			size <= memory[i].size - offset)
			return &memory[i];
	}
	return NULL;
}

bool job_memory_is_doubtful(const struct job *job)
{
	const struct job_memory *memory = job->objects[JOB_MEMORY].items;
	bool doubtful = job->unread[JOB_MEMORY];

	for (size_t i = 0; i < job->objects[JOB_MEMORY].count; i++)
		doubtful |= memory[i].object.doubtful;
	return doubtful;
}

const struct job_vdevice *job_next_vdevice(const struct job *job, const struct document_object *device,
	const struct document_object *viommu, const struct job_vdevice *last)
{
	const struct job_vdevice *first = job->objects[JOB_VDEVICES].items;
	const struct job_vdevice *end = first + job->objects[JOB_VDEVICES].count;

	for (const struct job_vdevice *next = last ? last + 1 : first; next < end; next++) {
		if ((!device || next->device.target == device) &&
			(!viommu || next->viommu.target == viommu))
			return next;
	}
	return NULL;
}

void job_spread_doubt(struct job *job)
{
	bool changed;

	do {
		changed = false;
		for (size_t i = 0; i < job->use_count; i++) {
			struct document_use *use = &job->uses[i];
			const struct document_object *target = use->ref->target;

			if (!*use->doubtful && target->doubtful && target->collection != JOB_DEVICES)
				changed = *use->doubtful = true;
		}
	} while (changed);
}

uint64_t job_ioas_map_iova(const struct job_ioas_map *map)
{
	const struct job_memory *memory = (const struct job_memory *)map->memory.target;

	return map->iova == DOCUMENT_UNSET ? memory->ipa + map->offset : map->iova;
}

uint64_t job_ioas_map_length(const struct job_ioas_map *map)
{
	const struct job_memory *memory = (const struct job_memory *)map->memory.target;

	return map->length ? map->length : memory->size - map->offset;
}
