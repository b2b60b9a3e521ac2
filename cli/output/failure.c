// SPDX-License-Identifier: MIT
/* Failures: as lines for people, as one error envelope for programs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "report.h"
#include "report_json.h"
#include "text.h"

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

/* Why the library says that it failed, and what helps. */
struct explanations {
	const struct iommuctl_explanation *first;
	size_t count;
};

static void say_part(FILE *err, const char *text)
{
	if (text && *text) {
		text_print(err, text, 0);
		fputs(": ", err);
	}
}

static void say_labelled(FILE *err, const char *label, const char *text)
{
	if (text && *text) {
		fprintf(err, "  %s: ", label);
		text_print(err, text, 0);
		fputc('\n', err);
	}
}

static void say_program(struct report *report)
{
	fprintf(report->err, "%siommuctl: %s", report->color_err ? BOLD : "",
		report->color_err ? PLAIN : "");
}

static void say_place(FILE *err, const char *file, int line, int column)
{
	text_print(err, file, 0);
	fprintf(err, ":%d:", line);
	if (column)
		fprintf(err, "%d:", column);
	fputc(' ', err);
}

/*
 * "iommuctl: job.json:12:5: memory.ram: overlaps memory.rom", or
 * "iommuctl: job.json:30:7: steps[2] (take it away): hwpts.s1: IOMMU_DESTROY: Device or resource busy
 * (EBUSY)"
 */
static void say_head(struct report *report, const struct failure *failure)
{
	bool of_object = failure->line && !failure->file;
	FILE *err = report->err;

	say_program(report);
	if (failure->line)
		say_place(err, of_object ? failure->object : failure->file, failure->line,
			failure->column);
	if (failure->path && failure->step_name) {
		text_print(err, failure->path, 0);
		fputs(" (", err);
		text_print(err, failure->step_name, 0);
		fputs("): ", err);
	} else if (!failure->place || !failure->path || strcmp(failure->place, failure->path) != 0) {
		say_part(err, failure->path);
	}
	if (!of_object)
		say_part(err, failure->object);
	if (failure->in_command)
		fprintf(err, "commands[%zu]: ", failure->command);
	say_part(err, failure->operation);
	if (failure->message)
		text_print(err, failure->message, 0);
	if (failure->code && errno_from_name(failure->code))
		fprintf(err, " (%s)", failure->code);
	fputc('\n', err);
}

static void say_mistakes(struct report *report, const struct failure *failure)
{
	for (size_t i = 0; i < failure->mistake_count; i++) {
		const struct failure_mistake *mistake = &failure->mistakes[i];

		say_program(report);
		say_place(report->err, failure->object, mistake->line, mistake->column);
		say_part(report->err, mistake->path);
		text_print(report->err, mistake->message, 0);
		fputc('\n', report->err);
		say_labelled(report->err, "hint", mistake->hint);
	}
	if (!failure->mistakes_left_out)
		return;
	say_program(report);
	text_print(report->err, failure->object, 0);
	fprintf(report->err, ": and %zu more\n", failure->mistakes_left_out);
}

static void say_as_text(struct report *report, const struct failure *failure,
	const struct explanations *explanations)
{
	const char *label = explanations->count > 1 ? "possible cause" : "cause";

	if (failure->mistake_count) {
		say_mistakes(report, failure);
		return;
	}
	say_head(report, failure);
	/* What is not met says itself what was to come. */
	if (failure->status != STATUS_UNMET)
		say_labelled(report->err, "expected", failure->expected);
	for (size_t i = 0; i < explanations->count; i++) {
		say_labelled(report->err, label, explanations->first[i].cause);
		say_labelled(report->err, "hint", explanations->first[i].remedy);
	}
	say_labelled(report->err, "hint", failure->hint);
}

/* All causes or all remedies in one string, after @first; the caller frees it. */
static char *join_explanations(
	const struct explanations *explanations, const char *first, bool remedies)
{
	const char *separator = first ? ": " : "";
	struct memory_text text;
	FILE *stream = memory_text_open(&text);

	if (!stream)
		return NULL;
	fputs(first ? first : "", stream);
	for (size_t i = 0; i < explanations->count; i++) {
		const struct iommuctl_explanation *explanation = &explanations->first[i];
		const char *part = remedies ? explanation->remedy : explanation->cause;

		if (part) {
			fprintf(stream, "%s%s", separator, part);
			separator = "; or: ";
		}
	}
	return memory_text_close(&text);
}

/* An object that is being built; what there was no memory for makes all of it worthless. */
struct envelope {
	json_t *object;
	bool lost;
};

static void set(struct envelope *error, const char *key, json_t *value)
{
	error->lost |= json_object_set_new(error->object, key, value) != 0;
}

static void append(struct envelope *error, json_t *array, json_t *value)
{
	error->lost |= json_array_append_new(array, value) != 0;
}

/* Nothing where there is nothing to say. */
static void set_text(struct envelope *error, const char *key, const char *text)
{
	if (text && *text)
		set(error, key, text_to_json(text));
}

