// SPDX-License-Identifier: MIT
/* Commands of an AMD IOMMU. */
#include <string.h>

#include <iommuctl/amd_guest.h>

#include "array.h"
#include "smmuv3/codec.h"

enum {
	OPCODE,
	STORE,
	INTERRUPT,
	FLUSH,
	STORE_ADDRESS,
	STORE_DATA,
	DEVICE_ID,
	DOMAIN_ID,
	QUEUE_ID,
	MAX_PEND,
	PF_COUNT,
	PASID,
	PPR_PASID,
	PASID_TOP,
	PASID_HIGH,
	PASID_LOW,
	SIZE,
	PDE,
	GN,
	TAG,
	CODE,
	TYPE,
	ADDRESS,
	FIELD_COUNT,
};

#define FIELD(member, ...) SMMUV3_FIELD(struct iommuctl_amd_cmd, member, __VA_ARGS__)

static const struct iommuctl_smmuv3_field fields[FIELD_COUNT] = {
	[OPCODE] = FIELD(opcode, "Opcode", 0, 60, 4, .always = true),
	[STORE] = FIELD(s, "S", 0, 0, 1),
	[INTERRUPT] = FIELD(i, "I", 0, 1, 1),
	[FLUSH] = FIELD(f, "F", 0, 2, 1),
	[STORE_ADDRESS] = FIELD(storeaddress, "StoreAddress", 0, 3, 49, .address = true),
	[STORE_DATA] = FIELD(storedata, "StoreData", 1, 0, 64),
	[DEVICE_ID] = FIELD(deviceid, "DeviceID", 0, 0, 16, .always = true),
	[DOMAIN_ID] = FIELD(domainid, "DomainID", 0, 32, 16, .always = true),
	[QUEUE_ID] = FIELD(queueid, "QueueID", 0, 32, 16),
	[MAX_PEND] = FIELD(maxpend, "MaxPend", 0, 24, 8),
	[PF_COUNT] = FIELD(pfcount, "PFCount", 0, 24, 8),
	[PASID] = FIELD(pasid, "PASID", 0, 0, 20),
	[PPR_PASID] = FIELD(pasid, "PASID", 0, 32, 20),
	[PASID_TOP] = FIELD(pasid_top, "PASID[19:16]", 0, 56, 4),
	[PASID_HIGH] = FIELD(pasid_high, "PASID[15:8]", 0, 16, 8),
	[PASID_LOW] = FIELD(pasid_low, "PASID[7:0]", 0, 48, 8),
	[SIZE] = FIELD(s, "S", 1, 0, 1),
	[PDE] = FIELD(pde, "PDE", 1, 1, 1),
	[GN] = FIELD(gn, "GN", 1, 2, 1),
	[TAG] = FIELD(tag, "CompletionTag", 1, 32, 10),
	[CODE] = FIELD(code, "PPRCode", 1, 44, 4),
	[TYPE] = FIELD(type, "Type", 1, 4, 2),
	[ADDRESS] = FIELD(address, "Address", 1, 12, 52, .address = true),
};

static const struct smmuv3_table table = { fields, FIELD_COUNT, IOMMUCTL_AMD_CMD_WORDS };

#define HAS(index) SMMUV3_HAS(index)
/* A PASID is split, around the device. */
#define HAS_DEVICE_PASID (HAS(DEVICE_ID) | HAS(PASID_HIGH) | HAS(PASID_LOW) | HAS(GN))

#define KIND(cmd, has)                                                                             \
	{                                                                                          \
		.name = #cmd, .number = IOMMUCTL_AMD_CMD_##cmd, .mask = HAS(OPCODE) | (has),       \
	}

static const struct smmuv3_kind kinds[] = {
	KIND(COMPLETION_WAIT,
		HAS(STORE) | HAS(INTERRUPT) | HAS(FLUSH) | HAS(STORE_ADDRESS) | HAS(STORE_DATA)),
	KIND(INVALIDATE_DEVTAB_ENTRY, HAS(DEVICE_ID)),
	KIND(INVALIDATE_IOMMU_PAGES,
		HAS(PASID) | HAS(DOMAIN_ID) | HAS(SIZE) | HAS(PDE) | HAS(GN) | HAS(ADDRESS)),
	KIND(INVALIDATE_IOTLB_PAGES, HAS_DEVICE_PASID | HAS(PASID_TOP) | HAS(MAX_PEND) |
					     HAS(QUEUE_ID) | HAS(SIZE) | HAS(TYPE) | HAS(ADDRESS)),
	KIND(INVALIDATE_INTERRUPT_TABLE, HAS(DEVICE_ID)),
	KIND(PREFETCH_IOMMU_PAGES,
		HAS_DEVICE_PASID | HAS(PF_COUNT) | HAS(QUEUE_ID) | HAS(SIZE) | HAS(ADDRESS)),
	KIND(COMPLETE_PPR_REQUEST,
		HAS(DEVICE_ID) | HAS(PPR_PASID) | HAS(GN) | HAS(TAG) | HAS(CODE)),
	KIND(INVALIDATE_IOMMU_ALL, 0),
};

static const struct smmuv3_kinds cmds = { &table, kinds, ARRAY_SIZE(kinds) };

int iommuctl_amd_cmd_encode(const struct iommuctl_amd_cmd *cmd,
	uint64_t words[IOMMUCTL_AMD_CMD_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	return smmuv3_kind_encode(&cmds, cmd, words, refusal);
}

void iommuctl_amd_cmd_decode(
	const uint64_t words[IOMMUCTL_AMD_CMD_WORDS], struct iommuctl_amd_cmd *cmd)
{
	memset(cmd, 0, sizeof(*cmd));
	smmuv3_kind_decode(&cmds, words, cmd);
}

/*
 * With S, the lowest zero bit of the page number gives the size: 8 KiB for bit 12, 16 KiB for bit
 * 13, and so on. If there is none, everything.
 */
void iommuctl_amd_cmd_get_range(const struct iommuctl_amd_cmd *cmd, uint64_t *first, uint64_t *last)
{
	const uint64_t zeros = ~cmd->address & ~UINT64_C(0xfff);
	uint64_t span = UINT64_C(0xfff);

	if (cmd->s)
		span = zeros ? ((zeros & -zeros) << 1) - 1 : UINT64_MAX;
	*first = cmd->address & ~span;
	*last = *first | span;
}

const char *iommuctl_amd_cmd_name(uint8_t opcode)
{
	return smmuv3_kind_name(&cmds, opcode);
}

const struct iommuctl_smmuv3_field *iommuctl_amd_cmd_fields(size_t *count)
{
	return smmuv3_fields(&table, count);
}

uint64_t iommuctl_amd_cmd_field_mask(uint8_t opcode)
{
	return smmuv3_kind_mask(&cmds, opcode);
}

size_t iommuctl_amd_cmd_print(const struct iommuctl_amd_cmd *cmd, char *text, size_t size)
{
	return smmuv3_kind_print(&cmds, cmd, text, size);
}
