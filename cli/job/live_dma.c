// SPDX-License-Identifier: MIT
/*
 * The step that has a device do DMA. Devices do not say whether an access was let through, so that
 * others are asked: the model machine, the events of the vIOMMU, what the device is attached to,
 * and guest memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "job/live.h"
#include "job/plan.h"
#include "document/value.h"
#include "output/text.h"

/*
 * An event is waited for so long, in milliseconds: not for ever where most likely none will come, and
 * where the step fails without one, for as long as a machine under any load may take.
 */
#define EVENT_LIMIT_MS	  100
#define EVENT_EXPECTED_MS 30000

/* Less may be left as it was by chance, although something was written. */
#define WITNESS_MIN 4
#define WITNESS_MAX 4096

#define EVENT_SIZE 256

enum verdict { UNSEEN, DONE, BLOCKED };

struct access {
	bool write;
	uint64_t iova;
	uint32_t size;
	enum verdict verdict;
	size_t events; /* that could be its own, but were there before */
	char why[EVENT_SIZE]; /* it was blocked; "": no more is known */
};

/* Guest memory that an access is to change. */
struct witness {
	unsigned char *host; /* NULL: there is none */
	size_t size;
	unsigned char before[WITNESS_MAX];
	unsigned char bait[WITNESS_MAX];
};

struct transfer {
	struct live *live;
	const struct job_step *step;
	struct stimulus *stimulus;
	struct access accesses[2];
	size_t count;
};

static const struct document_object *device_of(const struct transfer *transfer)
{
	return transfer->step->dma->device.target;
}

/* Puts other bytes where the device is to write. */
static void set_witness(
	const struct transfer *transfer, const struct access *access, struct witness *witness)
{
	witness->host = NULL;
	witness->size = access->size;
	if (access->write && !job_dma_data(transfer->step->dma) && access->size >= WITNESS_MIN &&
		access->size <= WITNESS_MAX)
		witness->host = live_target(
			transfer->live, device_of(transfer), access->iova, access->size);
	if (!witness->host)
		return;
	memcpy(witness->before, witness->host, witness->size);
	for (size_t i = 0; i < witness->size; i++)
		witness->bait[i] = witness->before[i] ^ (unsigned char)(0x5b + 0x1d * i);
	memcpy(witness->host, witness->bait, witness->size);
}

static enum verdict ask_witness(const struct witness *witness)
{
	if (!witness->host)
		return UNSEEN;
	if (memcmp(witness->host, witness->bait, witness->size) != 0)
		return DONE;
	memcpy(witness->host, witness->before, witness->size);
	return BLOCKED;
}

static uint64_t count_refused(const struct live *live)
{
	return live->platform->refused ? live->platform->refused(live->platform) : 0;
}

static struct live_reach reach_of(const struct transfer *transfer, const struct access *access)
{
	return (struct live_reach){
		device_of(transfer), access->iova, access->size, access->write };
}

/* How many events could be those of @access, the last of which is described in @text. */
static int count_events(const struct transfer *transfer, const struct access *access,
	uint64_t timeout_ms, size_t *count, char text[EVENT_SIZE])
{
	const struct live_reach reach = reach_of(transfer, access);

	text[0] = '\0';
	return live_events_of(transfer->live, &reach, timeout_ms, count, text, EVENT_SIZE);
}

/* Whether there are more than before. */
static int ask_events(const struct transfer *transfer, struct access *access, uint64_t timeout_ms)
{
	char event[EVENT_SIZE];
	size_t count;
	int err;

	err = count_events(transfer, access, timeout_ms, &count, event);
	if (err || count <= access->events)
		return err;
	memcpy(access->why, event, sizeof(event));
	access->verdict = BLOCKED;
	return 0;
}

