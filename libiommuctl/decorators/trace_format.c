// SPDX-License-Identifier: MIT
#include <iommuctl/transport.h>

#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "core/text.h"

/* Quotes the text, and escapes everything that a terminal could interpret. */
static void add_quoted(struct text *line, const char *text)
{
	text_add(line, "\"");
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			text_add(line, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			text_add(line, "\\x%02x", c);
		else
			text_add(line, "%c", c);
	}
	text_add(line, "\"");
}

static void add_field(struct text *line, const struct iommuctl_trace_field *field)
{
	text_add(line, "%s=", field->name);
	switch (field->format) {
	case IOMMUCTL_TRACE_DECIMAL: text_add(line, "%" PRIu64, field->value); break;
	case IOMMUCTL_TRACE_SIGNED: text_add(line, "%" PRId64, (int64_t)field->value); break;
	case IOMMUCTL_TRACE_HEX: text_add(line, "0x%" PRIx64, field->value); break;
	case IOMMUCTL_TRACE_NAMED: text_add(line, "%s", field->text); break;
	case IOMMUCTL_TRACE_TEXT: text_add(line, "{%s}", field->text); break;
	case IOMMUCTL_TRACE_STRING: add_quoted(line, field->text); break;
	}
}

static void add_fields(struct text *line, const struct iommuctl_trace_field *fields, size_t count,
	const char *separator)
{
	for (size_t i = 0; i < count; i++) {
		text_add(line, "%s", separator);
		add_field(line, &fields[i]);
		separator = ", ";
	}
}

static void add_result(struct text *line, int64_t result)
{
	const char *name;

	if (result >= 0) {
		text_add(line, " = %" PRId64, result);
		return;
	}
	name = result >= -INT_MAX ? strerrorname_np((int)-result) : NULL;
	if (name)
		text_add(line, " = -1 %s (%s)", name, strerrordesc_np((int)-result));
	else
		text_add(line, " = %" PRId64, result);
}

int iommuctl_trace_format(const struct iommuctl_trace_record *record, char *line, size_t size)
{
	struct text text = { .at = line, .size = size };

	text_add(&text, "%5" PRIu64 " %s(", record->sequence, record->call);
	if (record->fd >= 0)
		text_add(&text, "%d", record->fd);
	add_fields(&text, record->in, record->in_count, record->fd >= 0 ? ", " : "");
	text_add(&text, ")");
	add_result(&text, record->result);
	add_fields(&text, record->out, record->out_count, " \u2192 ");
	text_add(&text, " <%" PRIu64 ".%06" PRIu64 ">", record->nanoseconds / 1000000000,
		record->nanoseconds / 1000 % 1000000);
	return text.length > INT_MAX ? INT_MAX : (int)text.length;
}
