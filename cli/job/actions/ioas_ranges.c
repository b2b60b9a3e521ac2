// SPDX-License-Identifier: MIT
/* The actions on an IOAS's mappable IOVAs. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "array.h"
#include "document/problem.h"
#include "document/value.h"
#include "job/actions/action.h"
#include "job/live/live.h"
#include "job/live/ioas.h"
#include "job/ranges.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

struct allow_arguments {
	struct document_ref ioas;
	struct document_list ranges; /* struct job_range */
};

static const struct schema_key allow_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(allow_arguments, ioas), .required = true,
		.collection = JOB_IOAS, .help = "The IOAS." },
	{ "ranges", SCHEMA_ARRAY, MEMBER(allow_arguments, ranges), .required = true, .max = 1024,
		.shape = &schema_range,
		.help = "IOVAs that must stay mappable; an empty list "
			"releases all." },
	{ NULL },
};

static int go_through_allow(struct sequence *sequence, const void *arguments)
{
	const struct allow_arguments *allow = arguments;

	return sequence_allow(
		sequence, (const struct job_ioas *)allow->ioas.target, &allow->ranges);
}

static void describe_allow(const void *arguments, char *text, size_t size)
{
	const struct allow_arguments *allow = arguments;

	text_append(text, size, "ioas.%s: %s", allow->ioas.name,
		allow->ranges.count ? "" : "nothing in particular");
	ranges_describe(&allow->ranges, text, size);
}

static int run_allow(struct live *live, const struct job_step *step)
{
	const struct allow_arguments *allow = step->arguments;

	return live_ioas_allow(live, allow->ioas.target, &allow->ranges);
}

const struct job_action action_ioas_allow = {
	{ "ioas-allow", sizeof(struct allow_arguments), allow_keys,
		.help = "Sets the IOVAs that must stay mappable whichever devices attach, "
			"replacing those set before." },
	.effect = ACTION_CHANGES,
	.go_through = go_through_allow,
	.describe = describe_allow,
	.run = run_allow,
};

struct ranges_arguments {
	struct document_ref ioas;
	struct document_list ranges; /* struct job_range; no items: not given */
	struct document_list usable; /* likewise */
	struct document_list reserved;
	uint64_t alignment; /* 0: not given */
};

static const struct schema_key ranges_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(ranges_arguments, ioas), .required = true,
		.collection = JOB_IOAS, .help = "The IOAS." },
	{ "ranges", SCHEMA_ARRAY, MEMBER(ranges_arguments, ranges), .max = 1024,
		.shape = &schema_range, .help = "Exactly the mappable ranges, in order." },
	{ "usable", SCHEMA_ARRAY, MEMBER(ranges_arguments, usable), .max = 1024,
		.shape = &schema_range, .help = "Ranges that must be entirely mappable." },
	{ "reserved", SCHEMA_ARRAY, MEMBER(ranges_arguments, reserved), .max = 1024,
		.shape = &schema_range, .help = "Ranges that must be entirely unmappable." },
	{ "alignment", SCHEMA_NUMBER, MEMBER(ranges_arguments, alignment), .bytes = true, .min = 1,
		.help = "Required alignment of IOVAs and lengths, in bytes." },
	{ NULL },
};

/* A range that ends before it starts is inside any other, and overlaps none. */
static int check_list(const struct job *job, const struct document_list *ranges,
	const struct document_path *list, struct document_problem *problem)
{
	const struct job_range *range = ranges->items;
	int err = 0;

	for (size_t i = 0; i < ranges->count; i++) {
		const struct document_path path = { .parent = list, .index = i };

		if (range[i].start > range[i].last &&
			!document_note_error(&err,
				document_problem_set(problem, job->document, &path,
					"the range from 0x%" PRIx64 " to 0x%" PRIx64
					" ends before it starts",
					range[i].start, range[i].last)))
			break;
	}
	return err;
}

static int check_ranges(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct ranges_arguments *expected = step->arguments;
	const struct {
		const char *key;
		const struct document_list *ranges;
	} lists[] = {
		{ "ranges", &expected->ranges },
		{ "usable", &expected->usable },
		{ "reserved", &expected->reserved },
	};
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct document_path list = { .parent = path, .key = lists[i].key };

		if (!document_note_error(&err, check_list(job, lists[i].ranges, &list, problem)))
			break;
	}
	return err;
}

