// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/schema.h"
#include "pages.h"
#include "roff.h"

#define SHAPES_MAX 64

/* The shapes that a job is made of, each once, in the order in which they are first spoken of. */
struct shape_list {
	const struct schema_shape *shape[SHAPES_MAX];
	size_t count;
};

static void collect_shapes(struct shape_list *list, const struct schema_shape *shape)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->shape[i] == shape)
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

static void write_number(FILE *stream, uint64_t number)
{
	if (number < 100000)
		fprintf(stream, "%" PRIu64, number);
	else
		fprintf(stream, "0x%" PRIx64, number);
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
	case SCHEMA_TEXT: fputs("text", stream); break;
	case SCHEMA_HEX: fputs("hexadecimal digits", stream); break;
	case SCHEMA_REF:
		fputs("name of one of ", stream);
		roff_text(stream, job_collection_name(key->collection));
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
	case SCHEMA_OBJECT: roff_text(stream, key->shape->name); break;
	case SCHEMA_ARRAY:
		fputs("array of ", stream);
		roff_text(stream, key->shape->name);
		break;
	case SCHEMA_NAMED:
		fputs("object: names, each with ", stream);
		roff_text(stream, key->shape->name);
		break;
	}
}

static void write_bound(FILE *stream, const char *title, uint64_t bound)
{
	if (!bound)
		return;
	fprintf(stream, "; %s ", title);
	write_number(stream, bound);
}

static void write_bounds(FILE *stream, const struct schema_key *key)
{
	if (key->min == key->max) {
		write_bound(stream, "exactly", key->min);
		return;
	}
	write_bound(stream, "at least", key->min);
	write_bound(stream, "at most", key->max);
}

/* The names of the choices that make up the fallback of a choice or a set. */
static void write_chosen(FILE *stream, const struct schema_key *key)
{
	for (const struct schema_choice *choice = key->choices; choice->name; choice++) {
		if (key->type == SCHEMA_CHOICE ? choice->value == key->fallback
					       : choice->value & key->fallback)
			roff_text(stream, choice->name);
	}
}

static void write_fallback(FILE *stream, const struct schema_key *key)
{
	if (key->required || key->group)
		return;
	if (key->choices && (key->fallback || key->type == SCHEMA_CHOICE)) {
		fputs("; default ", stream);
		write_chosen(stream, key);
	} else if (key->type == SCHEMA_BOOL) {
		fprintf(stream, "; default %s", key->fallback ? "true" : "false");
	} else if (key->type == SCHEMA_NUMBER && key->fallback && key->fallback != JOB_UNSET) {
		write_bound(stream, "default", key->fallback);
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
		fputs(" is to be given.\n", stream);
	}
}

static void write_fields(FILE *stream, const struct schema_fields *fields)
{
	size_t count;
	const struct iommuctl_smmuv3_field *table = fields->table(&count);

	fputs(".PP\nFurther keys are the fields of the ", stream);
	roff_text(stream, fields->structure);
	fputs(", whose values are numbers, or names as iommuctl decode shows them, in lower case:\n", stream);
	for (size_t i = 0; i < count; i++) {
		char key[64];

		fputs("\\%", stream);
		roff_text(stream, schema_lower_case(table[i].name, key, sizeof(key)));
		fputs(i + 1 < count ? ",\n" : ".\n", stream);
	}
}

static void write_shape(FILE *stream, const struct schema_shape *shape)
{
	roff_subsection(stream, shape->name);
	roff_text(stream, shape->help);
	fputc('\n', stream);
	for (const struct schema_key *key = shape->keys; key->name; key++)
		write_key(stream, key);
	write_groups(stream, shape);
	if (shape->fields)
		write_fields(stream, shape->fields);
}

void write_job_page(FILE *stream)
{
	struct shape_list list = { 0 };

	collect_shapes(&list, &schema_job);
	roff_page(stream, "iommuctl-job", 5, "job documents of iommuctl");
	roff_section(stream, "DESCRIPTION");
	roff_paragraphs(stream,
		"A job is one JSON object that says what to set up, by name and in any order, "
		"and what to do then. 'iommuctl run' sets all of it up or nothing; 'iommuctl "
		"plan' shows the order of operations; 'iommuctl validate' looks for mistakes "
		"and touches nothing. Unknown keys are mistakes.\n\n"
		"A number is a JSON number or a string: \"4096\", \"0x1000\", \"4K\". The "
		"suffixes K, M, G and T stand for powers of 1024.\n\n"
		"'iommuctl schema' prints the same as a JSON Schema.");
	roff_section(stream, "OBJECTS");
	for (size_t i = 0; i < list.count; i++)
		write_shape(stream, list.shape[i]);
	roff_section(stream, "EXAMPLE");
	roff_paragraphs(stream,
		"A memory, a device, and a nesting parent for it:\n\n"
		"  {\n"
		"    \"iommuctl\": 1,\n"
		"    \"memory\": { \"ram\": { \"size\": \"16M\", \"ipa\": \"0x40000000\" } },\n"
		"    \"devices\": { \"nic\": { \"pci\": \"0000:00:01.0\" } },\n"
		"    \"ioas\": { \"guest\": { \"map\": [ { \"memory\": \"ram\" } ] } },\n"
		"    \"hwpts\": {\n"
		"      \"s2\": { \"device\": \"nic\", \"ioas\": \"guest\",\n"
		"              \"nest-parent\": true }\n"
		"    },\n"
		"    \"attach\": [ { \"device\": \"nic\", \"hwpt\": \"s2\" } ]\n"
		"  }");
	roff_section(stream, "SEE ALSO");
	fputs(".BR iommuctl (1)\n", stream);
}
