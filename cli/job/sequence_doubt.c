// SPDX-License-Identifier: MIT
/*
 * Once an operation has been found to fail, what hangs on it is not judged any more: each mistake is
 * told, and none of what only follows from another.
 */
#include "job/action.h"
#include "job/sequence.h"

/* The objects that @operation names, which does not make one; NULL: no more. */
static const struct document_object *involved(const struct plan_operation *operation, size_t index)
{
	if (operation->attach)
		return job_action_object(&action_attach, operation->attach, index);
	return job_action_object(
		job_step_action(operation->step), operation->step->arguments, index);
}

static bool is_doubtful(const struct sequence *sequence, const struct document_object *object)
{
	return sequence->doubtful[object->collection][object->index];
}

/* Making an object is as doubtful as what it needs. */
static bool needs_doubtful(const struct sequence *sequence, const struct document_object *object)
{
	const struct document_use *uses = sequence->job->document->uses + object->first_use;

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

bool sequence_is_doubtful(const struct sequence *sequence, const struct plan_operation *operation)
{
	const struct document_object *object = made_by(operation);

	if (object)
		return needs_doubtful(sequence, object);
	for (size_t i = 0; (object = involved(operation, i)); i++) {
		if (is_doubtful(sequence, object))
			return true;
	}
	return false;
}

void sequence_doubt(struct sequence *sequence, const struct plan_operation *operation)
{
	const struct document_object *made = made_by(operation), *object = made;

	if (made)
		sequence->exists[made->collection][made->index] = true;
	else if (effect_of(operation) != ACTION_USES)
		object = involved(operation, 0);
	if (object)
		sequence->doubtful[object->collection][object->index] = true;
}
