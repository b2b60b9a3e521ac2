// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "output/json.h"
#include "output/memory.h"
#include "output/report.h"
#include "output/stream.h"
#include "output/terminal.h"
#include "output/text.h"
#include "output/wrap.h"

/* A block is written once it is full; there is room after it for the line that fills it. */
#define BLOCK_SIZE ((size_t)64 * 1024)

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

void report_start(struct report *report)
{
	memory_watch_json();
	*report = (struct report){
		.out = stdout,
		.err = stderr,
		.columns = terminal_columns(stdout),
		.color_err = terminal_wants_color(stderr),
		.shows_progress = terminal_is_capable(stderr),
	};
}

/* Reports once that standard output is lost, unless its reader has gone: that is no failure. */
static void lose_out(struct report *report, int error)
{
	if (!report->out_lost && error != EPIPE) {
		fprintf(report->err, "iommuctl: standard output: write: %s (%s)\n", strerror(error),
			errno_name(error));
		report->output_lost = true;
	}
	report->out_lost = true;
}

void report_lost_output(struct report *report, const char *name, int error)
{
	if (error == EPIPE)
		return;
	report->output_lost = true;
	report_failure(report, &(struct failure){ .status = STATUS_FAILED,
				       .error = -error,
				       .operation = "write",
				       .object = name });
}

enum exit_status report_finish(struct report *report, enum exit_status status)
{
	int error;

	if (memory_take_failure())
		report_out_of_memory(report);
	error = stream_close(report->out);
	if (error)
		lose_out(report, error);
	free(report->block);
	if (report->memory_lost || (report->output_lost && status == STATUS_DONE))
		return STATUS_FAILED;
	return status;
}

void report_flush(struct report *report)
{
	const int error = stream_flush(report->out);

	if (error)
		lose_out(report, error);
}

void report_in_blocks(struct report *report)
{
	report->block = malloc(2 * BLOCK_SIZE);
	if (report->block)
		setvbuf(report->out, report->block, _IOFBF, 2 * BLOCK_SIZE);
}

static void end_result(struct report *report)
{
	if (!report->block || __fpending(report->out) >= BLOCK_SIZE)
		report_flush(report);
}

enum exit_status report_out_of_memory(struct report *report)
{
	const int reason = memory_take_reason();

	if (!report->memory_lost && report->json)
		json_write_out_of_memory(report->out, reason);
	else if (!report->memory_lost)
		fprintf(report->err, "iommuctl: %s (%s)\n", json_what_ran_out(reason),
			errno_name(reason));
	report->memory_lost = true;
	memory_take_failure(); /* that has just been reported */
	report_flush(report);
	return STATUS_FAILED;
}

void report_json(struct report *report, const char *kind, json_t *value)
{
	if (json_write_line(report->out, kind, value))
		end_result(report);
	else
		report_out_of_memory(report);
}

/* Prints @text with a newline; on a terminal, in lines that fit. */
static void print_out(struct report *report, const char *text, unsigned int keep)
{
	struct memory_text lines;
	FILE *escaped = report->columns ? memory_text_open(&lines) : report->out;
	char *whole;

	if (escaped) {
		text_print(escaped, text, keep);
		fputc('\n', escaped);
	}
	if (escaped == report->out)
		return;
	whole = memory_text_close(&lines);
	if (whole)
		wrap_print_lines(report->out, whole, report->columns);
	free(whole);
}

