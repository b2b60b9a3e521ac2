// SPDX-License-Identifier: MIT
/* The action that invalidates a nested HWPT on VT-d. */
#include <errno.h>
#include <inttypes.h>

#include "job/actions/action.h"
#include "job/actions/invalidate.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

#define PAGE_SIZE UINT64_C(4096)

struct arguments {
	struct document_ref hwpt;
	struct document_list entries; /* struct entry */
	uint64_t done;
	struct iommuctl_hwpt_vtd_s1_invalidate *encoded; /* encoded entries, set by the check */
};

struct entry {
	uint64_t addr;
	uint64_t npages;
	bool leaf;
};

static const struct schema_key entry_keys[] = {
	{ "addr", SCHEMA_NUMBER, MEMBER(entry, addr),
		.help = "First I/O virtual address, a multiple of 4K." },
	{ "npages", SCHEMA_NUMBER, MEMBER(entry, npages), .fallback = UINT64_MAX, .max = UINT64_MAX,
		.help = "Number of 4K pages. If not given, everything; the address must then be "
			"0." },
	{ "leaf", SCHEMA_BOOL, MEMBER(entry, leaf),
		.help = "Only leaf entries have changed: keep the paging-structure caches." },
	{ NULL },
};

static const struct schema_shape entry_shape = {
	"vtd-range",
	sizeof(struct entry),
	entry_keys,
	.help = "A range to invalidate.",
};

static const struct schema_key keys[] = {
	{ "hwpt", SCHEMA_REF, MEMBER(arguments, hwpt), .required = true, .collection = JOB_HWPTS,
		.help = "The nested HWPT." },
	{ "ranges", SCHEMA_ARRAY, MEMBER(arguments, entries), .required = true, .max = 1 << 16,
		.shape = &entry_shape, .help = "The ranges, in order." },
	{ "done", SCHEMA_NUMBER, MEMBER(arguments, done), .fallback = DOCUMENT_UNSET,
		.help = "Number of ranges that the kernel must report as handled, which is exact. "
			"By default all of them, or any number if the call fails." },
	{ NULL },
};

static int check(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	struct arguments *arguments = step->arguments;
	const struct entry *entries = arguments->entries.items;
	const size_t count = arguments->entries.count;

	if (arguments->done != DOCUMENT_UNSET && arguments->done > count)
		return document_problem_set(problem, job->document, path,
			"\"done\" is %" PRIu64 ", but the number of ranges is %zu", arguments->done,
			count);
	arguments->encoded = document_alloc(job->document, count, sizeof(*arguments->encoded));
	if (!arguments->encoded)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		arguments->encoded[i] = (struct iommuctl_hwpt_vtd_s1_invalidate){
			.addr = entries[i].addr,
			.npages = entries[i].npages,
			.flags = entries[i].leaf ? IOMMUCTL_VTD_INV_FLAGS_LEAF : 0,
		};
	return 0;
}

static int go_through_entry(
	struct sequence *sequence, const struct iommuctl_hwpt_vtd_s1_invalidate *entry)
{
	if (entry->addr % PAGE_SIZE)
		return sequence_refuse(
			sequence, -EINVAL, "0x%" PRIx64 " is not a multiple of 4K", entry->addr);
	if (entry->npages == UINT64_MAX && entry->addr)
		return sequence_refuse(sequence, -EINVAL,
			"without a number of pages the address must be 0, not 0x%" PRIx64,
			entry->addr);
	return 0;
}

static int go_through(struct sequence *sequence, const void *data)
{
	const struct arguments *arguments = data;
	const struct job_hwpt *hwpt = (const struct job_hwpt *)arguments->hwpt.target;
	int err = 0;

	if (hwpt->ioas.target)
		return sequence_refuse(sequence, -EINVAL,
			"hwpts.%s is not nested: the kernel invalidates its caches itself",
			hwpt->object.name);
	if (hwpt->ste)
		return sequence_refuse(sequence, -EOPNOTSUPP,
			"hwpts.%s is on an SMMUv3: invalidate it through its vIOMMU",
			hwpt->object.name);
	if (hwpt->mock)
		return sequence_refuse(sequence, -EINVAL,
			"hwpts.%s is one of the kernel's mock, whose caches \"mock\": "
			"{\"invalidate\": …} invalidates",
			hwpt->object.name);
	for (size_t i = 0; !err && i < arguments->entries.count; i++)
		err = go_through_entry(sequence, &arguments->encoded[i]);
	return err;
}

static void describe(const void *data, char *text, size_t size)
{
	const struct arguments *arguments = data;
	const struct iommuctl_hwpt_vtd_s1_invalidate *first = arguments->encoded;

	text_append(text, size, "hwpts.%s: ", arguments->hwpt.name);
	if (!arguments->entries.count) {
		text_append(text, size, "no range");
		return;
	}
	if (first->npages == UINT64_MAX)
		text_append(text, size, "everything");
	else
		text_append(
			text, size, "%" PRIu64 " pages at 0x%" PRIx64, first->npages, first->addr);
	text_append(text, size, "%s", first->flags ? ", leaves only" : "");
	if (arguments->entries.count > 1)
		text_append(text, size, " and %zu more", arguments->entries.count - 1);
}

static int run(struct live *live, const struct job_step *step)
{
	const struct arguments *arguments = step->arguments;
	const struct invalidation invalidation = {
		.object = arguments->hwpt.target,
		.data_type = IOMMUCTL_HWPT_INVALIDATE_DATA_VTD_S1,
		.entry_len = sizeof(*arguments->encoded),
		.entries = arguments->encoded,
		.count = (uint32_t)arguments->entries.count,
		.due = arguments->done,
		.what = "ranges",
	};

	return invalidation_run(live, step, &invalidation);
}

const struct job_action action_invalidate_hwpt = {
	{ "invalidate-hwpt", sizeof(struct arguments), keys,
		.help = "Invalidates ranges of a nested HWPT on VT-d, in one call. Tested on the "
			"model machine only." },
	.check = check,
	.go_through = go_through,
	.describe = describe,
	.run = run,
};