static int judge_access(const struct transfer *transfer, struct access *access, uint64_t refused,
	const struct witness *witness)
{
	const struct live_reach reach = reach_of(transfer, access);
	const struct live *live = transfer->live;
	int err;

	access->verdict = ask_witness(witness);
	live_obstacle(live, &reach, access->why, sizeof(access->why));
	if (access->verdict == UNSEEN && access->why[0])
		access->verdict = BLOCKED;
	err = ask_events(transfer, access, 0);
	/* The model knows. */
	if (!err && live->platform->refused)
		access->verdict = count_refused(live) > refused ? BLOCKED : DONE;
	return err;
}

static int do_access(struct transfer *transfer, bool write, uint64_t iova)
{
	const struct stimulus_driver *driver = transfer->stimulus->driver;
	struct access *access = &transfer->accesses[transfer->count++];
	struct live *live = transfer->live;
	const uint64_t refused = count_refused(live);
	char event[EVENT_SIZE];
	struct witness witness;
	int err;

	*access = (struct access){ .write = write, .iova = iova,
		.size = (uint32_t)job_dma_size(transfer->step->dma) };
	err = count_events(transfer, access, 0, &access->events, event);
	if (err)
		return err;
	set_witness(transfer, access, &witness);
	err = write ? driver->dma_write(transfer->stimulus, iova, access->size) :
		      driver->dma_read(transfer->stimulus, iova, access->size);
	if (!err)
		return judge_access(transfer, access, refused, &witness);
	ask_witness(&witness);
	if (err == -ETIMEDOUT)
		return live_fail_with(live, device_of(transfer), err, "dma",
			"the %s device does not finish its transfer", driver->name);
	return live_fail(live, device_of(transfer), err);
}

/* None of these bytes is what is expected in its place. */
static void put_others(uint8_t *host, const struct document_bytes *expected)
{
	for (size_t i = 0; i < expected->size; i++)
		host[i] = expected->data[i] ? 0 : UINT8_MAX;
}

static struct access *find_access(struct transfer *transfer, enum verdict verdict)
{
	for (size_t i = 0; i < transfer->count; i++) {
		if (transfer->accesses[i].verdict == verdict)
			return &transfer->accesses[i];
	}
	return NULL;
}

static const char *say_blocked(const struct access *access, char *text, size_t size)
{
	snprintf(text, size, "the %s IOVA 0x%" PRIx64 " was blocked%s%s",
		access->write ? "write to" : "read of", access->iova, access->why[0] ? ": " : "",
		access->why);
	return text;
}

/* Says what was done as the plan does, and that nothing tells how it ended. */
static void say_unseen(struct transfer *transfer)
{
	struct live *live = transfer->live;

	plan_describe_step(transfer->step, live->seen, sizeof(live->seen));
	text_append(live->seen, sizeof(live->seen), "; nothing shows whether it was let through");
}

static bool expects_eio(const struct job_step *step)
{
	return step->expect && errno_from_name(step->expect->errno_name) == EIO;
}

/* An event step right behind this one says as well that it is to be blocked. */
static bool expects_event(const struct transfer *transfer)
{
	const struct job *job = transfer->live->job;
	const struct job_step *steps = job->steps.items, *next = transfer->step + 1;
	const struct job_vdevice *vdevices = job->objects[JOB_VDEVICES].items;
	const struct job_veventq *queue;

	if (next == steps + job->steps.count || !next->event || next->expect ||
		transfer->step->expect)
		return false;
	queue = (const struct job_veventq *)next->event->veventq.target;
	for (size_t i = 0; i < job->objects[JOB_VDEVICES].count; i++) {
		if (vdevices[i].device.target == device_of(transfer) &&
			vdevices[i].viommu.target == queue->viommu.target)
			return true;
	}
	return false;
}

