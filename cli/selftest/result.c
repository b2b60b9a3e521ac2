// SPDX-License-Identifier: MIT
#include "selftest/result.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "output/text.h"

static const char *const names[SELFTEST_OUTCOMES] = {
	[SELFTEST_PASSED] = "passed",
	[SELFTEST_SKIPPED] = "skipped",
	[SELFTEST_FAILED] = "failed",
};

const char *selftest_outcome_name(enum selftest_outcome outcome)
{
	return names[outcome];
}

void selftest_result_init(struct selftest_result *result, const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t length;

	*result = (struct selftest_result){ .file = file };
	snprintf(result->name, sizeof(result->name), "%s", slash ? slash + 1 : file);
	length = strlen(result->name);
	if (length > 5 && strcmp(result->name + length - 5, ".json") == 0)
		result->name[length - 5] = '\0';
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* In reading order: where, about what, and why. */
static void set_reason(struct selftest_result *result)
{
	static const char *const parts[] = { "path", "object", "message" };
	const char *before = "";
	const char *expected = text_of(result->error, "expected");

	for (size_t i = 0; i < 3; i++) {
		const char *text = text_of(result->error, parts[i]);

		if (!text || strcmp(before, text) == 0)
			continue;
		text_append(
			result->reason, sizeof(result->reason), "%s%s", *before ? ": " : "", text);
		before = text;
	}
	if (expected && !strstr(result->reason, expected))
		text_append(result->reason, sizeof(result->reason), "; %s was expected", expected);
}

/* The first error is the reason; later ones come from undoing. */
static void take_line(struct selftest_result *result, const char *line)
{
	json_t *said = json_loads(line, 0, NULL);
	json_t *error = json_object_get(said, "error");

	if (error && !result->error)
		result->error = json_incref(error);
	result->steps += json_object_get(said, "step") != NULL;
	json_decref(said);
}

static enum selftest_outcome outcome_of(enum exit_status status)
{
	switch (status) {
	case STATUS_DONE: return SELFTEST_PASSED;
	case STATUS_UNSUPPORTED:
	case STATUS_SKIPPED: return SELFTEST_SKIPPED;
	default: return SELFTEST_FAILED;
	}
}

void selftest_result_read(struct selftest_result *result, enum exit_status status, FILE *out)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, out) >= 0)
		take_line(result, line);
	free(line);
	if (!feof(out))
		memory_note_failure(); /* of getline(): a memory stream has no other errors */
	result->status = exit_status_name(status) ? status : STATUS_FAILED;
	result->outcome = outcome_of(status);
	if (result->outcome != SELFTEST_PASSED)
		set_reason(result);
	if (memory_has_failed())
		selftest_result_fail(result, "out of memory (ENOMEM) for its output");
	else if (result->outcome != SELFTEST_PASSED && !result->reason[0])
		snprintf(result->reason, sizeof(result->reason), "ended with exit status %d",
			(int)status);
}

void selftest_result_fail(struct selftest_result *result, const char *format, ...)
{
	va_list arguments;

	result->outcome = SELFTEST_FAILED;
	result->status = STATUS_FAILED;
	va_start(arguments, format);
	vsnprintf(result->reason, sizeof(result->reason), format, arguments);
	va_end(arguments);
}

void selftest_result_free(struct selftest_result *result)
{
	json_decref(result->error);
	result->error = NULL;
}
