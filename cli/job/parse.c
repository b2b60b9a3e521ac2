// SPDX-License-Identifier: MIT
#include "job/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/arena.h"
#include "job/parse_value.h"
#include "job/schema.h"
#include "output/memory.h"
#include "output/text.h"

static const struct job_path *extend_path(
	struct parser *parser, const struct job_path *parent, const char *key, size_t index)
{
	struct job_path *path = job_arena_alloc(parser->job->arena, 1, sizeof(*path));

	if (path)
		*path = (struct job_path){ .parent = parent, .key = key, .index = index };
	return path;
}

static bool is_object_name(const char *name)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";
	size_t length = strlen(name);

	return length >= 1 && length <= 64 && strspn(name, first) >= 1 &&
		strspn(name, rest) == length;
}

static int parse_shape(struct parser *parser, json_t *json, const struct schema_shape *shape,
	const struct job_path *path, void *out);

static int parse_object(struct parser *parser, json_t *json, const struct schema_key *key,
	const struct job_path *path, void *slot)
{
	void *object = job_arena_alloc(parser->job->arena, 1, key->shape->size);

	if (!object)
		return -ENOMEM;
	*(void **)slot = object;
	return parse_shape(parser, json, key->shape, path, object);
}

static int alloc_list(struct parser *parser, const struct schema_key *key,
	const struct job_path *path, size_t count, struct job_list *list)
{
	if (key->max && count > key->max)
		return parse_fail(parser, path, "holds %zu elements; at most %" PRIu64 " are allowed",
			count, key->max);
	list->items = job_arena_alloc(parser->job->arena, count, key->shape->size);
	list->count = count;
	return list->items ? 0 : -ENOMEM;
}

static int parse_array(struct parser *parser, json_t *json, const struct schema_key *key,
	const struct job_path *path, void *slot)
{
	struct job_list *list = slot;
	json_t *element;
	size_t i;
	int err;

	if (!json_is_array(json))
		return parse_fail(parser, path, "must be an array");
	err = alloc_list(parser, key, path, json_array_size(json), list);
	json_array_foreach(json, i, element) {
		const struct job_path *place;

		if (err)
			break;
		place = extend_path(parser, path, NULL, i);
		if (!place)
			return -ENOMEM;
		err = parse_shape(parser, element, key->shape, place,
			(char *)list->items + i * key->shape->size);
	}
	return err;
}

static int parse_named(struct parser *parser, json_t *json, const struct schema_key *key,
	const struct job_path *path, void *slot)
{
	struct job_list *list = slot;
	const char *name;
	json_t *value;
	size_t i = 0;
	int err;

	if (!json_is_object(json))
		return parse_fail(parser, path, "must be an object whose keys are names");
	err = alloc_list(parser, key, path, json_object_size(json), list);
	json_object_foreach(json, name, value) {
		const struct job_path *place;
		struct job_object *object;

		if (err)
			break;
		place = extend_path(parser, path, name, 0);
		if (!place)
			return -ENOMEM;
		if (!is_object_name(name))
			return parse_fail(parser, place, "is no name: letters, digits, \"-\" and \"_\", "
				"64 at most, not beginning with a digit or \"-\"");
		object = (struct job_object *)((char *)list->items + i * key->shape->size);
		*object = (struct job_object){
			.name = name,
			.collection = key->collection,
			.index = i,
			.path = place,
			.first_use = parser->job->use_count,
		};
		parser->owner = object;
		err = parse_shape(parser, value, key->shape, place, object);
		parser->owner = NULL;
		object->use_count = parser->job->use_count - object->first_use;
		i++;
	}
	return err;
}

static int parse_key(struct parser *parser, json_t *json, const struct schema_key *key,
	const struct job_path *path, void *slot)
{
	switch (key->type) {
	case SCHEMA_OBJECT: return parse_object(parser, json, key, path, slot);
	case SCHEMA_ARRAY: return parse_array(parser, json, key, path, slot);
	case SCHEMA_NAMED: return parse_named(parser, json, key, path, slot);
	default: return parse_value(parser, json, key, path, slot);
	}
}

static const struct schema_key *find_key(const struct schema_shape *shape, const char *name)
{
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (strcmp(key->name, name) == 0)
			return key;
	}
	return NULL;
}

static int fail_unknown_key(struct parser *parser, const struct schema_shape *shape,
	const struct job_path *path)
{
	char known[384] = "";

	for (const struct schema_key *key = shape->keys; key->name; key++)
		text_append(known, sizeof(known), "%s%s", *known ? ", " : "", key->name);
	return parse_fail(parser, path, "unknown key; a %s has %s%s%s%s", shape->name, known,
		shape->fields ? ", and the fields of a " : "",
		shape->fields ? shape->fields->structure : "", shape->fields ? " in lower case" : "");
}

static void set_fallbacks(const struct schema_shape *shape, void *out)
{
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		void *slot = (char *)out + key->offset;

		switch (key->type) {
		case SCHEMA_NUMBER:
		case SCHEMA_CHOICE:
		case SCHEMA_SET: *(uint64_t *)slot = key->fallback; break;
		case SCHEMA_BOOL: *(bool *)slot = key->fallback; break;
		default: break;
		}
	}
}

