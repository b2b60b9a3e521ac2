// SPDX-License-Identifier: MIT
/* Numbers, which JSON alone does not have as large or as readable as documents do here. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "document/tree.h"
#include "document/parse_value.h"
#include "document/scan.h"
#include "document/value.h"

#define NUMBER_WANTED "must be a number, or a string such as \"0x1000\" or \"16M\""

/* As the document writes it: the text of the value at @path, cut to what fits. */
static const char *written(
	const struct parser *parser, const struct document_path *path, char *text, size_t size)
{
	struct scan scan = { .end = parser->document->text + parser->document->size };

	text[0] = '\0';
	if (document_problem_is_full(parser->problem))
		return text;
	scan.at = parse_at(parser, path);
	text_append(text, size, "%.*s", (int)scan_word(&scan), scan.at);
	return text;
}

static int parse_real(
	struct parser *parser, double value, const struct document_path *path, uint64_t *number)
{
	char text[48], hint[96] = "";

	if (value_is_whole(value)) {
		*number = (uint64_t)value;
		return 0;
	}
	written(parser, path, text, sizeof(text));
	if (value < 0)
		return parse_fail(parser, path, "is %s; must not be negative", text);
	if (value < 0x1p63)
		return parse_fail(parser, path, "is %s; must be a whole number", text);
	if (value < 0x1p64)
		snprintf(hint, sizeof(hint), "\"0x%" PRIx64 "\" as a string takes 64 bits", (uint64_t)value);
	return parse_fail_hint(parser, path, hint,
		"is %s; a number that is not a string is 9223372036854775807 at most", text);
}

/* What a number is that no JSON number here can be, or null. */
static int fail_null(struct parser *parser, const struct document_path *path)
{
	char text[48], hint[96] = "";
	uint64_t value;

	written(parser, path, text, sizeof(text));
	if (!document_is_number(text))
		return parse_fail(parser, path, NUMBER_WANTED ", not null");
	if (*text == '-')
		return parse_fail(parser, path, "is %s; must not be negative", text);
	if (value_parse_number(text, &value))
		return parse_fail(parser, path, "is too large for 64 bits");
	snprintf(hint, sizeof(hint), "\"%s\" as a string takes 64 bits", text);
	return parse_fail_hint(parser, path, hint,
		"is %s; a number that is not a string is 9223372036854775807 at most", text);
}

static int fail_string(struct parser *parser, const struct document_path *path, const char *string)
{
	struct value_fault fault;
	char hint[96] = "";

	if (!value_explain(string, &fault))
		return parse_fail(parser, path, NUMBER_WANTED ", not \"%s\"", string);
	if (*fault.instead)
		snprintf(hint, sizeof(hint), "write \"%s\"", fault.instead);
	if (!*string)
		return parse_fail_hint(
			parser, path, "such as \"0x1000\" or \"16M\"", "%s", fault.why);
	return parse_fail_hint(parser, path, hint, "\"%.64s\": %s", string, fault.why);
}

int parse_number(
	struct parser *parser, const json_t *json, const struct document_path *path, uint64_t *number)
{
	const char *string = json_string_value(json);
	int err;

	if (json_is_integer(json) && json_integer_value(json) < 0)
		return parse_fail(parser, path, "is %" JSON_INTEGER_FORMAT "; must not be negative",
			json_integer_value(json));
	if (json_is_integer(json)) {
		*number = (uint64_t)json_integer_value(json);
		return 0;
	}
	if (json_is_real(json))
		return parse_real(parser, json_real_value(json), path, number);
	if (json_is_null(json))
		return fail_null(parser, path);
	if (!string)
		return parse_fail(parser, path, NUMBER_WANTED ", not %s", parse_kind(parser, json, path));
	err = value_parse_number(string, number);
	if (err == -ERANGE)
		return parse_fail(parser, path, "is too large for 64 bits");
	return err ? fail_string(parser, path, string) : 0;
}

int parse_number_key(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct document_path *path, uint64_t *number)
{
	const uint64_t max = key->max ? key->max : DOCUMENT_UNSET - 1;
	char is[48], low[VALUE_TEXT_SIZE], high[VALUE_TEXT_SIZE];
	int err = parse_number(parser, json, path, number);

	if (err || (*number >= key->min && *number <= max))
		return err;
	if (json_is_string(json))
		snprintf(is, sizeof(is), "%.40s", json_string_value(json));
	else
		snprintf(is, sizeof(is), "%" PRIu64, *number);
	value_print_bound(key->min, key->bytes, low);
	value_print_bound(max, key->bytes, high);
	if (key->min == max)
		return parse_fail(parser, path, "is %s; must be %s", is, low);
	return parse_fail(parser, path, "is %s; must be from %s to %s", is, low, high);
}

int parse_numbers_key(struct parser *parser, const json_t *json, const struct schema_key *key,
	const struct document_path *path, struct document_list *list)
{
	size_t count = json_array_size(json);
	uint64_t *numbers;
	int err = 0;

	if (!json_is_array(json))
		return parse_fail(parser, path, "must be an array of %" PRIu64 " numbers, not %s",
			key->max, parse_kind(parser, json, path));
	if (count < key->min || count > key->max)
		return parse_fail(parser, path, "must be an array of %" PRIu64 " numbers; it has %zu",
			key->max, count);
	numbers = document_alloc(parser->document, count, sizeof(*numbers));
	if (!numbers)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		struct document_path place = { .parent = path, .index = i };

		if (!document_goes_on(&err,
			parse_number(parser, json_array_get(json, i), &place, &numbers[i])))
			return err;
	}
	*list = (struct document_list){ numbers, count };
	return err;
}
