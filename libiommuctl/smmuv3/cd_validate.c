// SPDX-License-Identifier: MIT
/* Whether a CD is legal on an SMMU. */
#include <errno.h>

#include <iommuctl/smmuv3_cd.h>

#include "smmuv3/codec.h"
#include "smmuv3/values.h"

#define GRANULE_64K_BITS 16

/* One of the two halves of the VA space, translated by TTB0 or by TTB1. */
struct half {
	const char *tsz_name;
	const char *tg_name;
	const char *ttb_name;
	unsigned int granule_bits; /* 0: a reserved TG */
	unsigned int tsz;
	uint64_t ttb;
};

static int illegal(struct iommuctl_smmuv3_refusal *refusal, const char *name, const char *reason)
{
	return smmuv3_refuse(refusal, iommuctl_smmuv3_cd_field(name), reason, -EINVAL);
}

static int check_faults(const struct iommuctl_smmuv3_cd *cd, const struct iommuctl_smmuv3_idr *idr,
	const struct iommuctl_smmuv3_ste *ste, struct iommuctl_smmuv3_refusal *refusal)
{
	if (ste && ste->s1stalld && cd->s)
		return illegal(refusal, "S", "the STE forbids stalls (S1STALLD)");
	if (!idr)
		return 0;
	if (idr->term_model && !cd->a)
		return illegal(refusal, "A", "the SMMU can only abort (TERM_MODEL)");
	if (idr->stall_model == IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE && cd->s)
		return illegal(refusal, "S", "the SMMU cannot stall (STALL_MODEL)");
	if (idr->stall_model == IOMMUCTL_SMMUV3_STALL_MODEL_STALL && !cd->s)
		return illegal(refusal, "S", "the SMMU always stalls (STALL_MODEL)");
	return 0;
}

static int check_format(const struct iommuctl_smmuv3_cd *cd, const struct iommuctl_smmuv3_idr *idr,
	struct iommuctl_smmuv3_refusal *refusal)
{
	bool walks = !cd->epd0 || !cd->epd1;

	if (!idr)
		return 0;
	if (!cd->aa64 && !(idr->ttf & IOMMUCTL_SMMUV3_TTF_AARCH32))
		return illegal(refusal, "AA64", "the SMMU has no AArch32 tables (TTF)");
	if (cd->aa64 && !(idr->ttf & IOMMUCTL_SMMUV3_TTF_AARCH64))
		return illegal(refusal, "AA64", "the SMMU has no AArch64 tables (TTF)");
	if (walks && cd->endi && idr->ttendian == IOMMUCTL_SMMUV3_TTENDIAN_LITTLE)
		return illegal(refusal, "ENDI", "the SMMU's tables are little-endian (TTENDIAN)");
	if (walks && !cd->endi && idr->ttendian == IOMMUCTL_SMMUV3_TTENDIAN_BIG)
		return illegal(refusal, "ENDI", "the SMMU's tables are big-endian (TTENDIAN)");
	if (!idr->asid16 && cd->asid > UINT8_MAX)
		return illegal(refusal, "ASID", "the SMMU has 8-bit ASIDs (ASID16)");
	return 0;
}

/* HTTU: 0 none, 1 access flag, 2 and dirty state, 3 and access flag of table descriptors. */
static int check_httu(const struct iommuctl_smmuv3_cd *cd, const struct iommuctl_smmuv3_idr *idr,
	struct iommuctl_smmuv3_refusal *refusal)
{
	if (!idr || !cd->aa64)
		return 0;
	if (cd->ha && idr->httu < 1)
		return illegal(refusal, "HA", "the SMMU does not update access flags (HTTU)");
	if (cd->hd && idr->httu < 2)
		return illegal(refusal, "HD", "the SMMU does not update dirty state (HTTU)");
	if (cd->haft && !cd->ha && idr->httu == 3)
		return illegal(refusal, "HAFT", "it needs HA");
	return 0;
}

