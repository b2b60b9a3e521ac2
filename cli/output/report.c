// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "report.h"
#include "report_json.h"
#include "text.h"

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

/* Consoles that write all down, and the old terminals that they pass for, as serial ones do. */
static bool is_plain_terminal(const char *term)
{
	const char *variant = strrchr(term, '-');

	if (!*term || !strcmp(term, "dumb") || !strcmp(term, "unknown"))
		return true;
	if (!strncmp(term, "vt", 2) && isdigit((unsigned char)term[2]))
		return true;
	return variant && (!strcmp(variant, "-m") || !strcmp(variant, "-mono"));
}

/* The one rule, for bold text as for colours. */
static bool wants_color(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return (!no_color || !*no_color) && isatty(fileno(stream)) && term && !is_plain_terminal(term);
}

void report_start(struct report *report)
{
	memory_watch_json();
	*report = (struct report){
		.out = stdout,
		.err = stderr,
		.color_err = wants_color(stderr),
	};
}

/* Says once that standard output is lost. A reader that has gone had enough: no failure, and no word. */
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
	report_failure(report, &(struct failure){
		.status = STATUS_FAILED,
		.code = errno_name(error),
		.operation = "write",
		.object = name,
		.message = strerror(error),
	});
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
	int error;

	if (memory_take_failure())
		report_out_of_memory(report);
	error = report_close_stream(report->out);
	if (error)
		lose_out(report, error);
	if (report->memory_lost || (report->output_lost && status == STATUS_DONE))
		return STATUS_FAILED;
	return status;
}

static void flush_out(struct report *report)
{
	if (fflush(report->out))
		lose_out(report, errno);
}

enum exit_status report_out_of_memory(struct report *report)
{
	static const char envelope[] =
		"{\"iommuctl\":1,\"error\":{\"code\":\"ENOMEM\",\"operation\":null,\"object\":null,"
		"\"message\":\"out of memory\",\"hint\":null,\"causes\":[],\"hints\":[]}}\n";

	if (!report->memory_lost && report->json)
		fputs(envelope, report->out);
	else if (!report->memory_lost)
		fputs("iommuctl: out of memory (ENOMEM)\n", report->err);
	report->memory_lost = true;
	memory_take_failure(); /* that is what has been said */
	flush_out(report);
	return STATUS_FAILED;
}

void report_json(struct report *report, const char *kind, json_t *value)
{
	json_t *envelope = json_pack("{s:i, s:o}", "iommuctl", 1, kind, value);
	char *line = envelope ? json_dumps(envelope, JSON_COMPACT) : NULL;

	if (line && !memory_take_failure()) {
		text_print_json(report->out, line);
		fputc('\n', report->out);
		flush_out(report);
	} else {
		report_out_of_memory(report);
	}
	free(line);
	json_decref(envelope);
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
	text_print(stream, text, 0);
	fputc('\n', stream);
	free(text);
}

void report_result(struct report *report, const char *kind, json_t *value, const char *format, ...)
{
	va_list arguments;

	if (report->json) {
		report_json(report, kind, value);
		return;
	}
	json_decref(value);
	if (memory_take_failure()) {
		report_out_of_memory(report);
		return;
	}
	va_start(arguments, format);
	say_text(report, report->out, format, arguments);
	va_end(arguments);
	flush_out(report);
}

void report_lines(struct report *report, const char *kind, json_t *value, const char *text)
{
	if (report->json) {
		report_json(report, kind, value);
		return;
	}
	json_decref(value);
	if (memory_take_failure()) {
		report_out_of_memory(report);
		return;
	}
	text_print(report->out, text, TEXT_LINES);
	fputc('\n', report->out);
	flush_out(report);
}

void report_note(struct report *report, const char *format, ...)
{
	va_list arguments;

	if (report->json)
		return;
	va_start(arguments, format);
	say_text(report, report->err, format, arguments);
	va_end(arguments);
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
		return report_out_of_memory(report);
	snprintf(hint, sizeof(hint), "see 'iommuctl %s%s--help'", command, *command ? " " : "");
	failure.message = message;
	failure.status = report_failure(report, &failure);
	free(message);
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
