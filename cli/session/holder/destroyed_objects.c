// SPDX-License-Identifier: MIT
#include "session/holder/destroyed_objects.h"

#include <stdio.h>
#include <string.h>

#include "job/check/check.h"
#include "output/memory.h"
#include "output/text.h"
#include "session/holder/kept_steps.h"
#include "job/live/memory.h"
#include "session/state/snapshot_maps.h"

static bool is_gone(const struct session *session, const char *kind, const char *name)
{
	char label[160] = "";

	text_append(label, sizeof(label), "%s.%s", kind, name);
	return !session_find(session, label);
}

/* The objects @said of @kind, without those that are gone and that @added makes again. */
static json_t *objects_without_gone(
	const struct session *session, const char *kind, const json_t *said, json_t *added)
{
	json_t *objects = json_copy((json_t *)said), *object;
	const char *name;

	json_object_foreach(added, name, object) {
		if (is_gone(session, kind, name))
			json_object_del(objects, name);
	}
	return objects;
}

/* A step that changed an object made again since changed the one that is gone. */
static json_t *steps_of_rest(const json_t *base)
{
	json_t *steps = json_array(), *step;
	size_t i;

	json_array_foreach(json_object_get(base, "steps"), i, step) {
		if (kept_step_is_alive(step, base))
			json_array_append(steps, step);
	}
	return steps;
}

json_t *gone_leave_out(const struct session *session, json_t *said, json_t *document)
{
	json_t *base = json_copy(said), *added;
	const char *kind;

	json_object_foreach(document, kind, added) {
		const json_t *objects = json_object_get(said, kind);

		if (json_is_object(objects) && json_is_object(added))
			json_object_set_new(
				base, kind, objects_without_gone(session, kind, objects, added));
	}
	if (json_object_get(said, "steps"))
		json_object_set_new(base, "steps", steps_of_rest(base));
	return base;
}

static bool has(const json_t *document, const char *kind, const char *name)
{
	return json_object_get(json_object_get(document, kind), name);
}

/* @before without the objects that were left out of @base and made again. */
static json_t *leave_out_made(const struct session *session, json_t *before, const json_t *base)
{
	json_t *rest = json_copy(before), *said, *object;
	const char *kind, *name;

	json_object_foreach(before, kind, said) {
		json_t *objects = json_is_object(said) ? json_copy(said) : NULL;

		json_object_foreach(said, name, object) {
			if (!has(base, kind, name) && !is_gone(session, kind, name))
				json_object_del(objects, name);
		}
		if (objects)
			json_object_set_new(rest, kind, objects);
	}
	json_object_set_new(rest, "steps", steps_of_rest(rest));
	return rest;
}

/* Adds the objects of @kind in @now to @rest, and updates what is alive: it may have changed. */
static void add_objects(const struct session *session, const char *kind, json_t *now, json_t *rest)
{
	json_t *objects = json_object_get(rest, kind), *object;
	const char *name;

	if (!json_is_object(objects)) {
		json_object_set(rest, kind, now);
		return;
	}
	json_object_foreach(now, name, object) {
		if (!json_object_get(objects, name) || !is_gone(session, kind, name))
			json_object_set(objects, name, object);
	}
}

static void add_steps(json_t *now, json_t *steps)
{
	json_t *step, *old;
	size_t i, at;

	json_array_foreach(now, i, step) {
		json_array_foreach(steps, at, old) {
			if (json_equal(step, old))
				break;
		}
		if (at == json_array_size(steps))
			kept_steps_add(steps, json_incref(step));
	}
}

json_t *gone_put_back(const struct session *session, json_t *before, const json_t *base)
{
	const bool ran_out = memory_take_failure();
	json_t *document = leave_out_made(session, before, base), *said;
	const char *key;

	json_object_del(document, "attach");
	json_object_foreach(session->document, key, said) {
		if (!strcmp(key, "steps"))
			add_steps(said, json_object_get(document, key));
		else
			add_objects(session, key, said, document);
	}
	if (memory_take_failure()) {
		json_decref(document);
		document = NULL;
	}
	if (ran_out || !document)
		memory_note_failure();
	return document;
}

