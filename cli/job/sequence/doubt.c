// SPDX-License-Identifier: MIT
/*
 * Once an operation is found to fail, whatever depends on it is no longer judged: each error is
 * reported, but none that only follows from another.
 */
#include "job/actions/action.h"
#include "job/sequence/sequence.h"

/* The objects that @operation, which makes none, names; NULL: no more. */
static const struct document_object *involved(const struct plan_operation *operation, size_t index)
{
	if (operation->attach)
		return job_action_object(&action_attach, operation->attach, index);
	return job_action_object(
		job_step_action(operation->step), operation->step->arguments, index);
}

static bool is_doubtful(const struct sequence *sequence, const struct document_object *object)
{
	return object->doubtful || sequence->doubtful[object->collection][object->index];
}

bool sequence_is_certain(const struct sequence *sequence, const struct document_object *object)
{
	return sequence_has(sequence, object) && !is_doubtful(sequence, object);
}

/* Making an object is as doubtful as what it needs. */
static bool needs_doubtful(const struct sequence *sequence, const struct document_object *object)
{
	const struct document_use *uses = document_uses_of(sequence->job->document, object);

	for (size_t i = 0; i < object->use_count; i++) {
		if (is_doubtful(sequence, uses[i].ref->target))
			return true;
	}
	return is_doubtful(sequence, object);
}

static enum action_effect effect_of(const struct plan_operation *operation)
{
	if (operation->object)
		return ACTION_MAKES;
	return operation->step ? job_step_action(operation->step)->effect : action_attach.effect;
}

static const struct document_object *made_by(const struct plan_operation *operation)
{
	if (operation->object)
		return operation->object;
	return effect_of(operation) == ACTION_MAKES ? involved(operation, 0) : NULL;
}

/* Whether its part of the document is wrong. */
static bool is_mistaken(const struct plan_operation *operation)
{
	if (operation->object)
		return operation->object->doubtful;
	return operation->attach ? operation->attach->doubtful : operation->step->doubtful;
}

static bool uses_object(const struct document *document, const struct document_object *user,
	const struct document_object *object)
{
	const struct document_use *uses = document_uses_of(document, user);

	for (size_t i = 0; i < user->use_count; i++) {
		if (uses[i].ref->target == object)
			return true;
	}
	return false;
}

/* Whether it is doubtful which objects still use @object, made with it or attached to it. */
static bool is_held_by_doubtful(
	const struct sequence *sequence, const struct document_object *object)
{
	const struct job *job = sequence->job;

	for (size_t i = 0; i < job->objects[JOB_DEVICES].count; i++) {
		if (sequence->attached[i] == object && sequence->doubtful[JOB_DEVICES][i])
			return true;
	}
	for (size_t i = 0; i < sequence->pasid_count; i++) {
		if (sequence->pasids[i].table == object &&
			is_doubtful(sequence, sequence->pasids[i].device))
			return true;
	}
	for (unsigned int c = 0; c < JOB_COLLECTIONS; c++) {
		for (size_t i = 0; i < job->objects[c].count; i++) {
			const struct document_object *user =
				document_object_at(job->document, c, i);

			if (is_doubtful(sequence, user) && uses_object(job->document, user, object))
				return true;
		}
	}
	return false;
}

bool sequence_is_doubtful(const struct sequence *sequence, const struct plan_operation *operation)
{
	const struct document_object *object;

	if (is_mistaken(operation))
		return true;
	object = made_by(operation);

	if (object)
		return needs_doubtful(sequence, object);
	for (size_t i = 0; (object = involved(operation, i)); i++) {
		if (is_doubtful(sequence, object))
			return true;
	}
	object = effect_of(operation) == ACTION_DESTROYS ? involved(operation, 0) : NULL;
	return object && is_held_by_doubtful(sequence, object);
}

/* The first reference of @shape in @arguments; NULL if there is none. */
static const struct document_ref *first_ref(
	const struct schema_shape *shape, const void *arguments, unsigned int *collection)
{
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		*collection = key->collection;
		if (key->type == SCHEMA_REF)
			return (const struct document_ref *)((const char *)arguments + key->offset);
	}
	return NULL;
}

/* A name that could not be read may mean any object of its kind. */
static void doubt_changed(
	struct sequence *sequence, const struct job_action *action, const void *arguments)
{
	unsigned int collection;
	const struct document_ref *ref = first_ref(&action->shape, arguments, &collection);
	const struct document_object *object = ref ? ref->target : NULL;

	for (size_t i = 0; ref && i < sequence->job->objects[collection].count; i++) {
		if (!object || !object->path || object->index == i)
			sequence->doubtful[collection][i] = true;
	}
	if (object && object->path && action == &action_attach)
		sequence_drift(sequence, object);
}

static void doubt_made(struct sequence *sequence, const struct document_object *object)
{
	sequence->exists[object->collection][object->index] = true;
	sequence->doubtful[object->collection][object->index] = true;
	if (object->collection == JOB_MEMORY)
		sequence_make_memory(sequence, object);
}

static void doubt_step(struct sequence *sequence, const struct job_step *step)
{
	const struct job_action *action = step->key ? job_step_action(step) : NULL;
	const struct document_object *object;

	if (!action) {
		sequence->lost = true;
	} else if (action->effect >= ACTION_MAKES) {
		object = ((const struct job_step_object *)step->arguments)->object.target;
		sequence->lost = !object;
		if (object && action->effect == ACTION_MAKES)
			doubt_made(sequence, object);
		else if (object)
			sequence->doubtful[object->collection][object->index] = true;
	} else if (action->effect == ACTION_CHANGES) {
		doubt_changed(sequence, action, step->arguments);
	}
}

void sequence_doubt(struct sequence *sequence, const struct plan_operation *operation)
{
	if (operation->object)
		doubt_made(sequence, operation->object);
	else if (operation->attach)
		doubt_changed(sequence, &action_attach, operation->attach);
	else
		doubt_step(sequence, operation->step);
}
