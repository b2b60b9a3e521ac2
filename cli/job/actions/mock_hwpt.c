// SPDX-License-Identifier: MIT
/* The actions on the translations and the dirty pages of a HWPT of the kernel's mock. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "document/value.h"
#include "job/actions/action.h"
#include "job/actions/memory.h"
#include "job/actions/mock.h"
#include "job/check/check.h"
#include "job/live/mock.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

struct span_arguments {
	struct document_ref hwpt;
	uint64_t iova;
	uint64_t size;
	uint64_t ipa; /* of the output */
};

#define SPAN_KEYS                                                                                  \
	{ "hwpt", SCHEMA_REF, MEMBER(span_arguments, hwpt), .required = true,                      \
		.collection = JOB_HWPTS, .help = "The paging HWPT." },                             \
		{ "iova", SCHEMA_NUMBER, MEMBER(span_arguments, iova), .required = true,           \
			.help = "Where it begins, a multiple of 4K." },                            \
	{                                                                                          \
		"size", SCHEMA_NUMBER, MEMBER(span_arguments, size),                               \
			.required = true, .bytes = true, .min = JOB_PAGE,                          \
			.max = UINT64_C(1) << 30, .help = "Bytes, a multiple of 4K."               \
	}

static int check_span(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct span_arguments *span = step->arguments;

	if ((span->iova | span->size | span->ipa) % JOB_PAGE)
		return document_problem_set(problem, job->document, path,
			"addresses and sizes must be multiples of 4K");
	return mock_check_end(
		job, step, (struct mock_span){ span->iova, span->size }, path, problem);
}

static void describe_span(const void *arguments, char *text, size_t size)
{
	const struct span_arguments *span = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "hwpts.%s: %s at IOVA 0x%" PRIx64, span->hwpt.name,
		value_print_size(span->size, bytes), span->iova);
}

static const struct schema_key dirty_keys[] = {
	SPAN_KEYS,
	{ NULL },
};

static int run_dirty(struct live *live, const struct job_step *step)
{
	const struct span_arguments *span = step->arguments;
	const struct document_object *hwpt = span->hwpt.target;
	const size_t pages = (size_t)(span->size / JOB_PAGE);
	const struct mock mock = live_mock(live);
	unsigned char *bitmap = malloc(pages / 8 + 8);
	uint64_t count = 0;
	int err;

	if (!bitmap)
		return live_fail_with(live, hwpt, -ENOMEM, step->key->name, "out of memory");
	memset(bitmap, 0xff, pages / 8 + 8);
	err = mock_set_dirty(&mock, live_object(live, hwpt)->id,
		&(struct mock_pages){ span->iova, span->size, JOB_PAGE, bitmap }, &count);
	free(bitmap);
	if (err)
		return live_fail_mock(live, hwpt, err);
	if (count == pages)
		return 0;
	live_unmet(live, hwpt, "%" PRIu64 " pages are dirty; %zu were expected", count, pages);
	return live_expected(live, "%zu pages", pages);
}

const struct job_action action_mock_dirty = {
	{ "mock-dirty", sizeof(struct span_arguments), dirty_keys,
		.help = "Makes pages of a HWPT of the mock dirty, as if devices wrote them." },
	.check = check_span,
	.describe = describe_span,
	.run = run_dirty,
};

static const struct schema_key translates_keys[] = {
	SPAN_KEYS,
	{ "ipa", SCHEMA_NUMBER, MEMBER(span_arguments, ipa), .required = true,
		.help = "Guest memory that it must translate to, a multiple of 4K." },
	{ NULL },
};

static int check_translates(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct span_arguments *span = step->arguments;
	const struct action_content wanted = { span->ipa, { .size = span->size } };
	int err = check_span(job, step, path, problem);

	return err || step->expect ? err : content_check(job, &wanted, path, problem);
}

static int go_through_translates(struct sequence *sequence, const void *arguments)
{
	const struct span_arguments *span = arguments;

	return sequence_need_memory(sequence, span->ipa, span->size);
}

static void describe_translates(const void *arguments, char *text, size_t size)
{
	const struct span_arguments *span = arguments;

	describe_span(arguments, text, size);
	text_append(text, size, " to IPA 0x%" PRIx64, span->ipa);
}

static int run_translates(struct live *live, const struct job_step *step)
{
	const struct span_arguments *span = step->arguments;
	const struct document_object *hwpt = span->hwpt.target;
	const struct mock mock = live_mock(live);
	void *host = live_memory_at(live, span->ipa, span->size);
	int err;

	if (!host)
		return live->failure.error;
	err = mock_check_map(
		&mock, live_object(live, hwpt)->id, span->iova, host, (size_t)span->size);
	/* The mock returns this for a different page and for no page. */
	if (err == -EINVAL && !step->expect) {
		live_unmet(live, hwpt, "IOVA 0x%" PRIx64 " does not translate to IPA 0x%" PRIx64,
			span->iova, span->ipa);
		return live_expected(live, "IPA 0x%" PRIx64, span->ipa);
	}
	return err ? live_fail_mock(live, hwpt, err) : 0;
}

const struct job_action action_mock_translates = {
	{ "mock-translates", sizeof(struct span_arguments), translates_keys,
		.help = "Expects a HWPT of the mock to translate to this guest memory; EINVAL if "
			"it does not." },
	.check = check_translates,
	.go_through = go_through_translates,
	.describe = describe_translates,
	.run = run_translates,
};