static void remark(json_t *remarks, const char *label, const char *message)
{
	json_array_append_new(
		remarks, json_pack("{s:o, s:s}", "path", text_to_json(label), "message", message));
}

/*
 * Whether anything was made from what had the place of @alive before it was made again. Of an IOAS
 * its first mappings do not tell that.
 */
static bool has_older_user(const struct live *live, const struct document_object *alive)
{
	const uint64_t serial = live_object(live, alive)->serial;

	for (int c = 0; c < JOB_COLLECTIONS; c++) {
		for (size_t i = 0; c != JOB_IOAS && i < live->job->objects[c].count; i++) {
			const struct document_object *user =
				document_object_at(live->job->document, c, i);
			const struct document_use *uses =
				document_uses_of(live->job->document, user);
			const uint64_t older = live_object(live, user)->serial;

			for (size_t use = 0; use < user->use_count; use++) {
				if (uses[use].ref->target == alive && older && older < serial)
					return true;
			}
		}
	}
	return false;
}

static void remark_object(
	const struct session *session, const char *kind, const char *name, json_t *remarks)
{
	const struct document_object *alive;
	char label[160] = "";

	text_append(label, sizeof(label), "%s.%s", kind, name);
	alive = session_find(session, label);
	if (!alive)
		remark(remarks, label,
			"it is gone; the job makes it again because other objects were made from "
			"it");
	else if (alive->collection == JOB_MEMORY &&
		 live_has_gone_memory(&session->live, ((const struct job_memory *)alive)->ipa))
		remark(remarks, label,
			"an IOAS maps the memory from before it was made again; in the job it maps "
			"the new one");
	else if (has_older_user(&session->live, alive))
		remark(remarks, label,
			"other objects were made from it before it was made again; in the job they "
			"are made from the new one");
	else if (alive->collection == JOB_IOAS &&
		 snapshot_ioas_left_out(&session->live, (const struct job_ioas *)alive))
		remark(remarks, label,
			"the job does not make some of its mappings: they are of a device, or of "
			"memory that was made again elsewhere, or smaller");
}

json_t *gone_remark(const struct session *session, const json_t *whole)
{
	json_t *remarks = json_array(), *objects, *object;
	const char *kind, *name;

	json_object_foreach((json_t *)whole, kind, objects) {
		json_object_foreach(objects, name, object) {
			remark_object(session, kind, name, remarks);
		}
	}
	return remarks;
}

static void explain_memory(
	const struct session *session, const json_t *whole, struct document_problem *problem)
{
	static const char prefix[] = "memory.";
	const char *name;
	json_t *memory;

	if (*problem->hint || strncmp(problem->path, prefix, strlen(prefix)) != 0)
		return;
	json_object_foreach(json_object_get(whole, "memory"), name, memory) {
		if (!is_gone(session, "memory", name))
			continue;
		snprintf(problem->hint, sizeof(problem->hint),
			"memory.%s is gone, but an IOAS still maps it: 'ioas unmap' releases it",
			name);
		return;
	}
}

static void explain_device(
	const struct session *session, const json_t *whole, struct document_problem *problem)
{
	static const char same[] = JOB_SAME_DEVICE;
	const char *name = problem->message + strlen(same);

	if (strncmp(problem->message, same, strlen(same)) != 0 ||
		!json_object_get(json_object_get(whole, "devices"), name) ||
		!is_gone(session, "devices", name))
		return;
	snprintf(problem->hint, sizeof(problem->hint),
		"devices.%s is gone, but other objects were made for it: open it by that name",
		name);
}

void gone_explain(
	const struct session *session, const json_t *whole, struct document_problem *problem)
{
	explain_memory(session, whole, problem);
	explain_device(session, whole, problem);
}
