// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "report.h"
#include "text.h"

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

static bool wants_color(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR");

	return (!no_color || !*no_color) && isatty(fileno(stream));
}

void report_start(struct report *report)
{
	memory_watch_json();
	*report = (struct report){
		.out = stdout,
		.err = stderr,
		.color_out = wants_color(stdout),
		.color_err = wants_color(stderr),
	};
}

void report_lost_output(struct report *report, const char *name, int error)
{
	if (!report->output_lost) {
		fputs("iommuctl: ", report->err);
		text_print(report->err, name, 0);
		fprintf(report->err, ": write: %s (%s)\n", strerror(error), errno_name(error));
	}
	report->output_lost = true;
}

int report_close_stream(FILE *stream)
{
	bool failed_before = ferror(stream);

	if (fclose(stream))
		return errno;
	return failed_before ? EIO : 0;
}

enum exit_status report_finish(struct report *report, enum exit_status status)
{
	int error = report_close_stream(report->out);

	if (error)
		report_lost_output(report, "standard output", error);
	if (report->memory_lost || (report->output_lost && status == STATUS_DONE))
		return STATUS_FAILED;
	return status;
}

static void flush_out(struct report *report)
{
	if (fflush(report->out))
		report_lost_output(report, "standard output", errno);
}

enum exit_status report_out_of_memory(struct report *report)
{
	static const char envelope[] =
		"{\"iommuctl\":1,\"error\":{\"code\":\"ENOMEM\",\"operation\":null,\"object\":null,"
		"\"message\":\"out of memory\",\"hint\":null}}\n";

	if (!report->memory_lost && report->json)
		fputs(envelope, report->out);
	else if (!report->memory_lost)
		fputs("iommuctl: out of memory (ENOMEM)\n", report->err);
	report->memory_lost = true;
	flush_out(report);
	return STATUS_FAILED;
}

/* Says {"iommuctl":1,"<kind>":<value>} on a line of its own. Takes the reference of @value. */
static void say_json(struct report *report, const char *kind, json_t *value)
{
	json_t *envelope = json_pack("{s:i, s:o}", "iommuctl", 1, kind, value);
	char *line = envelope ? json_dumps(envelope, JSON_COMPACT) : NULL;

	if (line && !memory_take_failure()) {
		fputs(line, report->out);
		fputc('\n', report->out);
		flush_out(report);
	} else {
		report_out_of_memory(report);
	}
	free(line);
	json_decref(envelope);
}

static void say_text(struct report *report, FILE *stream, bool color, const char *format,
	va_list arguments) __attribute__((format(printf, 4, 0)));

static void say_text(
	struct report *report, FILE *stream, bool color, const char *format, va_list arguments)
{
	char *text;

	if (vasprintf(&text, format, arguments) < 0) {
		report_out_of_memory(report);
		return;
	}
	text_print(stream, text, TEXT_LINES | (color ? TEXT_COLORS : 0));
	fputc('\n', stream);
	free(text);
}

void report_result(struct report *report, const char *kind, json_t *value, const char *format, ...)
{
	va_list arguments;

	if (report->json) {
		say_json(report, kind, value);
		return;
	}
	json_decref(value);
	if (memory_take_failure()) {
		report_out_of_memory(report);
		return;
	}
	va_start(arguments, format);
	say_text(report, report->out, report->color_out, format, arguments);
	va_end(arguments);
	flush_out(report);
}

void report_note(struct report *report, const char *format, ...)
{
	va_list arguments;

	if (report->json)
		return;
	va_start(arguments, format);
	say_text(report, report->err, report->color_err, format, arguments);
	va_end(arguments);
}

static json_t *failure_to_json(const struct failure *failure)
{
	json_t *error = json_pack("{s:o, s:o, s:o, s:o, s:o}", "code", text_to_json(failure->code),
		"operation", text_to_json(failure->operation), "object",
		text_to_json(failure->object), "message", text_to_json(failure->message), "hint",
		text_to_json(failure->hint));

	if (failure->path)
		json_object_set_new(error, "path", text_to_json(failure->path));
	if (failure->line)
		json_object_set_new(error, "line", json_integer(failure->line));
	return error;
}

static void say_part(FILE *err, const char *text)
{
	if (text) {
		text_print(err, text, 0);
		fputs(": ", err);
	}
}

static void say_labelled(FILE *err, const char *label, const char *text)
{
	if (text) {
		fprintf(err, "  %s: ", label);
		text_print(err, text, 0);
		fputc('\n', err);
	}
}

/*
 * "iommuctl: job.json:12: memory.ram: overlaps memory.rom", or
 * "iommuctl: steps[2]: hwpts.s1: IOMMU_DESTROY: Device or resource busy (EBUSY)"
 */
