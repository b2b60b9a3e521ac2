// SPDX-License-Identifier: MIT
/* The actions on a HWPT's dirty tracking. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "document/value.h"
#include "job/actions/action.h"
#include "job/live/live.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

/* A HWPT made without "dirty-tracking" has no bitmap. */
static int need_tracking(struct sequence *sequence, const struct document_ref *ref)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)ref->target;

	if (!hwpt->ioas.target)
		return sequence_refuse(sequence, -ENOENT,
			"hwpts.%s is nested: the nesting parent tracks dirty pages", ref->name);
	if (!hwpt->dirty_tracking)
		return sequence_refuse(sequence, -EOPNOTSUPP,
			"hwpts.%s lacks \"dirty-tracking\": true", ref->name);
	return 0;
}

struct tracking_arguments {
	struct document_ref hwpt;
	bool on;
};

static const struct schema_key tracking_keys[] = {
	{ "hwpt", SCHEMA_REF, MEMBER(tracking_arguments, hwpt), .required = true,
		.collection = JOB_HWPTS, .help = "The paging HWPT." },
	{ "on", SCHEMA_BOOL, MEMBER(tracking_arguments, on), .required = true,
		.help = "Whether to track from now on. Turning it on clears what was recorded "
			"before." },
	{ NULL },
};

static int go_through_tracking(struct sequence *sequence, const void *arguments)
{
	const struct tracking_arguments *tracking = arguments;

	return need_tracking(sequence, &tracking->hwpt);
}

static void describe_tracking(const void *arguments, char *text, size_t size)
{
	const struct tracking_arguments *tracking = arguments;

	text_append(text, size, "hwpts.%s: %s", tracking->hwpt.name, tracking->on ? "on" : "off");
}

static int run_tracking(struct live *live, const struct job_step *step)
{
	const struct tracking_arguments *tracking = step->arguments;
	const struct document_object *hwpt = tracking->hwpt.target;
	int err = iommuctl_hwpt_set_dirty_tracking(live->ctx, live->iommufd,
		live_object(live, hwpt)->id,
		tracking->on ? IOMMUCTL_HWPT_DIRTY_TRACKING_ENABLE : 0);

	return err ? live_fail(live, hwpt, err) : 0;
}

const struct job_action action_hwpt_dirty_tracking = {
	{ "hwpt-dirty-tracking", sizeof(struct tracking_arguments), tracking_keys,
		.help = "Starts or stops tracking which pages devices write through a paging "
			"HWPT." },
	.go_through = go_through_tracking,
	.describe = describe_tracking,
	.run = run_tracking,
};

/* Bits in one request: 64G in pages of 4K. */
#define PAGES_MAX (UINT64_C(1) << 24)

/* Pages that devices are expected to have written. */
struct dirty_part {
	uint64_t iova;
	uint64_t size;
};

struct bitmap_arguments {
	struct document_ref hwpt;
	uint64_t iova;
	uint64_t size;
	uint64_t page_size;
	struct document_list dirty; /* struct dirty_part; no items: not given */
	bool no_clear;
};

static const struct schema_key dirty_keys[] = {
	{ "iova", SCHEMA_NUMBER, MEMBER(dirty_part, iova), .required = true,
		.help = "Where it begins." },
	{ "size", SCHEMA_NUMBER, MEMBER(dirty_part, size), .required = true, .bytes = true,
		.min = 1, .help = "Bytes." },
	{ NULL },
};

static const struct schema_shape dirty_shape = {
	"dirty",
	sizeof(struct dirty_part),
	dirty_keys,
	.help = "Pages that devices have written.",
};