static int judge_blocked(struct transfer *transfer, const struct access *blocked)
{
	const struct job_dma_expect *expect = transfer->step->dma->expect;
	struct live *live = transfer->live;
	char text[384], wanted[VALUE_BYTES_SIZE];
	const struct document_bytes *data;

	if (expect && expect->outcome == JOB_DMA_BLOCKED)
		return 0;
	if (!expect && expects_event(transfer)) {
		plan_describe_step(transfer->step, live->seen, sizeof(live->seen));
		text_append(live->seen, sizeof(live->seen), "; blocked");
		return 0;
	}
	say_blocked(blocked, text, sizeof(text));
	if (!expect || transfer->step->expect)
		return live_fail_with(live, device_of(transfer), -EIO, "dma", "%s", text);
	if (!job_dma_data(transfer->step->dma))
		return live_unmet(live, device_of(transfer), "%s", text);
	data = job_bytes_of(&expect->text, &expect->hex);
	return live_unmet(live, device_of(transfer), "%s; %s was expected at IPA 0x%" PRIx64, text,
		value_print_bytes(data->data, data->size, wanted), expect->ipa);
}

/* Nothing has been seen to be blocked. */
static int judge_passed(struct transfer *transfer)
{
	const struct job_dma_expect *expect = transfer->step->dma->expect;
	const bool unseen = find_access(transfer, UNSEEN);

	if (unseen)
		say_unseen(transfer);
	if (unseen && expects_eio(transfer->step))
		return live_fail_with(transfer->live, device_of(transfer), -EIO, "dma",
			"nothing shows that it was let through");
	if (!unseen && expect && expect->outcome == JOB_DMA_BLOCKED)
		return live_unmet(transfer->live, device_of(transfer),
			"it was let through; it was expected to be blocked");
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
	const struct job_dma_expect *data = job_dma_data(transfer->step->dma);
	struct access *unseen = find_access(transfer, UNSEEN);
	const struct access *blocked;
	int err = 0, data_err = 0;

	if (data && !find_access(transfer, BLOCKED))
		data_err = live_compare_memory(
			transfer->live, data->ipa, job_bytes_of(&data->text, &data->hex));
	if (data && !find_access(transfer, BLOCKED) && !data_err) {
		if (unseen && !unseen->write && is_empty(job_bytes_of(&data->text, &data->hex)))
			say_unseen(transfer);
		return 0;
	}
	if (unseen && !find_access(transfer, BLOCKED))
		err = ask_events(transfer, unseen,
			expects_eio(transfer->step) ? EVENT_EXPECTED_MS : EVENT_LIMIT_MS);
	if (err)
		return err;
	blocked = find_access(transfer, BLOCKED);
	if (blocked)
		return judge_blocked(transfer, blocked);
	return data_err ? data_err : judge_passed(transfer);
}

static int start(struct transfer *transfer)
{
	struct live *live = transfer->live;
	const struct document_object *device = device_of(transfer);
	const struct stimulus_driver *driver;
	int err;

	err = live_stimulus(live, device, &transfer->stimulus);
	if (err)
		return err;
	driver = transfer->stimulus->driver;
	if (job_dma_size(transfer->step->dma) > driver->transfer_max)
		return live_fail_with(live, device, -E2BIG, "dma",
			"%s moves at most %u bytes at a time", driver->name, driver->transfer_max);
	return 0;
}

int live_step_dma(struct live *live, const struct job_step *step)
{
	const struct job_dma_expect *data = job_dma_data(step->dma);
	const struct document_bytes *expected = data ? job_bytes_of(&data->text, &data->hex) : NULL;
	struct transfer transfer = { .live = live, .step = step };
	uint8_t *host = NULL;
	int err;

	if (expected) {
		host = live_memory_at(live, data->ipa, expected->size);
		if (!host)
			return live->failure.error;
	}
	err = start(&transfer);
	if (!err && step->dma->from != DOCUMENT_UNSET)
		err = do_access(&transfer, false, step->dma->from);
	/* What is expected may lie where the device has read. */
	if (!err && expected)
		put_others(host, expected);
	if (!err && step->dma->to != DOCUMENT_UNSET)
		err = do_access(&transfer, true, step->dma->to);
	return err ? err : judge(&transfer);
}