/* Every required key is there, and of each group of keys exactly one. */
static int check_presence(struct parser *parser, const json_t *json,
	const struct schema_shape *shape, const struct job_path *path)
{
	const char *chosen[UINT8_MAX + 1] = { NULL };

	for (const struct schema_key *key = shape->keys; key->name; key++) {
		bool given = json_object_get(json, key->name);

		if (key->required && !given)
			return parse_fail(parser, path, "\"%s\" is missing", key->name);
		if (!key->group || !given)
			continue;
		if (chosen[key->group])
			return parse_fail(parser, path, "\"%s\" and \"%s\" exclude each other",
				chosen[key->group], key->name);
		chosen[key->group] = key->name;
	}
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (key->group && !chosen[key->group])
			return parse_fail_group(parser, shape, key->group, path);
	}
	return 0;
}

static int parse_shape(struct parser *parser, json_t *json, const struct schema_shape *shape,
	const struct job_path *path, void *out)
{
	struct job_list *fields = NULL;
	const char *name;
	json_t *value;
	int err;

	if (!json_is_object(json))
		return parse_fail(parser, path, "must be an object");
	set_fallbacks(shape, out);
	if (shape->path_offset)
		*(const struct job_path **)((char *)out + shape->path_offset) = path;
	if (shape->fields)
		fields = (struct job_list *)((char *)out + shape->fields->offset);
	if (fields) {
		fields->items = job_arena_alloc(
			parser->job->arena, json_object_size(json), sizeof(struct job_field));
		if (!fields->items)
			return -ENOMEM;
	}
	json_object_foreach(json, name, value) {
		const struct job_path *place = extend_path(parser, path, name, 0);
		const struct schema_key *key = find_key(shape, name);

		if (!place)
			return -ENOMEM;
		if (key)
			err = parse_key(parser, value, key, place, (char *)out + key->offset);
		else if (fields && schema_field_by_key(shape->fields, name))
			err = parse_field(parser, value, shape->fields, place, fields);
		else
			err = fail_unknown_key(parser, shape, place);
		if (err)
			return err;
	}
	return check_presence(parser, json, shape, path);
}

static int resolve_refs(struct parser *parser)
{
	struct job *job = parser->job;

	for (size_t i = 0; i < job->use_count; i++) {
		struct job_use *use = &job->uses[i];

		use->ref->target = job_find(job, use->collection, use->ref->name);
		if (!use->ref->target)
			return parse_fail(parser, use->path, "\"%s\" is not one of %s",
				use->ref->name, job_collection_name(use->collection));
	}
	return 0;
}

static int parse_text(const char *text, size_t size, const struct schema_shape *shape, void *out,
	struct job **job, struct job_problem *problem)
{
	struct parser parser = { .problem = problem };
	json_error_t error;
	struct job *new;
	int err = -ENOMEM;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	parser.job = new;
	new->arena = job_arena_new();
	new->text = malloc(size + 1);
	if (!new->arena || !new->text)
		goto fail;
	memcpy(new->text, text, size);
	new->text[size] = '\0';
	new->text_size = size;
	new->document = json_loadb(new->text, size, JSON_REJECT_DUPLICATES, &error);
	/* jansson calls some of it a syntax error, and leaves characters out. */
	if (memory_take_failure())
		goto fail;
	if (!new->document) {
		err = parse_fail(&parser, NULL, "%s%s", error.text,
			json_error_code(&error) == json_error_numeric_overflow ?
				"; a string such as \"0xffffffffffff0000\" takes 64 bits" : "");
		problem->line = error.line;
		goto fail;
	}
	err = parse_shape(&parser, new->document, shape, NULL, out ? out : new);
	if (!err)
		err = job_index_names(new);
	if (!err)
		err = resolve_refs(&parser);
	if (err)
		goto fail;
	*job = new;
	return 0;
fail:
	job_free(new);
	return err;
}

int job_parse(const char *text, size_t size, struct job **job, struct job_problem *problem)
{
	return parse_text(text, size, &schema_job, NULL, job, problem);
}

/* All of @file; the caller frees it. NULL and *@err on failure. */
static char *read_all(FILE *file, size_t *size, int *err)
{
	size_t used = 0, room = 0, got;
	char *data = NULL;

	do {
		if (used == room) {
			size_t larger = room ? room * 2 : 65536;
			char *grown = realloc(data, larger);

			*err = -ENOMEM;
			if (!grown)
				goto fail;
			data = grown;
			room = larger;
		}
		got = fread(data + used, 1, room - used, file);
		*err = -errno;
		if (ferror(file))
			goto fail;
		used += got;
		*err = -EFBIG;
		if (used > JOB_DOCUMENT_MAX)
			goto fail;
	} while (!feof(file));
	*size = used;
	return data;
fail:
	free(data);
	return NULL;
}

int job_read_shape(const char *file_name, const struct schema_shape *shape, void *out,
	struct job **job, struct job_problem *problem)
{
	bool is_stdin = strcmp(file_name, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(file_name, "re");
	size_t size = 0;
	char *text;
	int err;

	if (!file)
		return -errno;
	text = read_all(file, &size, &err);
	if (!is_stdin)
		fclose(file);
	if (!text)
		return err;
	err = parse_text(text, size, shape, out, job, problem);
	free(text);
	return err;
}

int job_read(const char *file_name, struct job **job, struct job_problem *problem)
{
	return job_read_shape(file_name, &schema_job, NULL, job, problem);
}

void job_free(struct job *job)
{
	if (!job)
		return;
	job_arena_free(job->arena);
	json_decref(job->document);
	free(job->uses);
	free(job->text);
	free(job);
}
