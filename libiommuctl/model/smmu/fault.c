// SPDX-License-Identifier: MIT
/* Makes event records, and reports look-ups to observers. */
#include <iommuctl/smmuv3_event.h>

#include "model/smmu/private.h"

static void tell(const struct smmu_access *access, struct iommuctl_model_lookup *lookup)
{
	const struct model_smmu *smmu = access->smmu;

	lookup->stream_id = access->stream->id;
	lookup->write = access->write;
	lookup->iova = access->iova;
	smmu->watcher(lookup, smmu->watcher_data);
}

void model_smmu_watch(struct model_smmu *smmu,
	void (*receive)(const struct iommuctl_model_lookup *lookup, void *data), void *data)
{
	smmu->watcher = receive;
	smmu->watcher_data = data;
}

void model_smmu_show_abort(struct model_smmu *smmu, const struct model_transaction *transaction,
	enum iommuctl_model_abort reason)
{
	const struct iommuctl_model_lookup lookup = {
		.kind = IOMMUCTL_MODEL_LOOKUP_ABORT,
		.stream_id = transaction->stream_id,
		.write = transaction->write,
		.iova = transaction->iova,
		.value = reason,
	};

	if (smmu->watcher)
		smmu->watcher(&lookup, smmu->watcher_data);
}

void smmu_watch(const struct smmu_access *access, enum iommuctl_model_lookup_kind kind,
	uint64_t address, uint64_t value)
{
	struct iommuctl_model_lookup lookup = { .kind = kind, .address = address, .value = value };

	if (access->smmu->watcher)
		tell(access, &lookup);
}

void smmu_watch_step(const struct smmu_access *access, const struct iommuctl_stage1_step *step)
{
	struct iommuctl_model_lookup lookup = {
		.kind = IOMMUCTL_MODEL_LOOKUP_STAGE1,
		.level = step->level,
		.descriptor_kind = step->kind,
		.output = step->output,
		.address = step->descriptor_ipa,
		.value = step->descriptor,
	};

	if (access->smmu->watcher)
		tell(access, &lookup);
}

void smmu_count_lookup(const struct smmu_access *access, bool found)
{
	struct iommuctl_model_counters *counters = access->smmu->counters;

	if (found)
		counters->tlb_hits++;
	else
		counters->tlb_misses++;
}

static void fill_translation_fault(struct iommuctl_smmuv3_event *event,
	const struct smmu_access *access, const struct smmu_fault *fault)
{
	event->inputaddr = access->iova;
	event->rnw = !access->write;
	event->event_class = fault->event_class;
	event->s2 = fault->stage2;
	event->ipa = fault->ipa & SMMU_PAGE_MASK;
	if (fault->stall) {
		event->stall = 1;
		event->stag = access->smmu->next_stag++;
	}
}

bool smmu_report(const struct smmu_access *access, const struct smmu_fault *fault)
{
	const struct model_stream *entry = &access->stream->entry;
	struct iommuctl_smmuv3_event event = { .type = fault->type,
		.streamid = access->stream->id };
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];

	if (!fault->type) {
		smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_ABORT, fault->ipa,
			fault->unrecorded ? IOMMUCTL_MODEL_ABORT_UNRECORDED
					  : IOMMUCTL_MODEL_ABORT_STREAM);
		return false;
	}
	if (access->ssid >= 0) {
		event.substreamid = (uint32_t)access->ssid;
		event.ssv = iommuctl_smmuv3_event_field(fault->type, "SSV") != NULL;
	}
	if (fault->type >= IOMMUCTL_SMMUV3_F_TRANSLATION)
		fill_translation_fault(&event, access, fault);
	if (iommuctl_smmuv3_event_encode(&event, words, NULL))
		return false;

	access->smmu->counters->events++;
	smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_EVENT, fault->ipa, fault->type);
	return entry->event && entry->event(words, entry->data) && event.stall;
}
