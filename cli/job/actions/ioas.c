// SPDX-License-Identifier: MIT
/* The actions that change an IOAS's mappings. */
#include <errno.h>
#include <inttypes.h>

#include "document/value.h"
#include "job/actions/action.h"
#include "job/check/check.h"
#include "job/sequence/hw_queue_pins.h"
#include "job/live/live.h"
#include "job/live/ioas.h"
#include "job/live/memory.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

struct map_arguments {
	struct document_ref ioas;
	struct job_ioas_map *map;
};

static const struct schema_key map_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(map_arguments, ioas), .required = true, .collection = JOB_IOAS,
		.help = "The IOAS to map in." },
	{ "map", SCHEMA_OBJECT, MEMBER(map_arguments, map), .required = true,
		.shape = &schema_ioas_map, .help = "The memory to map." },
	{ NULL },
};

static int check_map(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct map_arguments *arguments = step->arguments;
	const struct document_path place = { .parent = path, .key = "map" };

	return job_check_ioas_map(job, arguments->map, &place, problem);
}

static int go_through_map(struct sequence *sequence, const void *arguments)
{
	const struct map_arguments *step = arguments;

	return sequence->step->expect
		       ? 0
		       : sequence_map(
				 sequence, (const struct job_ioas *)step->ioas.target, step->map);
}

static void describe_map(const void *arguments, char *text, size_t size)
{
	const struct map_arguments *step = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "ioas.%s: IOVA 0x%" PRIx64 " ← memory.%s, %s", step->ioas.name,
		job_ioas_map_iova(step->map), step->map->memory.name,
		value_print_size(job_ioas_map_length(step->map), bytes));
}

static int run_map(struct live *live, const struct job_step *step)
{
	const struct map_arguments *arguments = step->arguments;

	return live_ioas_map(live, arguments->ioas.target, arguments->map);
}

const struct job_action action_ioas_map = {
	{ "ioas-map-step", sizeof(struct map_arguments), map_keys,
		.help = "Maps guest memory in an IOAS." },
	.effect = ACTION_CHANGES,
	.check = check_map,
	.go_through = go_through_map,
	.describe = describe_map,
	.run = run_map,
};

const struct job_ioas_map *action_ioas_map_of(const struct job_step *step)
{
	const struct map_arguments *arguments = step->arguments;

	return job_step_action(step) == &action_ioas_map ? arguments->map : NULL;
}

struct unmap_arguments {
	struct document_ref ioas;
	uint64_t iova;
	uint64_t size;
};

static const struct schema_key unmap_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(unmap_arguments, ioas), .required = true,
		.collection = JOB_IOAS, .help = "The IOAS to unmap from." },
	{ "iova", SCHEMA_NUMBER, MEMBER(unmap_arguments, iova), .required = true,
		.help = "Start of the range." },
	{ "size", SCHEMA_NUMBER, MEMBER(unmap_arguments, size), .required = true, .bytes = true,
		.min = 1, .help = "Bytes." },
	{ NULL },
};

static bool queue_exists(const void *sequence, const struct document_object *queue)
{
	const struct sequence *at = sequence;

	return sequence_has(at, queue) && !at->doubtful[JOB_HW_QUEUES][queue->index];
}

static int refuse_held(
	struct sequence *sequence, const char *ioas, const struct job_hw_queue *queue)
{
	return sequence_refuse(sequence, -EBUSY,
		"hw-queues.%s reads memory that ioas.%s maps "
		"there",
		queue->object.name, ioas);
}

