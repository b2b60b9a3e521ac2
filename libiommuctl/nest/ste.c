// SPDX-License-Identifier: MIT
/* A guest's STE, and what of it reaches the kernel. */
#include "nest/nest_private.h"

#include <string.h>

#define V      UINT64_C(1)
#define BYPASS ((uint64_t)IOMMUCTL_SMMUV3_CONFIG_BYPASS << 1)

/* Nested HWPTs take S1ContextPtr[51:6]; no SMMU that nests has larger addresses. */
#define CONTEXT_PTR UINT64_C(0x000fffffffffffc0)

const struct nest_ste nest_ste_abort = { { 0, 0 } };
const struct nest_ste nest_ste_bypass = { { V | BYPASS, 0 } };

bool nest_ste_equal(const struct nest_ste *a, const struct nest_ste *b)
{
	return memcmp(a->words, b->words, sizeof(a->words)) == 0;
}

bool nest_ste_has_stage1(const struct nest_ste *ste)
{
	return !nest_ste_equal(ste, &nest_ste_abort) && !nest_ste_equal(ste, &nest_ste_bypass);
}

/* Fields of features that the SMMU does not have are ignored, so the physical one must not see
 * them. */
static struct iommuctl_smmuv3_ste keep_stage1(
	const struct iommuctl_smmuv3_idr *idr, const struct iommuctl_smmuv3_ste *ste)
{
	struct iommuctl_smmuv3_ste kept = {
		.v = 1,
		.config = IOMMUCTL_SMMUV3_CONFIG_S1,
		.s1contextptr = ste->s1contextptr & CONTEXT_PTR,
		.s1cir = ste->s1cir,
		.s1cor = ste->s1cor,
		.s1csh = ste->s1csh,
		.s1stalld = ste->s1stalld,
	};

	if (idr->ats && ste->eats == IOMMUCTL_SMMUV3_EATS_FULL)
		kept.eats = ste->eats;
	if (idr->ssidsize && ste->s1cdmax) {
		kept.s1cdmax = ste->s1cdmax;
		kept.s1dss = ste->s1dss;
		kept.s1fmt = idr->cd2l ? ste->s1fmt : 0;
	}
	return kept;
}

struct nest_ste nest_ste_translate(const struct iommuctl_smmuv3_idr *idr,
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t stage1[IOMMUCTL_SMMUV3_STE_WORDS];
	struct iommuctl_smmuv3_ste ste;
	struct nest_ste nested;

	iommuctl_smmuv3_ste_decode(words, &ste);
	if (iommuctl_smmuv3_ste_validate(&ste, idr, refusal))
		return nest_ste_abort;

	*refusal = (struct iommuctl_smmuv3_refusal){ .field = NULL };
	if (ste.config == IOMMUCTL_SMMUV3_CONFIG_BYPASS)
		return nest_ste_bypass;
	if (ste.config != IOMMUCTL_SMMUV3_CONFIG_S1)
		return nest_ste_abort;
	ste = keep_stage1(idr, &ste);
	if (iommuctl_smmuv3_ste_encode(&ste, stage1, refusal) ||
		iommuctl_smmuv3_ste_nested(stage1, nested.words, refusal))
		return nest_ste_abort;
	return nested;
}
