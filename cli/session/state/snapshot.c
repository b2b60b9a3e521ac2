// SPDX-License-Identifier: MIT
#include "session/state/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "document/node.h"
#include "job/live/memory.h"
#include "job/schema/schema.h"
#include "output/text.h"
#include "session/holder/kept_steps.h"
#include "session/state/snapshot_maps.h"
#include "session/state/mapped_document.h"

struct snapshot {
	struct live *live;
	const struct job *job;
	const bool *const *changed;
	bool *wanted[JOB_COLLECTIONS];
	json_t *maps;
	json_t *root;
};

static bool is_changed(const struct snapshot *snapshot, const struct document_object *object)
{
	return snapshot->changed[object->collection] &&
	       snapshot->changed[object->collection][object->index];
}

/* A job must name what an object was made from, even if that is gone. */
static void want(struct snapshot *snapshot, const struct document_object *object)
{
	const struct document_use *uses = document_uses_of(snapshot->job->document, object);
	bool *wanted = &snapshot->wanted[object->collection][object->index];

	if (*wanted)
		return;
	*wanted = true;
	/* The initial "map" of an IOAS is not what it maps now. */
	for (size_t i = 0; i < object->use_count; i++) {
		if (object->collection != JOB_IOAS || !is_changed(snapshot, object))
			want(snapshot, uses[i].ref->target);
	}
}

/* Whether an IOAS whose mappings are only in the live session maps @memory. */
static bool is_mapped(const struct snapshot *snapshot, const struct job_memory *memory)
{
	const struct live *live = snapshot->live;

	for (size_t i = 0; i < snapshot->job->objects[JOB_IOAS].count; i++) {
		const struct document_object *ioas =
			document_object_at(snapshot->job->document, JOB_IOAS, i);

		if (live->objects[JOB_IOAS][i].made &&
			!json_object_get(snapshot->maps, ioas->name) &&
			live_map_leads_to(&live->maps[i], memory->ipa, memory->size))
			return true;
	}
	return false;
}

/* The same of what it maps. */
static void want_mapped(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->job->objects[JOB_IOAS].count; i++) {
		const struct document_object *ioas =
			document_object_at(snapshot->job->document, JOB_IOAS, i);

		if (is_changed(snapshot, ioas))
			json_object_del(snapshot->maps, ioas->name);
	}
	for (size_t i = 0; i < snapshot->job->objects[JOB_MEMORY].count; i++) {
		const struct document_object *memory =
			document_object_at(snapshot->job->document, JOB_MEMORY, i);

		if (!snapshot->wanted[JOB_MEMORY][i] &&
			(whole_has_memory(snapshot->maps, memory->name) ||
				is_mapped(snapshot, (const struct job_memory *)memory)))
			want(snapshot, memory);
	}
}

/* The same of a CD that was changed: it still leads to a stage 1 that is gone. */
static void want_changed(struct snapshot *snapshot, const json_t *kept)
{
	const struct document *document = snapshot->job->document;
	json_t *step;
	size_t i;

	json_array_foreach(kept, i, step) {
		const struct document_object *stage1, *table;
		const char *table_name, *name = kept_step_stage1(step, &table_name);

		if (!name)
			continue;
		stage1 = document_find(document, JOB_STAGE1, name);
		table = document_find(document, JOB_CD_TABLES, table_name);
		if (stage1 && table && snapshot->wanted[JOB_CD_TABLES][table->index])
			want(snapshot, stage1);
	}
}

static bool open_snapshot(struct snapshot *snapshot, const json_t *kept)
{
	for (int c = 0; c < JOB_COLLECTIONS; c++) {
		size_t count = snapshot->job->objects[c].count;

		snapshot->wanted[c] = calloc(count + 1, sizeof(bool));
		if (!snapshot->wanted[c])
			return false;
	}
	for (int c = 0; c < JOB_COLLECTIONS; c++) {
		for (size_t i = 0; i < snapshot->job->objects[c].count; i++) {
			if (snapshot->live->objects[c][i].made)
				want(snapshot, document_object_at(snapshot->job->document, c, i));
		}
	}
	want_mapped(snapshot);
	want_changed(snapshot, kept);
	return true;
}

/* A job that makes the same again opens files itself that were passed to this session. */
static json_t *forget_passed(json_t *said)
{
	json_t *copy = json_copy(said);

	json_object_del(copy, "fd");
	json_object_del(copy, "id");
	json_decref(said);
	return copy;
}

