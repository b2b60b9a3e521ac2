// SPDX-License-Identifier: MIT
#include <errno.h>

#include <criterion/criterion.h>

#include <iommuctl/vtd.h>

#include "array.h"
#include "smmuv3_layout.h"

/* Bits of the two registers in a row, as the VT-d specification has them. */
static const struct position positions[] = {
	{ "ND", 2, 0 },
	{ "AFL", 3, 3 },
	{ "RWBF", 4, 4 },
	{ "PLMR", 5, 5 },
	{ "PHMR", 6, 6 },
	{ "CM", 7, 7 },
	{ "SAGAW", 12, 8 },
	{ "MGAW", 21, 16 },
	{ "ZLR", 22, 22 },
	{ "FRO", 33, 24 },
	{ "SSLPS", 37, 34 },
	{ "PSI", 39, 39 },
	{ "NFR", 47, 40 },
	{ "MAMV", 53, 48 },
	{ "DWD", 54, 54 },
	{ "DRD", 55, 55 },
	{ "FS1GP", 56, 56 },
	{ "PI", 59, 59 },
	{ "FS5LP", 60, 60 },
	{ "ECMDS", 61, 61 },
	{ "ESIRTPS", 62, 62 },
	{ "ESRTPS", 63, 63 },
	{ "C", 64, 64 },
	{ "QI", 65, 65 },
	{ "DT", 66, 66 },
	{ "IR", 67, 67 },
	{ "EIM", 68, 68 },
	{ "PT", 70, 70 },
	{ "SC", 71, 71 },
	{ "IRO", 81, 72 },
	{ "MHMV", 87, 84 },
	{ "MTS", 89, 89 },
	{ "NEST", 90, 90 },
	{ "PRS", 93, 93 },
	{ "ERS", 94, 94 },
	{ "SRS", 95, 95 },
	{ "NWFS", 97, 97 },
	{ "EAFS", 98, 98 },
	{ "PSS", 103, 99 },
	{ "PASID", 104, 104 },
	{ "DIT", 105, 105 },
	{ "PDS", 106, 106 },
	{ "SMTS", 107, 107 },
	{ "VCS", 108, 108 },
	{ "SSADS", 109, 109 },
	{ "SSTS", 110, 110 },
	{ "FSTS", 111, 111 },
	{ "SMPWCS", 112, 112 },
	{ "RPS", 113, 113 },
	{ "PMS", 115, 115 },
	{ "ADMS", 116, 116 },
	{ "RPRIVS", 117, 117 },
	{ "SMS", 122, 122 },
};

/* A unit with scalable mode, nesting and first-stage tables of 4 and 5 levels. */
static const uint64_t cap = 0x19ed008c40780c66, ecap = 0x0003ef9ee6f050df;

Test(vtd_cap, fields_are_where_the_specification_has_them)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_vtd_cap_fields(&count);

	check_layout(positions, ARRAY_SIZE(positions), fields, count);
	check_fields(fields, count, 2);
}

Test(vtd_cap, decodes_what_the_kernel_reports)
{
	struct iommuctl_vtd_cap info;

	iommuctl_vtd_cap_decode(cap, ecap, &info);
	cr_expect_eq(info.nd, 6);
	cr_expect_eq(info.sagaw, IOMMUCTL_VTD_SAGAW_48 | IOMMUCTL_VTD_SAGAW_57);
	cr_expect_eq(info.mgaw, 56);
	cr_expect_eq(info.sslps, IOMMUCTL_VTD_SSLPS_2M | IOMMUCTL_VTD_SSLPS_1G);
	cr_expect_eq(info.fs1gp, 1);
	cr_expect_eq(info.fs5lp, 1);
	cr_expect_eq(info.nest, 1);
	cr_expect_eq(info.srs, 1);
	cr_expect_eq(info.eafs, 1);
	cr_expect_eq(info.pss, 19);
	cr_expect_eq(info.pasid, 1);
	cr_expect_eq(info.smts, 1);
	cr_expect_eq(info.fsts, 1);
	cr_expect_eq(info.sms, 0);
}

Test(vtd_cap, encodes_what_it_decodes)
{
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_vtd_cap info;
	uint64_t registers[2];

	iommuctl_vtd_cap_decode(cap, ecap, &info);
	cr_assert_eq(iommuctl_vtd_cap_encode(&info, &registers[0], &registers[1], NULL), 0);
	cr_expect_eq(registers[0], cap);
	cr_expect_eq(registers[1], ecap);
	info.pss = 32;
	cr_expect_eq(
		iommuctl_vtd_cap_encode(&info, &registers[0], &registers[1], &refusal), -ERANGE);
	cr_expect_str_eq(refusal.field, "PSS");
	cr_expect_eq(registers[0], cap, "nothing is written");
}

Test(vtd_cap, prints_one_line)
{
	struct iommuctl_vtd_cap info;
	char text[512];

	iommuctl_vtd_cap_decode(0x4000000006, UINT64_C(1) << 43 | 1, &info);
	cr_expect_eq(iommuctl_vtd_cap_print(&info, text, sizeof(text)), strlen(text));
	cr_expect_str_eq(text, "ND=16-bit SAGAW=0 MGAW=0 C NEST=0 SMTS");
}