static void describe_ranges(const void *arguments, char *text, size_t size)
{
	const struct ranges_arguments *expected = arguments;

	text_append(text, size, "ioas.%s: mappable ranges", expected->ioas.name);
	text_append(text, size, "%s", expected->ranges.items ? ": " : "");
	ranges_describe(&expected->ranges, text, size);
	text_append(text, size, "%s", expected->usable.count ? "; usable: " : "");
	ranges_describe(&expected->usable, text, size);
	text_append(text, size, "%s", expected->reserved.count ? "; reserved: " : "");
	ranges_describe(&expected->reserved, text, size);
}

/* The kernel writes the layout of a struct job_range. */
_Static_assert(
	sizeof(struct job_range) == sizeof(struct iommuctl_iova_range) &&
		offsetof(struct job_range, last) == offsetof(struct iommuctl_iova_range, last),
	"");

/* Asks again with more room while there are more ranges. The caller frees @found->items. */
static int ask(struct live *live, const struct document_object *ioas, struct document_list *found,
	uint64_t *alignment)
{
	uint32_t count = 16;
	int err = -EMSGSIZE;

	*found = (struct document_list){ 0 };
	while (err == -EMSGSIZE) {
		void *room = reallocarray(found->items, count, sizeof(struct iommuctl_iova_range));

		if (!room)
			return live_fail_with(live, ioas, -ENOMEM, "ranges", "out of memory");
		found->items = room;
		err = iommuctl_ioas_get_iova_ranges(live->ctx, live->iommufd,
			live_object(live, ioas)->id, room, &count, alignment);
	}
	found->count = count;
	return err ? live_fail(live, ioas, err) : 0;
}

/* How @found differs from what is expected. */
static int judge(struct live *live, const struct ranges_arguments *expected,
	const struct document_list *found, uint64_t alignment)
{
	const struct document_object *ioas = expected->ioas.target;
	const struct job_range *wrong;
	char text[384] = "", wanted[384] = "";

	ranges_describe(found, text, sizeof(text));
	if (expected->ranges.items && !ranges_are_equal(&expected->ranges, found)) {
		ranges_describe(&expected->ranges, wanted, sizeof(wanted));
		live_unmet(live, ioas, "%s can be mapped; %s was expected", text, wanted);
		return live_expected(live, "%s", wanted);
	}
	wrong = ranges_find_outside(&expected->usable, found);
	if (wrong)
		return live_unmet(live, ioas,
			"%s can be mapped, but not all of 0x%" PRIx64 "-0x%" PRIx64, text,
			wrong->start, wrong->last);
	wrong = ranges_find_common(&expected->reserved, found);
	if (wrong)
		return live_unmet(live, ioas,
			"%s can be mapped, including some of 0x%" PRIx64 "-0x%" PRIx64, text,
			wrong->start, wrong->last);
	if (!expected->alignment || expected->alignment == alignment)
		return 0;
	live_unmet(live, ioas, "the alignment is %" PRIu64 "; %" PRIu64 " was expected", alignment,
		expected->alignment);
	return live_expected(live, "%" PRIu64, expected->alignment);
}

static int run_ranges(struct live *live, const struct job_step *step)
{
	const struct ranges_arguments *expected = step->arguments;
	struct document_list found;
	char bytes[VALUE_TEXT_SIZE];
	uint64_t alignment = 0;
	int err = ask(live, expected->ioas.target, &found, &alignment);

	if (!err) {
		text_append(live->seen, sizeof(live->seen), "ioas.%s: ", expected->ioas.name);
		ranges_describe(&found, live->seen, sizeof(live->seen));
		text_append(live->seen, sizeof(live->seen), "; alignment %s",
			value_print_size(alignment, bytes));
		err = judge(live, expected, &found, alignment);
	}
	free(found.items);
	return err;
}

const struct job_action action_ioas_ranges = {
	{ "ioas-ranges", sizeof(struct ranges_arguments), ranges_keys,
		.help = "Reads which IOVAs of an IOAS can be mapped; attached devices reserve "
			"some." },
	.check = check_ranges,
	.describe = describe_ranges,
	.run = run_ranges,
};
