// SPDX-License-Identifier: MIT
#include "job/handover/live.h"

#include <string.h>

/* Room for the name of an object, with its collection. */
#define LABEL_SIZE 160

static const struct {
	bool file;
	bool id;
} given[JOB_COLLECTIONS] = {
	[JOB_MEMORY] = { .file = true },
	[JOB_DEVICES] = { .file = true, .id = true },
	[JOB_IOAS] = { .id = true },
	[JOB_HWPTS] = { .id = true },
	[JOB_VIOMMUS] = { .id = true },
	[JOB_VDEVICES] = { .id = true },
	[JOB_VEVENTQS] = { .file = true, .id = true },
	[JOB_HW_QUEUES] = { .id = true },
	[JOB_FAULT_QUEUES] = { .file = true, .id = true },
	[JOB_IRQS] = { .file = true },
};

bool handover_has_file(unsigned int collection)
{
	return given[collection].file;
}

bool handover_has_id(unsigned int collection)
{
	return given[collection].id;
}

static int add_object(
	struct handover *handover, const struct live *live, const struct document_object *object)
{
	const struct live_object *state = live_object(live, object);
	char label[LABEL_SIZE];
	int err;

	if (!state->made)
		return 0;
	err = handover_add(handover, document_object_label(object, label, sizeof(label)),
		handover_has_file(object->collection) ? state->fd : -1,
		handover_has_id(object->collection) ? state->id : 0);
	if (!err)
		handover_show(handover, state->mmap_offset, state->mmap_length);
	return err;
}

int handover_add_live(struct handover *handover, const struct live *live)
{
	int err = handover_add(handover, "iommufd", live->iommufd, 0);

	for (unsigned int c = 0; c < JOB_COLLECTIONS; c++) {
		for (size_t i = 0; !err && i < live->job->objects[c].count; i++)
			err = add_object(
				handover, live, document_object_at(live->job->document, c, i));
	}
	return err;
}

static bool is_known(const struct job *job, const struct handover_mark *mark)
{
	const struct document_object *object;
	char label[LABEL_SIZE];

	if (mark->length >= sizeof(label))
		return false;
	snprintf(label, sizeof(label), "%.*s", (int)mark->length, mark->name);
	if (!strcmp(label, "iommufd"))
		return !mark->is_id;
	object = document_find_labelled(job->document, label);
	if (!object)
		return false;
	if (mark->is_id && object->collection == JOB_DEVICES)
		return ((const struct job_device *)object)->bind;
	return mark->is_id ? handover_has_id(object->collection)
			   : handover_has_file(object->collection);
}

bool handover_find_unknown(const struct job *job, char *const *command, struct handover_mark *mark)
{
	for (; *command; command++) {
		const char *at = *command;

		for (; handover_find_mark(at, mark); at = mark->end) {
			if (!is_known(job, mark))
				return true;
		}
	}
	return false;
}
