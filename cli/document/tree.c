// SPDX-License-Identifier: MIT
/* Builds the tree of a text that is known to be well-formed: checks nothing again. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "document/node.h"
#include "document/scan.h"

/* A key that has been read: the same few come again and again. */
struct known_key {
	const char *text;
	size_t length;
};

struct reader {
	struct document *document;
	struct scan scan;
	struct known_key keys[64];
};

static struct document_node *read_value(struct reader *reader, const struct document_path *path);

static size_t encode(uint32_t code_point, char *text)
{
	size_t more = code_point < 0x80 ? 0 : code_point < 0x800 ? 1 : code_point < 0x10000 ? 2 : 3;
	static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };

	text[0] = (char)(first[more] | code_point >> (6 * more));
	for (size_t i = 1; i <= more; i++)
		text[i] = (char)(0x80 | (code_point >> (6 * (more - i)) & 0x3f));
	return more + 1;
}

/* The contents of the string of @length bytes at @start, or NULL. No escape becomes longer. */
static const char *copy_string(struct reader *reader, const char *start, size_t length)
{
	char *text = document_alloc(reader->document, length + 1, 1);
	struct scan inside = { start, reader->scan.end };
	uint32_t code_point;
	size_t used = 0;

	if (!text)
		return NULL;
	if (!memchr(start, '\\', length))
		return memcpy(text, start, length);
	while ((code_point = scan_character(&inside)) != SCAN_END)
		used += encode(code_point, text + used);
	return text;
}

static const char *read_string(struct reader *reader)
{
	const char *start = reader->scan.at + 1;

	scan_string(&reader->scan);
	return copy_string(reader, start, (size_t)(reader->scan.at - 1 - start));
}

static const char *read_key(struct reader *reader)
{
	const char *start = reader->scan.at + 1;
	struct known_key *known;
	size_t length;

	scan_string(&reader->scan);
	length = (size_t)(reader->scan.at - 1 - start);
	known = &reader->keys[(length * 8 + (unsigned char)*start) % ARRAY_SIZE(reader->keys)];
	if (known->text && known->length == length && !memcmp(known->text, start, length))
		return known->text;
	known->text = copy_string(reader, start, length);
	/* A string with escapes is longer in the text. */
	known->length = length;
	return known->text;
}

static enum document_kind word_kind(const char *at)
{
	switch (*at) {
	case 't': return DOCUMENT_TRUE;
	case 'f': return DOCUMENT_FALSE;
	case 'n': return DOCUMENT_NULL;
	default: return DOCUMENT_NUMBER;
	}
}

static bool read_array(
	struct reader *reader, struct document_node *array, const struct document_path *parent)
{
	struct document_node **end = &array->first;

	reader->scan.at++;
	for (scan_gap(&reader->scan); *reader->scan.at != ']'; scan_gap(&reader->scan)) {
		*end = read_value(
			reader, &(struct document_path){ .parent = parent, .index = array->count });
		if (!*end)
			return false;
		end = &(*end)->next;
		array->count++;
	}
	reader->scan.at++;
	return true;
}

/* Sorts by key; the same keys stay in the order of the text. */
static int compare_members(const void *a, const void *b)
{
	const struct document_node *first = *(struct document_node *const *)a;
	const struct document_node *second = *(struct document_node *const *)b;
	int order = strcmp(first->path.key, second->path.key);

	return order ? order : (first->at > second->at) - (first->at < second->at);
}

static struct document_node **sort_members(const struct document_node *object)
{
	struct document_node **sorted = calloc(object->count, sizeof(struct document_node *));
	size_t i = 0;

	if (!sorted)
		return NULL;
	for (struct document_node *member = object->first; member; member = member->next)
		sorted[i++] = member;
	qsort(sorted, object->count, sizeof(struct document_node *), compare_members);
	return sorted;
}

/*
 * The last value counts, in the place of the first. The others lose their text, but not their keys:
 * they stay the parents of what was in them.
 */
static void replace_value(struct document_node *first, struct document_node *last)
{
	first->at = last->at;
	first->kind = last->kind;
	first->count = last->count;
	if (last->kind == DOCUMENT_STRING)
		first->string = last->string;
	else
		first->first = last->first;
	last->at = NULL;
}

static void unlink_left_over(struct document_node *object)
{
	struct document_node **link = &object->first;

	while (*link) {
		if ((*link)->at) {
			link = &(*link)->next;
			continue;
		}
		*link = (*link)->next;
		object->count--;
	}
}

/* An object of so few keys is checked for duplicates without sorting. */
#define FEW_MEMBERS 16

static bool has_few_different(const struct document_node *object)
{
	if (object->count > FEW_MEMBERS)
		return false;
	for (const struct document_node *a = object->first; a; a = a->next) {
		for (const struct document_node *b = a->next; b; b = b->next) {
			if (*a->path.key == *b->path.key && !strcmp(a->path.key, b->path.key))
				return false;
		}
	}
	return true;
}

static bool join_repeated(struct reader *reader, struct document_node *object)
{
	struct document_node **sorted, *first;
	bool repeated = false;

	if (has_few_different(object))
		return true;
	sorted = sort_members(object);
	if (!sorted)
		return false;
	first = sorted[0];
	for (size_t i = 1; i < object->count; i++) {
		if (strcmp(first->path.key, sorted[i]->path.key) != 0) {
			first = sorted[i];
			continue;
		}
		replace_value(first, sorted[i]);
		repeated = true;
	}
	free(sorted);
	if (repeated)
		unlink_left_over(object);
	reader->document->has_duplicates |= repeated;
	return true;
}

static bool read_object(
	struct reader *reader, struct document_node *object, const struct document_path *parent)
{
	struct document_node **end = &object->first;

	reader->scan.at++;
	for (scan_gap(&reader->scan); *reader->scan.at != '}'; scan_gap(&reader->scan)) {
		struct document_path place = { .parent = parent, .key = read_key(reader) };

		if (!place.key)
			return false;
		*end = read_value(reader, &place);
		if (!*end)
			return false;
		end = &(*end)->next;
		object->count++;
	}
	reader->scan.at++;
	return join_repeated(reader, object);
}

static bool read_parts(struct reader *reader, struct document_node *node)
{
	switch (*reader->scan.at) {
	case '{': return read_object(reader, node, document_node_path(node));
	case '[':
		node->kind = DOCUMENT_ARRAY;
		return read_array(reader, node, document_node_path(node));
	case '"':
		node->kind = DOCUMENT_STRING;
		node->string = read_string(reader);
		return node->string;
	default:
		node->kind = word_kind(node->at);
		reader->scan.at += scan_word(&reader->scan);
		return true;
	}
}

/* Recurses as deep as documents may be nested, which is bounded. */
static struct document_node *read_value(struct reader *reader, const struct document_path *path)
{
	struct document_node *node = document_alloc(reader->document, 1, sizeof(*node));

	if (!node)
		return NULL;
	scan_gap(&reader->scan);
	node->path = *path;
	node->at = reader->scan.at;
	return read_parts(reader, node) ? node : NULL;
}

struct document_node *document_tree(struct document *document)
{
	struct reader reader = {
		.document = document,
		.scan = { document->text, document->text + document->size },
	};

	document->has_duplicates = false;
	return read_value(&reader, &(struct document_path){ .key = NULL });
}