static const struct schema_key bitmap_keys[] = {
	{ "hwpt", SCHEMA_REF, MEMBER(bitmap_arguments, hwpt), .required = true,
		.collection = JOB_HWPTS, .help = "The paging HWPT." },
	{ "iova", SCHEMA_NUMBER, MEMBER(bitmap_arguments, iova), .required = true,
		.help = "Where to begin." },
	{ "size", SCHEMA_NUMBER, MEMBER(bitmap_arguments, size), .required = true, .bytes = true,
		.min = 1, .help = "Bytes to look at, all of which must be mapped." },
	{ "page-size", SCHEMA_NUMBER, MEMBER(bitmap_arguments, page_size), .bytes = true,
		.min = 4096, .max = UINT64_C(1) << 40, .fallback = 4096,
		.help = "Bytes per bit, a power of 2." },
	{ "dirty", SCHEMA_ARRAY, MEMBER(bitmap_arguments, dirty), .max = 4096,
		.shape = &dirty_shape,
		.help = "Exactly the pages that were written, within the range looked at." },
	{ "no-clear", SCHEMA_BOOL, MEMBER(bitmap_arguments, no_clear),
		.help = "Do not clear the bitmap." },
	{ NULL },
};

static bool is_inside(const struct bitmap_arguments *bitmap, const struct dirty_part *part)
{
	return part->iova >= bitmap->iova && part->iova - bitmap->iova <= bitmap->size &&
	       part->size <= bitmap->size - (part->iova - bitmap->iova);
}

static int check_dirty(const struct job *job, const struct bitmap_arguments *bitmap,
	const struct document_path *path, struct document_problem *problem)
{
	const struct document_path list = { .parent = path, .key = "dirty" };
	const struct dirty_part *parts = bitmap->dirty.items;
	int err = 0;

	for (size_t i = 0; i < bitmap->dirty.count; i++) {
		const struct document_path place = { .parent = &list, .index = i };
		int wrong = 0;

		if ((parts[i].iova | parts[i].size) % bitmap->page_size)
			wrong = document_problem_set(problem, job->document, &place,
				"iova and size must be multiples of page-size");
		else if (!is_inside(bitmap, &parts[i]))
			wrong = document_problem_set(
				problem, job->document, &place, "is outside the range to look at");
		if (!document_note_error(&err, wrong))
			break;
	}
	return err;
}

static int check_bitmap(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct bitmap_arguments *bitmap = step->arguments;
	uint64_t last;

	if (bitmap->page_size & (bitmap->page_size - 1))
		return document_problem_set(
			problem, job->document, path, "page-size must be a power of 2");
	if ((bitmap->iova | bitmap->size) % bitmap->page_size)
		return document_problem_set(problem, job->document, path,
			"iova and size must be multiples of page-size");
	if (__builtin_add_overflow(bitmap->iova, bitmap->size - 1, &last))
		return document_problem_set(
			problem, job->document, path, "ends beyond the 64-bit address space");
	if (bitmap->size / bitmap->page_size > PAGES_MAX)
		return document_problem_set(problem, job->document, path,
			"covers more than %" PRIu64 " pages", PAGES_MAX);
	return check_dirty(job, bitmap, path, problem);
}

static int go_through_bitmap(struct sequence *sequence, const void *arguments)
{
	const struct bitmap_arguments *bitmap = arguments;

	/* Linux 7.3 does not report gaps between mappings. */
	return need_tracking(sequence, &bitmap->hwpt);
}

static void describe_dirty(const struct document_list *dirty, char *text, size_t size)
{
	const struct dirty_part *parts = dirty->items;

	for (size_t i = 0; i < dirty->count; i++)
		text_append(text, size, "%s0x%" PRIx64 "-0x%" PRIx64, i ? ", " : "", parts[i].iova,
			parts[i].iova + (parts[i].size - 1));
	text_append(text, size, dirty->count ? " dirty" : "nothing dirty");
}

static void describe_bitmap(const void *arguments, char *text, size_t size)
{
	const struct bitmap_arguments *bitmap = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "hwpts.%s: %s at IOVA 0x%" PRIx64, bitmap->hwpt.name,
		value_print_size(bitmap->size, bytes), bitmap->iova);
	if (!bitmap->dirty.items)
		return;
	text_append(text, size, ": ");
	describe_dirty(&bitmap->dirty, text, size);
}

