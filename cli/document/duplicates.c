// SPDX-License-Identifier: MIT
#include "document/duplicates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document/scan.h"
#include "document/syntax.h"
#include "output/text.h"

struct level {
	bool object;
	const char *key;  /* the one whose value is being read */
	size_t index;	  /* of the element that is being read */
	size_t first_key; /* of its own among all keys of open objects */
};

struct finder {
	const struct document *document;
	struct document_problem *problem;
	struct scan scan;
	struct level levels[SYNTAX_DEPTH_MAX];
	size_t depth;
	struct scan *keys;
	size_t key_count;
	size_t key_room;
};

static int compare_keys(const void *a, const void *b)
{
	const struct scan *first = a, *second = b;
	int order = scan_compare_strings(*first, *second);

	return order ? order : (first->at > second->at) - (first->at < second->at);
}

/* The path of the key at @key, in the innermost object. */
static void format_path(const struct finder *finder, const char *key, char *path, size_t size)
{
	path[0] = '\0';
	for (size_t i = 0; i < finder->depth; i++) {
		const struct level *level = &finder->levels[i];
		struct scan name = { i + 1 < finder->depth ? level->key : key, finder->scan.end };
		const char *start = name.at;

		if (!level->object) {
			text_append(path, size, "[%zu]", level->index);
			continue;
		}
		scan_string(&name);
		text_append(path, size, "%s%.*s", *path ? "." : "", (int)(name.at - start - 2),
			start + 1);
	}
}

static int note_duplicate(struct finder *finder, const char *first, const char *again)
{
	struct scan_position position;
	char path[256];

	if (document_problem_is_full(finder->problem))
		return document_problem_count(finder->problem);
	position = scan_position(finder->document->text, first);
	format_path(finder, again, path, sizeof(path));
	return document_problem_remark(finder->problem, finder->document,
		&(struct document_remark){
			.at = again, .label = path, .hint = "remove one of them" },
		"this key is given twice: first on line %d, column %d", position.line,
		position.column);
}

/* At the end of the innermost object: its keys are complete. */
static int compare_level(struct finder *finder)
{
	struct level *level = &finder->levels[finder->depth - 1];
	struct scan *keys = finder->keys + level->first_key;
	size_t count = finder->key_count - level->first_key;
	int err = 0;

	finder->key_count = level->first_key;
	if (count < 2)
		return 0;
	qsort(keys, count, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < count; i++) {
		if (!scan_compare_strings(keys[i - 1], keys[i]) &&
			!document_note_error(
				&err, note_duplicate(finder, keys[i - 1].at, keys[i].at)))
			break;
	}
	return err;
}

static int add_key(struct finder *finder)
{
	if (finder->key_count == finder->key_room) {
		size_t room = finder->key_room ? finder->key_room * 2 : 64;
		struct scan *keys = reallocarray(finder->keys, room, sizeof(*keys));

		if (!keys)
			return -ENOMEM;
		finder->keys = keys;
		finder->key_room = room;
	}
	finder->levels[finder->depth - 1].key = finder->scan.at;
	finder->keys[finder->key_count++] = finder->scan;
	scan_string(&finder->scan);
	scan_gap(&finder->scan);
	return 0;
}

static void enter(struct finder *finder)
{
	finder->levels[finder->depth++] =
		(struct level){ .object = *finder->scan.at == '{', .first_key = finder->key_count };
	finder->scan.at++;
}

/* One key with the beginning of its value, one element, or the end of an object or array. */
static int pass(struct finder *finder)
{
	struct level *level = finder->depth ? &finder->levels[finder->depth - 1] : NULL;
	int byte = scan_peek(&finder->scan), err;

	if (level && (byte == '}' || byte == ']')) {
		err = level->object ? compare_level(finder) : 0;
		finder->depth--;
		finder->scan.at++;
		if (finder->depth)
			finder->levels[finder->depth - 1].index++;
		return err;
	}
	err = level && level->object ? add_key(finder) : 0;
	if (err)
		return err;
	byte = scan_peek(&finder->scan);
	if (byte == '{' || byte == '[') {
		enter(finder);
		return 0;
	}
	scan_value(&finder->scan);
	if (level)
		level->index++;
	return 0;
}

int duplicates_find(const struct document *document, struct document_problem *problem)
{
	struct finder *finder = calloc(1, sizeof(*finder));
	int err = 0;

	if (!finder)
		return -ENOMEM;
	finder->document = document;
	finder->problem = problem;
	finder->scan = (struct scan){ document->text, document->text + document->size };
	scan_gap(&finder->scan);
	while (finder->scan.at < finder->scan.end && document_note_error(&err, pass(finder)))
		scan_gap(&finder->scan);
	free(finder->keys);
	free(finder);
	return err;
}
