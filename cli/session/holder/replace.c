// SPDX-License-Identifier: MIT
#include "session/holder/replace.h"

#include <errno.h>

#include "output/memory.h"
#include "output/text.h"
#include "session/holder/apply.h"
#include "session/holder/kept_steps.h"

/* Merges objects recursively: "ste" keeps the keys that are not given. */
static json_t *changed(json_t *old, json_t *with)
{
	json_t *made = json_copy(old), *value;
	const char *key;

	json_object_foreach(with, key, value) {
		json_t *before = json_object_get(old, key);

		if (json_is_object(before) && json_is_object(value))
			json_object_set_new(made, key, changed(before, value));
		else
			json_object_set(made, key, value);
	}
	return made;
}

/* The steps that move everything attached to @old to @by, which is @made, and destroy @old. */
static json_t *steps_of(const struct session *session, const struct document_object *old,
	const char *by, const json_t *made)
{
	const struct live *live = &session->live;
	json_t *steps = json_array();

	if (kept_steps_track(json_object_get(session->document, "steps"), old->name) &&
		json_is_true(json_object_get(made, "dirty-tracking")))
		json_array_append_new(steps,
			json_pack("{s:{s:s, s:b}}", "hwpt-dirty-tracking", "hwpt", by, "on", true));
	for (size_t i = 0; i < live->entry_count; i++) {
		const struct live_entry *entry = &live->entries[i];
		json_t *attach;

		if (!entry->is_attachment || live_attached_to(live, entry) != old)
			continue;
		attach = json_pack("{s:s, s:s}", "device", entry->object->name, "hwpt", by);
		if (entry->pasid)
			json_object_set_new(attach, "pasid", json_integer(entry->pasid));
		json_array_append_new(steps, json_pack("{s:o}", "attach", attach));
	}
	json_array_append_new(steps,
		json_pack("{s:{s:o}}", "destroy", "object", json_sprintf("hwpts.%s", old->name)));
	return steps;
}

enum exit_status session_replace(
	struct session *session, const struct replace_arguments *replace, struct report *report)
{
	struct failure failure = { 0 };
	char label[160] = "";
	const struct document_object *old;
	enum exit_status status;
	json_t *made, *document;

	text_append(label, sizeof(label), "hwpts.%s", replace->hwpt);
	old = session_find(session, label);
	if (!old) {
		failure_set(&failure, -ENODEV,
			"does not exist\n'iommuctl session show --names' lists what does");
		failure.operation = "replace";
		failure.object = label;
		return report_failure(report, &failure);
	}
	made = changed(json_object_get(json_object_get(session->document, "hwpts"), old->name),
		replace->with);
	document = json_pack("{s:i, s:{s:o}, s:o}", "iommuctl", 1, "hwpts", replace->by, made,
		"steps", steps_of(session, old, replace->by, made));
	if (memory_take_failure() || !document) {
		json_decref(document);
		return report_out_of_memory(report);
	}
	status = session_apply(session, document, report);
	json_decref(document);
	return status;
}