static json_t *describe(struct snapshot *snapshot, const struct document_object *object)
{
	json_t *said = document_share(document_node_of(object));
	const bool changed = is_changed(snapshot, object);

	if (object->collection == JOB_DEVICES)
		return forget_passed(said);
	if (object->collection == JOB_IOAS)
		whole_keep_map(snapshot->maps, object->name, said, changed);
	else if (changed)
		json_object_set_new(said, "map",
			snapshot_stage1_map(snapshot->live, (const struct job_stage1 *)object));
	return said;
}

static void add_objects(struct snapshot *snapshot, enum job_collection collection)
{
	const char *kind = snapshot->job->document->collections[collection].key->name;
	json_t *objects = json_object();

	for (size_t i = 0; i < snapshot->job->objects[collection].count; i++) {
		const struct document_object *object =
			document_object_at(snapshot->job->document, collection, i);

		if (snapshot->wanted[collection][i])
			json_object_set_new(objects, object->name, describe(snapshot, object));
	}
	if (json_object_size(objects))
		json_object_set(snapshot->root, kind, objects);
	json_decref(objects);
}

/* Mappings of IOASes that are gone are not kept. */
static void forget_maps(struct snapshot *snapshot)
{
	const json_t *ioas = json_object_get(snapshot->root, "ioas");
	const char *name;
	json_t *map;
	void *next;

	json_object_foreach_safe(snapshot->maps, next, name, map)
	{
		if (!json_object_get(ioas, name))
			json_object_del(snapshot->maps, name);
	}
}

static void add_attachment(
	json_t *attach, const struct live_entry *entry, const struct document_object *table)
{
	json_t *said = json_pack("{s:s, s:s}", "device", entry->object->name,
		table->collection == JOB_HWPTS ? "hwpt" : "ioas", table->name);

	if (entry->pasid)
		json_object_set_new(said, "pasid", json_integer(entry->pasid));
	json_array_append_new(attach, said);
}

/* Attachments of devices themselves, or of PASIDs. */
static void add_attachments_of(struct snapshot *snapshot, bool pasids, json_t *attach)
{
	for (size_t i = 0; i < snapshot->live->entry_count; i++) {
		const struct live_entry *entry = &snapshot->live->entries[i];
		const struct document_object *table;

		if (!entry->is_attachment || !entry->pasid == pasids)
			continue;
		table = live_attached_to(snapshot->live, entry);
		if (table)
			add_attachment(attach, entry, table);
	}
}

/* A PASID is attached after its device, whose attachment may have changed since. */
static void add_attachments(struct snapshot *snapshot)
{
	json_t *attach = json_array();

	add_attachments_of(snapshot, false, attach);
	add_attachments_of(snapshot, true, attach);
	if (json_array_size(attach))
		json_object_set(snapshot->root, "attach", attach);
	json_decref(attach);
}

static void add_steps(struct snapshot *snapshot, json_t *kept)
{
	json_t *steps = json_array(), *step;
	size_t i;

	json_array_foreach(kept, i, step) {
		if (kept_step_is_alive(step, snapshot->root))
			json_array_append(steps, step);
	}
	if (json_array_size(steps))
		json_object_set(snapshot->root, "steps", steps);
	json_decref(steps);
}

json_t *session_snapshot_take(struct live *live, const char *name, json_t *kept,
	const bool *const changed[JOB_COLLECTIONS], json_t *maps)
{
	struct snapshot snapshot = {
		.live = live, .job = live->job, .changed = changed, .maps = maps
	};

	if (open_snapshot(&snapshot, kept)) {
		snapshot.root = json_pack("{s:i, s:o}", "iommuctl", 1, "name", text_to_json(name));
		if (live->job->backend == JOB_BACKEND_MODEL)
			json_object_set_new(snapshot.root, "backend", json_string("model"));
		if (live->job->rlimit_mode)
			json_object_set_new(snapshot.root, "rlimit-mode", json_string("process"));
		for (int c = 0; c < JOB_COLLECTIONS; c++)
			add_objects(&snapshot, c);
		forget_maps(&snapshot);
		add_attachments(&snapshot);
		add_steps(&snapshot, kept);
	}
	for (int c = 0; c < JOB_COLLECTIONS; c++)
		free(snapshot.wanted[c]);
	return snapshot.root;
}
