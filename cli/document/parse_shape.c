// SPDX-License-Identifier: MIT
#include "document/parse_shape.h"

#include <inttypes.h>
#include <string.h>

static bool is_object_name(const char *name)
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
	static const char rest[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";
	size_t length = strlen(name);

	return length >= 1 && length <= 64 && strspn(name, first) >= 1 &&
	       strspn(name, rest) == length;
}

static int parse_object(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, void *slot)
{
	void *object = document_alloc(parser->document, 1, key->shape->size);

	if (!object)
		return -ENOMEM;
	*(void **)slot = object;
	if (key->choices && node->kind == DOCUMENT_STRING) {
		const struct schema_key choice = { .type = SCHEMA_CHOICE, .choices = key->choices };

		return parse_value(parser, node, &choice, object);
	}
	return parse_shape(parser, node, key->shape, object);
}

static int alloc_list(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, struct document_list *list)
{
	if (key->max && node->count > key->max)
		return parse_fail(parser, node,
			"holds %u elements; at most %" PRIu64 " are allowed", node->count,
			key->max);
	if (node->count < key->min)
		return parse_fail(parser, node,
			"holds %u elements; at least %" PRIu64 " are needed", node->count,
			key->min);
	list->items = document_alloc(parser->document, node->count, key->shape->size);
	if (!list->items)
		return -ENOMEM;
	list->count = node->count;
	return 0;
}

/* An element with an error is doubtful itself if it can be, else its owner is. */
static int parse_element(struct parser *parser, const struct document_node *node,
	const struct schema_shape *shape, void *element)
{
	bool *doubtful = parser->doubtful;
	int err;

	if (shape->doubt_offset)
		parser->doubtful = (bool *)((char *)element + shape->doubt_offset);
	err = parse_shape(parser, node, shape, element);
	if (err)
		*parser->doubtful = true;
	parser->doubtful = doubtful;
	return shape->doubt_offset && err == -EINVAL ? 0 : err;
}

static int parse_array(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, struct document_list *list)
{
	char *item;
	int err;

	if (node->kind != DOCUMENT_ARRAY)
		return parse_fail(parser, node, "must be an array, not %s", parse_kind(node));
	err = alloc_list(parser, node, key, list);
	if (err)
		return err;
	item = list->items;
	for (const struct document_node *element = node->first; element; element = element->next) {
		if (!document_note_error(&err, parse_element(parser, element, key->shape, item)))
			break;
		item += key->shape->size;
	}
	return err;
}

static int parse_named_object(struct parser *parser, const struct document_node *node,
	const struct schema_shape *shape, struct document_object *object)
{
	bool *doubtful = parser->doubtful;
	int err = 0;

	if (!is_object_name(object->name))
		err = parse_fail_key(parser, node, NULL,
			"is not a name: letters, digits, \"-\" and \"_\", 64 at most, not beginning "
			"with a digit or \"-\"");
	if (err == -ENOMEM)
		return err;
	object->first_use = parser->document->use_count;
	parser->owner = object;
	parser->doubtful = &object->doubtful;
	err = parse_shape(parser, node, shape, object);
	if (err)
		object->doubtful = true;
	parser->owner = NULL;
	parser->doubtful = doubtful;
	object->use_count = parser->document->use_count - object->first_use;
	return err;
}

static int parse_named(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, struct document_list *list)
{
	size_t i = 0;
	int err;

	if (node->kind == DOCUMENT_OBJECT)
		err = alloc_list(parser, node, key, list);
	else
		err = parse_fail(parser, node, "must be an object whose keys are names, not %s",
			parse_kind(node));
	if (err) {
		parser->document->collections[key->collection].unread = true;
		return err;
	}
	for (const struct document_node *value = node->first; value; value = value->next) {
		struct document_object *object =
			(struct document_object *)((char *)list->items + i * key->shape->size);

		*object = (struct document_object){ .name = value->path.key,
			.collection = key->collection,
			.kind = key->name,
			.index = i++,
			.path = &value->path };
		if (!document_note_error(
			    &err, parse_named_object(parser, value, key->shape, object)))
			break;
	}
	return err;
}

static int parse_key(struct parser *parser, const struct document_node *node,
	const struct schema_key *key, void *slot)
{
	switch (key->type) {
	case SCHEMA_OBJECT: return parse_object(parser, node, key, slot);
	case SCHEMA_ARRAY: return parse_array(parser, node, key, slot);
	case SCHEMA_NAMED: return parse_named(parser, node, key, slot);
	default: return parse_value(parser, node, key, slot);
	}
}

/* Finds the key that was probably meant by @name, which @shape does not have. */
static void find_nearest_key(
	const struct schema_shape *shape, const char *name, struct nearest *nearest)
{
	struct schema_field field;
	char lower[32];

	nearest_start(nearest, name);
	for (const struct schema_key *key = shape->keys; key->name; key++)
		nearest_offer(nearest, key->name, strlen(key->name));
	for (size_t i = 0; shape->fields && shape->fields->structure->field(i, &field); i++) {
		schema_lower_case(field.name, lower, sizeof(lower));
		nearest_offer(nearest, lower, strlen(lower));
	}
}

