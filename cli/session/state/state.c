// SPDX-License-Identifier: MIT
#include "session/state/state.h"

#include <string.h>

#include "job/handover/live.h"
#include "job/live/vintf.h"
#include "output/text.h"
#include "session/state/bytes.h"
#include "session/state/mapped_document.h"

static json_t *label_of(const struct document_object *object)
{
	char label[160];

	return text_to_json(document_object_label(object, label, sizeof(label)));
}

static void write_device(const struct live_device *device, json_t *said)
{
	if (device->handed_over)
		json_object_set_new(said, "handed-over", json_true());
	if (device->was_passed)
		json_object_set_new(said, "passed", json_true());
}

static void write_bytes(const void *bytes, size_t size, json_t *said)
{
	json_object_set_new(said, "bytes", state_bytes_write(bytes, size));
}

static void write_object(
	const struct live *live, const struct document_object *object, json_t *said)
{
	const struct live_object *state = live_object(live, object);
	const size_t index = object->index;

	if (handover_has_id(object->collection))
		json_object_set_new(said, "id", json_integer(state->id));
	switch (object->collection) {
	case JOB_DEVICES: write_device(&live->devices[index], said); break;
	case JOB_VIOMMUS:
		if (state->mmap_length)
			json_object_set_new(said, "mmap", live_mmap_to_json(state));
		break;
	case JOB_HWPTS: write_bytes(state->ste, sizeof(state->ste), said); break;
	case JOB_STAGE1:
		write_bytes(&live->tables.stage1[index], sizeof(struct iommuctl_stage1), said);
		break;
	case JOB_CD_TABLES:
		write_bytes(&live->tables.cd_tables[index], sizeof(struct iommuctl_cd_table), said);
		break;
	}
}

static json_t *write_entry(const struct live *live, const struct live_entry *entry)
{
	json_t *said = json_pack("{s:o}", "object", label_of(entry->object));
	const struct document_object *table;

	if (!entry->is_attachment) {
		write_object(live, entry->object, said);
		return said;
	}
	table = live_attached_to(live, entry);
	if (entry->pasid)
		json_object_set_new(said, "pasid", json_integer(entry->pasid));
	json_object_set_new(said, "table", table ? label_of(table) : json_null());
	return said;
}

char *state_write(const struct session *session)
{
	const struct live *live = &session->live;
	json_t *entries = json_array(), *state;
	char *text;

	/* In the order in which they were made, which undoing follows in reverse. */
	for (size_t i = 0; i < live->entry_count; i++)
		json_array_append_new(entries, write_entry(live, &live->entries[i]));
	state = json_pack("{s:s, s:o, s:o}", "version", IOMMUCTL_VERSION, "document",
		session_whole(session), "alive", entries);
	text = state ? json_dumps(state, JSON_COMPACT) : NULL;
	json_decref(state);
	return text;
}
