// SPDX-License-Identifier: MIT
/* Structures of VT-d and of AMD IOMMUs. What the kernel accepts was read in its source. */
#include "commands/decode.h"

#include <errno.h>
#include <stdio.h>

static void decode_vtd_cap(struct decoded *decoded)
{
	iommuctl_vtd_cap_decode(decoded->words[0], decoded->words[1], &decoded->record.vtd_cap);
}

static void decode_vtd_pasid(struct decoded *decoded)
{
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_hwpt_vtd_s1 data;
	enum iommuctl_vtd_pasid_use use;
	int err = iommuctl_vtd_pasid_nested(decoded->words, NULL, &use, &data, &refusal);

	iommuctl_vtd_pasid_decode(decoded->words, &decoded->record.vtd_pasid);
	decode_add_verdict(decoded, "IOMMU_HWPT_ALLOC", err, &refusal);
}

static void decode_vtd_inv(struct decoded *decoded)
{
	static const char *const handlers[] = {
		[IOMMUCTL_VTD_INV_CLASS_ILLEGAL] = "VT-d",
		[IOMMUCTL_VTD_INV_CLASS_CALLER] = "VMM",
		[IOMMUCTL_VTD_INV_CLASS_RELAYED] = "IOMMU_HWPT_INVALIDATE",
		[IOMMUCTL_VTD_INV_CLASS_DONE] = "kernel, with each IOMMU_HWPT_INVALIDATE",
	};
	struct iommuctl_vtd_inv *inv = &decoded->record.vtd_inv;
	struct iommuctl_smmuv3_refusal refusal;

	iommuctl_vtd_inv_decode(decoded->words, inv);
	decode_set_kind(
		decoded, iommuctl_vtd_inv_name(inv->type), iommuctl_vtd_inv_field_mask(inv->type));
	decode_add_verdict(decoded, handlers[iommuctl_vtd_inv_class(inv->type)],
		iommuctl_vtd_inv_validate(decoded->words, &refusal), &refusal);
}

static void decode_amd_efr(struct decoded *decoded)
{
	iommuctl_amd_efr_decode(decoded->words[0], decoded->words[1], &decoded->record.amd_efr);
}

/* The kernel refuses all of this before it checks the contents. */
static void refuse_by_kernel(struct decoded *decoded, const char *judge)
{
	struct verdict *verdict = &decoded->verdicts[decoded->verdict_count++];

	*verdict = (struct verdict){ .judge = judge };
	snprintf(verdict->reason, sizeof(verdict->reason),
		"Linux 7.3 takes nothing from AMD guests yet: EOPNOTSUPP");
}

static void decode_amd_dte(struct decoded *decoded)
{
	struct iommuctl_amd_dte *dte = &decoded->record.amd_dte;
	struct iommuctl_smmuv3_refusal refusal;

	iommuctl_amd_dte_decode(decoded->words, dte);
	decode_add_verdict(decoded, "guest translation",
		iommuctl_amd_dte_validate(dte, NULL, &refusal), &refusal);
	refuse_by_kernel(decoded, "IOMMU_HWPT_ALLOC");
}

static void decode_amd_cmd(struct decoded *decoded)
{
	struct iommuctl_amd_cmd *cmd = &decoded->record.amd_cmd;

	iommuctl_amd_cmd_decode(decoded->words, cmd);
	decode_set_kind(decoded, iommuctl_amd_cmd_name(cmd->opcode),
		iommuctl_amd_cmd_field_mask(cmd->opcode));
	refuse_by_kernel(decoded, "IOMMU_HWPT_INVALIDATE");
}

const struct structure decode_x86[] = {
	{ "vtd-cap", 2, 2, 8, iommuctl_vtd_cap_fields, decode_vtd_cap },
	{ "vtd-pasid", 8, 8, 8, iommuctl_vtd_pasid_fields, decode_vtd_pasid },
	{ "vtd-inv", 2, 2, 8, iommuctl_vtd_inv_fields, decode_vtd_inv },
	{ "amd-efr", 2, 2, 8, iommuctl_amd_efr_fields, decode_amd_efr },
	{ "amd-dte", 4, 4, 8, iommuctl_amd_dte_fields, decode_amd_dte },
	{ "amd-cmd", 2, 2, 8, iommuctl_amd_cmd_fields, decode_amd_cmd },
	{ .name = NULL },
};
