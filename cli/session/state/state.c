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

/* In the order in which they were made, which undoing follows in reverse. */
static json_t *write_entry(const struct live *live, const struct live_entry *entry)
{
	const struct live_object *state = live_object(live, entry->object);
	json_t *said = json_pack("{s:o}", "object", label_of(entry->object));
	const struct document_object *table =
		entry->is_attachment ? live_attached_to(live, entry) : NULL;

	if (entry->pasid)
		json_object_set_new(said, "pasid", json_integer(entry->pasid));
	if (entry->is_attachment)
		json_object_set_new(said, "table", table ? label_of(table) : json_null());
	else if (handover_has_id(entry->object->collection))
		json_object_set_new(said, "id", json_integer(state->id));
	if (entry->object->collection == JOB_VIOMMUS && state->mmap_length)
		json_object_set_new(said, "mmap", live_mmap_to_json(state));
	if (entry->object->collection == JOB_DEVICES && !entry->is_attachment &&
		live->devices[entry->object->index].handed_over)
		json_object_set_new(said, "handed-over", json_true());
	if (entry->object->collection == JOB_DEVICES && !entry->is_attachment &&
		live->devices[entry->object->index].was_passed)
		json_object_set_new(said, "passed", json_true());
	if (entry->object->collection == JOB_STAGE1)
		json_object_set_new(said, "bytes",
			state_bytes_write(&live->tables.stage1[entry->object->index],
				sizeof(struct iommuctl_stage1)));
	if (entry->object->collection == JOB_CD_TABLES)
		json_object_set_new(said, "bytes",
			state_bytes_write(&live->tables.cd_tables[entry->object->index],
				sizeof(struct iommuctl_cd_table)));
	return said;
}

char *state_write(const struct session *session)
{
	const struct live *live = &session->live;
	json_t *entries = json_array(), *state;
	char *text;

	for (size_t i = 0; i < live->entry_count; i++)
		json_array_append_new(entries, write_entry(live, &live->entries[i]));
	state = json_pack("{s:s, s:o, s:o}", "version", IOMMUCTL_VERSION, "document",
		session_whole(session), "alive", entries);
	text = state ? json_dumps(state, JSON_COMPACT) : NULL;
	json_decref(state);
	return text;
}
