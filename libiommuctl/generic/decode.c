// SPDX-License-Identifier: MIT
/* Decodes and checks the generic requests of 2018. */
#include <iommuctl/generic.h>

#include <errno.h>
#include <string.h>

#include "array.h"
#include "generic/layout.h"
#include "smmuv3/values.h"

#define REQUEST_MAX IOMMUCTL_GENERIC_INVALIDATION_SIZE
#define VERSION	    1
#define CD_SIZE	    UINT64_C(64)
#define L1_SIZE	    UINT64_C(8)

int generic_refuse(struct iommuctl_generic_problem *problem, const struct generic_field *field,
	const char *reason)
{
	if (problem)
		*problem = (struct iommuctl_generic_problem){
			.field = field->name,
			.reason = reason,
			.offset = field->offset,
			.size = field->size,
		};
	return -EINVAL;
}

int generic_refuse_argument(struct iommuctl_generic_problem *problem, const char *name)
{
	const struct generic_field argument = { .name = name };

	return generic_refuse(problem, &argument, "is missing");
}

/* The only read of the caller's buffer. */
static int take(unsigned char copy[REQUEST_MAX], const void *request, size_t size, size_t expected,
	struct iommuctl_generic_problem *problem)
{
	static const struct generic_field whole = { .name = "size" };

	if (!request || size != expected)
		return generic_refuse(problem, &whole, "not the size of this request");
	memcpy(copy, request, size);
	return 0;
}

static int check_zero(const unsigned char *request, const struct generic_field *fields,
	size_t count, struct iommuctl_generic_problem *problem)
{
	for (size_t i = 0; i < count; i++)
		if (generic_get(request, &fields[i]))
			return generic_refuse(problem, &fields[i], "must be zero");
	return 0;
}

#define RES0(offset, size)                                                                         \
	{                                                                                          \
		"RES0", offset, size                                                               \
	}
#define CHECK_ZERO(request, fields, problem)                                                       \
	check_zero(request, fields, ARRAY_SIZE(fields), problem)

/* Stage configuration */

/* The alignment of a table: its own size, or its first level's. */
static uint64_t table_alignment(uint8_t pasid_bits, uint8_t s1fmt)
{
	const int leaf = smmuv3_leaf_ssid_bits(s1fmt);
	uint64_t first_level;

	if (s1fmt == IOMMUCTL_SMMUV3_S1FMT_LINEAR)
		return CD_SIZE << pasid_bits;
	first_level = pasid_bits > leaf ? L1_SIZE << (pasid_bits - leaf) : L1_SIZE;
	return first_level < CD_SIZE ? CD_SIZE : first_level;
}

static int check_pointer(uint64_t address, uint64_t alignment,
	const struct iommuctl_smmuv3_idr *idr, const struct generic_field *field,
	struct iommuctl_generic_problem *problem)
{
	if (address >> iommuctl_smmuv3_idr_oas_bits(idr))
		return generic_refuse(problem, field, "more address bits than the SMMU has (OAS)");
	if (address & (alignment - 1))
		return generic_refuse(problem, field, "not aligned to its table");
	return 0;
}

static int check_table(uint8_t pasid_bits, uint8_t s1fmt, uint8_t s1dss,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_generic_problem *problem)
{
	if (pasid_bits > idr->ssidsize)
		return generic_refuse(
			problem, &stage_pasid_bits, "more PASIDs than the SMMU has (SSIDSIZE)");
	if (s1fmt > IOMMUCTL_SMMUV3_S1FMT_64K_L2)
		return generic_refuse(problem, &stage_s1fmt, "reserved");
	if (s1dss > IOMMUCTL_SMMUV3_S1DSS_SSID0)
		return generic_refuse(problem, &stage_s1dss, "reserved");
	if (s1fmt && !idr->cd2l)
		return generic_refuse(
			problem, &stage_s1fmt, "the SMMU has no 2-level CD tables (CD2L)");
	if (s1fmt && !pasid_bits)
		return generic_refuse(problem, &stage_s1fmt, "a single CD needs no second level");
	if (s1dss && !pasid_bits)
		return generic_refuse(problem, &stage_s1dss, "there are no PASIDs");
	return 0;
}

static int decode_table(const unsigned char *request, const struct iommuctl_smmuv3_idr *idr,
	struct iommuctl_smmuv3_ste *ste, struct iommuctl_generic_problem *problem)
{
	static const struct generic_field zero[] = { RES0(4, 4), RES0(27, 5) };
	const uint64_t base = generic_get(request, &stage_base);
	const uint8_t pasid_bits = (uint8_t)generic_get(request, &stage_pasid_bits);
	const uint8_t s1fmt = (uint8_t)generic_get(request, &stage_s1fmt);
	const uint8_t s1dss = (uint8_t)generic_get(request, &stage_s1dss);
	int err = CHECK_ZERO(request, zero, problem);

