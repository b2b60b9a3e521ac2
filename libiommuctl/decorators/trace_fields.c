// SPDX-License-Identifier: MIT
#include "decorators/trace_fields.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/text.h"

void trace_fields_init(struct trace_fields *fields)
{
	fields->count = 0;
	fields->used = 0;
}

static void add_field(struct trace_fields *fields, const struct iommuctl_trace_field *field)
{
	if (fields->count < TRACE_FIELDS_MAX)
		fields->field[fields->count++] = *field;
}

void trace_add_value(struct trace_fields *fields, const char *name,
	enum iommuctl_trace_format format, uint64_t value)
{
	struct iommuctl_trace_field field = { .name = name, .format = format, .value = value };

	add_field(fields, &field);
}

void trace_add_enum(struct trace_fields *fields, const char *name, const struct trace_name *names,
	uint64_t value)
{
	struct iommuctl_trace_field field = { .name = name, .value = value };

	while (names->name && names->value != value)
		names++;
	field.format = names->name ? IOMMUCTL_TRACE_NAMED : IOMMUCTL_TRACE_DECIMAL;
	field.text = names->name;
	add_field(fields, &field);
}

char *trace_text_room(struct trace_fields *fields, size_t *room)
{
	*room = TRACE_TEXT_MAX - fields->used;
	return fields->text + fields->used;
}

/* Takes the text of @length that was written to the room; if cut, it still ends with NUL. */
static const char *take_text(struct trace_fields *fields, size_t length)
{
	const char *text = fields->text + fields->used;
	size_t room = TRACE_TEXT_MAX - fields->used;

	if (!room)
		return "";
	fields->used += length < room ? length + 1 : room;
	return text;
}

void trace_add_printed(struct trace_fields *fields, const char *name, size_t length)
{
	struct iommuctl_trace_field field = { .name = name, .format = IOMMUCTL_TRACE_TEXT };

	field.text = take_text(fields, length);
	add_field(fields, &field);
}

void trace_add_flags(struct trace_fields *fields, const char *name, const struct trace_name *names,
	uint64_t value)
{
	struct iommuctl_trace_field field = {
		.name = name, .format = IOMMUCTL_TRACE_NAMED, .value = value
	};
	struct text text = { 0 };
	uint64_t rest = value;

	if (!value) {
		trace_add_enum(fields, name, names, 0);
		return;
	}
	text.at = trace_text_room(fields, &text.size);
	for (; names->name; names++) {
		if (!names->value || (rest & names->value) != names->value)
			continue;
		rest &= ~names->value;
		text_add(&text, "%s%s", text.length ? "|" : "", names->name);
	}
	if (rest)
		text_add(&text, "%s0x%" PRIx64, text.length ? "|" : "", rest);
	field.text = take_text(fields, text.length);
	add_field(fields, &field);
}

void trace_add_string(struct trace_fields *fields, const char *name, const char *text)
{
	struct iommuctl_trace_field field = {
		.name = name, .format = IOMMUCTL_TRACE_STRING, .text = text
	};

	add_field(fields, &field);
}

void trace_add_text(struct trace_fields *fields, const char *name, const char *format, ...)
{
	va_list args;
	size_t room;
	char *at = trace_text_room(fields, &room);
	int length;

	va_start(args, format);
	length = vsnprintf(at, room, format, args);
	va_end(args);
	trace_add_printed(fields, name, length < 0 ? 0 : (size_t)length);
}

void trace_add_more(struct trace_fields *fields, uint64_t hidden)
{
	if (hidden)
		trace_add_value(fields, "more", IOMMUCTL_TRACE_DECIMAL, hidden);
}
