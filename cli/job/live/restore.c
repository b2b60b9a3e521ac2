// SPDX-License-Identifier: MIT
#include "job/live/restore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "job/handover/live.h"
#include "job/live/ioas.h"

static int restore_memory(struct live *live, const struct document_object *object)
{
	const struct job_memory *memory = (const struct job_memory *)object;
	int fd = live_object(live, object)->fd;
	struct iommuctl_guest_range *range = &live->ranges[live->guest.range_count];
	struct stat file;

	if (fstat(fd, &file) || !S_ISREG(file.st_mode) || (uint64_t)file.st_size != memory->size)
		return live_fail_with(live, object, -EINVAL, "restore",
			"the file that was passed for it is not the session's memory");
	range->host = mmap(NULL, memory->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (range->host == MAP_FAILED)
		return live_fail_with(live, object, -errno, "mmap", "%s", strerror(errno));
	range->ipa = memory->ipa;
	range->size = memory->size;
	live->guest.range_count++;
	return 0;
}

static int restore_device(struct live *live, const struct document_object *object)
{
	struct platform_device found;

	if (((const struct job_device *)object)->mock)
		return live_fail_with(live, object, -EOPNOTSUPP, "restore",
			"a mock device belongs to the process that made it; no other can take it "
			"over");
	if (live->platform->find(
		    live->platform, (const struct job_device *)object, &found, &live->failure))
		return live_fail_as_told(live, object, "look-up");
	live->devices[object->index] = (struct live_device){ .found = found };
	return 0;
}

static int restore_ioas(struct live *live, const struct document_object *object)
{
	const struct job_ioas *ioas = (const struct job_ioas *)object;
	const struct job_ioas_map *map = ioas->map.items;
	int err = 0;

	for (size_t i = 0; !err && i < ioas->map.count; i++)
		err = live_note_map(live, object, &map[i]);
	return err ? live_fail_with(live, object, err, "restore", "%s", strerror(-err)) : 0;
}

static int restore_veventq(struct live *live, const struct document_object *object)
{
	live_begin_queue(live, object);
	live->queues[object->index].joins = true;
	return 0;
}

/* Groups that the previous holder read but did not answer wait until their device is detached. */
static int restore_fault_queue(struct live *live, const struct document_object *object)
{
	const struct job_fault_queue *queue = (const struct job_fault_queue *)object;
	struct live_fault_queue *faults = &live->fault_queues[object->index];
	struct iommuctl_pgfault *room = calloc(queue->group_max, sizeof(*room));

	if (!room)
		return live_fail_with(live, object, -ENOMEM, "restore", "out of memory");
	iommuctl_fault_reader_init(
		&faults->reader, live->ctx, live_object(live, object)->fd, room, queue->group_max);
	return 0;
}

static int restore_by_kind(struct live *live, const struct document_object *object)
{
	switch (object->collection) {
	case JOB_MEMORY: return restore_memory(live, object);
	case JOB_DEVICES: return restore_device(live, object);
	case JOB_IOAS: return restore_ioas(live, object);
	case JOB_VEVENTQS: return restore_veventq(live, object);
	case JOB_FAULT_QUEUES: return restore_fault_queue(live, object);
	default: return 0;
	}
}

/* Each object exists once: there is room for no more. */
static int check_new(struct live *live, const struct live_entry *entry)
{
	for (size_t i = 0; i < live->entry_count; i++) {
		const struct live_entry *other = &live->entries[i];

		if (other->object == entry->object &&
			other->is_attachment == entry->is_attachment &&
			other->pasid == entry->pasid)
			return live_fail_with(
				live, entry->object, -EEXIST, "restore", "is in the state twice");
	}
	return 0;
}

/* The previous holder may have been killed while destroying an object that nothing else uses. */
static bool may_be_gone(const struct document_object *object)
{
	return object->collection == JOB_VEVENTQS || object->collection == JOB_FAULT_QUEUES ||
	       object->collection == JOB_IRQS;
}

static int drop_remains(struct live *live, const struct document_object *object, uint32_t id)
{
	if (object->collection != JOB_IRQS)
		iommuctl_destroy(live->ctx, live->iommufd, id);
	return 0;
}

int live_restore(struct live *live, const struct document_object *object, uint32_t id)
{
	struct live_object *state = live_object(live, object);
	const struct live_entry entry = { .object = object };
	char label[160];
	int err = check_new(live, &entry);

	if (err)
		return err;
	state->id = id;
	state->fd = -1;
	if (handover_has_file(object->collection)) {
		document_object_label(object, label, sizeof(label));
		state->fd = adopted_take(live->adopted, label);
		if (state->fd < 0 && may_be_gone(object))
			return drop_remains(live, object, id);
		if (state->fd < 0)
			return live_fail_with(live, object, -ENODEV, "restore",
				"its file was not passed with the state");
	}
	err = restore_by_kind(live, object);
	if (err)
		return err;
	state->made = true;
	state->serial = ++live->made_count;
	live->entries[live->entry_count++] = entry;
	return 0;
}

int live_restore_attachment(struct live *live, const struct document_object *device,
	const struct document_object *table, uint32_t pasid)
{
	const struct live_entry entry = {
		.object = device, .is_attachment = true, .pasid = pasid, .table = table
	};
	int err = live_need(live, device);

	if (!err && table)
		err = live_need(live, table);
	if (!err)
		err = check_new(live, &entry);
	if (err)
		return err;
	if (!pasid)
		live->devices[device->index].table = table;
	live->entries[live->entry_count++] = entry;
	return 0;
}

/* A HWPT of the IOAS, or an attachment to it, keeps its pages pinned. */
static bool is_pinned(const struct live *live, const struct document_object *ioas)
{
	const struct job_hwpt *hwpts = live->job->objects[JOB_HWPTS].items;

	for (size_t i = 0; i < live->job->objects[JOB_HWPTS].count; i++) {
		if (live->objects[JOB_HWPTS][i].made && hwpts[i].ioas.target == ioas)
			return true;
	}
	for (size_t i = 0; i < live->entry_count; i++) {
		const struct live_entry *entry = &live->entries[i];

		if (entry->is_attachment && live_attached_to(live, entry) == ioas)
			return true;
	}
	return false;
}

static int map_again(struct live *live, const struct document_object *object)
{
	const struct job_ioas *ioas = (const struct job_ioas *)object;
	const struct job_ioas_map *map = ioas->map.items;
	uint64_t unmapped;
	int err = 0;

	if (!ioas->map.count)
		return 0;
	err = iommuctl_ioas_unmap(
		live->ctx, live->iommufd, live_object(live, object)->id, 0, UINT64_MAX, &unmapped);
	if (err)
		return live_fail(live, object, err);
	iova_map_free(&live->maps[object->index]);
	for (size_t i = 0; !err && i < ioas->map.count; i++) {
		/* Only the killed process still had the pages of destroyed memory. */
		if (live_object(live, map[i].memory.target)->made)
			err = live_ioas_map(live, object, &map[i]);
	}
	return err;
}

/*
 * Mappings by file become this process's. Others belong to the killed process, whose memory cannot
 * be pinned again: those not pinned now are mapped anew.
 */
int live_restore_maps(struct live *live)
{
	int err = 0;

	if (live->maps_files && !iommuctl_ioas_change_process(live->ctx, live->iommufd))
		return 0;
	for (size_t i = 0; !err && i < live->job->objects[JOB_IOAS].count; i++) {
		const struct document_object *object =
			document_object_at(live->job->document, JOB_IOAS, i);

		if (live_object(live, object)->made && !is_pinned(live, object))
			err = map_again(live, object);
	}
	return err;
}
