// SPDX-License-Identifier: MIT
/*
 * Once an operation has been found to fail, what hangs on it is not judged any more: each mistake is
 * told, and none of what only follows from another.
 */
#include "job/sequence.h"

#define INVOLVED_MAX 4

/* The objects that an operation names; NULL ends them before INVOLVED_MAX. */
struct involved {
	const struct document_object *objects[INVOLVED_MAX];
};

static struct involved of_attach(const struct job_attach *attach)
{
	const struct document_object *table = attach->hwpt.target ? attach->hwpt.target : attach->ioas.target;

	return (struct involved){ { attach->device.target, table } };
}

static struct involved of_step(const struct job_step *step)
{
	if (step->attach)
		return of_attach(step->attach);
	if (step->detach)
		return (struct involved){ { step->detach->device.target } };
	if (step->reset)
		return (struct involved){ { step->reset->device.target } };
	if (step->dma)
		return (struct involved){ { step->dma->device.target } };
	if (step->map || step->remap)
		return (struct involved){ { (step->map ? step->map : step->remap)->stage1.target } };
	if (step->unmap)
		return (struct involved){ { step->unmap->stage1.target ? step->unmap->stage1.target :
									 step->unmap->ioas.target } };
	if (step->ioas_map)
		return (struct involved){ { step->ioas_map->ioas.target } };
	if (step->set_cd)
		return (struct involved){ { step->set_cd->cd_table.target,
			step->set_cd->context.stage1.target } };
	if (step->invalidate)
		return (struct involved){ { step->invalidate->viommu.target } };
	if (step->event)
		return (struct involved){ { step->event->veventq.target } };
	if (step->no_event)
		return (struct involved){ { step->no_event->veventq.target } };
	if (step->trigger_msi)
		return (struct involved){ { step->trigger_msi->irq.target } };
	if (step->create || step->destroy)
		return (struct involved){ { (step->create ? step->create : step->destroy)->target } };
	return (struct involved){ { NULL } };
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

static const struct document_object *made_by(const struct plan_operation *operation)
{
	if (operation->object)
		return operation->object;
	return operation->step && operation->step->create ? operation->step->create->target : NULL;
}

bool sequence_is_doubtful(const struct sequence *sequence, const struct plan_operation *operation)
{
	const struct document_object *made = made_by(operation);
	struct involved involved;

	if (made)
		return needs_doubtful(sequence, made);
	involved = operation->attach ? of_attach(operation->attach) : of_step(operation->step);
	for (size_t i = 0; i < INVOLVED_MAX && involved.objects[i]; i++) {
		if (is_doubtful(sequence, involved.objects[i]))
			return true;
	}
	return false;
}

/* What an object is like after a step that may or may not have changed it. */
static const struct document_object *changed_by(const struct job_step *step)
{
	if (step->attach || step->detach || step->destroy || step->map || step->remap || step->unmap ||
		step->ioas_map)
		return of_step(step).objects[0];
	return NULL;
}

void sequence_doubt(struct sequence *sequence, const struct plan_operation *operation)
{
	const struct document_object *made = made_by(operation), *object = made;

	if (made)
		sequence->exists[made->collection][made->index] = true;
	else if (operation->attach)
		object = operation->attach->device.target;
	else
		object = changed_by(operation->step);
	if (object)
		sequence->doubtful[object->collection][object->index] = true;
}
