// SPDX-License-Identifier: MIT
/* What is alive, in the order in which it came to be, and its undoing in reverse. */
#include <errno.h>
#include <string.h>

#include "job/live_makers.h"

static int need_all(struct live *live, const struct document_object *object)
{
	const struct document_use *uses = live->job->document->uses + object->first_use;
	int err = 0;

	for (size_t i = 0; !err && i < object->use_count; i++)
		err = live_need(live, uses[i].ref->target);
	return err;
}

int live_make(struct live *live, const struct document_object *object)
{
	struct live_object *state = live_object(live, object);
	int err;

	if (state->made)
		return live_fail_with(live, object, -EEXIST, "create", "exists already");
	err = need_all(live, object);
	if (!err)
		err = live_makers[object->collection].make(live, object);
	if (err)
		return err;
	state->made = true;
	live->entries[live->entry_count++] = (struct live_entry){ object, false };
	return 0;
}

static void remove_entry(struct live *live, const struct document_object *object, bool is_attachment)
{
	for (size_t i = live->entry_count; i-- > 0;) {
		if (live->entries[i].object != object ||
			live->entries[i].is_attachment != is_attachment)
			continue;
		memmove(&live->entries[i], &live->entries[i + 1],
			(live->entry_count - i - 1) * sizeof(*live->entries));
		live->entry_count--;
		return;
	}
}

/* Closing a device ends its interrupts; their eventfds are still ours to close. */
static int unmake_irqs_of(struct live *live, const struct document_object *device)
{
	const struct job_irq *irqs = live->job->objects[JOB_IRQS].items;
	int err, first = 0;

	for (size_t i = 0; i < live->job->objects[JOB_IRQS].count; i++) {
		if (irqs[i].device.target != device || !live->objects[JOB_IRQS][i].made)
			continue;
		err = live_unmake(live, &irqs[i].object);
		first = first ? first : err;
	}
	return first;
}

int live_unmake(struct live *live, const struct document_object *object)
{
	const struct live_maker *maker = &live_makers[object->collection];
	int irq_err = 0, err;

	if (object->collection == JOB_DEVICES)
		irq_err = unmake_irqs_of(live, object);
	err = maker->unmake(live, object);
	if (err && !maker->is_file)
		return err;
	live_object(live, object)->made = false;
	if (object->collection == JOB_DEVICES) {
		live->devices[object->index].table = NULL;
		remove_entry(live, object, true);
	}
	remove_entry(live, object, false);
	return irq_err ? irq_err : err;
}

/* Moving one device of an IOMMU group moves all that are attached. */
static void note_attachment(
	struct live *live, struct live_device *device, const struct document_object *table)
{
	device->table = table;
	for (size_t i = 0; i < live->job->objects[JOB_DEVICES].count; i++) {
		struct live_device *other = &live->devices[i];

		if (other->table && device->found.iommu_group &&
			other->found.iommu_group == device->found.iommu_group)
			other->table = table;
	}
}

int live_attach(struct live *live, const struct job_attach *attach)
{
	const struct document_object *device = attach->device.target;
	const struct document_object *table = attach->hwpt.target ? attach->hwpt.target :
							       attach->ioas.target;
	struct live_device *state = &live->devices[device->index];
	uint32_t resolved;
	int err;

	err = iommuctl_vfio_attach(live->ctx, live_object(live, device)->fd,
		live_object(live, table)->id, &resolved);
	if (err) {
		live->attaching = attach;
		live_fail(live, device, err);
		live->attaching = NULL;
		return err;
	}
	/* The newest attachment is undone first: what it refers to may be newer than the last one. */
	if (state->table)
		remove_entry(live, device, true);
	note_attachment(live, state, table);
	live->entries[live->entry_count++] = (struct live_entry){ device, true };
	return 0;
}

int live_detach(struct live *live, const struct document_object *device)
{
	int err;

	err = iommuctl_vfio_detach(live->ctx, live_object(live, device)->fd);
	if (err)
		return live_fail(live, device, err);
	if (live->devices[device->index].table) {
		live->devices[device->index].table = NULL;
		remove_entry(live, device, true);
	}
	return 0;
}

int live_close(struct live *live)
{
	int err, first = 0;

	live->failure = (struct failure){ 0 };
	live->undoing = true;
	while (live->entry_count) {
		/* What cannot be undone ends with its file, at the latest. */
		const struct live_entry entry = live->entries[--live->entry_count];

		err = entry.is_attachment ? live_detach(live, entry.object) :
					    live_unmake(live, entry.object);
		first = first ? first : err;
	}
	if (live->iommufd >= 0) {
		err = iommuctl_close(live->ctx, live->iommufd);
		if (err)
			live_fail(live, NULL, err);
		first = first ? first : err;
	}
	live_free(live);
	return first;
}
