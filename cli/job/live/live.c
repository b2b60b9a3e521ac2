// SPDX-License-Identifier: MIT
#include "job/live/live.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "document/value.h"

int live_alloc(struct live *live)
{
	const struct job *job = live->job;
	size_t total = 0;

	memset(live->objects, 0, sizeof(live->objects));
	live->devices = NULL;
	live->queues = NULL;
	live->fault_queues = NULL;
	live->maps = NULL;
	live->ranges = NULL;
	live->entries = NULL;
	live->tables = (struct tables){ 0 };
	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		size_t count = job->objects[collection].count;

		live->objects[collection] = calloc(count + 1, sizeof(struct live_object));
		if (!live->objects[collection])
			return -ENOMEM;
		total += count;
	}
	live->devices = calloc(job->objects[JOB_DEVICES].count + 1, sizeof(*live->devices));
	live->queues = calloc(job->objects[JOB_VEVENTQS].count + 1, sizeof(*live->queues));
	live->fault_queues =
		calloc(job->objects[JOB_FAULT_QUEUES].count + 1, sizeof(*live->fault_queues));
	live->maps = calloc(job->objects[JOB_IOAS].count + 1, sizeof(*live->maps));
	live->ranges = calloc(job->objects[JOB_MEMORY].count + 1, sizeof(*live->ranges));
	/* A device takes two entries: itself and its attachment; and one for each PASID of it. */
	live->entries = calloc(
		total + job->objects[JOB_DEVICES].count + job->attach.count + job->steps.count + 1,
		sizeof(*live->entries));
	if (!live->devices || !live->queues || !live->fault_queues || !live->maps ||
		!live->ranges || !live->entries)
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
	free(live->fault_queues);
	for (size_t i = 0; live->maps && i < live->job->objects[JOB_IOAS].count; i++)
		iova_map_free(&live->maps[i]);
	free(live->maps);
	free(live->ranges);
	free(live->entries);
	tables_free(&live->tables);
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

int live_need_file(struct live *live, const struct document_object *object)
{
	int err = live_need(live, object);

	if (err || live_object(live, object)->fd >= 0)
		return err;
	live_fail_with(live, object, -EBADF, "read", "its file was closed");
	failure_explain(&live->failure,
		"it could not be destroyed because another process has the file open",
		"once that process has closed it, destroy it again and make a new one");
	return -EBADF;
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