static int go_through_unmap(struct sequence *sequence, const void *arguments)
{
	const struct unmap_arguments *unmap = arguments;
	const struct document_object *ioas = unmap->ioas.target;
	const struct held_by by = { sequence->job, queue_exists, sequence };
	struct iova_map *map = &sequence->maps[ioas->index];
	const struct job_hw_queue *queue;
	uint64_t last, held, removed;
	int err;

	if (__builtin_add_overflow(unmap->iova, unmap->size - 1, &last))
		return sequence_refuse(sequence, -EOVERFLOW,
			"it ends beyond the 64-bit address "
			"space");
	queue = held_find(&by, ioas, map, unmap->iova, last, &held);
	if (queue && held <= unmap->iova)
		return refuse_held(sequence, ioas->name, queue);
	/* It may fail for a reason not known here, such as pinned pages. */
	if (sequence->step->expect && !queue && iova_map_has_whole(map, unmap->iova, last))
		return 0;
	err = iova_map_remove(map, unmap->iova, queue ? held - 1 : last, &removed);
	if (err == -ENOMEM)
		return err;
	if (queue)
		return refuse_held(sequence, ioas->name, queue);
	if (!err)
		return 0;
	return sequence_refuse(sequence, err,
		removed ? "a mapping of ioas.%s lies only partly in the range: only whole mappings "
			  "can be unmapped"
			: "ioas.%s has no whole mapping in the range",
		ioas->name);
}

static void describe_unmap(const void *arguments, char *text, size_t size)
{
	const struct unmap_arguments *unmap = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "ioas.%s: IOVA 0x%" PRIx64 ", %s", unmap->ioas.name, unmap->iova,
		value_print_size(unmap->size, bytes));
}

static bool queue_is_made(const void *live, const struct document_object *queue)
{
	return live_object(live, queue)->made;
}

/* Records what the kernel unmapped before it stopped with @error. */
static void note_unmapped(struct live *live, const struct unmap_arguments *unmap, int error)
{
	const struct document_object *ioas = unmap->ioas.target;
	const struct held_by by = { live->job, queue_is_made, live };
	struct iova_map *map = &live->maps[ioas->index];
	uint64_t last = unmap->iova + (unmap->size - 1), held, removed;

	if (error && error != -ENOENT && error != -EBUSY)
		return;
	if (error == -EBUSY) {
		if (!held_find(&by, ioas, map, unmap->iova, last, &held) || held <= unmap->iova)
			return;
		last = held - 1;
	}
	iova_map_remove(map, unmap->iova, last, &removed);
	live_let_go_of_memory(live);
}

static int run_unmap(struct live *live, const struct job_step *step)
{
	const struct unmap_arguments *unmap = step->arguments;
	const struct document_object *ioas = unmap->ioas.target;
	uint64_t unmapped = 0;
	char asked[VALUE_TEXT_SIZE], gone[VALUE_TEXT_SIZE];
	int err;

	err = iommuctl_ioas_unmap(live->ctx, live->iommufd, live_object(live, ioas)->id,
		unmap->iova, unmap->size, &unmapped);
	note_unmapped(live, unmap, err);
	if (err)
		return live_fail(live, ioas, err);
	if (unmapped != unmap->size)
		text_append(live->seen, sizeof(live->seen),
			"ioas.%s: IOVA 0x%" PRIx64 ", %s, of which %s were mapped", ioas->name,
			unmap->iova, value_print_size(unmap->size, asked),
			value_print_size(unmapped, gone));
	return 0;
}

const struct job_action action_ioas_unmap = {
	{ "ioas-unmap", sizeof(struct unmap_arguments), unmap_keys,
		.help = "Unmaps all mappings of an IOAS that lie entirely in a range." },
	.effect = ACTION_CHANGES,
	.go_through = go_through_unmap,
	.describe = describe_unmap,
	.run = run_unmap,
};

struct copy_arguments {
	struct document_ref ioas;
	struct document_ref source;
	uint64_t source_iova;
	uint64_t iova; /* DOCUMENT_UNSET: as in the source */
	uint64_t size;
	uint64_t prot;
};

