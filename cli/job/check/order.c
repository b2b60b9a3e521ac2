// SPDX-License-Identifier: MIT
/*
 * Checks of dependencies: no object may need itself, nor the set-up an object that only a step
 * makes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "document/schema.h"
#include "job/actions/action.h"
#include "job/check/check.h"
#include "job/order.h"
#include "output/text.h"

/* Whether the collection that @label begins with has names that could not be read. */
static bool is_of_unread(const struct job *job, const char *label)
{
	size_t length = strcspn(label, ".");

	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		const struct document_collection *one = &job->document->collections[collection];

		if (one->unread && strlen(one->key->name) == length &&
			!strncmp(one->key->name, label, length))
			return true;
	}
	return false;
}

static const char *nearest_label(
	const struct job *job, const char *typed, char hint[NEAREST_HINT_SIZE])
{
	struct nearest nearest;
	char label[96];

	nearest_start(&nearest, typed);
	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		for (size_t i = 0; i < job->objects[collection].count; i++) {
			document_object_label(document_object_at(job->document, collection, i),
				label, sizeof(label));
			nearest_offer(&nearest, label, strlen(label));
		}
	}
	return nearest_hint(&nearest, hint);
}

/* The object that @step makes or destroys; NULL if it does neither, or names no object. */
static struct document_ref *object_of(const struct job_step *step)
{
	struct job_step_object *arguments = step->arguments;

	if (!step->key || job_step_action(step)->effect < ACTION_MAKES || !arguments->object.name)
		return NULL;
	return &arguments->object;
}

static int resolve_object_step(
	const struct job *job, struct job_step *step, struct document_problem *problem)
{
	struct document_ref *object = object_of(step);
	struct document_path arguments = { .parent = step->path };
	const struct document_path path = { .parent = &arguments, .key = "object" };
	char hint[NEAREST_HINT_SIZE];

	if (!object)
		return 0;
	object->target = document_find_labelled(job->document, object->name);
	if (object->target)
		return 0;
	step->doubtful = true;
	if (is_of_unread(job, object->name))
		return 0;
	if (document_problem_is_full(problem))
		return document_problem_count(problem);
	arguments.key = step->key->name;
	return document_problem_remark(problem, job->document,
		&(struct document_remark){
			.path = &path, .hint = nearest_label(job, object->name, hint) },
		"\"%s\" names no object (COLLECTION.NAME)", object->name);
}

static int resolve_object_steps(struct job *job, struct document_problem *problem)
{
	struct job_step *steps = job->steps.items;
	int err = 0;

	for (size_t i = 0; i < job->steps.count; i++) {
		if (!document_note_error(&err, resolve_object_step(job, &steps[i], problem)))
			break;
	}
	return err;
}

/*
 * The set-up leaves an object to the steps if the first create or destroy step that names it
 * creates it. One that exists already is made by neither.
 */
static void mark_made_by_steps(struct job *job)
{
	const struct job_step *steps = job->steps.items;

	for (size_t i = job->steps.count; i-- > 0;) {
		const struct document_ref *ref = object_of(&steps[i]);
		const struct document_object *object = ref ? ref->target : NULL;
		const struct job_step_object *arguments = steps[i].arguments;

		if (object)
			job->made_by_step[object->collection][object->index] =
				job_step_action(&steps[i])->effect == ACTION_MAKES &&
				!arguments->exists;
	}
}

/* If no object uses it, the attach list or a step does: the first key of the path says which. */
static bool is_use_of_setup(const struct job *job, const struct document_use *use)
{
	const struct document_path *first = use->path;

	if (use->user)
		return !job_is_made_by_step(job, use->user);
	while (first->parent)
		first = first->parent;
	return strcmp(first->key, "attach") == 0;
}

static int check_setup_needs(const struct job *job, struct document_problem *problem)
{
	int err = 0;

	for (size_t i = 0; i < job->document->use_count; i++) {
		const struct document_use *use = &job->document->uses[i];

		if (!is_use_of_setup(job, use) || !job_is_made_by_step(job, use->ref->target))
			continue;
		*use->doubtful = true;
		if (!document_note_error(&err,
			    document_problem_set(problem, job->document, use->path,
				    "\"%s\" is made by a step, but needed before the steps begin",
				    use->ref->name)))
			break;
	}
	return err;
}

static int report_cycle(const struct job *job, const struct document_object *const *cycle,
	size_t length, struct document_problem *problem)
{
	char text[384] = "", label[96];

	for (size_t i = 0; i < length; i++) {
		text_append(text, sizeof(text), "%s%s", i ? " → " : "",
			document_object_label(cycle[i], label, sizeof(label)));
		document_object_at(job->document, cycle[i]->collection, cycle[i]->index)->doubtful =
			true;
	}
	return document_problem_set(problem, job->document, cycle[0]->path, "needs itself: %s%s",
		text, cycle[length - 1] == cycle[0] ? "" : " → …");
}

int job_check_order(struct job *job, struct document_problem *problem)
{
	const struct document_object *cycle[16];
	size_t length = ARRAY_SIZE(cycle);
	const struct document_object **order = NULL;
	size_t count;
	int err = 0, looped;

	if (!document_note_error(&err, resolve_object_steps(job, problem)))
		return err;
	mark_made_by_steps(job);
	looped = job_order(job, &order, &count, cycle, &length);
	free(order);
	if (looped == -ELOOP)
		looped = report_cycle(job, cycle, length, problem);
	if (document_note_error(&err, looped))
		document_note_error(&err, check_setup_needs(job, problem));
	return err;
}
