// SPDX-License-Identifier: MIT
/* From names to the objects that have them. */
#include <string.h>

#include "document/arena.h"
#include "document/parse_shape.h"

/* Stands for an object that is not there, so that nobody comes upon a reference to nothing. */
static struct document_object *stand_in(struct parser *parser, enum job_collection collection)
{
	const struct schema_shape *shape = job_collection_shape(collection);
	struct document_object *object = parser->stand_ins[collection];

	if (object)
		return object;
	object = document_arena_alloc(parser->job->arena, 1, shape->size);
	if (!object)
		return NULL;
	parser->stand_ins[collection] = object;
	*object = (struct document_object){ .name = "?", .collection = collection, .doubtful = true };
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		struct document_ref *ref = (struct document_ref *)((char *)object + key->offset);

		if (key->type != SCHEMA_REF || !key->required)
			continue;
		ref->name = "?";
		ref->target = stand_in(parser, key->collection);
		if (!ref->target)
			return NULL;
	}
	return object;
}

static int fail_reference(struct parser *parser, const struct document_use *use)
{
	const struct job *job = parser->job;
	char hint[PARSE_HINT_SIZE];
	struct nearest nearest;

	if (document_problem_is_full(parser->problem))
		return document_problem_count(parser->problem);
	nearest_start(&nearest, use->ref->name);
	for (size_t i = 0; i < job->objects[use->collection].count; i++) {
		const char *name = job_object_at(job, use->collection, i)->name;

		nearest_offer(&nearest, name, strlen(name));
	}
	return parse_fail_hint(parser, use->path, parse_hint_nearest(&nearest, hint),
		"\"%s\" is not one of %s", use->ref->name, job_collection_name(use->collection));
}

int parse_refs(struct parser *parser)
{
	struct job *job = parser->job;
	int err = 0;

	for (size_t i = 0; i < job->use_count; i++) {
		struct document_use *use = &job->uses[i];

		use->ref->target = job_find(job, use->collection, use->ref->name);
		if (use->ref->target)
			continue;
		*use->doubtful = true;
		use->ref->target = stand_in(parser, use->collection);
		if (!use->ref->target)
			return -ENOMEM;
		if (!job->unread[use->collection] && !document_goes_on(&err, fail_reference(parser, use)))
			return err;
	}
	return err;
}