static const struct schema_key copy_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(copy_arguments, ioas), .required = true,
		.collection = JOB_IOAS, .help = "The IOAS to copy the mappings to." },
	{ "source", SCHEMA_REF, MEMBER(copy_arguments, source), .required = true,
		.collection = JOB_IOAS,
		.help = "The IOAS to copy them from, which may be the same "
			"one." },
	{ "source-iova", SCHEMA_NUMBER, MEMBER(copy_arguments, source_iova), .required = true,
		.help = "Start of the range in the source, a multiple of 4K." },
	{ "iova", SCHEMA_NUMBER, MEMBER(copy_arguments, iova), .fallback = DOCUMENT_UNSET,
		.help = "Start of the copy, a multiple of 4K; by default the same as in the source." },
	{ "size", SCHEMA_NUMBER, MEMBER(copy_arguments, size), .required = true, .bytes = true,
		.min = 1, .help = "Bytes, a multiple of 4K." },
	{ "prot", SCHEMA_SET, MEMBER(copy_arguments, prot), .choices = schema_ioas_prot_choices,
		.fallback = JOB_PROT_READ | JOB_PROT_WRITE,
		.help = "Access granted to devices: letters of \"rw\"." },
	{ NULL },
};

static int check_copy(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct copy_arguments *copy = step->arguments;
	const uint64_t iova = copy->iova == DOCUMENT_UNSET ? 0 : copy->iova;

	if ((copy->source_iova | iova | copy->size) % JOB_PAGE)
		return document_problem_set(problem, job->document, path,
			"source-iova, iova and size must be multiples of 4K");
	return 0;
}

static struct iova_copy copy_of(const struct copy_arguments *copy)
{
	return (struct iova_copy){
		.first = copy->source_iova,
		.last = copy->source_iova + (copy->size - 1),
		.to = copy->iova == DOCUMENT_UNSET ? copy->source_iova : copy->iova,
		.prot = copy->prot,
	};
}

static const char *explain_copy(int error)
{
	switch (error) {
	case -ENOENT: return "does not map all of it";
	case -EPERM: return "has memory there that was mapped read-only";
	case -EEXIST: return "already has a mapping there";
	default: return "ends at the 64-bit address limit";
	}
}

/* What is copied is looked up before where it goes is looked at. */
static bool is_all_there(
	const struct iova_map *source, const struct iova_copy *copy, uint64_t *last)
{
	return iova_map_covers(source, copy->first, copy->last, 0) &&
	       !__builtin_add_overflow(copy->to, copy->last - copy->first, last);
}

static int go_through_copy(struct sequence *sequence, const void *arguments)
{
	const struct copy_arguments *step = arguments;
	const struct iova_copy copy = copy_of(step);
	const struct document_object *ioas = step->ioas.target, *source = step->source.target;
	uint64_t last;
	int err = 0;

	if (sequence->step->expect)
		return 0;
	if (copy.last < copy.first)
		err = -EOVERFLOW;
	else if (is_all_there(&sequence->maps[source->index], &copy, &last))
		err = sequence_check_reserved(sequence, ioas, copy.to, last);
	if (err == -EINVAL || err == -ENOMEM)
		return err;
	if (!err)
		err = iova_map_copy(
			&sequence->maps[ioas->index], &sequence->maps[source->index], &copy);
	if (!err || err == -ENOMEM)
		return err;
	return sequence_refuse(sequence, err, "ioas.%s %s",
		err == -EEXIST ? ioas->name : source->name, explain_copy(err));
}

static void describe_copy(const void *arguments, char *text, size_t size)
{
	const struct copy_arguments *step = arguments;
	const struct iova_copy copy = copy_of(step);
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "ioas.%s: IOVA 0x%" PRIx64 " ← ioas.%s IOVA 0x%" PRIx64 ", %s",
		step->ioas.name, copy.to, step->source.name, copy.first,
		value_print_size(step->size, bytes));
}

static int run_copy(struct live *live, const struct job_step *step)
{
	const struct copy_arguments *arguments = step->arguments;
	const struct iova_copy copy = copy_of(arguments);

	return live_ioas_copy(live, arguments->ioas.target, arguments->source.target, &copy);
}

const struct job_action action_ioas_copy = {
	{ "ioas-copy", sizeof(struct copy_arguments), copy_keys,
		.help = "Copies mappings from one IOAS to another, without pinning the memory "
			"again." },
	.effect = ACTION_CHANGES,
	.check = check_copy,
	.go_through = go_through_copy,
	.describe = describe_copy,
	.run = run_copy,
};
