// SPDX-License-Identifier: MIT
/* The action that has a device do DMA. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "document/value.h"
#include "job/actions/action.h"
#include "job/actions/memory.h"
#include "job/live/access.h"
#include "job/live/stimulus.h"
#include "job/plan.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

/* How a transfer ends. */
enum outcome { OUTCOME_DATA, OUTCOME_DONE, OUTCOME_BLOCKED };

struct dma_expect {
	uint64_t outcome; /* first: a string in place of the object is stored here */
	struct action_content content;
};

struct dma_arguments {
	struct document_ref device;
	uint64_t from;		   /* DOCUMENT_UNSET: the device's buffer */
	uint64_t to;		   /* likewise */
	uint64_t size;		   /* 0: the size of what is expected */
	uint64_t ssid;		   /* DOCUMENT_UNSET: none */
	struct dma_expect *expect; /* NULL: it completes */
};

static const struct schema_key expect_keys[] = {
	{ "ipa", SCHEMA_NUMBER, MEMBER(dma_expect, content.ipa), .required = true,
		.help = "IPA of the destination. It is filled with other bytes before the "
			"transfer." },
	{ "text", SCHEMA_TEXT, MEMBER(dma_expect, content.bytes), .group = 1,
		.help = "Its contents after the transfer, as text." },
	{ "hex", SCHEMA_HEX, MEMBER(dma_expect, content.bytes), .group = 1,
		.help = "The same, as pairs of hexadecimal digits." },
	{ NULL },
};

static const struct schema_shape expect_shape = {
	"dma-expect",
	sizeof(struct dma_expect),
	expect_keys,
	.help = "The contents of guest memory after a transfer.",
};

static const struct schema_choice outcome_choices[] = {
	{ "done", OUTCOME_DONE },
	{ "blocked", OUTCOME_BLOCKED },
	{ NULL },
};

