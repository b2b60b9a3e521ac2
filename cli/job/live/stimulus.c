// SPDX-License-Identifier: MIT
/* A job's devices as stimuli: which driver, with which memory, and what it can do. */
#include <errno.h>
#include <inttypes.h>

#include "job/live/stimulus.h"

static const struct job_device *device_of(const struct document_object *object)
{
	return (const struct job_device *)object;
}

static int choose_driver(
	struct live *live, const struct document_object *device, struct stimulus *state)
{
	const enum stimulus_kind kind = (enum stimulus_kind)device_of(device)->stimulus;
	uint32_t ids = 0;
	int err;

	err = stimulus_find(state, live->ctx, live_object(live, device)->fd, kind, &ids);
	if (err == -ENODEV && ids) {
		live_fail_with(live, device, err, "stimulus",
			"no stimulus driver knows PCI device %04x:%04x; DMA and interrupt steps need one",
			ids >> 16, ids & 0xffff);
		live->failure.status = STATUS_UNSUPPORTED;
		return err;
	}
	if (err)
		return live_fail(live, device, err);
	if (state->driver->disruptive && kind == STIMULUS_ANY) {
		live_fail_with(live, device, -EPERM, "stimulus",
			"the %s driver %s\nto allow that, give the device \"stimulus\": \"%s\"",
			state->driver->name, state->driver->touches, state->driver->name);
		state->driver = NULL;
		return -EPERM;
	}
	return 0;
}

/* Guest memory may come and go, so look it up each time. */
static int find_memory(struct live *live, const struct document_object *device,
	const struct stimulus *state, struct stimulus_memory *memory)
{
	const struct job_stimulus_memory *said = device_of(device)->stimulus_memory;
	const uint64_t needed = state->driver->memory_size;

	*memory = (struct stimulus_memory){ .host = NULL };
	if (!needed)
		return 0;
	if (!said || said->size < needed)
		return live_fail_with(live, device, -EOPNOTSUPP, "stimulus",
			"the %s driver needs %" PRIu64 "K of guest memory that the device "
			"reaches\ngive the device a \"stimulus-memory\"",
			state->driver->name, needed >> 10);
	*memory = (struct stimulus_memory){
		.host = live_memory_at(live, said->ipa, said->size),
		.iova = said->iova == DOCUMENT_UNSET ? said->ipa : said->iova,
		.size = said->size,
	};
	return memory->host ? 0 : live->failure.error;
}

int live_stimulus(
	struct live *live, const struct document_object *device, struct stimulus **stimulus)
{
	struct stimulus *state = &live->devices[device->index].stimulus;
	struct stimulus_memory memory;
	int err;

	err = live_need(live, device);
	if (!err && !state->driver)
		err = choose_driver(live, device, state);
	if (!err)
		err = find_memory(live, device, state, &memory);
	if (err)
		return err;
	*stimulus = state;
	if (state->usable && state->memory.host == memory.host)
		return 0;
	err = stimulus_start(state, &memory);
	if (err == -ENODEV || err == -ETIMEDOUT)
		live_fail_with(live, device, err, "stimulus",
			"does not respond as the %s device does", state->driver->name);
	else if (err)
		live_fail(live, device, err);
	return err;
}

int live_stimulus_can(struct live *live, const struct document_object *device,
	const struct stimulus *stimulus, const struct stimulus_access *access)
{
	const char *why = stimulus->driver->refuse(stimulus, access);

	if (!why)
		return 0;
	return live_fail_with(live, device, -EOPNOTSUPP, "stimulus", "the %s device %s",
		stimulus->driver->name, why);
}

int live_stimulus_keeps(struct live *live, const struct document_object *device,
	const struct stimulus *stimulus, const struct live_kept *kept)
{
	const struct stimulus_driver *driver = stimulus->driver;
	/* IOVA and IPA have the same offset in a page. */
	const uint64_t first = (kept->ipa - kept->iova) % STIMULUS_PAGE;

	if (first >= driver->kept_first &&
		first + kept->size <= (uint64_t)driver->kept_first + driver->kept_count)
		return 0;
	return live_fail_with(live, device, -EOPNOTSUPP, "stimulus",
		"the %s device returns bytes %u to %u of what it has read, but others are expected",
		driver->name, driver->kept_first, driver->kept_first + driver->kept_count - 1);
}
