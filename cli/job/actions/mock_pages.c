// SPDX-License-Identifier: MIT
/* The action that maps a vIOMMU's pages, as a VMM does for its guest. */
#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>

#include "job/actions/action.h"
#include "job/actions/mock.h"
#include "job/live/mock.h"
#include "job/schema/schema.h"
#include "output/text.h"

struct pages_arguments {
	struct document_ref viommu;
	uint64_t value;
	uint64_t length; /* DOCUMENT_UNSET: all of them */
};

static const struct schema_key keys[] = {
	{ "viommu", SCHEMA_REF, MEMBER(pages_arguments, viommu), .required = true,
		.collection = JOB_VIOMMUS, .help = "The vIOMMU." },
	{ "value", SCHEMA_NUMBER, MEMBER(pages_arguments, value), .required = true,
		.max = UINT32_MAX, .help = "Expected first word of the pages." },
	{ "size", SCHEMA_NUMBER, MEMBER(pages_arguments, length), .bytes = true, .min = 1,
		.max = 1 << 20, .fallback = DOCUMENT_UNSET,
		.help = "Bytes to map; by default all." },
	{ NULL },
};

static int check(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct pages_arguments *pages = step->arguments;
	const struct job_viommu *viommu = (const struct job_viommu *)pages->viommu.target;

	if (viommu->mock)
		return 0;
	return document_problem_set(problem, job->document, path,
		"viommus.%s has no pages to map (\"mock\": {})", pages->viommu.name);
}

static void describe(const void *arguments, char *text, size_t size)
{
	const struct pages_arguments *pages = arguments;

	text_append(
		text, size, "viommus.%s: begin with 0x%" PRIx64, pages->viommu.name, pages->value);
}

static int run(struct live *live, const struct job_step *step)
{
	const struct pages_arguments *pages = step->arguments;
	const struct document_object *viommu = pages->viommu.target;
	const struct live_object *state = live_object(live, viommu);
	const size_t length =
		(size_t)(pages->length == DOCUMENT_UNSET ? state->mmap_length : pages->length);
	const volatile uint32_t *words;
	uint32_t found;
	void *address;
	int err;

	err = iommuctl_iommufd_mmap(live->ctx, live->iommufd, state->mmap_offset, length, &address);
	if (err)
		return live_fail(live, viommu, err);
	words = address;
	found = words[0];
	err = iommuctl_munmap(live->ctx, address, length);
	if (err) {
		live_fail(live, viommu, err);
		return live_fail_incidentally(live);
	}
	if (found == pages->value)
		return 0;
	live_unmet(live, viommu, "the pages begin with 0x%" PRIx32 "; 0x%" PRIx64 " was expected",
		found, pages->value);
	return live_expected(live, "0x%" PRIx64, pages->value);
}

const struct job_action action_mock_pages = {
	{ "mock-pages", sizeof(struct pages_arguments), keys,
		.help = "Maps the pages that a vIOMMU of the mock has for its user, and expects "
			"them to begin with this." },
	.check = check,
	.describe = describe,
	.run = run,
};
