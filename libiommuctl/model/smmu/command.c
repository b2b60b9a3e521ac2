// SPDX-License-Identifier: MIT
/* Invalidation commands. Those for EL2, EL3, PRI and stalls have no effect here. */
#include <iommuctl/smmuv3_cmd.h>

#include "model/smmu/private.h"
#include "smmuv3/range.h"

#define STAGE1_KINDS (1u << SMMU_TLB_ASID | 1u << SMMU_TLB_GLOBAL)
#define STAGE2_KINDS (1u << SMMU_TLB_STAGE2)

/*
 * The bytes that an address command covers. Without TG it is the page of the smallest granule. Leaf
 * and TTL make no difference: the TLB has no stage-1 table entries, and no entry exceeds a page.
 */
static void set_range(struct smmu_tlb_scope *scope, const struct model_smmu *smmu,
	const struct iommuctl_smmuv3_cmd *cmd)
{
	uint64_t pages = 1, size;
	unsigned int bits = smmuv3_range_granule_bits(IOMMUCTL_SMMUV3_TLBI_TG_4K);

	if (cmd->tg && smmu->idr.ril) {
		pages = smmuv3_range_granules(cmd->num, cmd->scale);
		bits = smmuv3_range_granule_bits(cmd->tg);
	}
	size = pages << bits;
	scope->first = cmd->address & ~((UINT64_C(1) << bits) - 1);
	if (__builtin_add_overflow(scope->first, size - 1, &scope->last))
		scope->last = UINT64_MAX;
}

static void invalidate_tlb(struct model_smmu *smmu, const struct iommuctl_smmuv3_cmd *cmd)
{
	struct smmu_tlb_scope scope = {
		.kinds = STAGE1_KINDS,
		.vmid = cmd->vmid,
		.asid = cmd->asid,
		.any_asid = true,
		.last = UINT64_MAX,
	};

	switch (cmd->opcode) {
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL: break;
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID:
		scope.kinds = 1u << SMMU_TLB_ASID;
		scope.any_asid = false;
		break;
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA:
		scope.any_asid = false;
		set_range(&scope, smmu, cmd);
		break;
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA: set_range(&scope, smmu, cmd); break;
	case IOMMUCTL_SMMUV3_CMD_TLBI_S12_VMALL: scope.kinds |= STAGE2_KINDS; break;
	case IOMMUCTL_SMMUV3_CMD_TLBI_S2_IPA:
		scope.kinds = STAGE2_KINDS;
		set_range(&scope, smmu, cmd);
		break;
	default: return;
	}
	smmu_tlb_drop(&smmu->tlb, &scope);
}

/* An SMMU without SSIDs ignores the one of CFGI_CD. */
static void invalidate_cd(struct model_smmu *smmu, const struct iommuctl_smmuv3_cmd *cmd)
{
	struct smmu_stream *stream = smmu_find_stream(smmu, cmd->streamid);

	if (!stream)
		return;
	if (cmd->opcode == IOMMUCTL_SMMUV3_CMD_CFGI_CD && smmu->idr.ssidsize)
		smmu_config_drop_ssid(stream, cmd->substreamid);
	else
		smmu_config_drop(stream);
}

/* CFGI_STE_RANGE: the StreamIDs that differ only in their low Range + 1 bits. */
static void invalidate_ste_range(struct model_smmu *smmu, const struct iommuctl_smmuv3_cmd *cmd)
{
	for (size_t i = 0; i < smmu->stream_count; i++) {
		uint64_t differing = smmu->streams[i]->id ^ cmd->streamid;

		if (!(differing >> (cmd->range + 1)))
			smmu_config_drop(smmu->streams[i]);
	}
}

void model_smmu_command(struct model_smmu *smmu, const uint64_t words[2])
{
	struct iommuctl_smmuv3_cmd cmd;

	smmu->counters->commands++;
	iommuctl_smmuv3_cmd_decode(words, &cmd);
	if (cmd.ssec)
		return;

	switch (cmd.opcode) {
	case IOMMUCTL_SMMUV3_CMD_CFGI_STE:
	case IOMMUCTL_SMMUV3_CMD_CFGI_CD:
	case IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL: invalidate_cd(smmu, &cmd); break;
	case IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE: invalidate_ste_range(smmu, &cmd); break;
	case IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL: smmu_tlb_clear(&smmu->tlb); break;
	default: invalidate_tlb(smmu, &cmd); break;
	}
}

void model_smmu_invalidate_vmid(struct model_smmu *smmu, uint16_t vmid)
{
	const struct smmu_tlb_scope scope = {
		.kinds = STAGE1_KINDS | STAGE2_KINDS,
		.vmid = vmid,
		.any_asid = true,
		.last = UINT64_MAX,
	};

	smmu_tlb_drop(&smmu->tlb, &scope);
}

void model_smmu_invalidate_ipa(struct model_smmu *smmu, uint16_t vmid, uint64_t ipa, uint64_t size)
{
	struct smmu_tlb_scope scope = {
		.kinds = STAGE1_KINDS,
		.vmid = vmid,
		.any_asid = true,
		.last = UINT64_MAX,
	};

	smmu_tlb_drop(&smmu->tlb, &scope);
	scope.kinds = STAGE2_KINDS;
	scope.first = ipa;
	scope.last = ipa + (size - 1);
	smmu_tlb_drop(&smmu->tlb, &scope);
}
