// SPDX-License-Identifier: MIT
#include "session/holder/undo.h"

#include <errno.h>

/* The state that a session goes back to. */
struct undo {
	struct session *session;
	const json_t *base;
	struct report *report;
};

bool undo_was_there(const json_t *base, const struct document_object *object)
{
	return json_object_get(json_object_get(base, object->kind), object->name);
}

/* Undoing continues whatever fails, and the first failure is reported. */
static void note_failure(int *first, int err)
{
	*first = *first ? *first : err;
}

/* The current attachment of @device, with @pasid (0: without one); NULL: none. */
static const struct document_object *attached_to(
	const struct live *live, const struct document_object *device, uint32_t pasid)
{
	if (!pasid)
		return live->devices[device->index].table;
	for (size_t i = 0; i < live->entry_count; i++) {
		const struct live_entry *entry = &live->entries[i];

		if (entry->is_attachment && entry->object == device && entry->pasid == pasid)
			return entry->table;
	}
	return NULL;
}

/* The attachment of the current job for @said, one that existed before. */
static struct job_attach read_attachment(const struct undo *undo, const json_t *said)
{
	const struct document *document = undo->session->job->document;
	const char *hwpt = json_string_value(json_object_get(said, "hwpt"));
	const char *ioas = json_string_value(json_object_get(said, "ioas"));
	const char *device = json_string_value(json_object_get(said, "device"));
	struct job_attach attach = {
		.pasid = (uint64_t)json_integer_value(json_object_get(said, "pasid")),
		.device.target = document_find(document, JOB_DEVICES, device),
	};

	if (hwpt)
		attach.hwpt.target = document_find(document, JOB_HWPTS, hwpt);
	else
		attach.ioas.target = document_find(document, JOB_IOAS, ioas);
	attach.path = attach.device.target->path;
	return attach;
}

/*
 * iommufd considers them still attached, and attaching them to the same object does nothing: detach
 * them first.
 */
static void detach_lost(struct live *live, int *first)
{
	for (size_t i = live->entry_count; i-- > 0;) {
		const struct live_entry entry = live->entries[i];

		if (entry.lost)
			note_failure(first, live_undo(live, &entry));
	}
}

/* Restores the attachments of devices; those that lost nothing move without a gap. */
static void attach_again(struct undo *undo, int *first)
{
	struct live *live = &undo->session->live;
	json_t *said;
	size_t i;

	json_array_foreach(json_object_get(undo->base, "attach"), i, said) {
		const struct job_attach attach = read_attachment(undo, said);
		const struct document_object *device = attach.device.target;
		const struct document_object *table =
			attach.hwpt.target ? attach.hwpt.target : attach.ioas.target;

		if (attached_to(live, device, (uint32_t)attach.pasid) != table &&
			live_object(live, table)->made && live_object(live, device)->made)
			note_failure(first, live_attach(live, &attach));
	}
}

static bool was_attached(const struct undo *undo, const struct live_entry *entry)
{
	json_t *said;
	size_t i;

	json_array_foreach(json_object_get(undo->base, "attach"), i, said) {
		const struct job_attach attach = read_attachment(undo, said);

		if (attach.device.target == entry->object && attach.pasid == entry->pasid)
			return true;
	}
	return false;
}

static bool is_new_entry(const struct undo *undo, const struct live_entry *entry)
{
	if (!undo_was_there(undo->base, entry->object))
		return true;
	return entry->is_attachment && !was_attached(undo, entry);
}

/* One that was made later under the name of a part is no part. */
static bool is_made_of(const struct live *live, const struct document_object *object,
	const struct document_object *part)
{
	const struct document_use *uses = document_uses_of(live->job->document, object);
	const uint64_t serial = live_object(live, object)->serial;

	if (object == part)
		return true;
	for (size_t i = 0; i < object->use_count; i++) {
		const struct document_object *used = uses[i].ref->target;

		if (live_object(live, used)->serial < serial && is_made_of(live, used, part))
			return true;
	}
	return false;
}

/* The device that keeps @object because its previous attachment is gone; NULL: none. */
static const struct document_object *kept_for(
	const struct undo *undo, const struct document_object *object)
{
	const struct live *live = &undo->session->live;

	for (size_t i = 0; i < live->entry_count; i++) {
		const struct live_entry *entry = &live->entries[i];
		const struct document_object *table;

		if (!entry->is_attachment || is_new_entry(undo, entry))
			continue;
		table = attached_to(live, entry->object, entry->pasid);
		if (table && is_made_of(live, table, object))
			return entry->object;
	}
	return NULL;
}

/* Returns @first, or the first failure. Sets @kept_by to a device for which something stays. */
static int take_away_new(const struct undo *undo, int first, const struct document_object **kept_by)
{
	struct live *live = &undo->session->live;

	for (size_t i = live->entry_count; i-- > 0;) {
		const struct live_entry entry = live->entries[i];
		const struct document_object *device;

		if (!is_new_entry(undo, &entry))
			continue;
		device = entry.is_attachment ? NULL : kept_for(undo, entry.object);
		*kept_by = device ? device : *kept_by;
		if (device)
			continue;
		note_failure(&first, live_undo(live, &entry));
		/* The interrupts of a device go with it. */
		if (i > live->entry_count)
			i = live->entry_count;
	}
	return first;
}

/* Returns 0, or the first failure. Sets @kept_by to a device for which something stays. */
static int go_back(struct undo *undo, const struct document_object **kept_by)
{
	struct live *live = &undo->session->live;
	int first = 0;

	live->failure = (struct failure){ 0 };
	live->undoing = true;
	detach_lost(live, &first);
	attach_again(undo, &first);
	first = take_away_new(undo, first, kept_by);
	live->undoing = false;
	return first;
}

static void tell_kept(const struct undo *undo, const struct document_object *device)
{
	struct failure failure = { 0 };
	char label[160];

	failure_set(&failure, -EBUSY,
		"its previous attachment is gone: the current one stays\ncheck with 'iommuctl "
		"session show' how far the request got");
	failure.operation = "undo";
	failure.object = document_object_label(device, label, sizeof(label));
	failure.path = "undo";
	report_failure(undo->report, &failure);
}

void undo_addition(struct session *session, const json_t *base, struct report *report)
{
	struct undo undo = { .session = session, .base = base, .report = report };
	struct live *live = &session->live;
	const struct document_object *kept_by = NULL;
	const int err = go_back(&undo, &kept_by);

	if (err) {
		live->failure.path = "undo";
		report_failure(report, &live->failure);
		live->failure.path = NULL;
	} else if (kept_by) {
		tell_kept(&undo, kept_by);
	}
}