static void say_head(struct report *report, const struct failure *failure)
{
	FILE *err = report->err;

	fprintf(err, "%siommuctl: %s", report->color_err ? BOLD : "",
		report->color_err ? PLAIN : "");
	if (failure->line) {
		text_print(err, failure->object, 0);
		fprintf(err, ":%d: ", failure->line);
		say_part(err, failure->path);
	} else {
		say_part(err, failure->path);
		say_part(err, failure->object);
	}
	say_part(err, failure->operation);
	if (failure->message)
		text_print(err, failure->message, 0);
	if (failure->code && errno_from_name(failure->code))
		fprintf(err, " (%s)", failure->code);
	fputc('\n', err);
}

enum exit_status report_failure(struct report *report, const struct failure *failure)
{
	if (memory_take_failure())
		return report_out_of_memory(report);
	if (report->json) {
		say_json(report, "error", failure_to_json(failure));
	} else {
		say_head(report, failure);
		say_labelled(report->err, "hint", failure->hint);
	}
	return failure->status;
}

enum exit_status report_usage(struct report *report, const char *format, ...)
{
	const char *command = report->command ? report->command : "";
	char hint[128], *message;
	struct failure failure = {
		.status = STATUS_USAGE,
		.code = "usage",
		.operation = report->command,
		.hint = hint,
	};
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&message, format, arguments);
	va_end(arguments);
	if (length < 0)
		return report_errno(report, NULL, NULL, ENOMEM);
	snprintf(hint, sizeof(hint), "see 'iommuctl %s%s--help'", command, *command ? " " : "");
	failure.message = message;
	failure.status = report_failure(report, &failure);
	free(message);
	return failure.status;
}

/* All causes or all remedies of @error in one string, after @first; the caller frees it. */
static char *join_explanations(const struct iommuctl_error *error, const char *first, bool remedies)
{
	const char *separator = first ? ": " : "";
	struct memory_text text;
	FILE *stream = memory_text_open(&text);

	if (!stream)
		return NULL;
	fputs(first ? first : "", stream);
	for (size_t i = 0; i < error->explanation_count; i++) {
		const struct iommuctl_explanation *explanation = &error->explanation[i];
		const char *part = remedies ? explanation->remedy : explanation->cause;

		if (part) {
			fprintf(stream, "%s%s", separator, part);
			separator = "; or: ";
		}
	}
	return memory_text_close(&text);
}

static void say_error_as_json(
	struct report *report, const struct failure *failure, const struct iommuctl_error *error)
{
	char *message = join_explanations(error, failure->message, false);
	char *hint = join_explanations(error, NULL, true);
	struct failure whole = *failure;

	whole.message = message;
	whole.hint = hint && *hint ? hint : NULL;
	report_failure(report, &whole);
	free(hint);
	free(message);
}

static void say_error_as_text(
	struct report *report, const struct failure *failure, const struct iommuctl_error *error)
{
	const char *label = error->explanation_count > 1 ? "possible cause" : "cause";

	say_head(report, failure);
	for (size_t i = 0; i < error->explanation_count; i++) {
		say_labelled(report->err, label, error->explanation[i].cause);
		say_labelled(report->err, "hint", error->explanation[i].remedy);
	}
}

enum exit_status report_error(
	struct report *report, const struct iommuctl_error *error, const char *object, const char *path)
{
	struct failure failure = {
		.status = status_of_errno(error->code),
		.code = errno_name(error->code),
		.operation = error->operation,
		.object = object,
		.path = path,
		.message = strerror(error->code),
	};
	char both[256];

	if (object && *error->object) {
		snprintf(both, sizeof(both), "%s (%s)", object, error->object);
		failure.object = both;
	} else if (*error->object) {
		failure.object = error->object;
	}
	if (memory_take_failure())
		return report_out_of_memory(report);
	if (report->json)
		say_error_as_json(report, &failure, error);
	else
		say_error_as_text(report, &failure, error);
	return failure.status;
}

enum exit_status report_last_error(
	struct report *report, struct iommuctl *ctx, const char *object, int error)
{
	const struct iommuctl_error *last = iommuctl_last_error(ctx);

	if (last && last->code == -error)
		return report_error(report, last, object, NULL);
	return report_errno(report, report->command, object, error);
}

enum exit_status report_errno(
	struct report *report, const char *operation, const char *object, int error)
{
	return report_failure(report, &(struct failure){
					      .status = status_of_errno(error),
					      .code = errno_name(error),
					      .operation = operation,
					      .object = object,
					      .message = strerror(abs(error)),
				      });
}

enum exit_status status_of_errno(int error)
{
	switch (abs(error)) {
	case EPERM:
	case EACCES: return STATUS_NO_PERMISSION;
	case ENOTTY:
	case ENOSYS:
	case EOPNOTSUPP: return STATUS_UNSUPPORTED;
	default: return STATUS_FAILED;
	}
}
