// SPDX-License-Identifier: MIT
/* The action that has a nested HWPT of VT-d forget what has changed. */
#include <errno.h>
#include <inttypes.h>

#include "job/action.h"
#include "job/action_invalidate.h"
#include "job/schema.h"
#include "job/sequence.h"
#include "output/text.h"

#define PAGE_SIZE UINT64_C(4096)

struct arguments {
	struct document_ref hwpt;
	struct document_list entries; /* struct entry */
	uint64_t done;
	struct iommuctl_hwpt_vtd_s1_invalidate *encoded; /* the entries, once they are checked */
};

struct entry {
	uint64_t addr;
	uint64_t npages;
	bool leaf;
};

static const struct schema_key entry_keys[] = {
	{ "addr", SCHEMA_NUMBER, MEMBER(entry, addr),
		.help = "The first I/O virtual address, a multiple of 4K; 0 if not given." },
	{ "npages", SCHEMA_NUMBER, MEMBER(entry, npages), .fallback = UINT64_MAX, .max = UINT64_MAX,
		.help = "Pages of 4K. If not given, all that there is, of which the address is 0." },
	{ "leaf", SCHEMA_BOOL, MEMBER(entry, leaf),
		.help = "Only leaf entries have changed: paging-structure caches are left." },
	{ NULL },
};

static const struct schema_shape entry_shape = {
	"vtd-range",
	sizeof(struct entry),
	entry_keys,
	.help = "A range that is to be forgotten.",
};

static const struct schema_key keys[] = {
	{ "hwpt", SCHEMA_REF, MEMBER(arguments, hwpt), .required = true, .collection = JOB_HWPTS,
		.help = "The nested HWPT." },
	{ "ranges", SCHEMA_ARRAY, MEMBER(arguments, entries), .required = true, .max = 1 << 16,
		.shape = &entry_shape, .help = "What to forget, in order." },
	{ "done", SCHEMA_NUMBER, MEMBER(arguments, done), .fallback = DOCUMENT_UNSET,
		.help = "How many ranges the kernel says it has handled, which is exact; if not given, all "
			"of them, and of a call that fails it does not matter." },
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
			"\"done\" is %" PRIu64 ", and there are %zu ranges", arguments->done,
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
			sequence, -EINVAL, "0x%" PRIx64 " is no multiple of 4K", entry->addr);
	if (entry->npages == UINT64_MAX && entry->addr)
		return sequence_refuse(sequence, -EINVAL,
			"all that there is begins at address 0, and not at 0x%" PRIx64,
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
			"hwpts.%s is not nested: the kernel keeps its caches in step itself",
			hwpt->object.name);
	if (hwpt->ste)
		return sequence_refuse(sequence, -EOPNOTSUPP,
			"hwpts.%s is of an SMMUv3, which is invalidated through its vIOMMU",
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
	text_append(text, size, "%s", first->flags ? ", leaves alone" : "");
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
		.help = "Has the kernel forget ranges of a nested HWPT of VT-d, in one call. Proven on the "
			"model machine alone." },
	.check = check,
	.go_through = go_through,
	.describe = describe,
	.run = run,
};
