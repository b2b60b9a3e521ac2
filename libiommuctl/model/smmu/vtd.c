// SPDX-License-Identifier: MIT
/*
 * A VT-d unit in scalable mode: by the TLB, else the first stage, each of its tables through the
 * second, and then the second. A refusal goes to the host's log, not into an event.
 */
#include <endian.h>
#include <errno.h>

#include "model/smmu/private.h"
#include "vtd/stage1.h"

static int refuse(struct smmu_fault *fault, uint64_t ipa)
{
	*fault = (struct smmu_fault){ .unrecorded = true, .ipa = ipa };
	return -EIO;
}

static int load(void *data, uint64_t ipa, uint64_t *word)
{
	struct smmu_fault fault;
	uint64_t raw;

	if (smmu_stage2_read(data, ipa, IOMMUCTL_SMMUV3_EVENT_CLASS_TTD, &raw, sizeof(raw), &fault))
		return -EFAULT;
	*word = le64toh(raw);
	return 0;
}

static void show_steps(
	const struct smmu_access *access, const struct iommuctl_vtd_stage1_walk *walk)
{
	for (unsigned int i = 0; i < walk->step_count; i++) {
		const bool is_last = i + 1u == walk->step_count;
		struct iommuctl_stage1_step step = {
			.level = walk->steps[i].level,
			.kind = IOMMUCTL_STAGE1_TABLE,
			.descriptor_ipa = walk->steps[i].ipa,
			.descriptor = walk->steps[i].entry,
		};

		if (is_last)
			step.kind =
				walk->leaf_size ? IOMMUCTL_STAGE1_PAGE : IOMMUCTL_STAGE1_INVALID;
		step.output = is_last ? walk->ipa : walk->steps[i + 1].ipa;
		smmu_watch_step(access, &step);
	}
}

static int miss(const struct smmu_access *access, const struct smmu_tlb_key *key, uint64_t *ipa,
	struct smmu_fault *fault)
{
	const struct stage1_reader reader = { .load = load, .data = (void *)access };
	struct smmu_tlb_entry entry = { .key = *key };
	struct iommuctl_vtd_stage1_walk walk;
	struct model_target target;

	if (vtd_stage1_walk(
		    &reader, &access->stream->entry.vtd, access->iova, access->write, &walk))
		return refuse(fault, 0);
	show_steps(access, &walk);
	if (walk.fault)
		return refuse(fault, walk.ipa);
	if (smmu_stage2_find(access, walk.ipa, &target))
		return refuse(fault, walk.ipa);
	smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_STAGE2, walk.ipa, target.span);
	if (access->write ? !target.writable : !target.readable)
		return refuse(fault, walk.ipa);

	entry.ipa = walk.ipa & SMMU_PAGE_MASK;
	entry.stage1_writable = walk.writable;
	entry.stage2_readable = target.readable;
	entry.stage2_writable = target.writable;
	smmu_tlb_add(&access->smmu->tlb, &entry);
	*ipa = walk.ipa;
	return 0;
}

int smmu_vtd_translate(const struct smmu_access *access, uint64_t *ipa, struct smmu_fault *fault)
{
	const struct smmu_tlb_key key = {
		.page = access->iova & SMMU_PAGE_MASK,
		.vmid = access->stream->entry.stage2->vmid,
		.asid = access->stream->entry.did,
		.kind = SMMU_TLB_ASID,
	};
	const struct smmu_tlb_entry *entry = smmu_tlb_find(&access->smmu->tlb, &key);

	smmu_count_lookup(access, entry);
	if (!entry)
		return miss(access, &key, ipa, fault);
	*ipa = entry->ipa | (access->iova & ~SMMU_PAGE_MASK);
	smmu_watch(access, IOMMUCTL_MODEL_LOOKUP_TLB, access->iova, *ipa);
	if (access->write && !(entry->stage1_writable && entry->stage2_writable))
		return refuse(fault, *ipa);
	return 0;
}

void model_smmu_invalidate_vtd(
	struct model_smmu *smmu, uint16_t vmid, uint16_t did, uint64_t first, uint64_t last)
{
	const struct smmu_tlb_scope scope = {
		.kinds = 1u << SMMU_TLB_ASID,
		.vmid = vmid,
		.asid = did,
		.first = first,
		.last = last,
	};

	smmu->counters->commands++;
	smmu_tlb_drop(&smmu->tlb, &scope);
}
