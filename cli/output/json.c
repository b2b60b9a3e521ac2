// SPDX-License-Identifier: MIT
#include "output/json.h"

#include <errno.h>
#include <stdlib.h>

#include "output/memory.h"
#include "output/text.h"

bool json_write_line(FILE *stream, const char *kind, json_t *value)
{
	json_t *envelope = json_pack("{s:i, s:o}", "iommuctl", 1, kind, value);
	char *line = envelope ? json_dumps(envelope, JSON_COMPACT) : NULL;
	const bool whole = line && !memory_take_failure();

	if (whole) {
		text_print_json(stream, line);
		fputc('\n', stream);
	}
	free(line);
	json_decref(envelope);
	return whole;
}

const char *json_what_ran_out(int error)
{
	return error == ENOMEM ? "out of memory" : "out of file descriptors";
}

void json_print_out_of_memory(char *text, size_t size, int error, const char *hint)
{
	const char *quote = hint ? "\"" : "";

	snprintf(text, size,
		"{\"iommuctl\":1,\"error\":{\"code\":\"%s\",\"status\":\"%s\",\"operation\":null,"
		"\"object\":null,\"message\":\"%s\",\"hint\":%s%s%s,\"causes\":[],\"hints\":[],"
		"\"explanations\":[]}}\n",
		errno_name(error), exit_status_name(STATUS_FAILED), json_what_ran_out(error), quote,
		hint ? hint : "null", quote);
}

void json_write_out_of_memory(FILE *stream, int error)
{
	char text[256];

	json_print_out_of_memory(text, sizeof(text), error, NULL);
	fputs(text, stream);
}

/* Nothing where there is nothing to say. */
static void set_text(json_t *object, const char *key, const char *text)
{
	if (text && *text)
		json_object_set_new(object, key, text_to_json(text));
}

static void set_number(json_t *object, const char *key, size_t number, bool given)
{
	if (given)
		json_object_set_new(object, key, json_integer((json_int_t)number));
}

/* @first, then all causes or all remedies, in one string; the caller frees it. */
static char *join(const struct failure *failure, const char *first, bool remedies)
{
	const char *separator = first ? ": " : "";
	struct memory_text text;
	FILE *stream = memory_text_open(&text);

	if (!stream)
		return NULL;
	fputs(first ? first : "", stream);
	for (size_t i = 0; i < failure->explanation_count; i++) {
		const struct iommuctl_explanation *explanation = &failure->explanations[i];
		const char *part = remedies ? explanation->remedy : explanation->cause;

		if (part) {
			fprintf(stream, "%s%s", separator, part);
			separator = "; or: ";
		}
	}
	return memory_text_close(&text);
}

json_t *explanations_to_json(const struct failure *failures, size_t count)
{
	json_t *explanations = json_array();

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < failures[i].explanation_count; j++) {
			const struct iommuctl_explanation *one = &failures[i].explanations[j];

			json_array_append_new(explanations,
				json_pack("{s:o, s:o}", "cause", text_to_json(one->cause), "remedy",
					text_to_json(one->remedy)));
		}
	}
	return explanations;
}

/* Each @part that the @explanations have. */
static json_t *list_of(const json_t *explanations, const char *part)
{
	json_t *array = json_array();

	for (size_t i = 0; i < json_array_size(explanations); i++) {
		json_t *value = json_object_get(json_array_get(explanations, i), part);

		if (!json_is_null(value))
			json_array_append(array, value);
	}
	return array;
}

/* Counted from 1; without a text there are none. */
static void set_position(json_t *object, const struct failure *failure)
{
	set_number(object, "line", (size_t)failure->line, failure->line);
	set_number(object, "column", (size_t)failure->column, failure->column);
}

static json_t *mistake_to_json(const struct failure *failure)
{
	json_t *mistake = json_pack("{s:o, s:o, s:o}", "path", text_to_json(failure->path),
		"message", text_to_json(failure->message), "hint",
		text_to_json(failure->explanations[0].remedy));

	set_position(mistake, failure);
	return mistake;
}