static bool has_granule(const struct iommuctl_smmuv3_idr *idr, unsigned int granule_bits)
{
	switch (granule_bits) {
	case 12: return !idr || idr->gran4k;
	case 14: return !idr || idr->gran16k;
	case GRANULE_64K_BITS: return !idr || idr->gran64k;
	default: return false;
	}
}

static unsigned int tsz_min(
	const struct iommuctl_smmuv3_idr *idr, unsigned int granule_bits, bool ds)
{
	bool has_52 = !idr || idr->vax != IOMMUCTL_SMMUV3_VAX_48;
	bool uses_52 = granule_bits == GRANULE_64K_BITS || (ds && (!idr || idr->ds));

	return has_52 && uses_52 ? 12 : 16;
}

static unsigned int tsz_max(const struct iommuctl_smmuv3_idr *idr, unsigned int granule_bits)
{
	if (idr && !idr->stt)
		return 39;
	return granule_bits == GRANULE_64K_BITS ? 47 : 48;
}

/*
 * AArch32 tables have 40-bit addresses; AArch64 ones those of IPS, at most 48 bits except with 64K
 * granules and DS.
 */
static unsigned int ttb_bits(const struct iommuctl_smmuv3_cd *cd,
	const struct iommuctl_smmuv3_idr *idr, unsigned int granule_bits)
{
	unsigned int bits = smmuv3_address_bits(cd->ips);

	if (!cd->aa64)
		return 40;
	if (idr && bits > iommuctl_smmuv3_idr_oas_bits(idr))
		bits = iommuctl_smmuv3_idr_oas_bits(idr);
	if (bits > 48 && granule_bits != GRANULE_64K_BITS && !cd->ds)
		bits = 48;
	return bits;
}

static int check_half(const struct iommuctl_smmuv3_cd *cd, const struct half *half,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal)
{
	if (cd->aa64 && !has_granule(idr, half->granule_bits))
		return illegal(refusal, half->tg_name, "reserved, or a granule the SMMU lacks");
	if (cd->aa64 && half->tsz < tsz_min(idr, half->granule_bits, cd->ds))
		return illegal(refusal, half->tsz_name, "more address bits than the SMMU has");
	if (cd->aa64 && half->tsz > tsz_max(idr, half->granule_bits))
		return illegal(refusal, half->tsz_name, "fewer address bits than the SMMU takes");
	if (half->ttb >> ttb_bits(cd, idr, half->granule_bits))
		return illegal(refusal, half->ttb_name, "beyond the output addresses (IPS, OAS)");
	return 0;
}

static int check_halves(const struct iommuctl_smmuv3_cd *cd, const struct iommuctl_smmuv3_idr *idr,
	struct iommuctl_smmuv3_refusal *refusal)
{
	const struct half low = {
		.tsz_name = "T0SZ",
		.tg_name = "TG0",
		.ttb_name = "TTB0",
		.granule_bits = smmuv3_granule_bits(false, cd->tg0),
		.tsz = cd->t0sz,
		.ttb = cd->ttb0,
	};
	const struct half high = {
		.tsz_name = "T1SZ",
		.tg_name = "TG1",
		.ttb_name = "TTB1",
		.granule_bits = smmuv3_granule_bits(true, cd->tg1),
		.tsz = cd->t1sz,
		.ttb = cd->ttb1,
	};
	int err = cd->epd0 ? 0 : check_half(cd, &low, idr, refusal);

	if (err || cd->epd1)
		return err;
	return check_half(cd, &high, idr, refusal);
}

int iommuctl_smmuv3_cd_validate(const struct iommuctl_smmuv3_cd *cd,
	const struct iommuctl_smmuv3_idr *idr, const struct iommuctl_smmuv3_ste *ste,
	struct iommuctl_smmuv3_refusal *refusal)
{
	int err;

	if (!cd->v)
		return illegal(refusal, "V", "the CD is not valid");
	err = check_faults(cd, idr, ste, refusal);
	if (err)
		return err;
	err = check_format(cd, idr, refusal);
	if (err)
		return err;
	err = check_httu(cd, idr, refusal);
	if (err)
		return err;
	return check_halves(cd, idr, refusal);
}
