/* SPDX-License-Identifier: MIT */
/* A bounded list of traced fields with the text that they need. */
#ifndef LIBIOMMUCTL_DECORATORS_TRACE_FIELDS_H
#define LIBIOMMUCTL_DECORATORS_TRACE_FIELDS_H

#include <iommuctl/transport.h>

#define TRACE_FIELDS_MAX 48
#define TRACE_TEXT_MAX	 6144

/* The number of items shown of a list in an argument. */
#define TRACE_ITEMS_MAX 8

struct trace_name {
	uint64_t value;
	const char *name; /* NULL ends a table */
};

/* Fields that do not fit are left out; text is cut. */
struct trace_fields {
	struct iommuctl_trace_field field[TRACE_FIELDS_MAX];
	size_t count;
	char text[TRACE_TEXT_MAX];
	size_t used;
};

void trace_fields_init(struct trace_fields *fields);

/* @format is DECIMAL, SIGNED or HEX. */
void trace_add_value(struct trace_fields *fields, const char *name,
	enum iommuctl_trace_format format, uint64_t value);
/* Shows a value that has no name in @names as a number. */
void trace_add_enum(struct trace_fields *fields, const char *name, const struct trace_name *names,
	uint64_t value);
/* Joins the names of the set bits, and shows the others as a number. */
void trace_add_flags(struct trace_fields *fields, const char *name, const struct trace_name *names,
	uint64_t value);
/* @text must outlive @fields. */
void trace_add_string(struct trace_fields *fields, const char *name, const char *text);
void trace_add_text(struct trace_fields *fields, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Shows how many items of a list are left out, unless that is 0. */
void trace_add_more(struct trace_fields *fields, uint64_t hidden);

/*
 * For printers that work as snprintf(3) does: they may write to @room bytes at the returned place,
 * and trace_add_printed() then makes a field of what they wrote.
 */
char *trace_text_room(struct trace_fields *fields, size_t *room);
void trace_add_printed(struct trace_fields *fields, const char *name, size_t length);

#endif
