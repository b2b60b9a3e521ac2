// SPDX-License-Identifier: MIT
#include "session/holder/kept_steps.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "array.h"
#include "document/value.h"

/* An action, the object that it changes, and the key that names the object. */
struct kept_action {
	const char *name;
	const char *object;
	const char *collection;
};

static const struct kept_action actions[] = {
	{ "set-cd", "cd-table", "cd-tables" },
	{ "ioas-allow", "ioas", "ioas" },
	{ "hwpt-dirty-tracking", "hwpt", "hwpts" },
};

static const struct kept_action *find_action(const json_t *step)
{
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (json_object_get(step, actions[i].name))
			return &actions[i];
	}
	return NULL;
}

/* The SubstreamID of the CD that is written; 0 if not given. */
static uint64_t ssid_of(const json_t *arguments)
{
	const json_t *ssid = json_object_get(arguments, "ssid");
	uint64_t number = 0;

	if (json_is_string(ssid))
		value_parse_number(json_string_value(ssid), &number);
	return json_is_number(ssid) ? (uint64_t)json_number_value(ssid) : number;
}

static bool changes_the_same(
	const struct kept_action *action, const json_t *one, const json_t *other)
{
	const json_t *a = json_object_get(one, action->name);
	const json_t *b = json_object_get(other, action->name);

	return b &&
	       json_equal(json_object_get(a, action->object), json_object_get(b, action->object)) &&
	       ssid_of(a) == ssid_of(b);
}

static const char *object_of(const struct kept_action *action, const json_t *step)
{
	return json_string_value(
		json_object_get(json_object_get(step, action->name), action->object));
}

/* Whether @label is that of what the kept @step changes. A step lacks parts if memory ran out. */
static bool is_of(const json_t *step, const char *label)
{
	const struct kept_action *action = find_action(step);
	const char *object = action ? object_of(action, step) : NULL;
	const size_t length = action ? strlen(action->collection) : 0;

	return object && !strncmp(label, action->collection, length) && label[length] == '.' &&
	       !strcmp(label + length + 1, object);
}

static void forget_all_of(json_t *kept, const char *label)
{
	for (size_t i = json_array_size(kept); i-- > 0;) {
		if (is_of(json_array_get(kept, i), label))
			json_array_remove(kept, i);
	}
}

void kept_steps_add(json_t *kept, json_t *step)
{
	const struct kept_action *action = find_action(step);
	const char *made =
		json_string_value(json_object_get(json_object_get(step, "create"), "object"));
	json_t *old;
	size_t i;

	if (made && !json_object_get(step, "expect"))
		forget_all_of(kept, made);
	if (!action || json_object_get(step, "expect")) {
		json_decref(step);
		return;
	}
	json_array_foreach(kept, i, old) {
		if (changes_the_same(action, step, old))
			break;
	}
	if (i < json_array_size(kept))
		json_array_remove(kept, i);
	json_array_append_new(kept, step);
}

static bool has(const json_t *root, const char *collection, const json_t *name)
{
	return json_object_get(json_object_get(root, collection), json_string_value(name));
}

const char *kept_step_stage1(const json_t *step, const char **cd_table)
{
	const json_t *set = json_object_get(step, "set-cd");

	*cd_table = json_string_value(json_object_get(set, "cd-table"));
	return *cd_table ? json_string_value(json_object_get(set, "stage1")) : NULL;
}

bool kept_steps_track(const json_t *kept, const char *hwpt)
{
	json_t *step;
	size_t i;

	json_array_foreach(kept, i, step) {
		const json_t *tracking = json_object_get(step, "hwpt-dirty-tracking");
		const char *name = json_string_value(json_object_get(tracking, "hwpt"));

		if (name && !strcmp(name, hwpt))
			return json_is_true(json_object_get(tracking, "on"));
	}
	return false;
}

bool kept_step_is_alive(const json_t *step, const json_t *root)
{
	const struct kept_action *action = find_action(step);
	const json_t *arguments = action ? json_object_get(step, action->name) : NULL;
	const json_t *stage1 = json_object_get(arguments, "stage1");

	return action &&
	       has(root, action->collection, json_object_get(arguments, action->object)) &&
	       (!stage1 || has(root, "stage1", stage1));
}
