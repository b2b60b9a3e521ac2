// SPDX-License-Identifier: MIT
/* The action that invalidates the caches of the kernel's mock. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "job/actions/action.h"
#include "job/actions/mock.h"
#include "job/live/mock.h"
#include "job/schema/schema.h"
#include "output/text.h"

struct entry {
	uint64_t index; /* DOCUMENT_UNSET: all of them */
	uint64_t vsid;	/* for a vIOMMU: whose */
};

struct invalidate_arguments {
	struct document_ref viommu;
	struct document_ref hwpt;
	struct document_list entries; /* struct entry */
	uint64_t done;		      /* DOCUMENT_UNSET: all of them */
};

static const struct schema_key entry_keys[] = {
	{ "entry", SCHEMA_NUMBER, MEMBER(entry, index), .max = UINT32_MAX,
		.fallback = DOCUMENT_UNSET,
		.help = "Index of the entry, from 0; all if not "
			"given." },
	{ "vsid", SCHEMA_NUMBER, MEMBER(entry, vsid), .max = UINT32_MAX,
		.help = "For a vIOMMU: the device whose cache it is." },
	{ NULL },
};

static const struct schema_shape entry_shape = {
	"mock-entry",
	sizeof(struct entry),
	entry_keys,
	.help = "One invalidation.",
};

static const struct schema_key keys[] = {
	{ "viommu", SCHEMA_REF, MEMBER(invalidate_arguments, viommu), .group = 1,
		.collection = JOB_VIOMMUS, .help = "The vIOMMU whose devices have caches." },
	{ "hwpt", SCHEMA_REF, MEMBER(invalidate_arguments, hwpt), .group = 1,
		.collection = JOB_HWPTS, .help = "The nested HWPT that has a TLB." },
	{ "entries", SCHEMA_ARRAY, MEMBER(invalidate_arguments, entries), .required = true,
		.max = 4096, .shape = &entry_shape, .help = "The invalidations, in order." },
	{ "done", SCHEMA_NUMBER, MEMBER(invalidate_arguments, done), .fallback = DOCUMENT_UNSET,
		.help = "Number that the kernel must report as handled. By default all of them, or "
			"any number if the call fails." },
	{ NULL },
};

static int check(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct invalidate_arguments *invalidate = step->arguments;

	if (invalidate->viommu.target)
		return mock_check_viommu(job, &invalidate->viommu, path, problem);
	return mock_check_nested(job, &invalidate->hwpt, path, problem);
}

static void describe(const void *arguments, char *text, size_t size)
{
	const struct invalidate_arguments *invalidate = arguments;

	if (invalidate->viommu.name)
		text_append(text, size, "viommus.%s", invalidate->viommu.name);
	else
		text_append(text, size, "hwpts.%s", invalidate->hwpt.name);
	text_append(text, size, ": %zu", invalidate->entries.count);
}

static void fill_viommu(
	const struct document_list *entries, struct mock_viommu_invalidation *invalidations)
{
	const struct entry *entry = entries->items;

	for (size_t i = 0; i < entries->count; i++)
		invalidations[i] = (struct mock_viommu_invalidation){
			.all = entry[i].index == DOCUMENT_UNSET,
			.vsid = (uint32_t)entry[i].vsid,
			.entry = entry[i].index == DOCUMENT_UNSET ? 0 : (uint32_t)entry[i].index,
		};
}

static void fill_hwpt(
	const struct document_list *entries, struct mock_hwpt_invalidation *invalidations)
{
	const struct entry *entry = entries->items;

	for (size_t i = 0; i < entries->count; i++)
		invalidations[i] = (struct mock_hwpt_invalidation){
			.all = entry[i].index == DOCUMENT_UNSET,
			.entry = entry[i].index == DOCUMENT_UNSET ? 0 : (uint32_t)entry[i].index,
		};
}

static int judge(struct live *live, const struct job_step *step,
	const struct document_object *object, int err, uint32_t done)
{
	const struct invalidate_arguments *invalidate = step->arguments;
	const char *errno_expected = step->expect ? step->expect->errno_name : "";
	uint64_t due = invalidate->done;

	if (!err && due == DOCUMENT_UNSET)
		due = invalidate->entries.count;
	if (-err != errno_from_name(errno_expected) || due == DOCUMENT_UNSET || due == done)
		return err;
	live_unmet(live, object, "the kernel handled %" PRIu32 " of %zu; %" PRIu64 " were expected",
		done, invalidate->entries.count, due);
	return live_expected(live, "%" PRIu64 " handled", due);
}

static int run(struct live *live, const struct job_step *step)
{
	const struct invalidate_arguments *invalidate = step->arguments;
	const struct document_object *object =
		invalidate->viommu.target ? invalidate->viommu.target : invalidate->hwpt.target;
	const size_t count = invalidate->entries.count;
	struct iommuctl_hwpt_invalidate_args args = { .hwpt_id = live_object(live, object)->id };
	void *entries = calloc(count + 1, sizeof(struct mock_viommu_invalidation));
	uint32_t done = (uint32_t)count;
	int err;

	if (!entries)
		return live_fail_with(live, object, -ENOMEM, step->key->name, "out of memory");
	args.entries = entries;
	if (invalidate->viommu.target) {
		args.data_type = MOCK_VIOMMU_INVALIDATE_DATA;
		args.entry_len = sizeof(struct mock_viommu_invalidation);
		fill_viommu(&invalidate->entries, entries);
	} else {
		args.data_type = MOCK_HWPT_INVALIDATE_DATA;
		args.entry_len = sizeof(struct mock_hwpt_invalidation);
		fill_hwpt(&invalidate->entries, entries);
	}
	err = iommuctl_hwpt_invalidate(live->ctx, live->iommufd, &args, &done);
	if (err)
		live_fail(live, object, err);
	free(entries);
	return judge(live, step, object, err, done);
}

const struct job_action action_mock_invalidate = {
	{ "mock-invalidate", sizeof(struct invalidate_arguments), keys,
		.help = "Invalidates entries of mock devices' caches, or of a nested HWPT's TLB, "
			"in one call." },
	.check = check,
	.describe = describe,
	.run = run,
};
