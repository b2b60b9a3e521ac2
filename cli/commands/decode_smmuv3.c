// SPDX-License-Identifier: MIT
#include "commands/decode.h"

#include <stdio.h>

#include <iommuctl/smmuv3_idr.h>

/* It has only stage 1: hardware accepts more than that. */
#define GUEST_SMMU "guest's SMMU"

static void decode_ste(struct decoded *decoded)
{
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_smmuv3_ste *ste = &decoded->record.ste;
	uint64_t nested[IOMMUCTL_SMMUV3_NESTED_WORDS];
	int err;

	iommuctl_smmuv3_ste_decode(decoded->words, ste);
	err = iommuctl_smmuv3_ste_validate(ste, NULL, &refusal);
	decode_add_verdict(decoded, GUEST_SMMU, err, &refusal);
	err = iommuctl_smmuv3_ste_nested(decoded->words, nested, &refusal);
	decode_add_verdict(decoded, "IOMMU_HWPT_ALLOC", err, &refusal);
}

static void decode_cd(struct decoded *decoded)
{
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_smmuv3_cd *cd = &decoded->record.cd;
	int err;

	iommuctl_smmuv3_cd_decode(decoded->words, cd);
	err = iommuctl_smmuv3_cd_validate(cd, NULL, NULL, &refusal);
	decode_add_verdict(decoded, GUEST_SMMU, err, &refusal);
}

static void decode_cmd(struct decoded *decoded)
{
	static const char *const handlers[] = {
		[IOMMUCTL_SMMUV3_CMD_CLASS_ILLEGAL] = GUEST_SMMU,
		[IOMMUCTL_SMMUV3_CMD_CLASS_CALLER] = "VMM",
		[IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED] = "IOMMU_HWPT_INVALIDATE",
	};
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_smmuv3_cmd *cmd = &decoded->record.cmd;
	int err;

	iommuctl_smmuv3_cmd_decode(decoded->words, cmd);
	decode_set_kind(decoded, iommuctl_smmuv3_cmd_name(cmd->opcode),
		iommuctl_smmuv3_cmd_field_mask(cmd->opcode));
	err = iommuctl_smmuv3_cmd_validate(decoded->words, NULL, &refusal);
	decode_add_verdict(
		decoded, handlers[iommuctl_smmuv3_cmd_class(cmd->opcode)], err, &refusal);
}

static void decode_event(struct decoded *decoded)
{
	struct iommuctl_smmuv3_event *event = &decoded->record.event;
	struct verdict *verdict = &decoded->verdicts[decoded->verdict_count++];

	iommuctl_smmuv3_event_decode(decoded->words, event);
	decode_set_kind(decoded, iommuctl_smmuv3_event_name(event->type),
		iommuctl_smmuv3_event_field_mask(event->type));
	*verdict = (struct verdict){
		.judge = "vEVENTQ",
		.accepted = iommuctl_smmuv3_event_reaches_veventq(event),
	};
	if (!verdict->accepted)
		snprintf(verdict->reason, sizeof(verdict->reason),
			"the kernel delivers no such event there");
}

static void decode_idr(struct decoded *decoded)
{
	uint32_t registers[WORDS_MAX];

	for (size_t i = 0; i < WORDS_MAX; i++)
		registers[i] = (uint32_t)decoded->words[i];
	iommuctl_smmuv3_idr_decode(registers, registers[6], registers[7], &decoded->record.idr);
}

/* The data of hw-info, as it lies in memory. */
static void decode_cmdqv(struct decoded *decoded)
{
	const uint64_t word = decoded->words[0];
	const struct iommuctl_hw_info_tegra241_cmdqv data = {
		.flags = (uint32_t)word,
		.version = (uint8_t)(word >> 32),
		.log2vcmdqs = (uint8_t)(word >> 40),
		.log2vsids = (uint8_t)(word >> 48),
	};

	iommuctl_smmuv3_cmdqv_decode(&data, &decoded->record.cmdqv);
}

static void decode_cmdqv_event(struct decoded *decoded)
{
	iommuctl_smmuv3_cmdqv_event_decode(decoded->words, &decoded->record.cmdqv_event);
}

const struct structure decode_smmuv3[] = {
	{ "ste", 2, 8, 8, iommuctl_smmuv3_ste_fields, decode_ste },
	{ "cd", 8, 8, 8, iommuctl_smmuv3_cd_fields, decode_cd },
	{ "cmd", 2, 2, 8, iommuctl_smmuv3_cmd_fields, decode_cmd },
	{ "event", 4, 4, 8, iommuctl_smmuv3_event_fields, decode_event },
	{ "idr", 6, 8, 4, iommuctl_smmuv3_idr_fields, decode_idr },
	{ "cmdqv", 1, 1, 8, iommuctl_smmuv3_cmdqv_fields, decode_cmdqv },
	{ "cmdqv-event", 2, 2, 8, iommuctl_smmuv3_cmdqv_event_fields, decode_cmdqv_event },
	{ .name = NULL },
};