static bool is_set(const uint64_t *words, uint64_t page)
{
	return words[page / 64] >> page % 64 & 1;
}

static void set_part(
	uint64_t *words, const struct bitmap_arguments *bitmap, const struct dirty_part *part)
{
	const uint64_t first = (part->iova - bitmap->iova) / bitmap->page_size;

	for (uint64_t page = first; page < first + part->size / bitmap->page_size; page++)
		words[page / 64] |= UINT64_C(1) << page % 64;
}

/* Appends the pages set in @words to @text, as IOVA ranges. */
static void describe_words(
	const struct bitmap_arguments *bitmap, const uint64_t *words, char *text, size_t size)
{
	const uint64_t pages = bitmap->size / bitmap->page_size;
	const char *separator = "";

	for (uint64_t page = 0, first; page < pages; page++) {
		if (!is_set(words, page))
			continue;
		first = page;
		while (page + 1 < pages && is_set(words, page + 1))
			page++;
		text_append(text, size, "%s0x%" PRIx64 "-0x%" PRIx64, separator,
			bitmap->iova + first * bitmap->page_size,
			bitmap->iova + ((page + 1) * bitmap->page_size - 1));
		separator = ", ";
	}
	text_append(text, size, *separator ? " dirty" : "nothing dirty");
}

/* @words has the bits found, followed by as much room for the bits expected. */
static int judge(struct live *live, const struct bitmap_arguments *bitmap, uint64_t *words,
	size_t count, const char *found)
{
	const struct dirty_part *parts = bitmap->dirty.items;
	char wanted[384] = "";

	for (size_t i = 0; i < bitmap->dirty.count; i++)
		set_part(words + count, bitmap, &parts[i]);
	for (size_t i = 0; bitmap->dirty.items && i < count; i++) {
		if (words[i] == words[count + i])
			continue;
		describe_words(bitmap, words + count, wanted, sizeof(wanted));
		live_unmet(live, bitmap->hwpt.target, "%s; %s was expected", found, wanted);
		return live_expected(live, "%s", wanted);
	}
	return 0;
}

static int run_bitmap(struct live *live, const struct job_step *step)
{
	const struct bitmap_arguments *bitmap = step->arguments;
	const struct document_object *hwpt = bitmap->hwpt.target;
	const size_t count = (size_t)((bitmap->size / bitmap->page_size + 63) / 64);
	uint64_t *words = calloc(2 * count, sizeof(*words));
	char found[384] = "";
	int err;

	if (!words)
		return live_fail_with(live, hwpt, -ENOMEM, step->key->name, "out of memory");
	err = iommuctl_hwpt_get_dirty_bitmap(live->ctx, live->iommufd,
		&(struct iommuctl_dirty_bitmap_args){
			.hwpt_id = live_object(live, hwpt)->id,
			.flags = bitmap->no_clear ? IOMMUCTL_HWPT_GET_DIRTY_BITMAP_NO_CLEAR : 0,
			.iova = bitmap->iova,
			.length = bitmap->size,
			.page_size = bitmap->page_size,
			.bitmap = words,
		});
	if (err) {
		live_fail(live, hwpt, err);
	} else {
		describe_words(bitmap, words, found, sizeof(found));
		text_append(live->seen, sizeof(live->seen), "hwpts.%s: %s", hwpt->name, found);
		err = judge(live, bitmap, words, count, found);
	}
	free(words);
	return err;
}

const struct job_action action_hwpt_dirty_bitmap = {
	{ "hwpt-dirty-bitmap", sizeof(struct bitmap_arguments), bitmap_keys,
		.help = "Reads which pages devices have written through a paging HWPT, and clears "
			"the bitmap." },
	.check = check_bitmap,
	.go_through = go_through_bitmap,
	.describe = describe_bitmap,
	.run = run_bitmap,
};
