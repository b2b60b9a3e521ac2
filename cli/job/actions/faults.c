// SPDX-License-Identifier: MIT
/* The actions on device page faults. */
#include <errno.h>
#include <inttypes.h>

#include "job/actions/action.h"
#include "job/live/live.h"
#include "job/live/faults.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/page_fault.h"
#include "output/text.h"

const struct schema_choice schema_perm_choices[] = {
	{ "r", IOMMUCTL_PGFAULT_PERM_READ },
	{ "w", IOMMUCTL_PGFAULT_PERM_WRITE },
	{ "x", IOMMUCTL_PGFAULT_PERM_EXEC },
	{ "p", IOMMUCTL_PGFAULT_PERM_PRIV },
	{ NULL },
};

/* Not every page fault says which device it comes from. */
struct fault_arguments {
	struct document_ref queue;
	struct document_ref device;
	uint64_t iova; /* DOCUMENT_UNSET: any, as in the following */
	uint64_t perm;
	uint64_t pasid;
	uint64_t count;
	uint64_t timeout_ms;
};

static const struct schema_key fault_keys[] = {
	{ "fault-queue", SCHEMA_REF, MEMBER(fault_arguments, queue), .required = true,
		.collection = JOB_FAULT_QUEUES, .help = "The queue to read." },
	{ "device", SCHEMA_REF, MEMBER(fault_arguments, device), .collection = JOB_DEVICES,
		.help = "The device that they come from; any if not given, as for the keys "
			"below." },
	{ "iova", SCHEMA_NUMBER, MEMBER(fault_arguments, iova), .fallback = DOCUMENT_UNSET,
		.help = "Address of the first fault." },
	{ "perm", SCHEMA_SET, MEMBER(fault_arguments, perm), .choices = schema_perm_choices,
		.fallback = DOCUMENT_UNSET,
		.help = "Access that the first fault asks for: letters of \"rwxp\", \"p\" for "
			"privileged." },
	{ "pasid", SCHEMA_NUMBER, MEMBER(fault_arguments, pasid), .max = (1 << 20) - 1,
		.fallback = DOCUMENT_UNSET, .help = "The PASID." },
	{ "count", SCHEMA_NUMBER, MEMBER(fault_arguments, count), .min = 1, .max = 4096,
		.fallback = DOCUMENT_UNSET, .help = "Number of faults in the group." },
	{ "timeout-ms", SCHEMA_NUMBER, MEMBER(fault_arguments, timeout_ms), .max = 600000,
		.fallback = 2000, .help = "Milliseconds to wait." },
	{ NULL },
};

static int go_through_fault(struct sequence *sequence, const void *arguments)
{
	const struct fault_arguments *expected = arguments;
	const struct platform *platform = sequence->platform;

	if (platform && platform->foretells && platform->no_page_faults &&
		!job_has_mock_devices(sequence->job))
		return sequence_refuse(sequence, -EOPNOTSUPP, "%s", platform->no_page_faults);
	if (!sequence->step->expect)
		sequence->faults[expected->queue.target->index]++;
	return 0;
}

/* Appends what is known about the first fault of a group; any part may be unknown. */
static void describe_fault(const struct fault_arguments *fault, char *text, size_t size)
{
	char perm[PAGE_FAULT_PERM_SIZE];

	if (fault->count == DOCUMENT_UNSET)
		text_append(text, size, "page faults");
	else
		text_append(text, size, "%" PRIu64 " page fault%s", fault->count,
			fault->count == 1 ? "" : "s");
	if (fault->device.name)
		text_append(text, size, " of devices.%s", fault->device.name);
	if (fault->pasid != DOCUMENT_UNSET)
		text_append(text, size, ", PASID %" PRIu64, fault->pasid);
	if (fault->iova != DOCUMENT_UNSET)
		text_append(text, size, " at IOVA 0x%" PRIx64, fault->iova);
	if (fault->perm == DOCUMENT_UNSET)
		return;
	text_append(text, size, " (%s)", page_fault_perm((uint32_t)fault->perm, perm));
}

static void describe_expected(const void *arguments, char *text, size_t size)
{
	const struct fault_arguments *expected = arguments;

	text_append(text, size, "fault-queues.%s: ", expected->queue.name);
	describe_fault(expected, text, size);
}

static struct fault_arguments fault_of(
	const struct live *live, const struct iommuctl_pgfault *group, size_t count)
{
	const struct document_object *device = live_device_of_id(live, group->dev_id);

	return (struct fault_arguments){
		.device = { .target = (struct document_object *)device,
			.name = device ? device->name : NULL },
		.iova = group->addr,
		.perm = group->perm,
		.pasid = group->flags & IOMMUCTL_PGFAULT_FLAGS_PASID_VALID ? group->pasid
									   : DOCUMENT_UNSET,
		.count = count,
	};
}

static bool fits(uint64_t expected, uint64_t found)
{
	return expected == DOCUMENT_UNSET || expected == found;
}

static int take(struct live *live, const struct document_ref *queue, uint64_t timeout_ms,
	struct fault_arguments *found, char *text, size_t size)
{
	const struct iommuctl_pgfault *group;
	size_t count;
	int err = live_next_faults(live, queue->target, timeout_ms, &group, &count);

