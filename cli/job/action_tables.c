// SPDX-License-Identifier: MIT
/* The actions that change what is translated: in the guest's tables, and in IOAS. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "document/value.h"
#include "job/action.h"
#include "job/check.h"
#include "job/encode.h"
#include "job/live.h"
#include "job/schema.h"
#include "job/sequence.h"
#include "output/text.h"

struct edit_arguments {
	struct document_ref stage1;
	struct document_ref ioas;  /* instead, where something is unmapped */
	struct job_leaf leaf; /* of which unmapping needs the range */
};

static const struct schema_key map_keys[] = {
	{ "stage1", SCHEMA_REF, MEMBER(edit_arguments, stage1), .required = true,
		.collection = JOB_STAGE1, .help = "The tables to change." },
	LEAF_KEYS(edit_arguments, leaf.),
	{ NULL },
};

#define MAP_SHAPE \
	{ "map", sizeof(struct edit_arguments), map_keys, \
		.help = "Changes stage-1 tables in guest memory. Invalidates nothing." }

static bool fits_bits(uint64_t start, uint64_t size, uint64_t bits)
{
	uint64_t last;

	return !__builtin_add_overflow(start, size - 1, &last) && last >> bits == 0;
}

/* As far as it does not depend on what is mapped by then. */
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
		return document_problem_set(problem, job->document, path,
			"an address does not fit va-bits or pa-bits");
	return 0;
}

static const char *explain_edit(int error)
{
	switch (error) {
	case -EEXIST: return "something is mapped there already";
	case -ENOENT: return "not all of it is mapped";
	case -ENOSPC: return "the tables need more than \"size\" bytes";
	case -ERANGE: return "an address does not fit va-bits or pa-bits";
	default: return "addresses and size must be multiples of the granule, and prot must have \"r\"";
	}
}

/* How an edit of @object ended on tables of our own, which nothing else may have written to. */
static int judge_edit(struct sequence *sequence, const struct document_object *object, int error)
{
	const bool depends = error == -EEXIST || error == -ENOENT || error == -ENOSPC ||
			     error == -EFAULT;

	if (!error || (sequence->unknown[object->index] && depends))
		return 0;
	return sequence_refuse(sequence, error, "stage1.%s: %s", object->name,
		explain_edit(error));
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
	const struct document_object *object = ((const struct edit_arguments *)arguments)->stage1.target;
	const struct job_stage1 *stage1 = (const struct job_stage1 *)object;
	int err = sequence_need_memory(sequence, stage1->at, stage1->size);

	if (err || sequence->step->expect)
		return err;
	return judge_edit(sequence, object,
		edit(&sequence->tables->stage1[object->index], sequence->step));
}

static int run_edit(struct live *live, const struct job_step *step)
{
	const struct edit_arguments *arguments = step->arguments;
	const struct document_object *stage1 = arguments->stage1.target;
	int err = edit(&live->tables.stage1[stage1->index], step);

	return err ? live_fail_with(live, stage1, err, step->key->name, "IOVA 0x%" PRIx64 ": %s",
			     arguments->leaf.iova, strerror(-err)) : 0;
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
	.effect = ACTION_CHANGES, .check = check_map, .go_through = go_through_edit, .describe = describe_map,
	.run = run_edit,
};

const struct job_action action_remap = {
	MAP_SHAPE,
	.effect = ACTION_CHANGES, .check = check_map, .go_through = go_through_edit, .describe = describe_map,
	.run = run_edit,
};

static const struct schema_key unmap_keys[] = {
	{ "stage1", SCHEMA_REF, MEMBER(edit_arguments, stage1), .group = 1,
		.collection = JOB_STAGE1, .help = "Tables in guest memory." },
	{ "ioas", SCHEMA_REF, MEMBER(edit_arguments, ioas), .group = 1, .collection = JOB_IOAS,
		.help = "An IOAS instead." },
	{ "iova", SCHEMA_NUMBER, MEMBER(edit_arguments, leaf.iova), .required = true,
		.help = "Where it begins." },
	{ "size", SCHEMA_NUMBER, MEMBER(edit_arguments, leaf.size), .required = true, .bytes = true, .min = 1,
		.help = "Bytes." },
	{ NULL },
};

