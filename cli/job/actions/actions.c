// SPDX-License-Identifier: MIT
/* The table of the actions, and what they have in common. */
#include "job/actions/action.h"

#include "document/parse_value.h"
#include "job/check/check.h"
#include "job/live/live.h"
#include "job/plan.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"

static const struct schema_key expect_keys[] = {
	{ "errno", SCHEMA_STRING, MEMBER(job_expect, errno_name), .required = true,
		.help = "The error that the action fails with, such as \"ENOENT\"." },
	{ "cause", SCHEMA_STRING, MEMBER(job_expect, cause),
		.help = "Text that one of the explained causes contains." },
	{ NULL },
};

static const struct schema_shape expect_shape = {
	"expect",
	sizeof(struct job_expect),
	expect_keys,
	.help = "How the action must fail.",
};

#define ACTION(name, action, help_)                                                                \
	{                                                                                          \
		name, SCHEMA_OBJECT, MEMBER(job_step, arguments),                                  \
			.group = 1, .shape = &(action).shape, .help = help_                        \
	}

static const struct schema_key step_keys[] = {
	{ "name", SCHEMA_STRING, MEMBER(job_step, name),
		.help = "What the step is about, for readers." },
	{ "expect", SCHEMA_OBJECT, MEMBER(job_step, expect), .shape = &expect_shape,
		.help = "How the action must fail; without this it must succeed." },
	ACTION("write", action_write, "Writes guest memory."),
	ACTION("check", action_check, "Compares guest memory."),
	ACTION("dma", action_dma, "Makes a device do DMA."),
	ACTION("map", action_map, "Adds a translation to a stage 1."),
	ACTION("remap", action_remap, "Changes a translation of a stage 1."),
	ACTION("unmap", action_unmap, "Removes a translation from a stage 1."),
	ACTION("ioas-map", action_ioas_map, "Adds a mapping to an IOAS."),
	ACTION("ioas-map-bar", action_ioas_map_bar, "Maps a BAR of a device in an IOAS."),
	ACTION("ioas-unmap", action_ioas_unmap, "Removes mappings from an IOAS."),
	ACTION("ioas-copy", action_ioas_copy, "Copies mappings from another IOAS."),
	ACTION("ioas-allow", action_ioas_allow, "Sets the IOVAs that must stay mappable."),
	ACTION("ioas-ranges", action_ioas_ranges, "Checks which IOVAs can be mapped."),
	ACTION("hwpt-dirty-tracking", action_hwpt_dirty_tracking,
		"Turns dirty tracking on or off."),
	ACTION("hwpt-dirty-bitmap", action_hwpt_dirty_bitmap,
		"Checks which pages devices have "
		"written."),
	ACTION("set-cd", action_set_cd, "Writes a context descriptor."),
	ACTION("invalidate", action_invalidate, "Issues invalidation commands."),
	ACTION("invalidate-hwpt", action_invalidate_hwpt, "Invalidates a nested HWPT on VT-d."),
	ACTION("attach", action_attach, "Attaches a device, or moves it."),
	ACTION("detach", action_detach, "Detaches a device."),
	ACTION("reset", action_reset, "Resets a device, or its bus."),
	ACTION("low-power", action_low_power, "Lets a device sleep, or wakes it up."),
	ACTION("unplug", action_unplug, "Makes the model's host ask for a device back."),
	ACTION("event", action_event, "Expects an event."),
	ACTION("no-event", action_no_event, "Expects that no event comes."),
	ACTION("page-fault", action_page_fault, "Expects page faults of a device."),
	ACTION("no-page-fault", action_no_page_fault, "Expects that no page fault comes."),
	ACTION("page-response", action_page_response, "Answers page faults."),
	ACTION("trigger-msi", action_trigger_msi, "Makes a device interrupt."),
	ACTION("create", action_create, "Makes a named object now; the set-up leaves it out."),
	ACTION("destroy", action_destroy, "Destroys a named object."),
	{ "mock", SCHEMA_OBJECT, MEMBER(job_step, arguments), .group = 1,
		.shape = &schema_mock_step,
		.help = "Drives or inspects the kernel's own test device." },
	{ NULL },
};

const struct schema_shape schema_step = {
	"step",
	sizeof(struct job_step),
	step_keys,
	.path_offset = offsetof(struct job_step, path),
	.doubt_offset = offsetof(struct job_step, doubtful),
	.chosen_offset = offsetof(struct job_step, key),
	.help = "One action of a selftest, and its expected outcome.",
};

