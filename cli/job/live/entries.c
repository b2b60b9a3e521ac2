// SPDX-License-Identifier: MIT
/*
 * The entries for all that is alive, in the order in which it was made, and their undoing in
 * reverse.
 */
#include <errno.h>
#include <string.h>

#include "job/live/faults.h"
#include "job/live/makers.h"
#include "job/live/memory.h"
#include "job/live/mock.h"

static int need_all(struct live *live, const struct document_object *object)
{
	const struct document_use *uses = document_uses_of(live->job->document, object);
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
	state->tombstone = false;
	state->serial = ++live->made_count;
	live->entries[live->entry_count++] = (struct live_entry){ .object = object };
	return 0;
}

/* Removes the entry that is like @gone, if there is one. */
static void remove_entry(struct live *live, struct live_entry gone)
{
	for (size_t i = live->entry_count; i-- > 0;) {
		const struct live_entry *entry = &live->entries[i];

		if (entry->object != gone.object || entry->is_attachment != gone.is_attachment ||
			entry->pasid != gone.pasid)
			continue;
		memmove(&live->entries[i], &live->entries[i + 1],
			(live->entry_count - i - 1) * sizeof(*live->entries));
		live->entry_count--;
		return;
	}
}

/* An attachment of @device; NULL if it has none. */
static const struct live_entry *find_attachment(
	const struct live *live, const struct document_object *device, bool of_pasid)
{
	for (size_t i = 0; i < live->entry_count; i++) {
		const struct live_entry *entry = &live->entries[i];

		if (entry->object == device && entry->is_attachment && of_pasid == !!entry->pasid)
			return entry;
	}
	return NULL;
}

bool live_has_pasids(const struct live *live, const struct document_object *device)
{
	return find_attachment(live, device, true);
}

/* While any device of a group is attached, the others share its attachment. */
static void forget_faults(struct live *live, const struct document_object *device)
{
	const struct live_device *own = &live->devices[device->index];

	for (size_t i = 0; i < live->job->objects[JOB_DEVICES].count; i++) {
		const struct live_device *other = &live->devices[i];

		if (other->table && platform_share_group(&own->found, &other->found))
			return;
	}
	live_forget_faults(live, device);
}

/* Destroying a device undoes its attachments. */
static void forget_attachments(struct live *live, const struct document_object *device)
{
	const struct live_entry *entry;

	live->devices[device->index].table = NULL;
	forget_faults(live, device);
	for (int of_pasid = 0; of_pasid <= 1; of_pasid++) {
		while ((entry = find_attachment(live, device, of_pasid)))
			remove_entry(live, *entry);
	}
}

