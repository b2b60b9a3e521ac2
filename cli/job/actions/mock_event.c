// SPDX-License-Identifier: MIT
/* The action that expects an event of the kernel's mock, which only names the device. */
#include <errno.h>
#include <inttypes.h>

#include "job/actions/action.h"
#include "job/actions/mock.h"
#include "job/live/mock.h"
#include "job/schema/schema.h"
#include "output/text.h"

/* One of the first three. */
struct event_arguments {
	struct document_ref veventq;
	uint64_t vsid;
	uint64_t lost;
	bool none;
	uint64_t timeout_ms;
};

static const struct schema_key keys[] = {
	{ "veventq", SCHEMA_REF, MEMBER(event_arguments, veventq), .required = true,
		.collection = JOB_VEVENTQS, .help = "The queue to read." },
	{ "vsid", SCHEMA_NUMBER, MEMBER(event_arguments, vsid), .group = 1, .max = UINT32_MAX,
		.fallback = DOCUMENT_UNSET,
		.help = "Expect an event of the device with this "
			"vSID." },
	{ "lost", SCHEMA_NUMBER, MEMBER(event_arguments, lost), .group = 1, .min = 1,
		.max = UINT32_MAX, .fallback = DOCUMENT_UNSET,
		.help = "Expect the queue to report an overflow, with this number of events "
			"lost." },
	{ "none", SCHEMA_BOOL, MEMBER(event_arguments, none), .group = 1,
		.help = "Expect no event." },
	{ "timeout-ms", SCHEMA_NUMBER, MEMBER(event_arguments, timeout_ms), .max = 600000,
		.fallback = 100, .help = "Milliseconds to wait." },
	{ NULL },
};

static int check(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct event_arguments *expected = step->arguments;
	const struct job_veventq *queue = (const struct job_veventq *)expected->veventq.target;

	return mock_check_viommu(job, &queue->viommu, path, problem);
}

static void describe_found(const struct event_arguments *found, char *text, size_t size)
{
	if (found->lost != DOCUMENT_UNSET)
		text_append(text, size, "%" PRIu64 " events lost", found->lost);
	else if (found->vsid != DOCUMENT_UNSET)
		text_append(text, size, "an event of vSID 0x%" PRIx64, found->vsid);
	else
		text_append(text, size, "no event");
}

static void describe(const void *arguments, char *text, size_t size)
{
	const struct event_arguments *expected = arguments;

	text_append(text, size, "veventqs.%s: ", expected->veventq.name);
	describe_found(expected, text, size);
}

/* The sequence numbers say how many in between are missing. */
static int take(struct live *live, const struct document_object *queue, uint64_t timeout_ms,
	struct event_arguments *found)
{
	struct live_queue *state = &live->queues[queue->index];
	struct mock_event event = { 0 };
	uint32_t expected;
	const int fd = live_object(live, queue)->fd;
	size_t length;
	int err = live_need_file(live, queue);

	*found = (struct event_arguments){ .vsid = DOCUMENT_UNSET, .lost = DOCUMENT_UNSET };
	if (err)
		return err;
	err = live_wait_readable(live, fd, timeout_ms);
	if (err < 0)
		return live_fail_wait(live, queue, err);
	err = iommuctl_veventq_read(live->ctx, fd, &event, sizeof(event), &length);
	if (err)
		return live_fail(live, queue, err);
	if (!length)
		return 0;
	expected = state->expected;
	state->expected = event.sequence + 1;
	if (event.flags & IOMMUCTL_VEVENTQ_FLAG_LOST_EVENTS)
		found->lost = event.sequence - expected + 1;
	else
		found->vsid = event.vsid;
	if (found->vsid != DOCUMENT_UNSET && event.sequence != expected)
		return live_fail_with(live, queue, -ENOBUFS, "read",
			"%" PRIu32 " events are missing before this one, of vSID 0x%" PRIx32,
			event.sequence - expected, event.vsid);
	return 0;
}

static int run(struct live *live, const struct job_step *step)
{
	const struct event_arguments *expected = step->arguments;
	const struct document_object *queue = expected->veventq.target;
	char text[64] = "", wanted[64] = "";
	struct event_arguments found;
	int err = take(live, queue, expected->timeout_ms, &found);

	if (err)
		return err;
	describe_found(&found, text, sizeof(text));
	describe_found(expected, wanted, sizeof(wanted));
	text_append(live->seen, sizeof(live->seen), "veventqs.%s: %s", queue->name, text);
	if (found.vsid == expected->vsid && found.lost == expected->lost)
		return 0;
	live_unmet(live, queue, "%s came; %s was expected", text, wanted);
	return live_expected(live, "%s", wanted);
}

const struct job_action action_mock_event = {
	{ "mock-event", sizeof(struct event_arguments), keys,
		.help = "Expects this to be next in the event queue of a vIOMMU of the mock." },
	.effect = ACTION_CHANGES,
	.check = check,
	.describe = describe,
	.run = run,
};