static json_t *mistakes_to_json(const struct failure *failures, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, mistake_to_json(&failures[i]));
	return array;
}

static void set_place(json_t *error, const struct failure *failure)
{
	set_text(error, "path", failure->path);
	set_text(error, "file", failure->file);
	set_position(error, failure);
	set_text(error, "place", failure->place);
	set_number(error, "id", failure->id, failure->id);
	if (failure->in_step)
		json_object_set_new(error, "step",
			json_pack("{s:I, s:o}", "index", (json_int_t)failure->step, "name",
				text_to_json(failure->step_name)));
	set_text(error, "expected", failure->expected);
	set_number(error, "command", failure->command, failure->in_command);
	if (failure->event)
		json_object_set_new(error, "event", event_to_json(failure->place, failure->event));
	if (failure->events)
		json_object_set(error, "events", failure->events);
}

json_t *failures_to_json(const struct failure *failures, size_t count, const size_t *left_out)
{
	const struct failure *first = &failures[0];
	char *message = join(first, failure_message(first), false);
	char *hint = join(first, NULL, true);
	json_t *explanations = explanations_to_json(failures, count);
	json_t *error = json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "code",
		text_to_json(failure_code(first)), "status",
		exit_status_name(failure_status(first)), "operation",
		text_to_json(first->operation), "object", text_to_json(first->object), "message",
		text_to_json(message), "hint", text_to_json(hint && *hint ? hint : NULL), "causes",
		list_of(explanations, "cause"), "hints", list_of(explanations, "remedy"),
		"explanations", explanations);

	free(message);
	free(hint);
	set_place(error, first);
	if (left_out)
		json_object_set_new(error, "problems", mistakes_to_json(failures, count));
	set_number(error, "more", left_out ? *left_out : 0, left_out);
	return error;
}

bool json_has_field(uint64_t mask, size_t place)
{
	return place >= 64 || mask & UINT64_C(1) << place;
}

json_t *fields_to_json(
	const struct iommuctl_smmuv3_field *fields, size_t count, uint64_t mask, const void *record)
{
	json_t *object = json_object();

	for (size_t i = 0; i < count; i++) {
		const uint64_t value = iommuctl_smmuv3_field_get(&fields[i], record);
		const char *name = iommuctl_smmuv3_field_value_name(&fields[i], value);
		json_t *field;

		if (!json_has_field(mask, i))
			continue;
		field = json_pack("{s:o}", "value", hex_to_json(value));
		if (name)
			json_object_set_new(field, "name", json_string(name));
		json_object_set_new(object, fields[i].name, field);
	}
	return object;
}

json_t *event_to_json(const char *object, const struct iommuctl_smmuv3_event *event)
{
	const char *name = iommuctl_smmuv3_event_name(event->type);
	const struct iommuctl_smmuv3_field *fields;
	char text[256];
	size_t count;

	fields = iommuctl_smmuv3_event_fields(&count);
	iommuctl_smmuv3_event_print(event, text, sizeof(text));
	return json_pack("{s:s, s:s, s:s, s:o}", "object", object, "type", name ? name : "unknown",
		"event", text, "fields",
		fields_to_json(
			fields, count, iommuctl_smmuv3_event_field_mask(event->type), event));
}

json_t *cmdqv_event_to_json(const char *object, const struct iommuctl_smmuv3_cmdqv_event *event)
{
	const struct iommuctl_smmuv3_field *fields;
	char text[512];
	size_t count;

	fields = iommuctl_smmuv3_cmdqv_event_fields(&count);
	iommuctl_smmuv3_cmdqv_event_print(event, text, sizeof(text));
	return json_pack("{s:s, s:s, s:s, s:o}", "object", object, "type", "LVCMDQ_ERR", "event",
		text, "fields", fields_to_json(fields, count, UINT64_MAX, event));
}