static void append_text(struct envelope *error, json_t *array, const char *text)
{
	if (text && *text)
		append(error, array, text_to_json(text));
}

static void set_number(struct envelope *error, const char *key, size_t number, bool given)
{
	if (given)
		set(error, key, json_integer((json_int_t)number));
}

static json_t *mistake_to_json(const struct failure_mistake *mistake)
{
	const char *hint = mistake->hint && *mistake->hint ? mistake->hint : NULL;

	return json_pack("{s:o, s:i, s:i, s:o, s:o}", "path", text_to_json(mistake->path), "line",
		mistake->line, "column", mistake->column, "message",
		text_to_json(mistake->message), "hint", text_to_json(hint));
}

/* Each as an element of its own what the message and the hint have joined. */
static void set_lists(struct envelope *error, const struct failure *failure,
	const struct explanations *explanations)
{
	json_t *causes = json_array(), *hints = json_array(), *problems = json_array();

	for (size_t i = 0; i < explanations->count; i++) {
		append_text(error, causes, explanations->first[i].cause);
		append_text(error, hints, explanations->first[i].remedy);
	}
	for (size_t i = 0; i < failure->mistake_count; i++) {
		append(error, problems, mistake_to_json(&failure->mistakes[i]));
		append_text(error, hints, failure->mistakes[i].hint);
	}
	if (!failure->mistake_count)
		append_text(error, hints, failure->hint);
	set(error, "causes", causes);
	set(error, "hints", hints);
	if (failure->mistake_count)
		set(error, "problems", problems);
	else
		json_decref(problems);
	set_number(error, "more", failure->mistakes_left_out, failure->mistake_count);
}

static void set_place(struct envelope *error, const struct failure *failure)
{
	set_text(error, "path", failure->path);
	set_text(error, "file", failure->file);
	set_number(error, "line", (size_t)failure->line, failure->line);
	set_number(error, "column", (size_t)failure->column, failure->column);
	set_text(error, "place", failure->place);
	set_number(error, "id", failure->id, failure->id);
	if (failure->in_step)
		set(error, "step", json_pack("{s:I, s:o}", "index", (json_int_t)failure->step,
			"name", text_to_json(failure->step_name)));
	set_text(error, "expected", failure->expected);
	set_number(error, "command", failure->command, failure->in_command);
}

/* NULL where there is no memory for all of it. */
static json_t *failure_to_json(
	const struct failure *failure, const struct explanations *explanations)
{
	char *message = join_explanations(explanations, failure->message, false);
	char *remedies = join_explanations(explanations, NULL, true);
	const char *hint = remedies && *remedies ? remedies : failure->hint;
	struct envelope error = { .lost = !message || !remedies };

	error.object = json_pack("{s:o, s:o, s:o, s:o, s:o}", "code", text_to_json(failure->code),
		"operation", text_to_json(failure->operation), "object",
		text_to_json(failure->object), "message", text_to_json(message), "hint",
		text_to_json(hint && *hint ? hint : NULL));
	free(message);
	free(remedies);
	set_place(&error, failure);
	set_lists(&error, failure, explanations);
	if (failure->events)
		set(&error, "events", json_incref(failure->events));
	if (!error.lost)
		return error.object;
	json_decref(error.object);
	return NULL;
}

static enum exit_status say_failure(struct report *report, const struct failure *failure,
	const struct explanations *explanations)
{
	struct failure first = *failure;

	if (memory_take_failure())
		return report_out_of_memory(report);
	if (failure->mistake_count) {
		first.path = failure->mistakes[0].path;
		first.line = failure->mistakes[0].line;
		first.column = failure->mistakes[0].column;
		first.message = failure->mistakes[0].message;
		first.hint = failure->mistakes[0].hint;
	}
	if (report->json)
		report_json(report, "error", failure_to_json(&first, explanations));
	else
		say_as_text(report, &first, explanations);
	return failure->status;
}

enum exit_status report_failure(struct report *report, const struct failure *failure)
{
	return say_failure(report, failure, &(struct explanations){ NULL, 0 });
}

enum exit_status report_error_at(
	struct report *report, const struct iommuctl_error *error, const struct failure *failure)
{
	const struct explanations explanations = { error->explanation, error->explanation_count };
	struct failure whole = *failure;
	char both[256];

	whole.status = status_of_errno(error->code);
	whole.code = errno_name(error->code);
	whole.operation = error->operation;
	whole.message = strerror(error->code);
	whole.object = failure->place;
	if (failure->place && *error->object) {
		snprintf(both, sizeof(both), "%s (%s)", failure->place, error->object);
		whole.object = both;
	} else if (*error->object) {
		whole.object = error->object;
	}
	return say_failure(report, &whole, &explanations);
}

enum exit_status report_error(
	struct report *report, const struct iommuctl_error *error, const char *object, const char *path)
{
	return report_error_at(report, error, &(struct failure){ .place = object, .path = path });
}