	if (err)
		return err;
	if (generic_get(request, &stage_version) != IOMMUCTL_GENERIC_PASID_TABLE_VERSION)
		return generic_refuse(problem, &stage_version, "not 1");
	if (generic_get(request, &stage_bytes) != IOMMUCTL_GENERIC_PASID_TABLE_SIZE)
		return generic_refuse(problem, &stage_bytes, "not 24");
	err = check_table(pasid_bits, s1fmt, s1dss, idr, problem);
	if (err)
		return err;
	err = check_pointer(base, table_alignment(pasid_bits, s1fmt), idr, &stage_base, problem);
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
	struct iommuctl_smmuv3_ste *ste, uint16_t *asid, struct iommuctl_generic_problem *problem)
{
	static const struct generic_field zero[] = { RES0(4, 4), RES0(11, 1), RES0(12, 4),
		RES0(26, 6) };
	static const struct generic_field *const states[] = {
		&stage_disabled,
		&stage_bypassed,
		&stage_aborted,
	};
	const uint64_t pointer = generic_get(request, &stage_cdptr);
	unsigned int set = 0;
	int err = CHECK_ZERO(request, zero, problem);

	if (err)
		return err;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		if (generic_get(request, states[i]) > 1)
			return generic_refuse(problem, states[i], "neither 0 nor 1");
		set += generic_get(request, states[i]);
	}
	if (set > 1)
		return generic_refuse(problem, &stage_disabled,
			"disabled, bypassed and aborted exclude each other");
	if (set) {
		ste->config = generic_get(request, &stage_aborted) ? IOMMUCTL_SMMUV3_CONFIG_ABORT
								   : IOMMUCTL_SMMUV3_CONFIG_BYPASS;
		return 0;
	}
	err = check_pointer(pointer, CD_SIZE, idr, &stage_cdptr, problem);
	if (err)
		return err;
	*asid = (uint16_t)generic_get(request, &stage_asid);
	if (*asid > UINT8_MAX && !idr->asid16)
		return generic_refuse(problem, &stage_asid, "the SMMU has 8-bit ASIDs (ASID16)");
	ste->config = IOMMUCTL_SMMUV3_CONFIG_S1;
	ste->s1contextptr = pointer;
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
	struct iommuctl_generic_problem *problem)
{
	struct iommuctl_smmuv3_ste ste = { .v = 1 };
	struct iommuctl_generic_stage found = { 0 };
	unsigned char copy[REQUEST_MAX];
	int err;

	if (!idr || !stage)
		return generic_refuse_argument(problem, idr ? "stage" : "idr");
	err = take(copy, request, size, IOMMUCTL_GENERIC_STAGE_SIZE, problem);
	if (err)
		return err;
	switch (generic_get(copy, &stage_flags)) {
	case IOMMUCTL_GENERIC_PASID_TABLE: err = decode_table(copy, idr, &ste, problem); break;
	case IOMMUCTL_GENERIC_SMMUV3_S1_CFG:
		err = decode_cd(copy, idr, &ste, &found.asid, problem);
		break;
	default: return generic_refuse(problem, &stage_flags, "not one of the two that exist");
	}
	if (err)
		return err;
	if (ste.config == IOMMUCTL_SMMUV3_CONFIG_S1)
		add_attributes(&ste, idr);
	err = iommuctl_smmuv3_ste_encode(&ste, found.ste, NULL);
	if (err)
		return -EINVAL;
	*stage = found;
	return 0;
}

/* Invalidation */

static int check_flags(uint32_t flags, uint32_t type, uint32_t granularity,
	struct iommuctl_generic_problem *problem)
{
	const bool page = granularity == IOMMUCTL_GENERIC_PAGE;
	const bool cd =
		type == IOMMUCTL_GENERIC_TYPE_PASID && granularity == IOMMUCTL_GENERIC_PASID;

	if (flags & ~(uint32_t)(IOMMUCTL_GENERIC_ADDR_LEAF | IOMMUCTL_GENERIC_GLOBAL_PAGE |
				IOMMUCTL_GENERIC_ARCH_ID))
		return generic_refuse(problem, &invalidation_flags, "an unknown flag");
	if ((flags & IOMMUCTL_GENERIC_ADDR_LEAF) && !page && !cd)
		return generic_refuse(
			problem, &invalidation_flags, "ADDR_LEAF without a page or a CD");
	if ((flags & IOMMUCTL_GENERIC_GLOBAL_PAGE) && (!page || type != IOMMUCTL_GENERIC_TYPE_TLB))
		return generic_refuse(
			problem, &invalidation_flags, "GLOBAL_PAGE without a page of the TLB");
	return 0;
}