static void say_text(struct report *report, FILE *stream, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

static void say_text(struct report *report, FILE *stream, const char *format, va_list arguments)
{
	char *text;

	if (vasprintf(&text, format, arguments) < 0) {
		report_out_of_memory(report);
		return;
	}
	if (stream == report->out) {
		print_out(report, text, 0);
	} else {
		text_print(stream, text, 0);
		fputc('\n', stream);
	}
	free(text);
}

/* Writes @value, whose reference it takes, in JSON mode. True: text is wanted, @value complete. */
static bool wants_text(struct report *report, const char *kind, json_t *value)
{
	if (report->json) {
		report_json(report, kind, value);
		return false;
	}
	json_decref(value);
	if (!memory_take_failure())
		return true;
	report_out_of_memory(report);
	return false;
}

void report_result(struct report *report, const char *kind, json_t *value, const char *format, ...)
{
	va_list arguments;

	if (!wants_text(report, kind, value))
		return;
	va_start(arguments, format);
	say_text(report, report->out, format, arguments);
	va_end(arguments);
	end_result(report);
}

void report_lines(struct report *report, const char *kind, json_t *value, const char *text)
{
	if (!wants_text(report, kind, value))
		return;
	print_out(report, text, TEXT_LINES);
	end_result(report);
}

enum exit_status report_written(struct report *report, const char *kind, json_t *value,
	void (*write)(FILE *out, const void *data), const void *data)
{
	struct memory_text lines;
	char *text, *end;

	if (value && !wants_text(report, kind, value))
		return STATUS_DONE;
	if (memory_text_open(&lines))
		write(lines.stream, data);
	text = memory_text_close(&lines);
	if (!text)
		return report_out_of_memory(report);
	end = text + strlen(text);
	if (end > text && end[-1] == '\n')
		end[-1] = '\0';
	report_lines(report, kind, value ? NULL : json_string(text), text);
	free(text);
	return STATUS_DONE;
}

void report_note(struct report *report, const char *format, ...)
{
	va_list arguments;

	if (report->json)
		return;
	report_flush(report);
	va_start(arguments, format);
	say_text(report, report->err, format, arguments);
	va_end(arguments);
}

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
 * "iommuctl: job.json:30:7: steps[2] (take it away): hwpts.s1: IOMMU_DESTROY: Device or resource
 * busy (EBUSY)"
 */
static void say_head(struct report *report, const struct failure *failure)
{
	const char *message = failure_message(failure), *code = failure_code(failure);
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
	} else if (!failure->place || !failure->path ||
		   strcmp(failure->place, failure->path) != 0) {
		say_part(err, failure->path);
	}
	if (!of_object)
		say_part(err, failure->object);
	if (failure->in_command)
		fprintf(err, "commands[%zu]: ", failure->command);
	say_part(err, failure->operation);
	if (message)
		text_print(err, message, 0);
	if (code && errno_from_name(code))
		fprintf(err, " (%s)", code);
	fputc('\n', err);
}

static void say_events(FILE *err, const json_t *events)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *event = json_array_get(events, i);

		fputs("  event: ", err);
		say_part(err, json_string_value(json_object_get(event, "object")));
		text_print(err, json_string_value(json_object_get(event, "event")), 0);
		fputc('\n', err);
	}
}

static void say_as_text(struct report *report, const struct failure *failure)
{
	const char *label = failure->explanation_count > 1 ? "possible cause" : "cause";

	say_head(report, failure);
	/* An unmet expectation says itself what was expected. */
	if (failure->status != STATUS_UNMET)
		say_labelled(report->err, "expected", failure->expected);
	for (size_t i = 0; i < failure->explanation_count; i++) {
		say_labelled(report->err, label, failure->explanations[i].cause);
		say_labelled(report->err, "hint", failure->explanations[i].remedy);
	}
	say_events(report->err, failure->events);
}

static enum exit_status say_failures(
	struct report *report, const struct failure *failures, size_t count, const size_t *left_out)
{
	if (memory_take_failure())
		return report_out_of_memory(report);
	report->no_device |= failures->no_device;
	if (report->json)
		report_json(report, "error", failures_to_json(failures, count, left_out));
	else
		report_flush(report);
	for (size_t i = 0; !report->json && i < count; i++)
		say_as_text(report, &failures[i]);
	if (!report->json && left_out && *left_out) {
		say_program(report);
		text_print(report->err, failures->object, 0);
		fprintf(report->err, ": and %zu more\n", *left_out);
	}
	return failure_status(failures);
}

enum exit_status report_failure(struct report *report, const struct failure *failure)
{
	return say_failures(report, failure, 1, NULL);
}

enum exit_status report_mistakes(
	struct report *report, const struct failure *mistakes, size_t count, size_t left_out)
{
	return say_failures(report, mistakes, count, &left_out);
}

enum exit_status report_last_error(
	struct report *report, struct iommuctl *ctx, const char *object, int error)
{
	const struct iommuctl_error *last = iommuctl_last_error(ctx);
	struct failure failure = { .object = object, .place = object };

	if (!last || last->code != -error)
		return report_errno(report, report->command, object, error);
	failure_add_library(&failure, last);
	return report_failure(report, &failure);
}

enum exit_status report_errno(
	struct report *report, const char *operation, const char *object, int error)
{
	return report_failure(report,
		&(struct failure){
			.error = -abs(error), .operation = operation, .object = object });
}
