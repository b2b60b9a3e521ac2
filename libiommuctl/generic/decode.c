// SPDX-License-Identifier: MIT
#include <iommuctl/generic.h>

#include <errno.h>
#include <string.h>

#include "array.h"
#include "generic/refuse.h"
#include "generic/wire.h"

#define REQUEST_MAX IOMMUCTL_GENERIC_INVALIDATION_SIZE
#define VERSION	    1
#define CD_SIZE	    UINT64_C(64)
#define L1_SIZE	    UINT64_C(8)
#define IPA_BITS    52

int generic_refuse(struct iommuctl_smmuv3_refusal *refusal, const char *field, unsigned int offset,
	unsigned int size, const char *reason)
{
	if (refusal)
		*refusal = (struct iommuctl_smmuv3_refusal){
			.field = field,
			.reason = reason,
			.word = (uint8_t)(offset / 8),
			.msb = (uint8_t)((offset % 8 + size) * 8 - 1),
			.lsb = (uint8_t)(offset % 8 * 8),
		};
	return -EINVAL;
}

/* The only read of the caller's buffer. */
static int take(unsigned char copy[REQUEST_MAX], const void *request, size_t size, size_t expected,
	struct iommuctl_smmuv3_refusal *refusal)
{
	if (!request || size != expected)
		return generic_refuse(refusal, "size", 0, 8, "not the size of this request");
	memcpy(copy, request, size);
	return 0;
}

struct span {
	uint8_t offset;
	uint8_t size; /* 8 at most, and not across a word */
};

static int check_zero(const unsigned char *request, const struct span *spans, size_t count,
	struct iommuctl_smmuv3_refusal *refusal)
{
	for (size_t i = 0; i < count; i++)
		if (wire_get(request, spans[i].offset, spans[i].size))
			return generic_refuse(
				refusal, "RES0", spans[i].offset, spans[i].size, "must be zero");
	return 0;
}

#define CHECK_ZERO(request, spans, refusal)                                                        \
	check_zero(request, spans, ARRAY_SIZE(spans), refusal)

/* Stage configuration */

/* Bytes that a table is aligned to: its own size, or that of its first level. */
static uint64_t table_alignment(uint8_t pasid_bits, uint8_t s1fmt)
{
	static const uint8_t cds_per_leaf_log2[] = {
		[IOMMUCTL_SMMUV3_S1FMT_4K_L2] = 6,
		[IOMMUCTL_SMMUV3_S1FMT_64K_L2] = 10,
	};
	const uint8_t leaf = cds_per_leaf_log2[s1fmt];
	uint64_t first_level;

	if (s1fmt == IOMMUCTL_SMMUV3_S1FMT_LINEAR)
		return CD_SIZE << pasid_bits;
	first_level = pasid_bits > leaf ? L1_SIZE << (pasid_bits - leaf) : L1_SIZE;
	return first_level < CD_SIZE ? CD_SIZE : first_level;
}

static int check_pointer(uint64_t address, uint64_t alignment, const char *field,
	struct iommuctl_smmuv3_refusal *refusal)
{
	if (address >> IPA_BITS)
		return generic_refuse(refusal, field, 16, 8, "beyond 52 bits");
	if (address & (alignment - 1))
		return generic_refuse(refusal, field, 16, 8, "not aligned to its table");
	return 0;
}

static int check_table(uint8_t pasid_bits, uint8_t s1fmt, uint8_t s1dss,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal)
{
	if (pasid_bits > idr->ssidsize)
		return generic_refuse(
			refusal, "pasid_bits", 24, 1, "more PASIDs than the SMMU has (SSIDSIZE)");
	if (s1fmt > IOMMUCTL_SMMUV3_S1FMT_64K_L2)
		return generic_refuse(refusal, "s1fmt", 25, 1, "reserved");
	if (s1dss > IOMMUCTL_SMMUV3_S1DSS_SSID0)
		return generic_refuse(refusal, "s1dss", 26, 1, "reserved");
	if (s1fmt && !idr->cd2l)
		return generic_refuse(
			refusal, "s1fmt", 25, 1, "the SMMU has no 2-level CD tables (CD2L)");
	if (s1fmt && !pasid_bits)
		return generic_refuse(refusal, "s1fmt", 25, 1, "one CD needs no second level");
	if (s1dss && !pasid_bits)
		return generic_refuse(refusal, "s1dss", 26, 1, "there are no PASIDs");
	return 0;
}

static int decode_table(const unsigned char *request, const struct iommuctl_smmuv3_idr *idr,
	struct iommuctl_smmuv3_ste *ste, struct iommuctl_smmuv3_refusal *refusal)
{
	static const struct span zero[] = { { 4, 4 }, { 27, 5 } };
	const uint64_t base = wire_get(request, 16, 8);
	const uint8_t pasid_bits = request[24], s1fmt = request[25], s1dss = request[26];
	int err = CHECK_ZERO(request, zero, refusal);

