// SPDX-License-Identifier: MIT
#include <string.h>

#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_ste.h>

#include "smmuv3/cmd.h"
#include "array.h"
#include "smmuv3/range.h"
#include "smmuv3/sync.h"
#include "smmuv3/values.h"

enum {
	OPCODE,
	GLOBAL,
	SSEC,
	SSV,
	STREAM_ID,
	SUBSTREAM_ID,
	VMID,
	ASID,
	NUM,
	SCALE,
	TTL,
	TG,
	LEAF,
	RANGE,
	PREFETCH_SIZE,
	STRIDE,
	ATC_SIZE,
	ADDRESS,
	IPA,
	PRG_INDEX,
	RESP,
	ACTION,
	ABORT,
	STAG,
	COMPL_SIGNAL,
	MSH,
	MSI_ATTR,
	MSI_DATA,
	MSI_ADDRESS,
	FIELD_COUNT,
};

static const struct iommuctl_smmuv3_value tgs[] = {
	{ IOMMUCTL_SMMUV3_TLBI_TG_NONE, "none" },
	{ IOMMUCTL_SMMUV3_TLBI_TG_4K, "4K" },
	{ IOMMUCTL_SMMUV3_TLBI_TG_16K, "16K" },
	{ IOMMUCTL_SMMUV3_TLBI_TG_64K, "64K" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value resps[] = {
	{ IOMMUCTL_SMMUV3_PRI_RESP_FAILURE, "failure" },
	{ IOMMUCTL_SMMUV3_PRI_RESP_INVALID, "invalid" },
	{ IOMMUCTL_SMMUV3_PRI_RESP_SUCCESS, "success" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value signals[] = {
	{ IOMMUCTL_SMMUV3_SYNC_CS_NONE, "none" },
	{ IOMMUCTL_SMMUV3_SYNC_CS_IRQ, "IRQ" },
	{ IOMMUCTL_SMMUV3_SYNC_CS_SEV, "SEV" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value actions[] = {
	{ 0, "terminate" },
	{ 1, "retry" },
	{ 0, NULL },
};

#define CMD(member, ...) SMMUV3_FIELD(struct iommuctl_smmuv3_cmd, member, __VA_ARGS__)

static const struct iommuctl_smmuv3_field fields[FIELD_COUNT] = {
	[OPCODE] = CMD(opcode, "Opcode", 0, 0, 8, .always = true),
	[GLOBAL] = CMD(global, "Global", 0, 9, 1),
	[SSEC] = CMD(ssec, "SSec", 0, 10, 1),
	[SSV] = CMD(ssv, "SSV", 0, 11, 1),
	[STREAM_ID] = CMD(streamid, "StreamID", 0, 32, 32, .always = true),
	[SUBSTREAM_ID] = CMD(substreamid, "SubstreamID", 0, 12, 20),
	[VMID] = CMD(vmid, "VMID", 0, 32, 16, .always = true),
	[ASID] = CMD(asid, "ASID", 0, 48, 16, .always = true),
	[NUM] = CMD(num, "NUM", 0, SMMUV3_NUM_LSB, SMMUV3_NUM_BITS),
	[SCALE] = CMD(scale, "SCALE", 0, SMMUV3_SCALE_LSB, SMMUV3_SCALE_BITS),
	[TTL] = CMD(ttl, "TTL", 1, SMMUV3_TTL_LSB, SMMUV3_TTL_BITS),
	[TG] = CMD(tg, "TG", 1, SMMUV3_TG_LSB, SMMUV3_TG_BITS, .values = tgs),
	[LEAF] = CMD(leaf, "Leaf", 1, 0, 1),
	[RANGE] = CMD(range, "Range", 1, 0, 5, .always = true),
	[PREFETCH_SIZE] = CMD(size, "Size", 1, 0, 5, .always = true),
	[STRIDE] = CMD(stride, "Stride", 1, 5, 5),
	[ATC_SIZE] = CMD(size, "Size", 1, 0, 6, .always = true),
	[ADDRESS] = CMD(address, "Address", 1, 12, 52, .address = true, .always = true),
	[IPA] = CMD(address, "Address", 1, 12, 44, .address = true, .always = true),
	[PRG_INDEX] = CMD(prgindex, "PRGIndex", 1, 0, 9, .always = true),
	[RESP] = CMD(resp, "Resp", 1, 12, 2, .values = resps, .always = true),
	[ACTION] = CMD(ac, "Ac", 0, 12, 1, .values = actions, .always = true),
	[ABORT] = CMD(ab, "Ab", 0, 13, 1),
	[STAG] = CMD(stag, "STAG", 1, 0, 16, .always = true),
	[COMPL_SIGNAL] = CMD(cs, "CS", 0, SMMUV3_SYNC_CS_LSB, SMMUV3_SYNC_CS_BITS,
		.values = signals, .always = true),
	[MSH] = CMD(msh, "MSH", 0, SMMUV3_SYNC_MSH_LSB, SMMUV3_SYNC_MSH_BITS,
		.values = smmuv3_shareability),
	[MSI_ATTR] = CMD(msiattr, "MSIAttr", 0, SMMUV3_SYNC_MSIATTR_LSB, SMMUV3_SYNC_MSIATTR_BITS),
	[MSI_DATA] = CMD(msidata, "MSIData", 0, SMMUV3_SYNC_MSIDATA_LSB, 32),
	[MSI_ADDRESS] = CMD(msiaddress, "MSIAddress", 1, SMMUV3_SYNC_MSIADDRESS_LSB,
		SMMUV3_SYNC_MSIADDRESS_BITS, .address = true),
};

static const struct smmuv3_table table = { fields, FIELD_COUNT, IOMMUCTL_SMMUV3_CMD_WORDS };

#define HAS(index) SMMUV3_HAS(index)
#define HAS_STREAM (HAS(SSEC) | HAS(STREAM_ID))
#define HAS_SSID   (HAS(SSV) | HAS(SUBSTREAM_ID))
#define HAS_RANGE  (HAS(NUM) | HAS(SCALE) | HAS(TTL) | HAS(TG) | HAS(LEAF))
#define HAS_VA	   (HAS_RANGE | HAS(ADDRESS))
#define HAS_IPA	   (HAS_RANGE | HAS(IPA))
#define HAS_MSI	   (HAS(MSH) | HAS(MSI_ATTR) | HAS(MSI_DATA) | HAS(MSI_ADDRESS))

#define KIND(cmd, whose, has)                                                                      \
	{                                                                                          \
		.name = #cmd, .number = IOMMUCTL_SMMUV3_CMD_##cmd,                                 \
		.property = IOMMUCTL_SMMUV3_CMD_CLASS_##whose, .mask = HAS(OPCODE) | (has),        \
	}

static const struct smmuv3_kind kinds[] = {
	KIND(PREFETCH_CONFIG, CALLER, HAS_STREAM | HAS_SSID),
	KIND(PREFETCH_ADDR, CALLER,
		HAS_STREAM | HAS_SSID | HAS(PREFETCH_SIZE) | HAS(STRIDE) | HAS(ADDRESS)),
	KIND(CFGI_STE, CALLER, HAS_STREAM | HAS(LEAF)),
	KIND(CFGI_STE_RANGE, CALLER, HAS_STREAM | HAS(RANGE)),
	KIND(CFGI_CD, RELAYED, HAS_STREAM | HAS(SUBSTREAM_ID) | HAS(LEAF)),
	KIND(CFGI_CD_ALL, RELAYED, HAS_STREAM),
	KIND(CFGI_VMS_PIDM, ILLEGAL, HAS(SSEC) | HAS(VMID)),
	KIND(TLBI_NH_ALL, RELAYED, HAS(VMID)),
	KIND(TLBI_NH_ASID, RELAYED, HAS(VMID) | HAS(ASID)),
	KIND(TLBI_NH_VA, RELAYED, HAS(VMID) | HAS(ASID) | HAS_VA),
	KIND(TLBI_NH_VAA, RELAYED, HAS(VMID) | HAS_VA),
	KIND(TLBI_EL3_ALL, ILLEGAL, 0),
	KIND(TLBI_EL3_VA, ILLEGAL, HAS_VA),
	KIND(TLBI_EL2_ALL, ILLEGAL, 0),
	KIND(TLBI_EL2_ASID, ILLEGAL, HAS(ASID)),
	KIND(TLBI_EL2_VA, ILLEGAL, HAS(ASID) | HAS_VA),
	KIND(TLBI_EL2_VAA, ILLEGAL, HAS_VA),
	KIND(TLBI_S12_VMALL, ILLEGAL, HAS(VMID)),
	KIND(TLBI_S2_IPA, ILLEGAL, HAS(VMID) | HAS_IPA),
	KIND(TLBI_NSNH_ALL, RELAYED, 0),
	KIND(ATC_INV, RELAYED,
		HAS(STREAM_ID) | HAS_SSID | HAS(GLOBAL) | HAS(ATC_SIZE) | HAS(ADDRESS)),
	KIND(PRI_RESP, CALLER, HAS(STREAM_ID) | HAS_SSID | HAS(PRG_INDEX) | HAS(RESP)),
	KIND(RESUME, CALLER, HAS_STREAM | HAS(ACTION) | HAS(ABORT) | HAS(STAG)),
	KIND(STALL_TERM, CALLER, HAS_STREAM),
	KIND(SYNC, CALLER, HAS(COMPL_SIGNAL) | HAS_MSI),
	KIND(TLBI_S_EL2_ALL, ILLEGAL, 0),
	KIND(TLBI_S_EL2_ASID, ILLEGAL, HAS(ASID)),
	KIND(TLBI_S_EL2_VA, ILLEGAL, HAS(ASID) | HAS_VA),
	KIND(TLBI_S_EL2_VAA, ILLEGAL, HAS_VA),
	KIND(TLBI_S_S12_VMALL, ILLEGAL, HAS(VMID)),
	KIND(TLBI_S_S2_IPA, ILLEGAL, HAS(VMID) | HAS_IPA),
	KIND(TLBI_SNH_ALL, ILLEGAL, 0),
	KIND(DPTI_ALL, ILLEGAL, 0),
	KIND(DPTI_PA, ILLEGAL, 0),
};

const struct smmuv3_kinds smmuv3_cmds = { &table, kinds, ARRAY_SIZE(kinds) };

int iommuctl_smmuv3_cmd_encode(const struct iommuctl_smmuv3_cmd *cmd,
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	return smmuv3_kind_encode(&smmuv3_cmds, cmd, words, refusal);
}

void iommuctl_smmuv3_cmd_decode(
	const uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS], struct iommuctl_smmuv3_cmd *cmd)
{
	memset(cmd, 0, sizeof(*cmd));
	smmuv3_kind_decode(&smmuv3_cmds, words, cmd);
}

enum iommuctl_smmuv3_cmd_class iommuctl_smmuv3_cmd_class(uint8_t opcode)
{
	const struct smmuv3_kind *kind = smmuv3_kind_of(&smmuv3_cmds, opcode);

	return kind ? (enum iommuctl_smmuv3_cmd_class)kind->property
		    : IOMMUCTL_SMMUV3_CMD_CLASS_ILLEGAL;
}

const char *iommuctl_smmuv3_cmd_name(uint8_t opcode)
{
	return smmuv3_kind_name(&smmuv3_cmds, opcode);
}

int iommuctl_smmuv3_cmd_from_name(const char *name, uint8_t *opcode)
{
	return smmuv3_kind_from_name(&smmuv3_cmds, name, opcode);
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cmd_fields(size_t *count)
{
	return smmuv3_fields(&table, count);
}

uint64_t iommuctl_smmuv3_cmd_field_mask(uint8_t opcode)
{
	return smmuv3_kind_mask(&smmuv3_cmds, opcode);
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cmd_field(uint8_t opcode, const char *name)
{
	return smmuv3_find(&table, iommuctl_smmuv3_cmd_field_mask(opcode), name);
}

size_t iommuctl_smmuv3_cmd_print(const struct iommuctl_smmuv3_cmd *cmd, char *text, size_t size)
{
	return smmuv3_kind_print(&smmuv3_cmds, cmd, text, size);
}