const struct document_object *job_action_object(
	const struct job_action *action, const void *arguments, size_t index)
{
	if (action->effect >= ACTION_MAKES)
		return index ? NULL : ((const struct job_step_object *)arguments)->object.target;
	for (const struct schema_key *key = action->shape.keys; key->name; key++) {
		const struct document_ref *ref =
			(const struct document_ref *)((const char *)arguments + key->offset);

		if (key->type == SCHEMA_REF && ref->target && !index--)
			return ref->target;
	}
	return NULL;
}

/* The objects that must exist before @step. */
static const struct document_object *needed(const struct job_step *step, size_t index)
{
	const struct job_action *action = job_step_action(step);

	return action->effect == ACTION_MAKES ? NULL
					      : job_action_object(action, step->arguments, index);
}

static struct document_path arguments_path(const struct job_step *step)
{
	return (struct document_path){ .parent = step->within ? step->within : step->path,
		.key = step->key->name };
}

static int check_expect(
	const struct job *job, const struct job_step *step, struct document_problem *problem)
{
	const struct document_path path = { .parent = step->path, .key = "expect" };
	char hint[NEAREST_HINT_SIZE];
	struct nearest nearest;

	if (!step->expect || errno_from_name(step->expect->errno_name))
		return 0;
	if (document_problem_is_full(problem))
		return document_problem_count(problem);
	errno_nearest(step->expect->errno_name, &nearest);
	return document_problem_remark(problem, job->document,
		&(struct document_remark){ .path = &path, .hint = nearest_hint(&nearest, hint) },
		"\"%s\" is not an errno", step->expect->errno_name);
}

static int check_step(
	const struct job *job, const struct job_step *step, struct document_problem *problem)
{
	const struct job_action *action = job_step_action(step);
	const struct document_path path = arguments_path(step);
	int err = check_expect(job, step, problem);

	if (action->check && err != -ENOMEM)
		document_note_error(&err, action->check(job, step, &path, problem));
	return err;
}

int job_check_steps(const struct job *job, struct document_problem *problem)
{
	struct job_step *steps = job->steps.items;
	int err = 0;

	for (size_t i = 0; i < job->steps.count; i++) {
		int wrong = steps[i].doubtful ? 0 : check_step(job, &steps[i], problem);

		steps[i].doubtful |= wrong != 0;
		if (!document_note_error(&err, wrong))
			break;
	}
	return err;
}

struct action_span job_step_writes(const struct job_step *step)
{
	const struct job_action *action = job_step_action(step);

	return action->writes ? action->writes(step->arguments) : (struct action_span){ 0 };
}

int sequence_act(struct sequence *sequence, const struct job_step *step)
{
	const struct job_action *action = job_step_action(step);
	const struct action_span span = job_step_writes(step);
	const struct document_path path = arguments_path(step);
	const struct document_object *object;
	int err = 0;

	sequence->path = &path;
	for (size_t i = 0; !err && (object = needed(step, i)); i++)
		err = sequence_need(sequence, object);
	if (!err && span.size)
		err = sequence_need_memory(sequence, span.ipa, span.size);
	if (!err && action->go_through)
		err = action->go_through(sequence, step->arguments);
	else if (!err && action->go_through_object)
		err = action->go_through_object(
			sequence, job_action_object(action, step->arguments, 0));
	sequence->path = step->path;
	return err;
}

void plan_describe_step(const struct job_step *step, char *text, size_t size)
{
	const struct job_action *action = job_step_action(step);
	char label[96];

	if (action->describe)
		action->describe(step->arguments, text, size);
	else
		text_append(text, size, "%s",
			document_object_label(job_action_object(action, step->arguments, 0), label,
				sizeof(label)));
	if (step->expect)
		text_append(text, size, ", which fails with %s", step->expect->errno_name);
}

int live_step(struct live *live, const struct job_step *step)
{
	const struct job_action *action = job_step_action(step);
	const struct document_object *object;
	int err = 0;

	live->seen[0] = '\0';
	live->took_event = false;
	for (size_t i = 0; !err && (object = needed(step, i)); i++)
		err = live_need(live, object);
	if (err)
		return err;
	return action->run
		       ? action->run(live, step)
		       : action->run_on_object(live, job_action_object(action, step->arguments, 0));
}