static int fail_unknown_key(struct parser *parser, const struct schema_shape *shape,
	const struct document_node *node, const struct nearest *nearest)
{
	const char *structure = shape->fields ? shape->fields->structure->name : NULL;
	char known[384] = "", hint[NEAREST_HINT_SIZE];

	for (const struct schema_key *key = shape->keys; key->name; key++)
		text_append(known, sizeof(known), "%s%s", *known ? ", " : "", key->name);
	if (!*known && !structure)
		text_append(known, sizeof(known), "none");
	return parse_fail_key(parser, node, nearest_hint(nearest, hint),
		"unknown key; %s %s has %s%s%s%s%s%s", text_article(shape->name), shape->name,
		known, structure ? ", and the fields of " : "",
		structure ? text_article(structure) : "", structure ? " " : "",
		structure ? structure : "", structure ? " in lower case" : "");
}

/* An object while it is read, and which keys of its shape it has, by their index. */
struct reading {
	const struct schema_shape *shape;
	const struct document_node *node;
	void *out;
	struct document_list *fields; /* NULL: it takes none */
	uint64_t given;
	uint64_t meant; /* misspelt ones, which are errors of their own */
};

/* A misspelt key is not reported missing as well; nor are the names of a collection. */
static void note_meant(struct parser *parser, struct reading *reading, const char *meant)
{
	const struct schema_key *key = schema_find_key(reading->shape, meant);

	if (!key)
		return;
	reading->meant |= UINT64_C(1) << (key - reading->shape->keys);
	*parser->doubtful = true;
	if (key->type == SCHEMA_NAMED)
		parser->document->collections[key->collection].unread = true;
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

static bool has_key(const struct schema_shape *shape, const struct schema_key *key, uint64_t keys)
{
	return keys >> (key - shape->keys) & 1;
}

/* The last of what fits into the group of a key. */
#define GROUPS_MAX 15

/* Checks that every required key is there, and exactly one key of each group. */
static int check_presence(struct parser *parser, const struct reading *reading)
{
	const struct schema_shape *shape = reading->shape;
	const char *chosen[GROUPS_MAX + 1] = { NULL };
	int err = 0;

	for (const struct schema_key *key = shape->keys; key->name; key++) {
		int wrong = 0;

		if (key->required && !has_key(shape, key, reading->given | reading->meant))
			wrong = parse_fail(parser, reading->node, "\"%s\" is missing", key->name);
		if (key->group && has_key(shape, key, reading->given)) {
			if (chosen[key->group])
				wrong = parse_fail(parser, reading->node,
					"\"%s\" and \"%s\" are mutually exclusive",
					chosen[key->group], key->name);
			chosen[key->group] = key->name;
		}
		if (!document_note_error(&err, wrong))
			return err;
	}
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (key->group && has_key(shape, key, reading->meant))
			chosen[key->group] = key->name;
	}
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (key->group && !chosen[key->group])
			return parse_fail_group(parser, shape, key->group, reading->node);
	}
	return err;
}

/* Makes room for as many fields as there are keys. */
static int alloc_fields(struct parser *parser, struct reading *reading)
{
	if (!reading->shape->fields)
		return 0;
	reading->fields =
		(struct document_list *)((char *)reading->out + reading->shape->fields->offset);
	reading->fields->items = document_alloc(
		parser->document, reading->node->count, sizeof(struct document_field));
	return reading->fields->items ? 0 : -ENOMEM;
}

/* "$schema" is for editors; it goes before what a root shape knows. */
static bool is_for_editors(const struct document_node *value)
{
	return !value->path.parent && strcmp(value->path.key, "$schema") == 0 &&
	       value->kind == DOCUMENT_STRING;
}

static int parse_member(
	struct parser *parser, const struct document_node *value, struct reading *reading)
{
	const char *name = value->path.key;
	const struct schema_shape *shape = reading->shape;
	const struct schema_key *key = schema_find_key(shape, name);
	struct schema_field field;
	struct nearest nearest;
	int err;

	if (key) {
		reading->given |= UINT64_C(1) << (key - shape->keys);
		if (key->group && shape->chosen_offset)
			*(const struct schema_key **)((char *)reading->out + shape->chosen_offset) =
				key;
		return parse_key(parser, value, key, (char *)reading->out + key->offset);
	}
	if (reading->fields && schema_field_by_key(shape->fields, name, &field))
		return parse_field(
			parser, value, shape->fields->structure, &field, reading->fields);
	if (is_for_editors(value))
		return 0;
	find_nearest_key(shape, name, &nearest);
	note_meant(parser, reading, nearest.name);
	err = fail_unknown_key(parser, shape, value, &nearest);
	/* Known values are still read. */
	return err == -ENOMEM ? err : 0;
}

int parse_shape(struct parser *parser, const struct document_node *node,
	const struct schema_shape *shape, void *out)
{
	struct reading reading = { .shape = shape, .node = node, .out = out };
	int err;

	if (node->kind != DOCUMENT_OBJECT)
		return parse_fail(parser, node, "must be an object, not %s", parse_kind(node));
	set_fallbacks(shape, out);
	if (shape->path_offset)
		*(const struct document_path **)((char *)out + shape->path_offset) =
			document_node_path(node);
	err = alloc_fields(parser, &reading);
	if (err)
		return err;
	for (const struct document_node *value = node->first; value; value = value->next) {
		if (!document_note_error(&err, parse_member(parser, value, &reading)))
			return err;
	}
	document_note_error(&err, check_presence(parser, &reading));
	return err;
}