/* A vDEVICE does not outlive its device. */
static void bury_vdevice(struct live *live, const struct document_object *device)
{
	const struct job_vdevice *vdevices = live->job->objects[JOB_VDEVICES].items;

	for (size_t i = 0; i < live->job->objects[JOB_VDEVICES].count; i++) {
		if (vdevices[i].device.target == device)
			live->objects[JOB_VDEVICES][i].tombstone = true;
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

/* Whether anything alive was made with @object. */
static bool is_used(const struct live *live, const struct document_object *object)
{
	for (size_t i = 0; i < live->entry_count; i++) {
		const struct document_object *user = live->entries[i].object;
		const struct document_use *uses = document_uses_of(live->job->document, user);

		for (size_t use = 0; use < user->use_count; use++) {
			if (uses[use].ref->target == object)
				return true;
		}
	}
	return false;
}

/*
 * A destroy that is certain to be refused is tried before the file is closed, as a closed file
 * cannot be reopened. When everything is undone, files are closed whatever is left.
 */
static int refuse_unmake(struct live *live, const struct document_object *object)
{
	const struct live_maker *maker = &live_makers[object->collection];

	if (!maker->destroy || live->undoing || !is_used(live, object))
		return 0;
	return maker->destroy(live, object);
}

int live_unmake(struct live *live, const struct document_object *object)
{
	const struct live_maker *maker = &live_makers[object->collection];
	int irq_err = 0, err = refuse_unmake(live, object);

	if (err)
		return err;
	if (object->collection == JOB_DEVICES)
		irq_err = unmake_irqs_of(live, object);
	if (live->forget)
		live->forget(object, live->forget_data);
	/* The iommufd owns a tombstone's ID until it is closed. */
	err = live->undoing && live_object(live, object)->tombstone
		      ? 0
		      : maker->unmake(live, object);
	/* It still has an ID, so it still exists. */
	if (err && !maker->is_file && live_object(live, object)->id)
		return err;
	live_object(live, object)->made = false;
	if (object->collection == JOB_DEVICES) {
		forget_attachments(live, object);
		bury_vdevice(live, object);
	}
	remove_entry(live, (struct live_entry){ .object = object });
	live_let_go_of_memory(live);
	return irq_err ? irq_err : err;
}

/* Whether @entry is an attachment with @pasid of @device, or of a device of its IOMMU group. */
static bool moves_with(const struct live *live, const struct live_entry *entry,
	const struct document_object *device, uint32_t pasid)
{
	if (!entry->is_attachment || entry->pasid != pasid)
		return false;
	return entry->object == device || platform_share_group(&live->devices[device->index].found,
						  &live->devices[entry->object->index].found);
}

/*
 * Moving one device of an IOMMU group moves all attached ones. They refer to the new object then,
 * and are undone before it.
 */
static void move_group(struct live *live, const struct live_entry *moved)
{
	const size_t count = live->entry_count;

	for (size_t i = 0, seen = 0; seen < count; seen++) {
		struct live_entry entry = live->entries[i];

		if (!moves_with(live, &entry, moved->object, moved->pasid) ||
			live_attached_to(live, &entry) == moved->table) {
			i++;
			continue;
		}
		remove_entry(live, entry);
		entry.table = moved->table;
		live->entries[live->entry_count++] = entry;
		if (!entry.pasid)
			live->devices[entry.object->index].table = moved->table;
	}
}

/* Whether the kernel undoes the old attachment before it tries the new one. */
static bool loses_what_it_had(const struct live *live, const struct live_device *device)
{
	const struct platform *platform = live->platform;
	const uint64_t known = platform->known ? platform->known(platform, &device->found) : 0;

	return known & (IOMMUCTL_KNOWN_VTD | IOMMUCTL_KNOWN_AMD);
}

/* All attached devices of an IOMMU group change together. */
static void note_lost(
	struct live *live, const struct document_object *device, uint32_t pasid, bool lost)
{
	for (size_t i = 0; i < live->entry_count; i++) {
		if (moves_with(live, &live->entries[i], device, pasid))
			live->entries[i].lost = lost;
	}
}

int live_attach(struct live *live, const struct job_attach *attach)
{
	const struct document_object *device = attach->device.target;
	const struct document_object *table =
		attach->hwpt.target ? attach->hwpt.target : attach->ioas.target;
	const struct live_entry entry = {
		.object = device,
		.is_attachment = true,
		.pasid = (uint32_t)attach->pasid,
		.table = table,
	};
	int err;

	if (attach->pasid)
		err = iommuctl_vfio_attach_pasid(live->ctx, live_object(live, device)->fd,
			(uint32_t)attach->pasid, live_object(live, table)->id, NULL);
	else
		err = iommuctl_vfio_attach(live->ctx, live_object(live, device)->fd,
			live_object(live, table)->id, NULL);
	if (err) {
		live->attaching = attach;
		live_fail(live, device, err);
		live->attaching = NULL;
		if (loses_what_it_had(live, &live->devices[device->index]))
			note_lost(live, device, entry.pasid, true);
		return err;
	}
	/* Undo the newest attachment first: it may refer to an object newer than the last one. */
	remove_entry(live, entry);
	note_lost(live, device, entry.pasid, false);
	move_group(live, &entry);
	if (!attach->pasid) {
		live_forget_faults(live, device);
		live->devices[device->index].table = table;
	}
	live->entries[live->entry_count++] = entry;
	return 0;
}

int live_detach(struct live *live, const struct document_object *device)
{
	int err;

	err = iommuctl_vfio_detach(live->ctx, live_object(live, device)->fd);
	if (err)
		return live_fail(live, device, err);
	live->devices[device->index].table = NULL;
	forget_faults(live, device);
	remove_entry(live, (struct live_entry){ .object = device, .is_attachment = true });
	return 0;
}

int live_detach_pasid(struct live *live, const struct document_object *device, uint32_t pasid)
{
	int err = iommuctl_vfio_detach_pasid(live->ctx, live_object(live, device)->fd, pasid);

	if (err)
		return live_fail(live, device, err);
	remove_entry(live,
		(struct live_entry){ .object = device, .is_attachment = true, .pasid = pasid });
	return 0;
}

int live_undo(struct live *live, const struct live_entry *entry)
{
	if (!entry->is_attachment)
		return live_unmake(live, entry->object);
	return entry->pasid ? live_detach_pasid(live, entry->object, entry->pasid)
			    : live_detach(live, entry->object);
}

int live_close(struct live *live)
{
	int err, first = 0;

	live->failure = (struct failure){ 0 };
	live->undoing = true;
	while (live->mock_file_count) {
		err = live_drop_mock_file(live, &live->mock_files[live->mock_file_count - 1]);
		first = first ? first : err;
	}
	while (live->entry_count) {
		/* Whatever cannot be undone goes when its file is closed, at the latest. */
		const struct live_entry entry = live->entries[--live->entry_count];

		err = live_undo(live, &entry);
		first = first ? first : err;
	}
	if (live->iommufd >= 0) {
		err = iommuctl_close(live->ctx, live->iommufd);
		if (err)
			live_fail(live, NULL, err);
		first = first ? first : err;
	}
	live_let_go_of_all_memory(live);
	live_free(live);
	return first;
}
