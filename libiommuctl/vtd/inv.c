// SPDX-License-Identifier: MIT
/* Invalidation descriptors of VT-d. */
#include <errno.h>
#include <string.h>

#include <iommuctl/vtd_inv.h>

#include "array.h"
#include "smmuv3/codec.h"

enum {
	TYPE,
	PP,
	CODE,
	GRANULARITY,
	DEV_GRANULARITY,
	IEC_GRANULARITY,
	DID,
	SID,
	P_SID,
	PASID,
	FM,
	DW,
	DR,
	MIP,
	P_MIP,
	PFSID_LOW,
	PFSID_HIGH,
	S,
	P_S,
	AM,
	IH,
	LPIG,
	PRGI,
	ADDR,
	IM,
	IIDX,
	IF,
	SW,
	FN,
	PD,
	SDATA,
	SADDR,
	FIELD_COUNT,
};

#define FIELD(member, ...) SMMUV3_FIELD(struct iommuctl_vtd_inv, member, __VA_ARGS__)

static const struct iommuctl_smmuv3_field fields[FIELD_COUNT] = {
	[TYPE] = FIELD(type, "Type", 0, 0, 4, .always = true),
	[PP] = FIELD(pp, "PP", 0, 4, 1),
	[CODE] = FIELD(code, "RC", 0, 12, 4, .always = true),
	[GRANULARITY] = FIELD(g, "G", 0, 4, 2, .always = true),
	[DEV_GRANULARITY] = FIELD(g, "G", 1, 0, 1),
	[IEC_GRANULARITY] = FIELD(g, "G", 0, 4, 1),
	[DID] = FIELD(did, "DID", 0, 16, 16, .always = true),
	[SID] = FIELD(sid, "SID", 0, 32, 16, .always = true),
	[P_SID] = FIELD(sid, "SID", 0, 16, 16, .always = true),
	[PASID] = FIELD(pasid, "PASID", 0, 32, 20, .always = true),
	[FM] = FIELD(fm, "FM", 0, 48, 2),
	[DW] = FIELD(dw, "DW", 0, 6, 1),
	[DR] = FIELD(dr, "DR", 0, 7, 1),
	[MIP] = FIELD(mip, "MIP", 0, 16, 5),
	[P_MIP] = FIELD(mip, "MIP", 0, 4, 5),
	[PFSID_LOW] = FIELD(pfsid_low, "PFSID[3:0]", 0, 12, 4),
	[PFSID_HIGH] = FIELD(pfsid_high, "PFSID[15:4]", 0, 52, 12),
	[S] = FIELD(s, "S", 1, 0, 1),
	[P_S] = FIELD(s, "S", 1, 11, 1),
	[AM] = FIELD(am, "AM", 1, 0, 6),
	[IH] = FIELD(ih, "IH", 1, 6, 1),
	[LPIG] = FIELD(lpig, "LPIG", 1, 2, 1),
	[PRGI] = FIELD(prgi, "PRGI", 1, 3, 9, .always = true),
	[ADDR] = FIELD(addr, "ADDR", 1, 12, 52, .address = true),
	[IM] = FIELD(im, "IM", 0, 27, 5),
	[IIDX] = FIELD(iidx, "IIDX", 0, 32, 16),
	[IF] = FIELD(iflag, "IF", 0, 4, 1),
	[SW] = FIELD(sw, "SW", 0, 5, 1),
	[FN] = FIELD(fn, "FN", 0, 6, 1),
	[PD] = FIELD(pd, "PD", 0, 7, 1),
	[SDATA] = FIELD(sdata, "STATUS_DATA", 0, 32, 32),
	[SADDR] = FIELD(saddr, "STATUS_ADDR", 1, 2, 62, .address = true),
};

static const struct smmuv3_table table = { fields, FIELD_COUNT, IOMMUCTL_VTD_INV_WORDS };

#define HAS(index) SMMUV3_HAS(index)
#define HAS_PAGES  (HAS(AM) | HAS(IH) | HAS(ADDR))
#define HAS_PFSID  (HAS(PFSID_LOW) | HAS(PFSID_HIGH))

#define KIND(inv, whose, has)                                                                      \
	{                                                                                          \
		.name = #inv, .number = IOMMUCTL_VTD_INV_##inv,                                    \
		.property = IOMMUCTL_VTD_INV_CLASS_##whose, .mask = HAS(TYPE) | (has),             \
	}

static const struct smmuv3_kind kinds[] = {
	KIND(CC, CALLER, HAS(GRANULARITY) | HAS(DID) | HAS(SID) | HAS(FM)),
	KIND(IOTLB, RELAYED, HAS(GRANULARITY) | HAS(DID) | HAS(DW) | HAS(DR) | HAS_PAGES),
	KIND(DEV_TLB, DONE, HAS(SID) | HAS(MIP) | HAS_PFSID | HAS(S) | HAS(ADDR)),
	KIND(IEC, CALLER, HAS(IEC_GRANULARITY) | HAS(IM) | HAS(IIDX)),
	KIND(WAIT, CALLER, HAS(IF) | HAS(SW) | HAS(FN) | HAS(PD) | HAS(SDATA) | HAS(SADDR)),
	KIND(P_IOTLB, RELAYED, HAS(GRANULARITY) | HAS(DID) | HAS(PASID) | HAS_PAGES),
	KIND(PC, CALLER, HAS(GRANULARITY) | HAS(DID) | HAS(PASID)),
	KIND(P_DEV_TLB, DONE,
		HAS(DEV_GRANULARITY) | HAS(P_SID) | HAS(PASID) | HAS(P_MIP) | HAS_PFSID | HAS(P_S) |
			HAS(ADDR)),
	KIND(PAGE_GRP_RESP, CALLER,
		HAS(PP) | HAS(CODE) | HAS(P_SID) | HAS(PASID) | HAS(LPIG) | HAS(PRGI)),
};

