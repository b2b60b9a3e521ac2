// SPDX-License-Identifier: MIT
/* The actions on the caches of the kernel's mock: a device's, and a nested HWPT's. */
#include <errno.h>
#include <inttypes.h>

#include "job/actions/action.h"
#include "job/actions/mock.h"
#include "job/live/mock.h"
#include "job/schema/schema.h"
#include "output/text.h"

struct holds_arguments {
	struct document_ref object;   /* a device or a HWPT */
	struct document_list entries; /* uint64_t */
};

#define HOLDS_KEY                                                                                  \
	{                                                                                          \
		"holds", SCHEMA_NUMBERS, MEMBER(holds_arguments, entries),                         \
			.required = true, .min = MOCK_CACHE_ENTRIES, .max = MOCK_CACHE_ENTRIES,    \
			.help = "Expected values of its entries; 0 is an invalid entry."           \
	}

static void describe_holds(const char *kind, const void *arguments, char *text, size_t size)
{
	const struct holds_arguments *holds = arguments;
	const uint64_t *entries = holds->entries.items;

	text_append(text, size, "%s.%s:", kind, holds->object.name);
	for (size_t i = 0; i < holds->entries.count; i++)
		text_append(text, size, " 0x%" PRIx64, entries[i]);
}

static int check_holds(const struct job *job, const struct holds_arguments *holds,
	const struct document_path *path, struct document_problem *problem)
{
	const struct document_path list = { .parent = path, .key = "holds" };
	const uint64_t *entries = holds->entries.items;
	int err = 0;

	for (size_t i = 0; i < holds->entries.count; i++) {
		const struct document_path entry = { .parent = &list, .index = i };

		if (entries[i] > UINT32_MAX &&
			!document_note_error(&err,
				document_problem_set(problem, job->document, &entry,
					"is 0x%" PRIx64 "; an entry has 32 bits", entries[i])))
			break;
	}
	return err;
}

typedef int check_function(const struct mock *mock, uint32_t id, uint32_t entry, uint32_t value);

/* The mock only says whether it matches. */
static int run_holds(struct live *live, const struct job_step *step, check_function *check)
{
	const struct holds_arguments *holds = step->arguments;
	const struct document_object *object = holds->object.target;
	const uint64_t *entries = holds->entries.items;
	const struct mock mock = live_mock(live);
	int err;

	for (uint32_t i = 0; i < holds->entries.count; i++) {
		err = check(&mock, live_object(live, object)->id, i, (uint32_t)entries[i]);
		if (err == -EINVAL) {
			live_unmet(live, object, "entry %" PRIu32 " does not hold 0x%" PRIx64, i,
				entries[i]);
			return live_expected(live, "0x%" PRIx64, entries[i]);
		}
		if (err)
			return live_fail_mock(live, object, err);
	}
	return 0;
}

static const struct schema_key cache_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(holds_arguments, object), .required = true,
		.collection = JOB_DEVICES, .help = "The mock device." },
	HOLDS_KEY,
	{ NULL },
};

static int check_cache(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct holds_arguments *holds = step->arguments;
	int err = 0;

	if (document_note_error(&err, mock_check_device(job, &holds->object, path, problem)))
		document_note_error(&err, check_holds(job, holds, path, problem));
	return err;
}

static void describe_cache(const void *arguments, char *text, size_t size)
{
	describe_holds("devices", arguments, text, size);
}

static int run_cache(struct live *live, const struct job_step *step)
{
	return run_holds(live, step, mock_check_cache);
}

const struct job_action action_mock_cache = {
	{ "mock-cache", sizeof(struct holds_arguments), cache_keys,
		.help = "Expects these values in a mock device's cache; its initial value is "
			"0xbaddad." },
	.check = check_cache,
	.describe = describe_cache,
	.run = run_cache,
};

static const struct schema_key iotlb_keys[] = {
	{ "hwpt", SCHEMA_REF, MEMBER(holds_arguments, object), .required = true,
		.collection = JOB_HWPTS, .help = "The nested HWPT." },
	HOLDS_KEY,
	{ NULL },
};

static int check_iotlb(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct holds_arguments *holds = step->arguments;
	int err = 0;

	if (document_note_error(&err, mock_check_nested(job, &holds->object, path, problem)))
		document_note_error(&err, check_holds(job, holds, path, problem));
	return err;
}

static void describe_iotlb(const void *arguments, char *text, size_t size)
{
	describe_holds("hwpts", arguments, text, size);
}

static int run_iotlb(struct live *live, const struct job_step *step)
{
	return run_holds(live, step, mock_check_iotlb);
}

const struct job_action action_mock_iotlb = {
	{ "mock-iotlb", sizeof(struct holds_arguments), iotlb_keys,
		.help = "Expects these values in the TLB of a nested HWPT of the mock." },
	.check = check_iotlb,
	.describe = describe_iotlb,
	.run = run_iotlb,
};
