// SPDX-License-Identifier: MIT
#include "job/live_access.h"

#include <errno.h>
#include <string.h>

/* Less may be left as it was by chance, although something was written. */
#define WITNESS_MIN 4
#define WITNESS_MAX 4096

/* Guest memory that an access is to change. */
struct witness {
	unsigned char *host; /* NULL: there is none */
	size_t size;
	unsigned char before[WITNESS_MAX];
	unsigned char bait[WITNESS_MAX];
};

/* Puts other bytes where the device is to write. */
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

static int judge(struct live *live, struct live_access *access, uint64_t refused,
	const struct witness *witness)
{
	int err;

	access->verdict = ask_witness(witness);
	live_obstacle(live, &access->reach, access->why, sizeof(access->why));
	if (access->verdict == ACCESS_UNSEEN && access->why[0])
		access->verdict = ACCESS_BLOCKED;
	err = live_access_ask_events(live, access, 0);
	/* The model knows. */
	if (!err && live->platform->refused)
		access->verdict = count_refused(live) > refused ? ACCESS_BLOCKED : ACCESS_DONE;
	return err;
}

int live_access_do(struct live *live, struct stimulus *stimulus, struct live_access *access,
	bool use_memory)
{
	const struct stimulus_driver *driver = stimulus->driver;
	const struct live_reach *reach = &access->reach;
	const uint64_t refused = count_refused(live);
	struct witness witness = { .host = NULL };
	char event[ACCESS_WHY_SIZE];
	int err;

	err = live_events_of(live, reach, 0, &access->events, event, sizeof(event));
	if (err)
		return err;
	if (use_memory)
		set_witness(live, reach, &witness);
	err = reach->write ? driver->dma_write(stimulus, reach->iova, (uint32_t)reach->size) :
			     driver->dma_read(stimulus, reach->iova, (uint32_t)reach->size);
	if (!err)
		return judge(live, access, refused, &witness);
	ask_witness(&witness);
	if (err == -ETIMEDOUT)
		return live_fail_with(live, reach->device, err, "dma",
			"the %s device does not finish its transfer", driver->name);
	return live_fail(live, reach->device, err);
}
