// SPDX-License-Identifier: MIT
#include "job/live.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "document/value.h"

static int alloc_state(struct live *live)
{
	const struct job *job = live->job;
	size_t total = 0;

	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		size_t count = job->objects[collection].count;

		live->objects[collection] = calloc(count + 1, sizeof(struct live_object));
		if (!live->objects[collection])
			return -ENOMEM;
		total += count;
	}
	live->devices = calloc(job->objects[JOB_DEVICES].count + 1, sizeof(*live->devices));
	live->queues = calloc(job->objects[JOB_VEVENTQS].count + 1, sizeof(*live->queues));
	live->maps = calloc(job->objects[JOB_IOAS].count + 1, sizeof(*live->maps));
	live->ranges = calloc(job->objects[JOB_MEMORY].count + 1, sizeof(*live->ranges));
	/* A device takes two entries: itself and its attachment. */
	live->entries = calloc(
		total + job->objects[JOB_DEVICES].count + 1, sizeof(*live->entries));
	if (!live->devices || !live->queues || !live->maps || !live->ranges || !live->entries)
		return -ENOMEM;
	live->guest.ranges = live->ranges;
	return tables_init(&live->tables, job, &live->guest);
}

void live_free(struct live *live)
{
	for (int collection = 0; collection < JOB_COLLECTIONS; collection++)
		free(live->objects[collection]);
	free(live->devices);
	free(live->queues);
	for (size_t i = 0; live->maps && i < live->job->objects[JOB_IOAS].count; i++)
		iova_map_free(&live->maps[i]);
	free(live->maps);
	free(live->ranges);
	free(live->entries);
	tables_free(&live->tables);
}

/* No iommufd in this kernel: no device node, or nobody behind it. */
static bool is_missing_driver(int error)
{
	return error == -ENOENT || error == -ENODEV || error == -ENXIO;
}

int live_open(struct live *live, const struct job *job, struct iommuctl *ctx,
	const struct platform *platform)
{
	int err;

	*live = (struct live){ .job = job, .ctx = ctx, .platform = platform, .iommufd = -1,
		.interrupt.fd = -1 };
	err = alloc_state(live);
	if (err)
		return live_fail_with(live, NULL, err, "run", "out of memory");
	err = iommuctl_iommufd_open(ctx, &live->iommufd);
	if (!err)
		return 0;
	live_fail(live, NULL, err);
	if (is_missing_driver(err))
		live->failure.status = STATUS_UNSUPPORTED;
	return err;
}

struct live_object *live_object(const struct live *live, const struct document_object *object)
{
	return &live->objects[object->collection][object->index];
}

int live_need(struct live *live, const struct document_object *object)
{
	if (live_object(live, object)->made)
		return 0;
	return live_fail_with(live, object, -ENODEV, "look-up",
		"does not exist at this point: it has not been created, or has been destroyed");
}

void *live_memory_at(struct live *live, uint64_t ipa, uint64_t size)
{
	void *host = iommuctl_guest_memory_at(&live->guest, ipa, size);
	char bytes[VALUE_TEXT_SIZE];

	if (!host)
		live_fail_with(live, NULL, -EFAULT, "guest memory",
			"no memory holds %s at IPA 0x%" PRIx64 " at this point",
			value_print_size(size, bytes), ipa);
	return host;
}

int live_stimulus(struct live *live, const struct document_object *device, struct stimulus **stimulus)
{
	struct stimulus *state = &live->devices[device->index].stimulus;
	uint32_t ids = 0;
	int err;

	err = live_need(live, device);
	if (err)
		return err;
	*stimulus = state;
	if (state->driver)
		return 0;
	err = stimulus_init(state, live->ctx, live_object(live, device)->fd, &ids);
	if (!err)
		return 0;
	if (err == -ENODEV && ids && !state->driver)
		return live_fail_with(live, device, err, "stimulus",
			"no stimulus driver knows PCI device %04x:%04x; DMA and interrupt steps need one",
			ids >> 16, ids & 0xffff);
	if (err == -ENODEV)
		live_fail_with(live, device, err, "stimulus", "does not answer as the %s device does",
			state->driver->name);
	else
		live_fail(live, device, err);
	state->driver = NULL;
	return err;
}