static const struct schema_key keys[] = {
	{ "device", SCHEMA_REF, MEMBER(dma_arguments, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device that performs the DMA." },
	{ "from", SCHEMA_NUMBER, MEMBER(dma_arguments, from), .fallback = DOCUMENT_UNSET,
		.help = "IOVA to read from." },
	{ "to", SCHEMA_NUMBER, MEMBER(dma_arguments, to), .fallback = DOCUMENT_UNSET,
		.help = "IOVA to write to, with the data that the device has read." },
	{ "size", SCHEMA_NUMBER, MEMBER(dma_arguments, size), .bytes = true, .min = 1, .max = 4096,
		.help = "Bytes; by default the number of bytes expected." },
	{ "ssid", SCHEMA_NUMBER, MEMBER(dma_arguments, ssid), .max = (1 << 20) - 1,
		.fallback = DOCUMENT_UNSET,
		.help = "SubstreamID of the DMA. Only devices of the model support it." },
	{ "expect", SCHEMA_OBJECT, MEMBER(dma_arguments, expect), .shape = &expect_shape,
		.choices = outcome_choices,
		.help = "The outcome: the contents of guest memory afterwards, or done, or "
			"blocked. By default it must be done, unless an event step follows "
			"directly." },
	{ NULL },
};

/* The expected contents of guest memory; NULL if none are expected. */
static const struct action_content *data_of(const struct dma_arguments *dma)
{
	return dma->expect && dma->expect->outcome == OUTCOME_DATA ? &dma->expect->content : NULL;
}

/* The number of bytes it moves: "size", or the size of the expected contents. */
static uint64_t size_of(const struct dma_arguments *dma)
{
	const struct action_content *data = data_of(dma);

	return dma->size || !data ? dma->size : data->bytes.size;
}

static int check(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct dma_arguments *dma = step->arguments;
	const struct action_content *data = data_of(dma);

	if (dma->from == DOCUMENT_UNSET && dma->to == DOCUMENT_UNSET)
		return document_problem_set(
			problem, job->document, path, "\"from\" or \"to\" is missing");
	if (!size_of(dma))
		return document_problem_set(problem, job->document, path, "\"size\" is missing");
	if (dma->expect && !data && step->expect)
		return document_problem_set(problem, job->document, path,
			"the outcome is given twice: the step has an \"expect\" as well");
	if (!data)
		return 0;
	if (dma->to == DOCUMENT_UNSET)
		return document_problem_set(problem, job->document, path,
			"\"expect\" needs \"to\": the device's own buffer cannot be examined");
	if (size_of(dma) < data->bytes.size)
		return document_problem_set(
			problem, job->document, path, "\"size\" is less than what is expected");
	return content_check(job, data, path, problem);
}

static struct action_span writes(const void *arguments)
{
	const struct action_content *data = data_of(arguments);

	return data ? (struct action_span){ data->ipa, size_of(arguments) }
		    : (struct action_span){ 0 };
}

static int go_through(struct sequence *sequence, const void *arguments)
{
	const struct dma_arguments *dma = arguments;
	const struct action_content *data = data_of(dma);
	struct platform_facts facts;
	int err = sequence_need_hardware(sequence, dma->device.target, "does no DMA");

	if (!err && data)
		err = sequence_need_memory(sequence, data->ipa, data->bytes.size);
	if (err || dma->ssid == DOCUMENT_UNSET ||
		!sequence_facts(sequence, dma->device.target, &facts) ||
		(facts.ssid_bits && !(dma->ssid >> facts.ssid_bits)))
		return err;
	return sequence_refuse(sequence, -EINVAL,
		"SSID %" PRIu64 " is beyond the %u bits of the SMMU of devices.%s on this machine",
		dma->ssid, facts.ssid_bits, dma->device.name);
}

static void describe(const void *arguments, char *text, size_t size)
{
	const struct dma_arguments *dma = arguments;
	const struct action_content *data = data_of(dma);
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "devices.%s: %s", dma->device.name,
		value_print_size(size_of(dma), bytes));
	if (dma->from != DOCUMENT_UNSET)
		text_append(text, size, " from IOVA 0x%" PRIx64, dma->from);
	if (dma->to != DOCUMENT_UNSET)
		text_append(text, size, " to IOVA 0x%" PRIx64, dma->to);
	if (dma->ssid != DOCUMENT_UNSET)
		text_append(text, size, ", SSID %" PRIu64, dma->ssid);
	if (dma->expect && dma->expect->outcome == OUTCOME_BLOCKED)
		text_append(text, size, "; blocked");
	if (!data)
		return;
	text_append(text, size, "; ");
	content_describe(data, "holds", text, size);
}

/*
 * Timeouts for an event, in milliseconds: short where most likely none will come; where the step
 * fails without one, as long as a machine under any load may take.
 */
#define EVENT_LIMIT_MS	  100
#define EVENT_EXPECTED_MS 30000

struct transfer {
	struct live *live;
	const struct job_step *step;
	const struct dma_arguments *dma; /* of @step */
	struct stimulus *stimulus;
	struct live_access accesses[2];
	size_t count;
};

static const struct document_object *device_of(const struct transfer *transfer)
{
	return transfer->dma->device.target;
}

static int do_access(struct transfer *transfer, bool write, uint64_t iova)
{
	struct live_access *access = &transfer->accesses[transfer->count++];

	*access = (struct live_access){
		.reach = {
			.device = device_of(transfer),
			.iova = iova,
			.size = size_of(transfer->dma),
			.write = write,
			.has_ssid = transfer->dma->ssid != DOCUMENT_UNSET,
			.ssid = (uint32_t)transfer->dma->ssid,
		},
	};
	return live_access_do(transfer->live, transfer->stimulus, access, !data_of(transfer->dma));
}

/* Each of these bytes differs from the one expected in its place. */
static void put_others(uint8_t *host, const struct document_bytes *expected)
{
	for (size_t i = 0; i < expected->size; i++)
		host[i] = expected->data[i] ? 0 : UINT8_MAX;
}

static struct live_access *find_access(struct transfer *transfer, enum access_verdict verdict)
{
	for (size_t i = 0; i < transfer->count; i++) {
		if (transfer->accesses[i].verdict == verdict)
			return &transfer->accesses[i];
	}
	return NULL;
}

static const char *say_blocked(const struct live_access *access, char *text, size_t size)
{
	snprintf(text, size, "the %s IOVA 0x%" PRIx64 " was blocked%s%s",
		access->reach.write ? "write to" : "read of", access->reach.iova,
		access->why[0] ? ": " : "", access->why);
	return text;
}

/* Describes the transfer as the plan does, and says that its outcome is unknown. */
static void say_unseen(struct transfer *transfer)
{
	struct live *live = transfer->live;
	const struct document_object *viommu = live_access_unheard(live, &transfer->accesses[0]);

	plan_describe_step(transfer->step, live->seen, sizeof(live->seen));
	text_append(live->seen, sizeof(live->seen), "; whether it got through is unknown");
	if (viommu)
		text_append(live->seen, sizeof(live->seen), ", as viommus.%s has no vEVENTQ",
			viommu->name);
}

/* Adds to live->failure why @blocked has no event. Returns @err. */
static int explain_blocked(struct live *live, const struct live_access *blocked, int err)
{
	const struct document_object *viommu = live_access_unheard(live, blocked);

	if (viommu && !blocked->why[0])
		failure_explain(&live->failure,
			failure_print(&live->failure,
				"viommus.%s has no vEVENTQ: the SMMU's event is lost",
				viommu->name),
			"add one (veventqs) before the DMA: its event says what blocked the DMA");
	return err;
}

static bool expects_eio(const struct job_step *step)
{
	return step->expect && errno_from_name(step->expect->errno_name) == EIO;
}

/* An event step directly after this one also means that it must be blocked. */
static bool expects_event(const struct transfer *transfer)
{
	const struct job *job = transfer->live->job;
	const struct job_step *steps = job->steps.items, *next = transfer->step + 1;
	const struct job_veventq *queue;

	if (next == steps + job->steps.count || job_step_action(next) != &action_event ||
		next->expect || transfer->step->expect)
		return false;
	queue = (const struct job_veventq *)job_action_object(&action_event, next->arguments, 0);
	return job_next_vdevice(job, device_of(transfer), queue->viommu.target, NULL);
}

static int judge_blocked(struct transfer *transfer, const struct live_access *blocked)
{
	const struct dma_expect *expect = transfer->dma->expect;
	struct live *live = transfer->live;
	char text[384], wanted[VALUE_BYTES_SIZE];
	const struct document_bytes *data;

	if (expect && expect->outcome == OUTCOME_BLOCKED)
		return 0;
	if (!expect && expects_event(transfer)) {
		plan_describe_step(transfer->step, live->seen, sizeof(live->seen));
		text_append(live->seen, sizeof(live->seen), "; blocked");
		return 0;
	}
	say_blocked(blocked, text, sizeof(text));
	if (!expect || transfer->step->expect)
		return explain_blocked(live, blocked,
			live_fail_with(live, device_of(transfer), -EIO, "dma", "%s", text));
	if (!data_of(transfer->dma))
		return explain_blocked(
			live, blocked, live_unmet(live, device_of(transfer), "%s", text));
	data = &expect->content.bytes;
	return explain_blocked(live, blocked,
		live_unmet(live, device_of(transfer), "%s; %s was expected at IPA 0x%" PRIx64, text,
			value_print_bytes(data->data, data->size, wanted), expect->content.ipa));
}

/* Nothing shows that it was blocked. */
static int judge_passed(struct transfer *transfer)
{
	const struct dma_expect *expect = transfer->dma->expect;
	const bool unseen = find_access(transfer, ACCESS_UNSEEN);

	if (unseen)
		say_unseen(transfer);
	if (unseen && expects_eio(transfer->step))
		return live_fail_with(transfer->live, device_of(transfer), -EIO, "dma",
			"nothing shows that it got through");
	if (!unseen && expect && expect->outcome == OUTCOME_BLOCKED)
		return live_unmet(transfer->live, device_of(transfer),
			"it got through; it was expected to be blocked");
	return 0;
}

/* A read that was blocked leaves zeros in the device, which it then writes. */
static bool is_empty(const struct document_bytes *bytes)
{
	for (size_t i = 0; i < bytes->size; i++) {
		if (bytes->data[i])
			return false;
	}
	return true;
}

static int judge(struct transfer *transfer)
{
	const struct action_content *data = data_of(transfer->dma);
	struct live_access *unseen = find_access(transfer, ACCESS_UNSEEN);
	const struct live_access *blocked;
	int err = 0, data_err = 0;

	if (data && !find_access(transfer, ACCESS_BLOCKED))
		data_err = content_compare(transfer->live, data);
	if (data && !find_access(transfer, ACCESS_BLOCKED) && !data_err) {
		if (unseen && !unseen->reach.write && is_empty(&data->bytes))
			say_unseen(transfer);
		return 0;
	}
	if (unseen && !find_access(transfer, ACCESS_BLOCKED))
		err = live_access_ask_events(transfer->live, unseen,
			expects_eio(transfer->step) ? EVENT_EXPECTED_MS : EVENT_LIMIT_MS);
	if (err)
		return err;
	blocked = find_access(transfer, ACCESS_BLOCKED);
	if (blocked)
		return judge_blocked(transfer, blocked);
	return data_err ? data_err : judge_passed(transfer);
}

static int start(struct transfer *transfer)
{
	struct live *live = transfer->live;
	const struct document_object *device = device_of(transfer);
	const struct action_content *data = data_of(transfer->dma);
	int err;

	err = live_stimulus(live, device, &transfer->stimulus);
	if (err || !data)
		return err;
	return live_stimulus_keeps(live, device, transfer->stimulus,
		&(struct live_kept){ transfer->dma->to, data->ipa, data->bytes.size });
}

static int run(struct live *live, const struct job_step *step)
{
	const struct dma_arguments *dma = step->arguments;
	const struct action_content *data = data_of(dma);
	const struct document_bytes *expected = data ? &data->bytes : NULL;
	struct transfer transfer = { .live = live, .step = step, .dma = dma };
	uint8_t *host = NULL;
	int err;

	if (expected) {
		host = live_memory_at(live, data->ipa, expected->size);
		if (!host)
			return live->failure.error;
	}
	err = start(&transfer);
	if (!err && dma->from != DOCUMENT_UNSET)
		err = do_access(&transfer, false, dma->from);
	/* The expected contents may lie where the device has read. */
	if (!err && expected)
		put_others(host, expected);
	if (!err && dma->to != DOCUMENT_UNSET)
		err = do_access(&transfer, true, dma->to);
	return err ? err : judge(&transfer);
}

const struct job_action action_dma = {
	{ "dma", sizeof(struct dma_arguments), keys,
		.help = "Makes a device read, write, or read and then write. At least one of from "
			"and to is required." },
	.check = check,
	.writes = writes,
	.go_through = go_through,
	.describe = describe,
	.run = run,
};