	if (err)
		return err;
	if (wire_get32(request, 8) != IOMMUCTL_GENERIC_PASID_TABLE_VERSION)
		return generic_refuse(refusal, "version", 8, 4, "not 1");
	if (wire_get32(request, 12) != IOMMUCTL_GENERIC_PASID_TABLE_SIZE)
		return generic_refuse(refusal, "bytes", 12, 4, "not 24");
	err = check_table(pasid_bits, s1fmt, s1dss, idr, refusal);
	if (!err)
		err = check_pointer(base, table_alignment(pasid_bits, s1fmt), "base", refusal);
	if (err)
		return err;
	ste->config = IOMMUCTL_SMMUV3_CONFIG_S1;
	ste->s1contextptr = base;
	ste->s1cdmax = pasid_bits;
	ste->s1fmt = s1fmt;
	ste->s1dss = s1dss;
	return 0;
}

static int decode_cd(const unsigned char *request, const struct iommuctl_smmuv3_idr *idr,
	struct iommuctl_smmuv3_ste *ste, uint16_t *asid, struct iommuctl_smmuv3_refusal *refusal)
{
	static const struct span zero[] = { { 4, 4 }, { 11, 1 }, { 12, 4 }, { 26, 6 } };
	static const char *const names[] = { "disabled", "bypassed", "aborted" };
	const unsigned char *states = request + 8;
	int err = CHECK_ZERO(request, zero, refusal);

	if (err)
		return err;
	for (unsigned int i = 0; i < 3; i++)
		if (states[i] > 1)
			return generic_refuse(refusal, names[i], 8 + i, 1, "neither 0 nor 1");
	if (states[0] + states[1] + states[2] > 1)
		return generic_refuse(refusal, "disabled", 8, 3,
			"disabled, bypassed and aborted exclude each other");
	if (states[0] || states[1] || states[2]) {
		ste->config =
			states[2] ? IOMMUCTL_SMMUV3_CONFIG_ABORT : IOMMUCTL_SMMUV3_CONFIG_BYPASS;
		return 0;
	}
	err = check_pointer(wire_get(request, 16, 8), CD_SIZE, "cdptr", refusal);
	if (err)
		return err;
	*asid = wire_get16(request, 24);
	if (*asid > UINT8_MAX && !idr->asid16)
		return generic_refuse(refusal, "asid", 24, 2, "the SMMU has 8-bit ASIDs (ASID16)");
	ste->config = IOMMUCTL_SMMUV3_CONFIG_S1;
	ste->s1contextptr = wire_get(request, 16, 8);
	return 0;
}

static void add_attributes(struct iommuctl_smmuv3_ste *ste, const struct iommuctl_smmuv3_idr *idr)
{
	ste->s1cir = IOMMUCTL_SMMUV3_S1C_WB_RA;
	ste->s1cor = IOMMUCTL_SMMUV3_S1C_WB_RA;
	ste->s1csh = IOMMUCTL_SMMUV3_SH_ISH;
	ste->s1stalld = idr->stall_model == IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE;
}

int iommuctl_generic_decode_stage(const void *request, size_t size,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_generic_stage *stage,
	struct iommuctl_smmuv3_refusal *refusal)
{
	struct iommuctl_smmuv3_ste ste = { .v = 1 };
	struct iommuctl_generic_stage found = { 0 };
	unsigned char copy[REQUEST_MAX];
	int err;

	if (!idr || !stage)
		return -EINVAL;
	err = take(copy, request, size, IOMMUCTL_GENERIC_STAGE_SIZE, refusal);
	if (err)
		return err;
	switch (wire_get32(copy, 0)) {
	case IOMMUCTL_GENERIC_PASID_TABLE: err = decode_table(copy, idr, &ste, refusal); break;
	case IOMMUCTL_GENERIC_SMMUV3_S1_CFG:
		err = decode_cd(copy, idr, &ste, &found.asid, refusal);
		break;
	default: return generic_refuse(refusal, "flags", 0, 4, "not one of the two that exist");
	}
	if (err)
		return err;
	if (ste.config == IOMMUCTL_SMMUV3_CONFIG_S1)
		add_attributes(&ste, idr);
	err = iommuctl_smmuv3_ste_encode(&ste, found.ste, refusal);
	if (err)
		return -EINVAL;
	*stage = found;
	return 0;
}

/* Invalidation */

static int check_flags(uint32_t flags, uint32_t type, uint32_t granularity,
	struct iommuctl_smmuv3_refusal *refusal)
{
	const bool page = granularity == IOMMUCTL_GENERIC_PAGE;
	const bool cd =
		type == IOMMUCTL_GENERIC_TYPE_PASID && granularity == IOMMUCTL_GENERIC_PASID;

	if (flags & ~(uint32_t)(IOMMUCTL_GENERIC_ADDR_LEAF | IOMMUCTL_GENERIC_GLOBAL_PAGE |
				IOMMUCTL_GENERIC_ARCH_ID))
		return generic_refuse(refusal, "flags", 12, 4, "an unknown flag");
	if ((flags & IOMMUCTL_GENERIC_ADDR_LEAF) && !page && !cd)
		return generic_refuse(refusal, "flags", 12, 4, "ADDR_LEAF without a page or a CD");
	if ((flags & IOMMUCTL_GENERIC_GLOBAL_PAGE) && (!page || type != IOMMUCTL_GENERIC_TYPE_TLB))
		return generic_refuse(
			refusal, "flags", 12, 4, "GLOBAL_PAGE without a page of the TLB");
	return 0;
}

