// SPDX-License-Identifier: MIT
/* The guest's event queue. Arm IHI 0070, sections 3.5 and 7.2. */
#include "vsmmuv3/vsmmuv3_private.h"

#include <errno.h>

#include "events/reader.h"
#include "stage1/guest_memory.h"
#include "vsmmuv3/record.h"

#define EVENT_SIZE (IOMMUCTL_SMMUV3_EVENT_WORDS * sizeof(uint64_t))

/* One edge for all events of a call. A guest may read the queue only after an edge. */
static void overflow(struct iommuctl_vsmmuv3 *smmu)
{
	const uint64_t prod = vsmmuv3_get(smmu, VSMMUV3_EVENTQ_PROD);
	const uint64_t cons = vsmmuv3_get(smmu, VSMMUV3_EVENTQ_CONS);

	if ((prod ^ cons) & EVENTQ_OVERFLOW)
		return;
	vsmmuv3_set(smmu, VSMMUV3_EVENTQ_PROD, prod ^ EVENTQ_OVERFLOW);
}

static unsigned int queue_log2size(const struct iommuctl_vsmmuv3 *smmu)
{
	const uint64_t base = vsmmuv3_get(smmu, VSMMUV3_EVENTQ_BASE);

	return vsmmuv3_queue_log2size(smmu, base, IDR1_EVENTQS_SHIFT);
}

/* PROD and CONS are equal in an empty queue; a full one differs in the bit above the index. */
static uint64_t differing_index(const struct iommuctl_vsmmuv3 *smmu)
{
	const uint64_t prod = vsmmuv3_get(smmu, VSMMUV3_EVENTQ_PROD);
	const uint64_t cons = vsmmuv3_get(smmu, VSMMUV3_EVENTQ_CONS);

	return (prod ^ cons) & ((UINT64_C(2) << queue_log2size(smmu)) - 1);
}

bool vsmmuv3_has_events(const struct iommuctl_vsmmuv3 *smmu)
{
	return vsmmuv3_is_enabled(smmu, CR0_EVENTQEN) && differing_index(smmu);
}

/* The whole event must fit: half an event is useless. */
static int store(const struct iommuctl_vsmmuv3 *smmu, uint64_t ipa,
	const uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS])
{
	if (!iommuctl_guest_memory_at(smmu->memory, ipa, EVENT_SIZE))
		return -EFAULT;
	for (unsigned int i = 0; i < IOMMUCTL_SMMUV3_EVENT_WORDS; i++)
		if (guest_memory_store64(smmu->memory, ipa + i * sizeof(*words), words[i]))
			return -EFAULT;
	return 0;
}

static bool put(struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_smmuv3_event *event)
{
	const uint64_t base = vsmmuv3_get(smmu, VSMMUV3_EVENTQ_BASE);
	const uint64_t prod = vsmmuv3_get(smmu, VSMMUV3_EVENTQ_PROD);
	const uint64_t entries = UINT64_C(1) << queue_log2size(smmu), index_mask = 2 * entries - 1;
	const uint64_t differing = differing_index(smmu);
	const uint64_t start = base & QUEUE_BASE_ADDR & ~(entries * EVENT_SIZE - 1);
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];

	if (!vsmmuv3_is_enabled(smmu, CR0_EVENTQEN) ||
		vsmmuv3_active_errors(smmu) & GERROR_EVENTQ_ABT_ERR)
		return false;
	if (differing == entries) {
		overflow(smmu);
		return false;
	}
	if (iommuctl_smmuv3_event_encode(event, words, NULL))
		return false;
	if (store(smmu, start + (prod & (entries - 1)) * EVENT_SIZE, words)) {
		vsmmuv3_raise_gerror(smmu, GERROR_EVENTQ_ABT_ERR);
		return false;
	}
	vsmmuv3_set(
		smmu, VSMMUV3_EVENTQ_PROD, (prod & EVENTQ_OVERFLOW) | ((prod + 1) & index_mask));
	if (!differing)
		vsmmuv3_raise(smmu, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ);
	return true;
}

static void account(
	struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_smmuv3_event *event, bool arrives)
{
	if (arrives)
		smmu->counters.events++;
	else
		smmu->counters.events_lost++;
	vsmmuv3_record_event(smmu, arrives ? RECORD_EVENT : RECORD_LOST,
		vsmmuv3_get(smmu, VSMMUV3_EVENTQ_PROD), event);
}

void vsmmuv3_put_event(struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_smmuv3_event *event)
{
	account(smmu, event, put(smmu, event));
}

/* Returns 0, or why there is no next event. One that a guest must not get is dropped. */
static int move(struct iommuctl_vsmmuv3 *smmu, bool to_guest)
{
	struct iommuctl_smmuv3_event event;
	uint64_t missed;
	int err = event_reader_ask(&smmu->events, &event, &missed);

	if (missed || !err)
		vsmmuv3_record_event(smmu, RECORD_ARRIVAL, missed, err ? NULL : &event);
	smmu->counters.events_missed += missed;
	if (missed && to_guest && vsmmuv3_is_enabled(smmu, CR0_EVENTQEN))
		overflow(smmu);
	if (!err)
		account(smmu, &event, to_guest && put(smmu, &event));
	return err;
}

void iommuctl_vsmmuv3_tap_events(
	struct iommuctl_vsmmuv3 *smmu, struct iommuctl_event_tap *tap, const char *queue)
{
	pthread_mutex_lock(&smmu->lock);
	iommuctl_event_reader_tap(&smmu->events, tap, queue);
	pthread_mutex_unlock(&smmu->lock);
}

int vsmmuv3_drop_events(struct iommuctl_vsmmuv3 *smmu)
{
	for (uint32_t moved = 0; smmu->events_stale && moved < IOMMUCTL_VEVENTQ_DEPTH_MAX;
		moved++) {
		int err = move(smmu, false);

		if (err == -EAGAIN)
			smmu->events_stale = false;
		/* What was read before the failure is gone as well. */
		else if (err && err != -EPROTO)
			return err;
	}
	smmu->events_stale = false;
	return 0;
}

int vsmmuv3_deliver(struct iommuctl_vsmmuv3 *smmu)
{
	int err = vsmmuv3_drop_events(smmu);

	for (unsigned int moved = 0; !err && moved < IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE; moved++) {
		err = move(smmu, true);
		if (err == -EAGAIN)
			return 0;
	}
	if (err)
		return err;
	error_forget(smmu->ctx);
	return -EAGAIN;
}

int iommuctl_vsmmuv3_deliver_events(struct iommuctl_vsmmuv3 *smmu)
{
	int err;

	pthread_mutex_lock(&smmu->lock);
	vsmmuv3_record(smmu, RECORD_DELIVER, 0, 0);
	err = vsmmuv3_deliver(smmu);
	vsmmuv3_signal(smmu);
	vsmmuv3_record_end(smmu, err);
	pthread_mutex_unlock(&smmu->lock);
	return err;
}
