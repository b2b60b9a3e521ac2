// SPDX-License-Identifier: MIT
/*
 * Which fields are printed even if they are zero: those that say what a structure is, whom it
 * concerns and how, where zero is an answer like any other. All others are omitted then.
 */
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/amd.h>
#include <iommuctl/amd_guest.h>
#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_event.h>
#include <iommuctl/smmuv3_cmdqv.h>
#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/smmuv3_ste.h>
#include <iommuctl/vtd.h>
#include <iommuctl/vtd_inv.h>
#include <iommuctl/vtd_pasid.h>

#include "array.h"

/* A name occurs as often as the structure has places for it. */
static const struct {
	const char *structure;
	const struct iommuctl_smmuv3_field *(*fields)(size_t *count);
	const char *shown;
} rows[] = {
	{ "STE", iommuctl_smmuv3_ste_fields, "V Config S1CDMax " },
	{ "CD", iommuctl_smmuv3_cd_fields, "V T0SZ TG0 IPS ASID TTB0 " },
	{ "L1CD", iommuctl_smmuv3_l1cd_fields, "V L2Ptr " },
	{ "command", iommuctl_smmuv3_cmd_fields,
		"Opcode StreamID VMID ASID Range Size Size Address Address PRGIndex Resp Ac STAG "
		"CS " },
	{ "event", iommuctl_smmuv3_event_fields,
		"Type StreamID RnW CLASS Span InputAddr InputAddr FetchAddr " },
	{ "ID registers", iommuctl_smmuv3_idr_fields,
		"TTF TTENDIAN STALL_MODEL ST_LEVEL SIDSIZE SSIDSIZE BBML OAS VAX Implementer "
		"ProductID ArchMinorRev ArchMajorRev " },
	{ "CMDQV", iommuctl_smmuv3_cmdqv_fields, "Version Log2VCMDQs Log2VSIDs " },
	{ "event of a CMDQV", iommuctl_smmuv3_cmdqv_event_fields, "LVCMDQ_ERR_MAP_0 " },
	{ "VT-d capabilities", iommuctl_vtd_cap_fields, "ND SAGAW MGAW NEST SMTS " },
	{ "VT-d descriptor", iommuctl_vtd_inv_fields, "Type RC G DID SID SID PASID PRGI " },
	{ "VT-d PASID entry", iommuctl_vtd_pasid_fields, "P PGTT " },
	{ "AMD features", iommuctl_amd_efr_fields, "GTSup HATS GATS GLXSup PASmax " },
	{ "AMD DTE", iommuctl_amd_dte_fields, "V TV GV DomainID " },
	{ "AMD command", iommuctl_amd_cmd_fields, "Opcode DeviceID DomainID " },
};

Test(codec_zeros, what_zero_is_an_answer_for_is_shown)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char shown[400] = "";
		size_t count;
		const struct iommuctl_smmuv3_field *fields = rows[i].fields(&count);

		for (size_t j = 0; j < count; j++)
			if (fields[j].always)
				strcat(strcat(shown, fields[j].name), " ");
		cr_expect_str_eq(shown, rows[i].shown, "%s", rows[i].structure);
	}
}
