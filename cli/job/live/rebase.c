// SPDX-License-Identifier: MIT
/* A live job continues as a larger one. */
#include <errno.h>

#include "job/live/live.h"

/* The object of @job with the name of @object; NULL if there is none. */
static const struct document_object *find(
	const struct job *job, const struct document_object *object)
{
	return document_find(job->document, object->collection, object->name);
}

static void move_objects(struct live *live, const struct live *old, enum job_collection collection)
{
	for (size_t i = 0; i < old->job->objects[collection].count; i++) {
		const struct document_object *object =
			document_object_at(old->job->document, collection, i);
		const struct document_object *now = find(live->job, object);

		if (now)
			live->objects[collection][now->index] = old->objects[collection][i];
	}
}

/* The new index of the object at @index of the old job; false if it has none. */
static bool moved_to(const struct live *live, const struct live *old,
	enum job_collection collection, size_t index, size_t *now)
{
	const struct document_object *object =
		find(live->job, document_object_at(old->job->document, collection, index));

	if (object)
		*now = object->index;
	return object;
}

static void move_devices(struct live *live, const struct live *old)
{
	size_t now;

	for (size_t i = 0; i < old->job->objects[JOB_DEVICES].count; i++) {
		if (!moved_to(live, old, JOB_DEVICES, i, &now))
			continue;
		live->devices[now] = old->devices[i];
		if (old->devices[i].table)
			live->devices[now].table = find(live->job, old->devices[i].table);
	}
}

static void move_queues(struct live *live, const struct live *old)
{
	size_t now;

	for (size_t i = 0; i < old->job->objects[JOB_VEVENTQS].count; i++) {
		if (moved_to(live, old, JOB_VEVENTQS, i, &now))
			live->queues[now] = old->queues[i];
	}
}

static void move_fault_queues(struct live *live, const struct live *old)
{
	size_t now;

	for (size_t i = 0; i < old->job->objects[JOB_FAULT_QUEUES].count; i++) {
		if (moved_to(live, old, JOB_FAULT_QUEUES, i, &now))
			live->fault_queues[now] = old->fault_queues[i];
	}
}

static void move_maps(struct live *live, struct live *old)
{
	size_t now;

	for (size_t i = 0; i < old->job->objects[JOB_IOAS].count; i++) {
		if (!moved_to(live, old, JOB_IOAS, i, &now))
			continue;
		live->maps[now] = old->maps[i];
		old->maps[i] = (struct iova_map){ 0 };
	}
}

static void move_tables(struct live *live, const struct live *old)
{
	size_t now;

	for (size_t i = 0; i < old->job->objects[JOB_STAGE1].count; i++) {
		if (moved_to(live, old, JOB_STAGE1, i, &now))
			live->tables.stage1[now] = old->tables.stage1[i];
	}
	for (size_t i = 0; i < old->job->objects[JOB_CD_TABLES].count; i++) {
		if (moved_to(live, old, JOB_CD_TABLES, i, &now))
			live->tables.cd_tables[now] = old->tables.cd_tables[i];
	}
}

static void move_entries(struct live *live, const struct live *old)
{
	for (size_t i = 0; i < old->entry_count; i++) {
		live->entries[i] = old->entries[i];
		live->entries[i].object = find(live->job, old->entries[i].object);
		if (old->entries[i].table)
			live->entries[i].table = find(live->job, old->entries[i].table);
	}
	for (size_t i = 0; i < old->guest.range_count; i++)
		live->ranges[i] = old->ranges[i];
	for (size_t i = 0; i < old->mock_file_count; i++)
		live->mock_files[i].ioas = find(live->job, old->mock_files[i].ioas);
}

int live_rebase(struct live *live, const struct job *job)
{
	struct live old = *live;

	live->job = job;
	if (live_alloc(live)) {
		live_free(live);
		*live = old;
		return live_fail_with(live, NULL, -ENOMEM, "apply", "out of memory");
	}
	live->guest.range_count = old.guest.range_count;
	for (int collection = 0; collection < JOB_COLLECTIONS; collection++)
		move_objects(live, &old, collection);
	move_devices(live, &old);
	move_queues(live, &old);
	move_fault_queues(live, &old);
	move_maps(live, &old);
	move_tables(live, &old);
	move_entries(live, &old);
	live_free(&old);
	return 0;
}
