// SPDX-License-Identifier: MIT
/* What depends on what: no object may need itself, nor the set-up what only a step makes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/check.h"
#include "job/order.h"
#include "output/text.h"

static int resolve_object_step(
	const struct job *job, struct job_step_object *step, struct job_problem *problem)
{
	if (!step)
		return 0;
	step->target = job_find_labelled(job, step->object);
	if (!step->target)
		return job_problem_set(problem, job, step->path,
			"\"%s\" is not a collection and the name of an object in it", step->object);
	return 0;
}

static int resolve_object_steps(struct job *job, struct job_problem *problem)
{
	struct job_step *steps = job->steps.items;
	int err = 0;

	for (size_t i = 0; !err && i < job->steps.count; i++) {
		err = resolve_object_step(job, steps[i].create, problem);
		if (!err)
			err = resolve_object_step(job, steps[i].destroy, problem);
	}
	return err;
}

/* An object is left to the steps when the first step that names it as such creates it. */
static void mark_made_by_steps(struct job *job)
{
	struct job_step *steps = job->steps.items;

	for (size_t i = job->steps.count; i-- > 0;) {
		if (steps[i].create)
			steps[i].create->target->made_by_step = true;
		if (steps[i].destroy)
			steps[i].destroy->target->made_by_step = false;
	}
}

/* What no object uses, the attach list does or the steps do: the first key of the path tells. */
static bool is_use_of_setup(const struct job_use *use)
{
	const struct job_path *first = use->path;

	if (use->user)
		return !use->user->made_by_step;
	while (first->parent)
		first = first->parent;
	return strcmp(first->key, "attach") == 0;
}

static int check_setup_needs(const struct job *job, struct job_problem *problem)
{
	for (size_t i = 0; i < job->use_count; i++) {
		const struct job_use *use = &job->uses[i];

		if (is_use_of_setup(use) && use->ref->target->made_by_step)
			return job_problem_set(problem, job, use->path,
				"\"%s\" is made by a step only, and needed before the steps begin",
				use->ref->name);
	}
	return 0;
}

static int report_cycle(const struct job *job, const struct job_object *const *cycle, size_t length,
	struct job_problem *problem)
{
	char text[384] = "", label[96];

	for (size_t i = 0; i < length; i++)
		text_append(text, sizeof(text), "%s%s", i ? " → " : "",
			job_object_label(cycle[i], label, sizeof(label)));
	return job_problem_set(problem, job, cycle[0]->path, "needs itself: %s%s", text,
		cycle[length - 1] == cycle[0] ? "" : " → …");
}

int job_check_order(struct job *job, struct job_problem *problem)
{
	const struct job_object *cycle[16];
	size_t length = sizeof(cycle) / sizeof(*cycle);
	const struct job_object **order;
	size_t count;
	int err;

	err = resolve_object_steps(job, problem);
	if (err)
		return err;
	mark_made_by_steps(job);
	err = job_order(job, &order, &count, cycle, &length);
	if (err == -ELOOP)
		return report_cycle(job, cycle, length, problem);
	if (err)
		return err;
	free(order);
	return check_setup_needs(job, problem);
}