static int check_invalidation(const unsigned char *request, struct iommuctl_smmuv3_refusal *refusal)
{
	static const struct span zero[] = { { 17, 7 } };
	int err = CHECK_ZERO(request, zero, refusal);

	if (err)
		return err;
	if (wire_get32(request, 0) != VERSION)
		return generic_refuse(refusal, "version", 0, 4, "not 1");
	if (wire_get32(request, 4) > IOMMUCTL_GENERIC_TYPE_PASID)
		return generic_refuse(refusal, "type", 4, 4, "unknown");
	if (wire_get32(request, 8) > IOMMUCTL_GENERIC_PAGE)
		return generic_refuse(refusal, "granularity", 8, 4, "unknown");
	err = check_flags(
		wire_get32(request, 12), wire_get32(request, 4), wire_get32(request, 8), refusal);
	if (err)
		return err;
	if (request[16] > GENERIC_PAGE_SHIFT_MAX - 12)
		return generic_refuse(refusal, "size", 16, 1, "more than 2^52 bytes");
	if (wire_get32(request, 12) & IOMMUCTL_GENERIC_ARCH_ID) {
		if (wire_get32(request, 36) > UINT16_MAX)
			return generic_refuse(refusal, "arch_id", 36, 4, "an ASID has 16 bits");
	} else if (wire_get32(request, 36)) {
		return generic_refuse(refusal, "arch_id", 36, 4, "must be zero without ARCH_ID");
	}
	return 0;
}

int iommuctl_generic_decode_invalidation(const void *request, size_t size, uint16_t asid,
	struct iommuctl_generic_invalidation *invalidation, struct iommuctl_smmuv3_refusal *refusal)
{
	static const uint8_t caches[] = {
		[IOMMUCTL_GENERIC_TYPE_DTLB] = IOMMUCTL_GENERIC_CACHE_DEV_IOTLB,
		[IOMMUCTL_GENERIC_TYPE_TLB] = IOMMUCTL_GENERIC_CACHE_IOTLB,
		[IOMMUCTL_GENERIC_TYPE_PASID] = IOMMUCTL_GENERIC_CACHE_PASID,
	};
	unsigned char copy[REQUEST_MAX];
	uint32_t flags;
	int err = take(copy, request, size, IOMMUCTL_GENERIC_INVALIDATION_SIZE, refusal);

	if (!err)
		err = check_invalidation(copy, refusal);
	if (err)
		return err;
	flags = wire_get32(copy, 12);
	*invalidation = (struct iommuctl_generic_invalidation){
		.caches = caches[wire_get32(copy, 4)],
		.granularity = (enum iommuctl_generic_granularity)wire_get32(copy, 8),
		.leaf = flags & IOMMUCTL_GENERIC_ADDR_LEAF,
		.all_asids = flags & IOMMUCTL_GENERIC_GLOBAL_PAGE,
		.asid = flags & IOMMUCTL_GENERIC_ARCH_ID ? wire_get16(copy, 36) : asid,
		.pasid = wire_get32(copy, 32),
		.address = wire_get(copy, 40, 8),
		.page_count = wire_get(copy, 24, 8),
		.page_shift = (uint8_t)(copy[16] + 12),
	};
	return 0;
}

/* MSI binding */

static int fail(int error, const char *field, unsigned int offset, const char *reason,
	struct iommuctl_smmuv3_refusal *refusal)
{
	generic_refuse(refusal, field, offset, 8, reason);
	return error;
}

int iommuctl_generic_decode_msi(const void *request, size_t size, uint64_t start, uint64_t last,
	struct iommuctl_generic_msi *msi, struct iommuctl_smmuv3_refusal *refusal)
{
	static const struct span zero[] = { { 20, 4 } };
	struct iommuctl_generic_msi found;
	unsigned char copy[REQUEST_MAX];
	uint32_t granule;
	int err = take(copy, request, size, IOMMUCTL_GENERIC_MSI_SIZE, refusal);

	if (!err)
		err = CHECK_ZERO(copy, zero, refusal);
	if (err)
		return err;
	granule = wire_get32(copy, 16);
	if (granule != 12 && granule != 14 && granule != 16)
		return generic_refuse(refusal, "granule", 16, 4, "not 12, 14 or 16");
	found.size = UINT64_C(1) << granule;
	found.iova = wire_get(copy, 0, 8) & ~(found.size - 1);
	found.gpa = wire_get(copy, 8, 8) & ~(found.size - 1);
	if (found.gpa < start || found.gpa + (found.size - 1) > last)
		return fail(
			-ERANGE, "gpa", 8, "not in the window that the host has for MSIs", refusal);
	if (found.iova != found.gpa)
		return fail(-EADDRNOTAVAIL, "iova", 0,
			"the device writes to gpa: the host programmed it so", refusal);
	*msi = found;
	return 0;
}
