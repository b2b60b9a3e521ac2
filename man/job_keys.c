// SPDX-License-Identifier: MIT
#include "job_keys.h"

#include <stdlib.h>
#include <string.h>

#include "document/value.h"
#include "job/schema/schema.h"
#include "roff.h"

#define SHAPES_MAX 128

/* The shapes that a job is made of, each once, in the order of first mention. */
struct shape_list {
	const struct schema_shape *shape[SHAPES_MAX];
	size_t count;
};

static void collect_shapes(struct shape_list *list, const struct schema_shape *shape)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->shape[i]->name, shape->name) == 0)
			return;
	}
	if (list->count == SHAPES_MAX)
		abort();
	list->shape[list->count++] = shape;
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (key->shape)
			collect_shapes(list, key->shape);
	}
}

static void write_choices(FILE *stream, const struct schema_choice *choices)
{
	const char *gap = "";

	for (; choices->name; choices++) {
		fputs(gap, stream);
		roff_text(stream, choices->name);
		gap = ", ";
	}
}

static void write_type(FILE *stream, const struct schema_key *key)
{
	switch (key->type) {
	case SCHEMA_NUMBER: fputs("number", stream); break;
	case SCHEMA_BOOL: fputs("true or false", stream); break;
	case SCHEMA_STRING: fputs("string", stream); break;
	case SCHEMA_TEXT: fprintf(stream, "string of 1 to %d bytes", SCHEMA_BYTES_MAX); break;
	case SCHEMA_HEX:
		fprintf(stream, "string of digits for 1 to %d bytes", SCHEMA_BYTES_MAX);
		break;
	case SCHEMA_UUID: fputs("UUID", stream); break;
	case SCHEMA_REF:
		fputs("name of one of ", stream);
		roff_text(stream, schema_collection(&schema_job, key->collection)->name);
		break;
	case SCHEMA_CHOICE:
		fputs("one of ", stream);
		write_choices(stream, key->choices);
		break;
	case SCHEMA_SET:
		fputs("letters of ", stream);
		write_choices(stream, key->choices);
		break;
	case SCHEMA_NUMBERS: fputs("array of numbers", stream); break;
	case SCHEMA_OBJECT:
		roff_text(stream, key->shape->name);
		if (key->choices)
			fputs(", or one of ", stream);
		if (key->choices)
			write_choices(stream, key->choices);
		break;
	case SCHEMA_ARRAY:
		fputs("array of ", stream);
		roff_text(stream, key->shape->name);
		break;
	case SCHEMA_TREE: fputs("object", stream); break;
	case SCHEMA_NAMED:
		fputs("object: names, each with ", stream);
		roff_text(stream, key->shape->name);
		break;
	}
}

static void write_number(
	FILE *stream, const struct schema_key *key, const char *title, uint64_t number)
{
	char text[VALUE_TEXT_SIZE];

	fprintf(stream, "; %s %s", title, value_print_bound(number, key->bytes, text));
}

static void write_bounds(FILE *stream, const struct schema_key *key)
{
	if (key->min && key->min == key->max) {
		write_number(stream, key, "exactly", key->min);
		return;
	}
	if (key->min)
		write_number(stream, key, "at least", key->min);
	if (key->max)
		write_number(stream, key, "at most", key->max);
}

/* The names of the choices that make up the fallback of a choice or a set; it may have none. */
static void write_chosen(FILE *stream, const struct schema_key *key)
{
	const char *gap = "; default ";

	for (const struct schema_choice *choice = key->choices; choice->name; choice++) {
		if (key->type == SCHEMA_CHOICE ? choice->value != key->fallback
					       : !(choice->value & key->fallback))
			continue;
		fputs(gap, stream);
		roff_text(stream, choice->name);
		gap = "";
	}
}

static void write_fallback(FILE *stream, const struct schema_key *key)
{
	if (key->required || key->group)
		return;
	if (key->choices) {
		write_chosen(stream, key);
	} else if (key->type == SCHEMA_BOOL) {
		fprintf(stream, "; default %s", key->fallback ? "true" : "false");
	} else if (key->type == SCHEMA_NUMBER && key->fallback >= key->min &&
		   key->fallback != DOCUMENT_UNSET) {
		write_number(stream, key, "default", key->fallback);
	}
}

static void write_key(FILE *stream, const struct schema_key *key)
{
	roff_term(stream, key->name, key->help);
	fputc('(', stream);
	write_type(stream, key);
	write_bounds(stream, key);
	write_fallback(stream, key);
	fputs(key->required ? "; required)\n" : ")\n", stream);
}

/* "Exactly one of a, b, c." for each group of keys that exclude each other. */
static void write_groups(FILE *stream, const struct schema_shape *shape)
{
	uint8_t last = 0;

	for (const struct schema_key *key = shape->keys; key->name; key++)
		last = key->group > last ? key->group : last;
	for (uint8_t group = 1; group <= last; group++) {
		const char *gap = ".PP\nExactly one of ";

		for (const struct schema_key *key = shape->keys; key->name; key++) {
			if (key->group != group)
				continue;
			fprintf(stream, "%s\\fB\\%%", gap);
			roff_text(stream, key->name);
			fputs("\\fR", stream);
			gap = ", ";
		}
		fputs(" must be given.\n", stream);
	}
}

/* A word of a list, not to be hyphenated. */
static void write_word(FILE *stream, const char **gap, const char *word)
{
	fprintf(stream, "%s\\%%", *gap);
	roff_text(stream, word);
	*gap = ",\n";
}

static void write_fields(FILE *stream, const struct schema_shape *shape)
{
	const struct schema_structure *structure = shape->fields->structure;
	struct schema_field field;
	const char *gap = "";
	char key[64];

	fputs(".PP\nFurther keys are the fields of the ", stream);
	roff_text(stream, structure->name);
	fputs(", whose values are numbers, names as shown by iommuctl decode, in lower case, or "
	      "for one bit true and false:\n",
		stream);
	for (size_t i = 0; structure->field(i, &field); i++) {
		if (schema_has_own_field(shape, i, &field))
			write_word(stream, &gap, schema_lower_case(field.name, key, sizeof(key)));
	}
	fputs(".\n", stream);
}

/* @omitted: a key to leave out, or NULL. */
static void write_shape(FILE *stream, const struct schema_shape *shape, const char *omitted)
{
	roff_subsection(stream, shape->name);
	roff_text(stream, shape->help);
	fputc('\n', stream);
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (!omitted || strcmp(key->name, omitted) != 0)
			write_key(stream, key);
	}
	write_groups(stream, shape);
	if (shape->fields)
		write_fields(stream, shape);
}

/* The names that a codec has for numbers of 8 bits. */
void write_names(FILE *stream, const char *title, const char *(*name_of)(uint8_t number))
{
	const char *gap = "";

	roff_subsection(stream, title);
	for (unsigned int number = 0; number <= UINT8_MAX; number++) {
		const char *name = name_of((uint8_t)number);

		if (name)
			write_word(stream, &gap, name);
	}
	fputs(".\n", stream);
}

void write_shapes(FILE *stream, const struct schema_shape *root, const char *omitted)
{
	struct shape_list list = { 0 };

	collect_shapes(&list, root);
	for (size_t i = 0; i < list.count; i++)
		write_shape(stream, list.shape[i], i ? NULL : omitted);
}
