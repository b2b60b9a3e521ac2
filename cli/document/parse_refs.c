// SPDX-License-Identifier: MIT
/* Resolves names to objects. */
#include <stdlib.h>
#include <string.h>

#include "document/parse_shape.h"

int parse_collections(struct document *document, const struct schema_shape *root, void *out)
{
	size_t count = 0;

	for (const struct schema_key *key = root->keys; key->name; key++) {
		if (key->type == SCHEMA_NAMED && key->collection >= count)
			count = key->collection + 1;
	}
	document->collections = document_alloc(document, count, sizeof(*document->collections));
	if (!document->collections)
		return -ENOMEM;
	document->collection_count = count;
	for (const struct schema_key *key = root->keys; key->name; key++) {
		if (key->type == SCHEMA_NAMED)
			document->collections[key->collection] = (struct document_collection){
				.key = key,
				.list = (const void *)((const char *)out + key->offset),
			};
	}
	return 0;
}

struct document_object *document_object_at(
	const struct document *document, unsigned int collection, size_t index)
{
	const struct document_collection *objects = &document->collections[collection];

	return (struct document_object *)((char *)objects->list->items +
					  index * objects->key->shape->size);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(struct document_object *const *)a)->name,
		(*(struct document_object *const *)b)->name);
}

static int sort_names(struct document *document)
{
	for (unsigned int i = 0; i < document->collection_count; i++) {
		const size_t count = document->collections[i].list->count;
		struct document_object **sorted = document_alloc(document, count, sizeof(*sorted));

		if (!sorted)
			return -ENOMEM;
		for (size_t index = 0; index < count; index++)
			sorted[index] = document_object_at(document, i, index);
		qsort(sorted, count, sizeof(*sorted), compare_names);
		document->collections[i].by_name = sorted;
	}
	return 0;
}

static int compare_to_name(const void *name, const void *object)
{
	return strcmp(name, (*(struct document_object *const *)object)->name);
}

struct document_object *document_find(
	const struct document *document, unsigned int collection, const char *name)
{
	const struct document_collection *objects = &document->collections[collection];
	struct document_object **found = bsearch(
		name, objects->by_name, objects->list->count, sizeof(*found), compare_to_name);

	return found ? *found : NULL;
}

struct document_object *document_find_labelled(const struct document *document, const char *label)
{
	const char *dot = strchr(label, '.');

	for (unsigned int i = 0; dot && i < document->collection_count; i++) {
		const char *kind = document->collections[i].key->name;

		if (strlen(kind) == (size_t)(dot - label) && !strncmp(kind, label, strlen(kind)))
			return document_find(document, i, dot + 1);
	}
	return NULL;
}

const char *document_object_label(const struct document_object *object, char *label, size_t size)
{
	snprintf(label, size, "%s.%s", object->kind, object->name);
	return label;
}

/* Stands in for a missing object, so that no reference is left without a target. */
static struct document_object *stand_in(struct document *document, unsigned int collection)
{
	struct document_collection *objects = &document->collections[collection];
	const struct schema_shape *shape = objects->key->shape;
	struct document_object *object = objects->stand_in;

	if (object)
		return object;
	object = document_alloc(document, 1, shape->size);
	if (!object)
		return NULL;
	objects->stand_in = object;
	*object = (struct document_object){
		.name = "?", .collection = collection, .kind = objects->key->name, .doubtful = true
	};
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		struct document_ref *ref = (struct document_ref *)((char *)object + key->offset);

		if (key->type != SCHEMA_REF || !key->required)
			continue;
		ref->name = "?";
		ref->target = stand_in(document, key->collection);
		if (!ref->target)
			return NULL;
	}
	return object;
}

static int fail_reference(struct parser *parser, const struct document_use *use)
{
	const struct document *document = parser->document;
	const struct document_collection *objects = &document->collections[use->collection];
	char hint[NEAREST_HINT_SIZE];
	struct nearest nearest;

	if (document_problem_is_full(parser->problem))
		return document_problem_count(parser->problem);
	nearest_start(&nearest, use->ref->name);
	for (size_t i = 0; i < objects->list->count; i++) {
		const char *name = document_object_at(document, use->collection, i)->name;

		nearest_offer(&nearest, name, strlen(name));
	}
	return document_problem_remark(parser->problem, document,
		&(struct document_remark){
			.path = use->path, .hint = nearest_hint(&nearest, hint) },
		"\"%s\" is not one of %s", use->ref->name, objects->key->name);
}

int parse_refs(struct parser *parser)
{
	struct document *document = parser->document;
	int err = sort_names(document);

	if (err)
		return err;
	for (size_t i = 0; i < document->use_count; i++) {
		struct document_use *use = &document->uses[i];

		use->ref->target = document_find(document, use->collection, use->ref->name);
		if (use->ref->target)
			continue;
		*use->doubtful = true;
		use->ref->target = stand_in(document, use->collection);
		if (!use->ref->target)
			return -ENOMEM;
		if (!document->collections[use->collection].unread &&
			!document_note_error(&err, fail_reference(parser, use)))
			return err;
	}
	return err;
}
