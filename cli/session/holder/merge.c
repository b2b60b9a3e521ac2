// SPDX-License-Identifier: MIT
#include "session/holder/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "output/text.h"

/* Keys about the job itself rather than what it makes, or fixed when the session starts. */
static const char *const about_the_job[] = { "name", "description", "$schema", "backend", NULL };

static bool is_about_the_job(const char *key)
{
	for (size_t i = 0; about_the_job[i]; i++) {
		if (!strcmp(about_the_job[i], key))
			return true;
	}
	return false;
}

#define RLIMIT_MODE "rlimit-mode"

/* Whether @value is a different mode from the session's. */
static bool is_too_late(const json_t *base, const char *key, const json_t *value)
{
	const char *now = json_string_value(json_object_get(base, RLIMIT_MODE));

	return !strcmp(key, RLIMIT_MODE) && json_is_string(value) &&
	       strcmp(json_string_value(value), now ? now : "user") != 0;
}

static enum exit_status report_too_late(struct report *report, const char *key)
{
	struct failure failure;

	failure_set(&failure, -EBUSY,
		"the session was started with another one\nstart a session with a job that sets "
		"it");
	failure.operation = "apply";
	failure.object = key;
	return report_failure(report, &failure);
}

static enum exit_status report_existing(struct report *report, const char *kind, const char *name)
{
	struct failure failure = { 0 };
	char label[160] = "";

	text_append(label, sizeof(label), "%s.%s", kind, name);
	failure_set(&failure, -EEXIST,
		"exists already\nuse another name, or destroy the object that has this one");
	failure.operation = "create";
	failure.object = label;
	return report_failure(report, &failure);
}

/* The objects of @kind of both. */
static json_t *merge_objects(const char *kind, json_t *old, json_t *added, struct report *report,
	enum exit_status *status)
{
	json_t *merged = json_copy(old);
	const char *name;
	json_t *object;

	json_object_foreach(added, name, object) {
		if (json_object_get(old, name)) {
			*status = report_existing(report, kind, name);
			break;
		}
		json_object_set(merged, name, object);
	}
	return merged;
}

/* Merges @key of both. If their types differ, the parser will report it. */
static json_t *merge_key(const char *key, json_t *old, json_t *added, struct report *report,
	enum exit_status *status)
{
	json_t *merged;

	if (json_is_object(old) && json_is_object(added))
		return merge_objects(key, old, added, report, status);
	if (!json_is_array(old) || !json_is_array(added))
		return json_incref(added);
	merged = json_copy(old);
	json_array_extend(merged, added);
	return merged;
}

json_t *merge_documents(
	json_t *base, json_t *addition, struct report *report, enum exit_status *status)
{
	json_t *merged = json_copy(base), *value;
	const char *key;

	*status = STATUS_DONE;
	json_object_foreach(addition, key, value) {
		if (is_about_the_job(key))
			continue;
		if (is_too_late(base, key, value)) {
			*status = report_too_late(report, key);
			break;
		}
		json_object_set_new(merged, key,
			merge_key(key, json_object_get(base, key), value, report, status));
		if (*status)
			break;
	}
	/* It is incomplete if memory ran out. */
	if (!memory_take_failure() && !*status)
		return merged;
	json_decref(merged);
	return NULL;
}

size_t merge_count(const json_t *base, const char *key)
{
	return json_array_size(json_object_get(base, key));
}

void merge_fit_path(const json_t *base, char *path, size_t size)
{
	static const char *const lists[] = { "attach", "steps", NULL };

	for (size_t i = 0; lists[i]; i++) {
		const size_t length = strlen(lists[i]);
		const size_t count = merge_count(base, lists[i]);
		size_t index;
		char *end, rest[256];

		if (strncmp(path, lists[i], length) != 0 || path[length] != '[')
			continue;
		index = strtoul(path + length + 1, &end, 10);
		snprintf(rest, sizeof(rest), "%s", end);
		snprintf(path, size, "%s%s[%zu%s", index < count ? "session." : "", lists[i],
			index < count ? index : index - count, rest);
		return;
	}
}
