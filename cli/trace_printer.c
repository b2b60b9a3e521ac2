// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/memory.h"
#include "output/open_file.h"
#include "output/stream.h"
#include "output/text.h"
#include "trace_printer.h"

struct trace_printer {
	struct report *report;
	char *path; /* NULL: standard error */
	FILE *stream;
	bool lost; /* a line could not be written, and that was reported */
};

int trace_printer_new(const char *path, struct report *report, struct trace_printer **printer)
{
	struct trace_printer *created = calloc(1, sizeof(*created));
	int err = -ENOMEM;

	if (!created)
		return -ENOMEM;
	created->report = report;
	created->stream = report->err;
	if (*path) {
		created->path = strdup(path);
		if (!created->path)
			goto free_created;
		err = open_file_stream_to_write(path, &created->stream);
		if (err)
			goto free_path;
	}
	*printer = created;
	return 0;

free_path:
	free(created->path);
free_created:
	free(created);
	return err;
}

static void lose(struct trace_printer *printer, int error)
{
	if (!printer->lost)
		report_lost_output(
			printer->report, printer->path ? printer->path : "standard error", error);
	printer->lost = true;
}

void trace_printer_free(struct trace_printer *printer)
{
	int error;

	if (!printer)
		return;
	error = printer->path ? stream_close(printer->stream) : 0;
	if (error)
		lose(printer, error);
	free(printer->path);
	free(printer);
}

static json_t *field_to_json(const struct iommuctl_trace_field *field)
{
	switch (field->format) {
	case IOMMUCTL_TRACE_TEXT:
	case IOMMUCTL_TRACE_STRING: return text_to_json(field->text);
	case IOMMUCTL_TRACE_SIGNED: return json_integer((json_int_t)field->value);
	case IOMMUCTL_TRACE_NAMED:
		return json_pack("{s:o, s:o}", "value", hex_to_json(field->value), "name",
			text_to_json(field->text));
	case IOMMUCTL_TRACE_DECIMAL:
		if (field->value <= INT64_MAX)
			return json_integer((json_int_t)field->value);
		break;
	case IOMMUCTL_TRACE_HEX: break;
	}
	return hex_to_json(field->value);
}

/* Items of a list come as fields of the same name: make an array of them. */
static void add_field(json_t *object, const char *name, json_t *value)
{
	json_t *known = json_object_get(object, name);

	if (!known)
		json_object_set_new(object, name, value);
	else if (json_is_array(known))
		json_array_append_new(known, value);
	else
		json_object_set_new(object, name, json_pack("[O, o]", known, value));
}

static json_t *fields_to_json(const struct iommuctl_trace_field *fields, size_t count)
{
	json_t *object = json_object();

	for (size_t i = 0; i < count; i++)
		add_field(object, fields[i].name, field_to_json(&fields[i]));
	return object;
}

static char *format_json(const struct iommuctl_trace_record *record)
{
	const char *error = record->result < 0 ? errno_name((int)record->result) : NULL;
	json_t *trace = json_pack("{s:i, s:{s:I, s:s, s:i, s:o, s:o, s:I, s:s?, s:I}}", "iommuctl",
		1, "trace", "sequence", (json_int_t)record->sequence, "call", record->call, "fd",
		record->fd, "in", fields_to_json(record->in, record->in_count), "out",
		fields_to_json(record->out, record->out_count), "result",
		(json_int_t)record->result, "errno", error, "nanoseconds",
		(json_int_t)record->nanoseconds);
	char *line = trace ? json_dumps(trace, JSON_COMPACT) : NULL;

	json_decref(trace);
	if (!memory_take_failure())
		return line;
	free(line);
	return NULL;
}

static char *format_text(const struct iommuctl_trace_record *record)
{
	int length = iommuctl_trace_format(record, NULL, 0);
	char *line = length < 0 ? NULL : malloc((size_t)length + 1);

	if (line)
		iommuctl_trace_format(record, line, (size_t)length + 1);
	return line;
}

/* One write per line: neither SIGKILL nor another writer of the file can split it. */
static int write_line(FILE *stream, const char *line, bool is_json)
{
	struct memory_text text;
	FILE *memory = memory_text_open(&text);
	char *whole;
	int error = 0;

	if (!memory)
		return ENOMEM;
	if (is_json)
		fputs(line, memory);
	else
		text_print(memory, line, 0);
	fputc('\n', memory);
	whole = memory_text_close(&text);
	if (!whole)
		error = ENOMEM;
	else if (fputs(whole, stream) == EOF || fflush(stream))
		error = errno;
	free(whole);
	return error;
}

void trace_printer_receive(const struct iommuctl_trace_record *record, void *printer)
{
	struct trace_printer *self = printer;
	const bool json = self->report->json;
	char *line = json ? format_json(record) : format_text(record);
	int error = line ? write_line(self->stream, line, json) : ENOMEM;

	free(line);
	if (error == ENOMEM)
		report_out_of_memory(self->report);
	else if (error)
		lose(self, error);
}
