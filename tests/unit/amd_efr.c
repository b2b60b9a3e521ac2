// SPDX-License-Identifier: MIT
#include <errno.h>

#include <criterion/criterion.h>

#include <iommuctl/amd.h>

#include "array.h"
#include "smmuv3_layout.h"

/* Bits of the two registers in a row, as the specification of the AMD IOMMU has them. */
static const struct position positions[] = {
	{ "PreFSup", 0, 0 },
	{ "PPRSup", 1, 1 },
	{ "XTSup", 2, 2 },
	{ "NXSup", 3, 3 },
	{ "GTSup", 4, 4 },
	{ "GAPPISup", 5, 5 },
	{ "IASup", 6, 6 },
	{ "GASup", 7, 7 },
	{ "HESup", 8, 8 },
	{ "PCSup", 9, 9 },
	{ "HATS", 11, 10 },
	{ "GATS", 13, 12 },
	{ "GLXSup", 15, 14 },
	{ "SmiFSup", 17, 16 },
	{ "SmiFRC", 20, 18 },
	{ "GAMSup", 23, 21 },
	{ "DualPprLogSup", 25, 24 },
	{ "DualEventLogSup", 29, 28 },
	{ "PASmax", 36, 32 },
	{ "USSup", 37, 37 },
	{ "DevTblSegSup", 39, 38 },
	{ "PprOvrflwEarlySup", 40, 40 },
	{ "PPRAutoRspSup", 41, 41 },
	{ "MarcSup", 43, 42 },
	{ "BlkStopMrkSup", 44, 44 },
	{ "PerfOptSup", 45, 45 },
	{ "MsiCapMmioSup", 46, 46 },
	{ "GIOSup", 48, 48 },
	{ "HASup", 49, 49 },
	{ "EPHSup", 50, 50 },
	{ "AttrFWSup", 51, 51 },
	{ "HDSup", 52, 52 },
	{ "InvIotlbTypeSup", 54, 54 },
	{ "vIommuSup", 55, 55 },
	{ "GAUpdateDisSup", 61, 61 },
	{ "ForcePhyDestSup", 62, 62 },
	{ "SNPSup", 63, 63 },
	{ "SevSnpIoSup", 65, 65 },
	{ "GCR3TRPMode", 67, 67 },
	{ "SNPAVICSup", 71, 69 },
	{ "NumIntRemapSup", 73, 72 },
	{ "HTRangeIgnore", 75, 75 },
	{ "SNPPageMode0Sup", 77, 77 },
};

/* An IOMMU with guest translation, 16-bit PASIDs, and dirty tracking by hardware. */
static const uint64_t efr = 0x005ea70f2d4a5abb, efr2 = 0x928;

Test(amd_efr, fields_are_where_the_specification_has_them)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_amd_efr_fields(&count);

	check_layout(positions, ARRAY_SIZE(positions), fields, count);
	check_fields(fields, count, 2);
}

Test(amd_efr, decodes_what_the_kernel_reports)
{
	struct iommuctl_amd_efr info;

	iommuctl_amd_efr_decode(efr, efr2, &info);
	cr_expect_eq(info.gtsup, 1);
	cr_expect_eq(info.iasup, 0);
	cr_expect_eq(info.hats, IOMMUCTL_AMD_HATS_6);
	cr_expect_eq(info.gats, IOMMUCTL_AMD_GATS_5);
	cr_expect_eq(info.glxsup, 1);
	cr_expect_eq(info.pasmax, 15);
	cr_expect_eq(info.hdsup, 1);
	cr_expect_eq(info.snpsup, 0);
	cr_expect_eq(info.gcr3trpmode, 1);
	cr_expect_eq(info.snpavicsup, 1);
	cr_expect_eq(info.numintremapsup, 1);
	cr_expect_eq(info.htrangeignore, 1);
}

Test(amd_efr, encodes_what_it_decodes)
{
	const uint64_t every = UINT64_MAX;
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_amd_efr info;
	uint64_t masks[2] = { 0 }, registers[2];
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_amd_efr_fields(&count);

	for (size_t i = 0; i < count; i++)
		masks[fields[i].word] |= iommuctl_smmuv3_field_mask(&fields[i]);
	iommuctl_amd_efr_decode(every, every, &info);
	cr_assert_eq(iommuctl_amd_efr_encode(&info, &registers[0], &registers[1], NULL), 0);
	cr_expect_arr_eq(registers, masks, sizeof(masks));
	info.hats = 4;
	cr_expect_eq(
		iommuctl_amd_efr_encode(&info, &registers[0], &registers[1], &refusal), -ERANGE);
	cr_expect_str_eq(refusal.field, "HATS");
}

Test(amd_efr, prints_one_line)
{
	struct iommuctl_amd_efr info;
	char text[512];

	iommuctl_amd_efr_decode(0x10 | 1 << 10 | UINT64_C(15) << 32, 8, &info);
	cr_expect_eq(iommuctl_amd_efr_print(&info, text, sizeof(text)), strlen(text));
	cr_expect_str_eq(
		text, "GTSup HATS=5-level GATS=4-level GLXSup=1-level PASmax=15 GCR3TRPMode");
}