static int check_invalidation(
	const unsigned char *request, struct iommuctl_generic_problem *problem)
{
	static const struct generic_field zero[] = { RES0(17, 7) };
	int err = CHECK_ZERO(request, zero, problem);
	uint64_t flags, asid;

	if (err)
		return err;
	if (generic_get(request, &invalidation_version) != VERSION)
		return generic_refuse(problem, &invalidation_version, "not 1");
	if (generic_get(request, &invalidation_type) > IOMMUCTL_GENERIC_TYPE_PASID)
		return generic_refuse(problem, &invalidation_type, "unknown");
	if (generic_get(request, &invalidation_granularity) > IOMMUCTL_GENERIC_PAGE)
		return generic_refuse(problem, &invalidation_granularity, "unknown");
	flags = generic_get(request, &invalidation_flags);
	asid = generic_get(request, &invalidation_arch_id);
	err = check_flags((uint32_t)flags, (uint32_t)generic_get(request, &invalidation_type),
		(uint32_t)generic_get(request, &invalidation_granularity), problem);
	if (err)
		return err;
	if (generic_get(request, &invalidation_size) > GENERIC_PAGE_SHIFT_MAX - 12)
		return generic_refuse(problem, &invalidation_size, "more than 2^52 bytes");
	if (flags & IOMMUCTL_GENERIC_ARCH_ID) {
		if (asid > UINT16_MAX)
			return generic_refuse(
				problem, &invalidation_arch_id, "an ASID has 16 bits");
	} else if (asid) {
		return generic_refuse(
			problem, &invalidation_arch_id, "must be zero without ARCH_ID");
	}
	return 0;
}

int iommuctl_generic_decode_invalidation(const void *request, size_t size, uint16_t asid,
	struct iommuctl_generic_invalidation *invalidation,
	struct iommuctl_generic_problem *problem)
{
	static const uint8_t caches[] = {
		[IOMMUCTL_GENERIC_TYPE_DTLB] = IOMMUCTL_GENERIC_CACHE_DEV_IOTLB,
		[IOMMUCTL_GENERIC_TYPE_TLB] = IOMMUCTL_GENERIC_CACHE_IOTLB,
		[IOMMUCTL_GENERIC_TYPE_PASID] = IOMMUCTL_GENERIC_CACHE_PASID,
	};
	unsigned char copy[REQUEST_MAX];
	uint32_t flags;
	int err = take(copy, request, size, IOMMUCTL_GENERIC_INVALIDATION_SIZE, problem);

	if (err)
		return err;
	err = check_invalidation(copy, problem);
	if (err)
		return err;
	flags = (uint32_t)generic_get(copy, &invalidation_flags);
	*invalidation = (struct iommuctl_generic_invalidation){
		.caches = caches[generic_get(copy, &invalidation_type)],
		.granularity = (enum iommuctl_generic_granularity)generic_get(
			copy, &invalidation_granularity),
		.leaf = flags & IOMMUCTL_GENERIC_ADDR_LEAF,
		.all_asids = flags & IOMMUCTL_GENERIC_GLOBAL_PAGE,
		.asid = flags & IOMMUCTL_GENERIC_ARCH_ID
				? (uint16_t)generic_get(copy, &invalidation_arch_id)
				: asid,
		.pasid = (uint32_t)generic_get(copy, &invalidation_pasid),
		.address = generic_get(copy, &invalidation_addr),
		.page_count = generic_get(copy, &invalidation_nr_pages),
		.page_shift = (uint8_t)(generic_get(copy, &invalidation_size) + 12),
	};
	return 0;
}

/* MSI binding */

int iommuctl_generic_decode_msi(const void *request, size_t size, uint64_t start, uint64_t last,
	struct iommuctl_generic_msi *msi, struct iommuctl_generic_problem *problem)
{
	static const struct generic_field zero[] = { RES0(20, 4) };
	struct iommuctl_generic_msi found;
	unsigned char copy[REQUEST_MAX];
	uint32_t granule;
	int err = take(copy, request, size, IOMMUCTL_GENERIC_MSI_SIZE, problem);

	if (err)
		return err;
	err = CHECK_ZERO(copy, zero, problem);
	if (err)
		return err;
	granule = (uint32_t)generic_get(copy, &msi_granule);
	if (granule != 12 && granule != 14 && granule != 16)
		return generic_refuse(problem, &msi_granule, "not 12, 14 or 16");
	found.size = UINT64_C(1) << granule;
	found.iova = generic_get(copy, &msi_iova) & ~(found.size - 1);
	found.gpa = generic_get(copy, &msi_gpa) & ~(found.size - 1);
	if (found.gpa < start || found.gpa + (found.size - 1) > last) {
		generic_refuse(problem, &msi_gpa, "not in the host's MSI window");
		return -ERANGE;
	}
	if (found.iova != found.gpa) {
		generic_refuse(problem, &msi_iova,
			"the device writes to gpa: the host has programmed it so");
		return -EADDRNOTAVAIL;
	}
	*msi = found;
	return 0;
}
