// SPDX-License-Identifier: MIT
/* A guest's STE, and which part of it reaches the kernel. */
#include "nest/nest_private.h"

#define V      UINT64_C(1)
#define BYPASS ((uint64_t)IOMMUCTL_SMMUV3_CONFIG_BYPASS << 1)

const struct nest_ste nest_ste_abort = { { 0, 0 } };
const struct nest_ste nest_ste_bypass = { { V | BYPASS, 0 } };

bool nest_ste_has_stage1(const struct nest_ste *ste)
{
	return !nest_ste_equal(ste, &nest_ste_abort) && !nest_ste_equal(ste, &nest_ste_bypass);
}

struct nest_ste nest_ste_translate(const struct nest_features *features,
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t stage1[IOMMUCTL_SMMUV3_STE_WORDS];
	struct iommuctl_smmuv3_ste ste;
	struct nest_ste nested;

	iommuctl_smmuv3_ste_decode(words, &ste);
	if (iommuctl_smmuv3_ste_validate(&ste, &features->guest, refusal))
		return nest_ste_abort;

	*refusal = (struct iommuctl_smmuv3_refusal){ .field = NULL };
	if (ste.config == IOMMUCTL_SMMUV3_CONFIG_BYPASS)
		return nest_ste_bypass;
	if (ste.config != IOMMUCTL_SMMUV3_CONFIG_S1)
		return nest_ste_abort;
	ste = nest_fields_translate(features, &ste);
	if (iommuctl_smmuv3_ste_encode(&ste, stage1, refusal) ||
		iommuctl_smmuv3_ste_nested(stage1, nested.words, refusal))
		return nest_ste_abort;
	return nested;
}
