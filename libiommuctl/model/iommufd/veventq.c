// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/vfio/vfio.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/smmuv3_event.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "events/sequence.h"

#define DEPTH_MAX      (1u << 19)
#define FIRST_ROOM     16
#define STREAMID_SHIFT 32

static struct model_veventq *find(const struct model_viommu *viommu, uint32_t type)
{
	struct model_veventq *veventq = viommu->veventqs;

	while (veventq && veventq->type != type)
		veventq = veventq->next;
	return veventq;
}

static bool make_room(struct model_veventq *veventq)
{
	uint32_t room = veventq->room ? veventq->room * 2 : FIRST_ROOM;
	struct model_vevent *events;

	if (veventq->count < veventq->room)
		return true;
	if (room > veventq->depth)
		room = veventq->depth;
	events = calloc(room, sizeof(*events));
	if (!events)
		return false;
	for (uint32_t i = 0; veventq->room && i < veventq->count; i++)
		events[i] = veventq->events[(veventq->head + i) % veventq->room];
	free(veventq->events);
	veventq->events = events;
	veventq->room = room;
	veventq->head = 0;
	return true;
}

static void veventq_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_veventq *veventq = (void *)object;
	struct model_veventq **link = &veventq->viommu->veventqs;

	(void)iommufd;
	while (*link != veventq)
		link = &(*link)->next;
	*link = veventq->next;
	veventq->viommu->object.users--;
	free(veventq->events);
	free(veventq);
}

const struct model_kind model_veventq_kind = { .free = veventq_free };

static bool is_pending(const struct model_veventq *veventq)
{
	return veventq->count > 0 || veventq->lost;
}

/* Each event has a sequence number, lost ones too: LOST_EVENTS has the last lost one's. */
static void queue_event(struct model_veventq *veventq, const struct model_vevent *event)
{
	if (veventq->count < veventq->depth && make_room(veventq)) {
		uint32_t tail = (veventq->head + veventq->count++) % veventq->room;

		veventq->events[tail] = *event;
		veventq->events[tail].sequence = veventq->sequence;
		veventq->lost = false;
	} else {
		veventq->lost_sequence = veventq->sequence;
		veventq->lost = true;
	}
	veventq->sequence = (veventq->sequence + 1) & EVENTS_SEQUENCE_MASK;
}

int model_veventq_add(
	const struct model_viommu *viommu, uint32_t type, const void *data, uint32_t size)
{
	struct model_veventq *veventq = find(viommu, type);
	struct model_vevent event = { .size = size };

	if (!veventq)
		return -EOPNOTSUPP;
	memcpy(event.data, data, size);
	queue_event(veventq, &event);
	model_queue_set_pending(&veventq->queue, is_pending(veventq));
	return 0;
}

void model_veventq_report(struct model_device *device, const uint64_t words[4])
{
	struct abi_vevent_arm_smmuv3 record;
	struct iommuctl_smmuv3_event decoded;

	if (!device->reports_to)
		return;
	iommuctl_smmuv3_event_decode(words, &decoded);
	if (!iommuctl_smmuv3_event_reaches_veventq(&decoded))
		return;
	for (size_t i = 0; i < IOMMUCTL_SMMUV3_EVENT_WORDS; i++)
		record.evt[i] = htole64(words[i]);
	record.evt[0] = htole64((uint32_t)words[0] | device->reported_vsid << STREAMID_SHIFT);
	(void)model_veventq_add(
		device->reports_to, ABI_VEVENTQ_TYPE_ARM_SMMUV3, &record, sizeof(record));
}

/* Copies one event if it fits the rest of the buffer: its size, or 0. */
static size_t read_event(struct model_veventq *veventq, unsigned char *buffer, size_t size)
{
	const struct model_vevent *event = &veventq->events[veventq->head];
	struct abi_vevent_header header = { .sequence = event->sequence };
	const size_t whole = sizeof(header) + event->size;

	if (size < whole)
		return 0;
	memcpy(buffer, &header, sizeof(header));
	memcpy(buffer + sizeof(header), event->data, event->size);
	veventq->head = (veventq->head + 1) % veventq->room;
	veventq->count--;
	return whole;
}

static size_t read_lost(struct model_veventq *veventq, unsigned char *buffer, size_t size)
{
	const struct abi_vevent_header header = {
		.flags = ABI_VEVENTQ_FLAG_LOST_EVENTS,
		.sequence = veventq->lost_sequence,
	};

	if (size < sizeof(header))
		return 0;
	memcpy(buffer, &header, sizeof(header));
	veventq->lost = false;
	return sizeof(header);
}

static ssize_t veventq_read(void *object, void *buffer, size_t size, int64_t offset)
{
	struct model_veventq *veventq = object;
	const bool was_pending = is_pending(veventq);
	size_t done = 0, step;

	if (offset > 0)
		return -ESPIPE;
	if (size < sizeof(struct abi_vevent_header))
		return -EINVAL;
	if (was_pending && !buffer)
		return -EFAULT;
	while (is_pending(veventq)) {
		unsigned char *to = (unsigned char *)buffer + done;

		if (veventq->count > 0)
			step = read_event(veventq, to, size - done);
		else
			step = read_lost(veventq, to, size - done);
		if (step == 0)
			break;
		done += step;
	}
	model_queue_set_pending(&veventq->queue, is_pending(veventq));
	return was_pending && done == 0 ? -EINVAL : (ssize_t)done;
}

static const struct model_file_kind veventq_file = {
	.read = veventq_read,
	.close = model_queue_close,
};

/* IOMMU_VEVENTQ_ALLOC */
int model_veventq_alloc(struct model_iommufd *iommufd, void *arg)
{
	struct abi_veventq_alloc *args = arg;
	struct model_veventq *made;
	struct model_viommu *viommu;
	int err;

	if (args->flags || args->reserved || args->type == ABI_VEVENTQ_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (args->veventq_depth == 0 || args->veventq_depth > DEPTH_MAX)
		return -EINVAL;
	viommu = model_object_find(iommufd, args->viommu_id, &model_viommu_kind);
	if (!viommu)
		return -ENOENT;
	if (find(viommu, args->type))
		return -EEXIST;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->type = args->type;
	made->depth = args->veventq_depth;
	/* Only a queue that grows beyond its initial size loses events for lack of memory. */
	err = make_room(made) ? 0 : -ENOMEM;
	if (err)
		goto free;
	err = model_queue_open(&made->queue, iommufd, &model_veventq_kind, &veventq_file);
	if (err)
		goto free;
	made->viommu = viommu;
	made->next = viommu->veventqs;
	viommu->veventqs = made;
	viommu->object.users++;
	args->out_veventq_id = made->queue.object.id;
	args->out_veventq_fd = (uint32_t)made->queue.fd;
	return 0;
free:
	free(made->events);
	free(made);
	return err;
}
