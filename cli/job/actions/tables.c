// SPDX-License-Identifier: MIT
/* The actions that change the stage-1 tables of the guest. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "document/value.h"
#include "job/actions/action.h"
#include "job/encode.h"
#include "job/live/live.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

struct edit_arguments {
	struct document_ref stage1;
	struct job_leaf leaf; /* unmapping only uses the range */
};

static const struct schema_key map_keys[] = {
	{ "stage1", SCHEMA_REF, MEMBER(edit_arguments, stage1), .required = true,
		.collection = JOB_STAGE1, .help = "The tables to change." },
	LEAF_KEYS(edit_arguments, leaf.),
	{ NULL },
};

#define MAP_SHAPE                                                                                  \
	{                                                                                          \
		"map", sizeof(struct edit_arguments), map_keys,                                    \
			.help = "Changes stage-1 tables in guest memory. Invalidates nothing."     \
	}

static bool fits_bits(uint64_t start, uint64_t size, uint64_t bits)
{
	uint64_t last;

	return !__builtin_add_overflow(start, size - 1, &last) && last >> bits == 0;
}

/* Only what does not depend on the mappings at that point. */
static int check_map(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct edit_arguments *map = step->arguments;
	const struct job_stage1 *stage1 = (const struct job_stage1 *)map->stage1.target;
	const struct job_leaf *leaf = &map->leaf;

	if (!(leaf->prot & JOB_PROT_READ))
		return document_problem_set(problem, job->document, path, "prot must have \"r\"");
	if ((leaf->iova | leaf->ipa | leaf->size) % stage1->granule)
		return document_problem_set(problem, job->document, path,
			"iova, ipa and size must be multiples of the granule");
	if (!fits_bits(leaf->iova, leaf->size, stage1->va_bits) ||
		!fits_bits(leaf->ipa, leaf->size, stage1->pa_bits))
		return document_problem_set(
			problem, job->document, path, "an address does not fit va-bits or pa-bits");
	return 0;
}

/* Reports how an edit of @object ended. The tables are our own; nothing else may write to them. */
static int judge_edit(struct sequence *sequence, const struct document_object *object, int error)
{
	const bool depends =
		error == -EEXIST || error == -ENOENT || error == -ENOSPC || error == -EFAULT;

	if (!error || (sequence->unknown[object->index] && depends))
		return 0;
	return sequence_refuse(
		sequence, error, "stage1.%s: %s", object->name, sequence_explain_edit(error));
}

static int edit(struct iommuctl_stage1 *stage1, const struct job_step *step)
{
	const struct edit_arguments *arguments = step->arguments;
	const struct job_leaf *leaf = &arguments->leaf;

	if (job_step_action(step) == &action_map)
		return tables_map_leaf(stage1, leaf);
	if (job_step_action(step) == &action_remap)
		return tables_remap_leaf(stage1, leaf);
	return iommuctl_stage1_unmap(stage1, leaf->iova, leaf->size);
}

static int go_through_edit(struct sequence *sequence, const void *arguments)
{
	const struct document_object *object =
		((const struct edit_arguments *)arguments)->stage1.target;
	const struct job_stage1 *stage1 = (const struct job_stage1 *)object;
	int err = sequence_need_memory(sequence, stage1->at, stage1->size);

	if (err || sequence->step->expect)
		return err;
	return judge_edit(
		sequence, object, edit(&sequence->tables->stage1[object->index], sequence->step));
}

static int run_edit(struct live *live, const struct job_step *step)
{
	const struct edit_arguments *arguments = step->arguments;
	const struct document_object *stage1 = arguments->stage1.target;
	int err = edit(&live->tables.stage1[stage1->index], step);

	return err ? live_fail_with(live, stage1, err, step->key->name, "IOVA 0x%" PRIx64 ": %s",
			     arguments->leaf.iova, strerror(-err))
		   : 0;
}

static void describe_map(const void *arguments, char *text, size_t size)
{
	const struct edit_arguments *map = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "stage1.%s: IOVA 0x%" PRIx64 " → IPA 0x%" PRIx64 ", %s",
		map->stage1.name, map->leaf.iova, map->leaf.ipa,
		value_print_size(map->leaf.size, bytes));
}

const struct job_action action_map = {
	MAP_SHAPE,
	.effect = ACTION_CHANGES,
	.check = check_map,
	.go_through = go_through_edit,
	.describe = describe_map,
	.run = run_edit,
};

const struct job_action action_remap = {
	MAP_SHAPE,
	.effect = ACTION_CHANGES,
	.check = check_map,
	.go_through = go_through_edit,
	.describe = describe_map,
	.run = run_edit,
};

static const struct schema_key unmap_keys[] = {
	{ "stage1", SCHEMA_REF, MEMBER(edit_arguments, stage1), .required = true,
		.collection = JOB_STAGE1, .help = "The tables to change." },
	{ "iova", SCHEMA_NUMBER, MEMBER(edit_arguments, leaf.iova), .required = true,
		.help = "Start of the range." },
	{ "size", SCHEMA_NUMBER, MEMBER(edit_arguments, leaf.size), .required = true, .bytes = true,
		.min = 1, .help = "Bytes." },
	{ NULL },
};

static void describe_unmap(const void *arguments, char *text, size_t size)
{
	const struct edit_arguments *unmap = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "stage1.%s: IOVA 0x%" PRIx64 ", %s", unmap->stage1.name,
		unmap->leaf.iova, value_print_size(unmap->leaf.size, bytes));
}

const struct job_action action_unmap = {
	{ "unmap", sizeof(struct edit_arguments), unmap_keys,
		.help = "Removes a range from stage-1 tables. Invalidates nothing." },
	.effect = ACTION_CHANGES,
	.go_through = go_through_edit,
	.describe = describe_unmap,
	.run = run_edit,
};
