// SPDX-License-Identifier: MIT
/* Whether a command is legal on an SMMU. */
#include <errno.h>

#include <iommuctl/smmuv3_cmd.h>

#include "smmuv3/cmd.h"
#include "smmuv3/range.h"

static int illegal(struct iommuctl_smmuv3_refusal *refusal, const struct iommuctl_smmuv3_cmd *cmd,
	const char *name, const char *reason)
{
	return smmuv3_refuse(refusal, iommuctl_smmuv3_cmd_field(cmd->opcode, name), reason, -EIO);
}

static int check_no_range(
	const struct iommuctl_smmuv3_cmd *cmd, struct iommuctl_smmuv3_refusal *refusal)
{
	if (cmd->num)
		return illegal(refusal, cmd, "NUM", "must be zero where there is no range");
	if (cmd->scale)
		return illegal(refusal, cmd, "SCALE", "must be zero where there is no range");
	if (cmd->ttl)
		return illegal(refusal, cmd, "TTL", "must be zero where there is no range");
	return 0;
}

static int check_range(const struct iommuctl_smmuv3_cmd *cmd, const struct iommuctl_smmuv3_idr *idr,
	struct iommuctl_smmuv3_refusal *refusal)
{
	if (idr && !idr->ril && cmd->tg)
		return illegal(refusal, cmd, "TG", "the SMMU has no range invalidation (RIL)");
	if (!cmd->tg)
		return check_no_range(cmd, refusal);
	if (!cmd->num && !cmd->scale && !cmd->ttl)
		return illegal(refusal, cmd, "TG", "it needs a range or a TTL hint");
	if (idr && !idr->ds && cmd->scale > SMMUV3_SCALE_MAX)
		return illegal(refusal, cmd, "SCALE", "above 31 it needs 52-bit addresses (DS)");
	if (idr && !idr->ds && cmd->tg == IOMMUCTL_SMMUV3_TLBI_TG_16K && cmd->ttl == 1)
		return illegal(
			refusal, cmd, "TTL", "level 1 of 16K tables needs 52-bit addresses (DS)");
	return 0;
}

static int check_asid(const struct iommuctl_smmuv3_cmd *cmd, const struct iommuctl_smmuv3_idr *idr,
	struct iommuctl_smmuv3_refusal *refusal)
{
	if (idr && !idr->asid16 && cmd->asid > UINT8_MAX)
		return illegal(refusal, cmd, "ASID", "the SMMU has 8-bit ASIDs (ASID16)");
	return 0;
}

static int check_ssid(const struct iommuctl_smmuv3_cmd *cmd, const struct iommuctl_smmuv3_idr *idr,
	struct iommuctl_smmuv3_refusal *refusal)
{
	static const char reason[] = "the SMMU has no SubstreamIDs (SSIDSIZE)";

	if (!idr || idr->ssidsize)
		return 0;
	if (cmd->ssv)
		return illegal(refusal, cmd, "SSV", reason);
	if (cmd->substreamid)
		return illegal(refusal, cmd, "SubstreamID", reason);
	if (cmd->global)
		return illegal(refusal, cmd, "Global", reason);
	return 0;
}

static int check_atc_inv(const struct iommuctl_smmuv3_cmd *cmd,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal)
{
	if (idr && !idr->ats)
		return illegal(refusal, cmd, "Opcode", "the SMMU has no ATS");
	if (cmd->size > IOMMUCTL_SMMUV3_ATC_SIZE_ALL)
		return illegal(refusal, cmd, "Size", "above 52, which is everything");
	return check_ssid(cmd, idr, refusal);
}

static int check_stall(const struct iommuctl_smmuv3_cmd *cmd, const struct iommuctl_smmuv3_idr *idr,
	struct iommuctl_smmuv3_refusal *refusal)
{
	if (idr && idr->stall_model == IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE)
		return illegal(refusal, cmd, "Opcode", "the SMMU cannot stall (STALL_MODEL)");
	return 0;
}

static int check_values(const struct iommuctl_smmuv3_cmd *cmd,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal)
{
	int err;

	switch (cmd->opcode) {
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA:
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA:
		err = check_range(cmd, idr, refusal);
		return err ? err : check_asid(cmd, idr, refusal);
	case IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID: return check_asid(cmd, idr, refusal);
	case IOMMUCTL_SMMUV3_CMD_ATC_INV: return check_atc_inv(cmd, idr, refusal);
	case IOMMUCTL_SMMUV3_CMD_CFGI_CD: return check_ssid(cmd, idr, refusal);
	case IOMMUCTL_SMMUV3_CMD_RESUME:
	case IOMMUCTL_SMMUV3_CMD_STALL_TERM: return check_stall(cmd, idr, refusal);
	case IOMMUCTL_SMMUV3_CMD_PRI_RESP:
		if (cmd->resp > IOMMUCTL_SMMUV3_PRI_RESP_SUCCESS)
			return illegal(refusal, cmd, "Resp", "reserved");
		return 0;
	case IOMMUCTL_SMMUV3_CMD_SYNC:
		if (cmd->cs > IOMMUCTL_SMMUV3_SYNC_CS_SEV)
			return illegal(refusal, cmd, "CS", "reserved");
		return 0;
	default: return 0;
	}
}

void smmuv3_cmd_bits(uint8_t opcode, uint64_t bits[IOMMUCTL_SMMUV3_CMD_WORDS])
{
	uint64_t mask = iommuctl_smmuv3_cmd_field_mask(opcode);
	size_t count, i;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_cmd_fields(&count);

	for (i = 0; i < IOMMUCTL_SMMUV3_CMD_WORDS; i++)
		bits[i] = 0;
	for (i = 0; i < count; i++)
		if (mask >> i & 1)
			bits[fields[i].word] |= iommuctl_smmuv3_field_mask(&fields[i]);
}

int iommuctl_smmuv3_cmd_validate(const uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS],
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t bits[IOMMUCTL_SMMUV3_CMD_WORDS];
	const struct smmuv3_allowance allowed = {
		.bits = bits,
		.words = IOMMUCTL_SMMUV3_CMD_WORDS,
		.reason = "not allowed here",
	};
	struct iommuctl_smmuv3_cmd cmd;
	int err;

	iommuctl_smmuv3_cmd_decode(words, &cmd);
	if (iommuctl_smmuv3_cmd_class(cmd.opcode) == IOMMUCTL_SMMUV3_CMD_CLASS_ILLEGAL)
		return illegal(refusal, &cmd, "Opcode",
			iommuctl_smmuv3_cmd_name(cmd.opcode)
				? "not a command of a stage-1 SMMU's Non-secure queue"
				: "reserved");

	smmuv3_cmd_bits(cmd.opcode, bits);
	err = smmuv3_check_allowed(smmuv3_cmds.table, iommuctl_smmuv3_cmd_field_mask(cmd.opcode),
		words, &allowed, refusal);
	if (err)
		return err;
	if (cmd.ssec)
		return illegal(refusal, &cmd, "SSec", "the queue is Non-secure");
	return check_values(&cmd, idr, refusal);
}
