// SPDX-License-Identifier: MIT
#include "job/live/access.h"
#include "job/live/reach.h"
#include "job/live/stimulus.h"

#include <errno.h>
#include <string.h>

/* Shorter writes may leave memory unchanged by chance. */
#define WITNESS_MIN 4
#define WITNESS_MAX 4096

/* Guest memory that an access must change. */
struct witness {
	unsigned char *host; /* NULL: there is none */
	size_t size;
	unsigned char before[WITNESS_MAX];
	unsigned char bait[WITNESS_MAX];
};

/* Puts other bytes where the device will write. */
static void set_witness(
	const struct live *live, const struct live_reach *reach, struct witness *witness)
{
	if (reach->write && reach->size >= WITNESS_MIN && reach->size <= WITNESS_MAX)
		witness->host = live_target(live, reach->device, reach->iova, reach->size);
	if (!witness->host)
		return;
	witness->size = reach->size;
	memcpy(witness->before, witness->host, witness->size);
	for (size_t i = 0; i < witness->size; i++)
		witness->bait[i] = witness->before[i] ^ (unsigned char)(0x5b + 0x1d * i);
	memcpy(witness->host, witness->bait, witness->size);
}

static enum access_verdict ask_witness(const struct witness *witness)
{
	if (!witness->host)
		return ACCESS_UNSEEN;
	if (memcmp(witness->host, witness->bait, witness->size) != 0)
		return ACCESS_DONE;
	memcpy(witness->host, witness->before, witness->size);
	return ACCESS_BLOCKED;
}

static uint64_t count_refused(const struct live *live)
{
	return live->platform->refused ? live->platform->refused(live->platform) : 0;
}

int live_access_ask_events(struct live *live, struct live_access *access, uint64_t timeout_ms)
{
	char event[ACCESS_WHY_SIZE] = "";
	size_t count;
	int err;

	err = live_events_of(live, &access->reach, timeout_ms, &count, event, sizeof(event));
	if (err || count <= access->events)
		return err;
	memcpy(access->why, event, sizeof(event));
	access->verdict = ACCESS_BLOCKED;
	return 0;
}

const struct document_object *live_access_unheard(
	const struct live *live, const struct live_access *access)
{
	const struct document_object *table = live_led_to(live, access->reach.device);
	const struct document_object *viommu = NULL;

	if (table && table->collection == JOB_HWPTS)
		viommu = ((const struct job_hwpt *)table)->viommu.target;
	return viommu && live_is_unheard(live, viommu) ? viommu : NULL;
}

/* @seen: the device itself has noticed that it was blocked. */
static int judge(struct live *live, struct live_access *access, uint64_t refused,
	const struct witness *witness, bool seen)
{
	int err;

	access->verdict = ask_witness(witness);
	if (seen)
		access->verdict = ACCESS_BLOCKED;
	live_obstacle(live, &access->reach, access->why, sizeof(access->why));
	if (access->verdict == ACCESS_UNSEEN && access->why[0])
		access->verdict = ACCESS_BLOCKED;
	err = live_access_ask_events(live, access, 0);
	/* The model knows. */
	if (!err && live->platform->refused)
		access->verdict = count_refused(live) > refused ? ACCESS_BLOCKED : ACCESS_DONE;
	return err;
}

static int access_with_ssid(struct live *live, const struct live_reach *reach)
{
	struct live_device *device = &live->devices[reach->device->index];
	const struct platform_access access = {
		.ssid = reach->ssid,
		.iova = reach->iova,
		.buffer = device->buffer,
		.size = reach->size,
		.write = reach->write,
	};
	int err;

	if (!live->platform->dma)
		return live_fail_with(live, reach->device, -EOPNOTSUPP, "dma",
			"cannot do DMA with a SubstreamID; only devices of the model can");
	if (reach->size > sizeof(device->buffer))
		return live_fail_with(live, reach->device, -E2BIG, "dma",
			"moves at most %zu bytes at a time with a SubstreamID",
			sizeof(device->buffer));
	err = live->platform->dma(live->platform, &device->found, &access);
	/* Accesses that the SMMU refuses or stalls are judged like all others. */
	if (!err || err == -EIO || err == -EAGAIN)
		return 0;
	if (err == -EINVAL)
		return live_fail_with(live, reach->device, -EOPNOTSUPP, "dma",
			"the SMMU has fewer SubstreamIDs than that: %u", reach->ssid);
	return live_fail_with(
		live, reach->device, err, "dma", "SSID %u: %s", reach->ssid, strerror(-err));
}

static int fail_unfinished(
	struct live *live, const struct stimulus *stimulus, const struct document_object *device)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)live_led_to(live, device);

	live_fail_with(live, device, -ETIMEDOUT, "dma",
		"the %s device does not finish its transfer", stimulus->driver->name);
	if (hwpt && hwpt->object.collection == JOB_HWPTS && hwpt->fault_queue.target)
		failure_explain(&live->failure, "it waits for the response to a page fault",
			"read it with page-fault, and answer it with page-response: the transfer "
			"then continues");
	return -ETIMEDOUT;
}

/* Makes the device do it: 0 or STIMULUS_BLOCKED. Errors are recorded. */
static int access_device(
	struct live *live, struct stimulus *stimulus, const struct live_reach *reach)
{
	const struct stimulus_access access = { reach->write, reach->iova, (uint32_t)reach->size };
	int err;

	if (reach->has_ssid)
		return access_with_ssid(live, reach);
	err = live_stimulus_can(live, reach->device, stimulus, &access);
	if (err)
		return err;
	err = stimulus->driver->transfer(stimulus, &access);
	if (err == -ETIMEDOUT)
		return fail_unfinished(live, stimulus, reach->device);
	return err < 0 ? live_fail(live, reach->device, err) : err;
}

int live_access_do(
	struct live *live, struct stimulus *stimulus, struct live_access *access, bool use_memory)
{
	const struct live_reach *reach = &access->reach;
	const uint64_t refused = count_refused(live);
	struct witness witness = { .host = NULL };
	char event[ACCESS_WHY_SIZE];
	int err;

	err = live_events_of(live, reach, 0, &access->events, event, sizeof(event));
	if (err)
		return err;
	/* The tables that a SubstreamID selects are unknown. */
	if (use_memory && !reach->has_ssid)
		set_witness(live, reach, &witness);
	err = access_device(live, stimulus, reach);
	if (err >= 0)
		return judge(live, access, refused, &witness, err == STIMULUS_BLOCKED);
	ask_witness(&witness);
	return err;
}