	if (err <= 0)
		return err;
	*found = fault_of(live, group, count);
	describe_fault(found, text, size);
	return 1;
}

static int run_fault(struct live *live, const struct job_step *step)
{
	const struct fault_arguments *expected = step->arguments;
	const struct document_object *queue = expected->queue.target;
	struct fault_arguments found;
	char text[256] = "", wanted[256] = "";
	int err;

	if (live->platform->no_page_faults && !job_has_mock_devices(live->job))
		return live_fail_with(live, queue, -EOPNOTSUPP, step->key->name, "%s",
			live->platform->no_page_faults);
	err = take(live, &expected->queue, expected->timeout_ms, &found, text, sizeof(text));
	if (err < 0)
		return err;
	describe_fault(expected, wanted, sizeof(wanted));
	if (err == 0) {
		live_unmet(live, queue, "nothing came within %" PRIu64 " ms; %s was expected",
			expected->timeout_ms, wanted);
		return live_expected(live, "%s", wanted);
	}
	text_append(live->seen, sizeof(live->seen), "fault-queues.%s: %s", queue->name, text);
	if ((!expected->device.target || expected->device.target == found.device.target) &&
		fits(expected->iova, found.iova) && fits(expected->perm, found.perm) &&
		fits(expected->pasid, found.pasid) && fits(expected->count, found.count))
		return 0;
	live_unmet(live, queue, "%s came; %s was expected", text, wanted);
	return live_expected(live, "%s", wanted);
}

const struct job_action action_page_fault = {
	{ "page-fault", sizeof(struct fault_arguments), fault_keys,
		.help = "Expects this to be the next group of page faults. It then waits for a "
			"response." },
	.effect = ACTION_CHANGES,
	.go_through = go_through_fault,
	.describe = describe_expected,
	.run = run_fault,
};

struct no_fault_arguments {
	struct document_ref queue;
	uint64_t timeout_ms;
};

static const struct schema_key no_fault_keys[] = {
	{ "fault-queue", SCHEMA_REF, MEMBER(no_fault_arguments, queue), .required = true,
		.collection = JOB_FAULT_QUEUES, .help = "The queue to watch." },
	{ "timeout-ms", SCHEMA_NUMBER, MEMBER(no_fault_arguments, timeout_ms), .max = 600000,
		.fallback = 100, .help = "Milliseconds to watch it." },
	{ NULL },
};

static void describe_no_fault(const void *arguments, char *text, size_t size)
{
	const struct no_fault_arguments *watched = arguments;

	text_append(text, size, "fault-queues.%s: nothing for %" PRIu64 " ms", watched->queue.name,
		watched->timeout_ms);
}

static int run_no_fault(struct live *live, const struct job_step *step)
{
	const struct no_fault_arguments *watched = step->arguments;
	struct fault_arguments found;
	char text[256] = "";
	int err = take(live, &watched->queue, watched->timeout_ms, &found, text, sizeof(text));

	if (err <= 0)
		return err;
	live_unmet(live, watched->queue.target, "%s came; none was expected", text);
	return live_expected(live, "no page fault");
}

const struct job_action action_no_page_fault = {
	{ "no-page-fault", sizeof(struct no_fault_arguments), no_fault_keys,
		.help = "Expects that no page fault comes." },
	.describe = describe_no_fault,
	.run = run_no_fault,
};

static const struct schema_choice code_choices[] = {
	{ "success", IOMMUCTL_PAGE_RESP_SUCCESS },
	{ "invalid", IOMMUCTL_PAGE_RESP_INVALID },
	{ NULL },
};

struct response_arguments {
	struct document_ref queue;
	uint64_t code;
};

static const struct schema_key response_keys[] = {
	{ "fault-queue", SCHEMA_REF, MEMBER(response_arguments, queue), .required = true,
		.collection = JOB_FAULT_QUEUES, .help = "The queue that the faults came from." },
	{ "code", SCHEMA_CHOICE, MEMBER(response_arguments, code), .choices = code_choices,
		.fallback = IOMMUCTL_PAGE_RESP_SUCCESS,
		.help = "success: the device tries again. invalid: its access fails." },
	{ NULL },
};

static int go_through_response(struct sequence *sequence, const void *arguments)
{
	const struct response_arguments *response = arguments;
	size_t *waiting = &sequence->faults[response->queue.target->index];

	if (!*waiting)
		return sequence_refuse(sequence, -ENOENT,
			"no page-fault step has read a group from fault-queues.%s that still waits "
			"for a response",
			response->queue.name);
	*waiting -= !sequence->step->expect;
	return 0;
}

static void describe_response(const void *arguments, char *text, size_t size)
{
	const struct response_arguments *response = arguments;

	text_append(text, size, "fault-queues.%s: %s", response->queue.name,
		code_choices[response->code].name);
}

static int run_response(struct live *live, const struct job_step *step)
{
	const struct response_arguments *response = step->arguments;

	return live_answer_faults(live, response->queue.target, (uint32_t)response->code);
}

const struct job_action action_page_response = {
	{ "page-response", sizeof(struct response_arguments), response_keys,
		.help = "Answers the oldest unanswered group of page faults read by a page-fault "
			"step." },
	.effect = ACTION_CHANGES,
	.go_through = go_through_response,
	.describe = describe_response,
	.run = run_response,
};