static int go_through_unmap_ioas(struct sequence *sequence, const struct edit_arguments *unmap)
{
	const struct document_object *ioas = unmap->ioas.target;
	uint64_t last, removed;
	int err;

	if (__builtin_add_overflow(unmap->leaf.iova, unmap->leaf.size - 1, &last))
		return sequence_refuse(
			sequence, -EOVERFLOW, "it ends beyond 64 bits of address");
	err = iova_map_remove(&sequence->maps[ioas->index], unmap->leaf.iova, last, &removed);
	return err ? sequence_refuse(sequence, err, removed ?
			"a mapping of ioas.%s is only in part inside of it: mappings are undone whole" :
			"ioas.%s has no whole mapping there", ioas->name) : 0;
}

static int go_through_unmap(struct sequence *sequence, const void *arguments)
{
	const struct edit_arguments *unmap = arguments;

	return unmap->ioas.target ? go_through_unmap_ioas(sequence, unmap) :
				    go_through_edit(sequence, arguments);
}

static void describe_unmap(const void *arguments, char *text, size_t size)
{
	const struct edit_arguments *unmap = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "%s.%s: IOVA 0x%" PRIx64 ", %s", unmap->ioas.name ? "ioas" : "stage1",
		unmap->ioas.name ? unmap->ioas.name : unmap->stage1.name, unmap->leaf.iova,
		value_print_size(unmap->leaf.size, bytes));
}

static int run_unmap_ioas(struct live *live, const struct edit_arguments *unmap)
{
	const struct document_object *ioas = unmap->ioas.target;
	const uint64_t iova = unmap->leaf.iova, size = unmap->leaf.size;
	uint64_t unmapped = 0, removed;
	char asked[VALUE_TEXT_SIZE], gone[VALUE_TEXT_SIZE];
	int err;

	err = iommuctl_ioas_unmap(
		live->ctx, live->iommufd, live_object(live, ioas)->id, iova, size, &unmapped);
	iova_map_remove(&live->maps[ioas->index], iova, iova + (size - 1), &removed);
	if (err)
		return live_fail(live, ioas, err);
	if (unmapped != size)
		text_append(live->seen, sizeof(live->seen),
			"ioas.%s: IOVA 0x%" PRIx64 ", %s, of which %s were mapped", ioas->name, iova,
			value_print_size(size, asked), value_print_size(unmapped, gone));
	return 0;
}

static int run_unmap(struct live *live, const struct job_step *step)
{
	const struct edit_arguments *unmap = step->arguments;

	return unmap->ioas.target ? run_unmap_ioas(live, unmap) : run_edit(live, step);
}

const struct job_action action_unmap = {
	{ "unmap", sizeof(struct edit_arguments), unmap_keys,
		.help = "Ends the translation of a range. Of a stage 1, nothing is invalidated." },
	.effect = ACTION_CHANGES, .go_through = go_through_unmap, .describe = describe_unmap,
	.run = run_unmap,
};

struct ioas_map_arguments {
	struct document_ref ioas;
	struct job_ioas_map *map;
};

static const struct schema_key ioas_map_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(ioas_map_arguments, ioas), .required = true,
		.collection = JOB_IOAS, .help = "The IOAS to map in." },
	{ "map", SCHEMA_OBJECT, MEMBER(ioas_map_arguments, map), .required = true,
		.shape = &schema_ioas_map, .help = "What to map." },
	{ NULL },
};

static int check_ioas_map(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct ioas_map_arguments *arguments = step->arguments;
	const struct document_path place = { .parent = path, .key = "map" };

	return job_check_ioas_map(job, arguments->map, &place, problem);
}

static int go_through_ioas_map(struct sequence *sequence, const void *arguments)
{
	const struct ioas_map_arguments *step = arguments;

	return sequence->step->expect ? 0 :
		sequence_map(sequence, (const struct job_ioas *)step->ioas.target, step->map);
}

static void describe_ioas_map(const void *arguments, char *text, size_t size)
{
	const struct ioas_map_arguments *step = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "ioas.%s: IOVA 0x%" PRIx64 " ← memory.%s, %s", step->ioas.name,
		job_ioas_map_iova(step->map), step->map->memory.name,
		value_print_size(job_ioas_map_length(step->map), bytes));
}

static int run_ioas_map(struct live *live, const struct job_step *step)
{
	const struct ioas_map_arguments *arguments = step->arguments;

	return live_ioas_map(live, arguments->ioas.target, arguments->map);
}

const struct job_action action_ioas_map = {
	{ "ioas-map-step", sizeof(struct ioas_map_arguments), ioas_map_keys,
		.help = "Maps guest memory in an IOAS." },
	.effect = ACTION_CHANGES, .check = check_ioas_map, .go_through = go_through_ioas_map,
	.describe = describe_ioas_map, .run = run_ioas_map,
};
