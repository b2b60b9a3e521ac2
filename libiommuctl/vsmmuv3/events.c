// SPDX-License-Identifier: MIT
/* The guest's event queue. Arm IHI 0070, sections 3.5 and 7.2. */
#include "vsmmuv3/vsmmuv3_private.h"

#include <errno.h>

#include "stage1/guest_memory.h"
#include "vsmmuv3/record.h"

#define EVENT_SIZE (IOMMUCTL_SMMUV3_EVENT_WORDS * sizeof(uint64_t))

/* One edge for all that a call puts there. A guest may look at the queue only after an edge. */
static void overflow(struct iommuctl_vsmmuv3 *smmu)
{
	const uint64_t prod = vsmmuv3_get(smmu, VSMMUV3_EVENTQ_PROD);
	const uint64_t cons = vsmmuv3_get(smmu, VSMMUV3_EVENTQ_CONS);

	if ((prod ^ cons) & EVENTQ_OVERFLOW)
		return;
	vsmmuv3_set(smmu, VSMMUV3_EVENTQ_PROD, prod ^ EVENTQ_OVERFLOW);
	vsmmuv3_raise(smmu, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ);
}

/* Looked at as a whole first: half an event is none. */
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
	const uint64_t cons = vsmmuv3_get(smmu, VSMMUV3_EVENTQ_CONS);
	const unsigned int log2size = vsmmuv3_queue_log2size(smmu, base, IDR1_EVENTQS_SHIFT);
	const uint64_t entries = UINT64_C(1) << log2size, index_mask = 2 * entries - 1;
	const uint64_t start = base & QUEUE_BASE_ADDR & ~(entries * EVENT_SIZE - 1);
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];

	if (!vsmmuv3_is_enabled(smmu, CR0_EVENTQEN) ||
		vsmmuv3_active_errors(smmu) & GERROR_EVENTQ_ABT_ERR)
		return false;
	if (((prod ^ cons) & index_mask) == entries) {
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
	vsmmuv3_raise(smmu, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ);
	return true;
}

void vsmmuv3_put_event(struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_smmuv3_event *event)
{
	const bool arrives = put(smmu, event);

	if (arrives)
		smmu->counters.events++;
	else
		smmu->counters.events_lost++;
	vsmmuv3_record_event(smmu, arrives ? RECORD_EVENT : RECORD_LOST,
		vsmmuv3_get(smmu, VSMMUV3_EVENTQ_PROD), event);
}

/* 0, or why there is no next event. */
static int move(struct iommuctl_vsmmuv3 *smmu)
{
	struct iommuctl_smmuv3_event event;
	uint64_t missed = 0;
	int err = iommuctl_event_reader_next(&smmu->events, &event, &missed);

	if (missed || !err)
		vsmmuv3_record_event(smmu, RECORD_ARRIVAL, missed, err ? NULL : &event);
	smmu->counters.events_missed += missed;
	if (missed && vsmmuv3_is_enabled(smmu, CR0_EVENTQEN))
		overflow(smmu);
	if (!err)
		vsmmuv3_put_event(smmu, &event);
	return err;
}

void iommuctl_vsmmuv3_tap_events(
	struct iommuctl_vsmmuv3 *smmu, struct iommuctl_event_tap *tap, const char *queue)
{
	pthread_mutex_lock(&smmu->lock);
	iommuctl_event_reader_tap(&smmu->events, tap, queue);
	pthread_mutex_unlock(&smmu->lock);
}

int vsmmuv3_deliver(struct iommuctl_vsmmuv3 *smmu)
{
	for (unsigned int moved = 0; moved < IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE; moved++) {
		int err = move(smmu);

		if (err == -EAGAIN) {
			error_forget(smmu->ctx);
			return 0;
		}
		if (err)
			return err;
	}
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

/* They are those of a guest that is gone, and go as if its queue were disabled. */
void vsmmuv3_drop_events(struct iommuctl_vsmmuv3 *smmu)
{
	const uint64_t cr0 = vsmmuv3_get(smmu, VSMMUV3_CR0);

	vsmmuv3_set(smmu, VSMMUV3_CR0, cr0 & ~(uint64_t)CR0_EVENTQEN);
	for (uint32_t moved = 0; moved < IOMMUCTL_VEVENTQ_DEPTH_MAX; moved++)
		if (move(smmu))
			break;
	error_forget(smmu->ctx);
}