static const struct smmuv3_kinds invs = { &table, kinds, ARRAY_SIZE(kinds) };

int iommuctl_vtd_inv_encode(const struct iommuctl_vtd_inv *inv,
	uint64_t words[IOMMUCTL_VTD_INV_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	return smmuv3_kind_encode(&invs, inv, words, refusal);
}

void iommuctl_vtd_inv_decode(
	const uint64_t words[IOMMUCTL_VTD_INV_WORDS], struct iommuctl_vtd_inv *inv)
{
	memset(inv, 0, sizeof(*inv));
	smmuv3_kind_decode(&invs, words, inv);
}

static int check_granularity(
	const struct iommuctl_vtd_inv *inv, struct iommuctl_smmuv3_refusal *refusal)
{
	bool good;

	switch (inv->type) {
	case IOMMUCTL_VTD_INV_CC:
	case IOMMUCTL_VTD_INV_IOTLB: good = inv->g; break;
	case IOMMUCTL_VTD_INV_P_IOTLB: good = inv->g >= IOMMUCTL_VTD_INV_P_IOTLB_G_PASID; break;
	case IOMMUCTL_VTD_INV_PC: good = inv->g != 2; break;
	default: return 0;
	}
	if (good)
		return 0;
	return smmuv3_refuse(refusal, &fields[GRANULARITY], "reserved", -EINVAL);
}

static void bits_of(uint64_t mask, uint64_t bits[IOMMUCTL_VTD_INV_WORDS])
{
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (mask >> i & 1)
			bits[fields[i].word] |= iommuctl_smmuv3_field_mask(&fields[i]);
}

int iommuctl_vtd_inv_validate(
	const uint64_t words[IOMMUCTL_VTD_INV_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t bits[IOMMUCTL_VTD_INV_WORDS] = { 0 };
	const struct smmuv3_allowance allowed = {
		.bits = bits,
		.words = IOMMUCTL_VTD_INV_WORDS,
		.reason = "not of this descriptor",
	};
	struct iommuctl_vtd_inv inv;
	uint64_t mask;

	iommuctl_vtd_inv_decode(words, &inv);
	mask = iommuctl_vtd_inv_field_mask(inv.type);
	if (!iommuctl_vtd_inv_name(inv.type))
		return smmuv3_refuse(refusal, &fields[TYPE], "reserved", -EINVAL);
	bits_of(mask, bits);
	if (smmuv3_check_allowed(&table, mask, words, &allowed, refusal))
		return -EINVAL;
	return check_granularity(&inv, refusal);
}

enum iommuctl_vtd_inv_class iommuctl_vtd_inv_class(uint8_t type)
{
	const struct smmuv3_kind *kind = smmuv3_kind_of(&invs, type);

	return kind ? (enum iommuctl_vtd_inv_class)kind->property : IOMMUCTL_VTD_INV_CLASS_ILLEGAL;
}

bool iommuctl_vtd_inv_concerns(const struct iommuctl_vtd_inv *inv, uint16_t did, uint32_t pasid)
{
	switch (inv->type) {
	case IOMMUCTL_VTD_INV_IOTLB: return inv->g == IOMMUCTL_VTD_INV_G_GLOBAL || inv->did == did;
	case IOMMUCTL_VTD_INV_P_IOTLB: return inv->did == did && inv->pasid == pasid;
	default: return false;
	}
}

/* Both RELAYED descriptors have pages with this granularity. */
_Static_assert((int)IOMMUCTL_VTD_INV_G_SELECTIVE == (int)IOMMUCTL_VTD_INV_P_IOTLB_G_PAGES, "");

#define PAGE_BITS 12
#define ALL_BITS  (64 - PAGE_BITS)

int iommuctl_vtd_inv_to_s1(
	const struct iommuctl_vtd_inv *inv, struct iommuctl_hwpt_vtd_s1_invalidate *entry)
{
	if (iommuctl_vtd_inv_class(inv->type) != IOMMUCTL_VTD_INV_CLASS_RELAYED)
		return -EINVAL;
	*entry = (struct iommuctl_hwpt_vtd_s1_invalidate){ .npages = UINT64_MAX };
	if (inv->g != IOMMUCTL_VTD_INV_G_SELECTIVE)
		return 0;
	entry->flags = inv->ih ? IOMMUCTL_VTD_INV_FLAGS_LEAF : 0;
	if (inv->am >= ALL_BITS)
		return 0;
	entry->npages = UINT64_C(1) << inv->am;
	entry->addr = inv->addr & ~((entry->npages << PAGE_BITS) - 1);
	return 0;
}

const char *iommuctl_vtd_inv_name(uint8_t type)
{
	return smmuv3_kind_name(&invs, type);
}

const struct iommuctl_smmuv3_field *iommuctl_vtd_inv_fields(size_t *count)
{
	return smmuv3_fields(&table, count);
}

uint64_t iommuctl_vtd_inv_field_mask(uint8_t type)
{
	return smmuv3_kind_mask(&invs, type);
}

size_t iommuctl_vtd_inv_print(const struct iommuctl_vtd_inv *inv, char *text, size_t size)
{
	return smmuv3_kind_print(&invs, inv, text, size);
}
