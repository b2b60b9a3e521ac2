// SPDX-License-Identifier: MIT
/* All queues of a live job at once, for clients that watch them. */
#include "array.h"
#include "job/live/live.h"
#include "job/live/faults.h"

static const unsigned int collections[] = { JOB_VEVENTQS, JOB_FAULT_QUEUES };

int live_watched_file(const struct live *live, unsigned int collection, size_t index)
{
	const struct live_object *queue = &live->objects[collection][index];

	if (!queue->made)
		return -1;
	/* Only steps read the mock's events; until then, the file stays readable. */
	if (collection == JOB_VEVENTQS && live->queues[index].is_mock)
		return -1;
	/* Events for a waiting step are not dropped. */
	if (collection == JOB_VEVENTQS && live->waits && live_queue_is_full(live, index))
		return -1;
	/* A file that is not read would stay readable. */
	if (collection == JOB_FAULT_QUEUES &&
		!live_has_room_for_faults(
			live, document_object_at(live->job->document, collection, index)))
		return -1;
	return queue->fd;
}

static int watch(struct live *live, unsigned int collection, size_t index)
{
	const struct document_object *object =
		document_object_at(live->job->document, collection, index);

	if (live_watched_file(live, collection, index) < 0)
		return 0;
	return collection == JOB_VEVENTQS ? live_watch_events(live, object)
					  : live_watch_faults(live, object);
}

int live_watch_queues(struct live *live)
{
	int err, first = 0;

	for (size_t c = 0; c < ARRAY_SIZE(collections); c++) {
		for (size_t i = 0; i < live->job->objects[collections[c]].count; i++) {
			err = watch(live, collections[c], i);
			first = first ? first : err;
		}
	}
	return first;
}
