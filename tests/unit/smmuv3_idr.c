// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/smmuv3_idr.h>

#include "array.h"

/* An SMMU of both stages without ATS, stalls, SubstreamIDs and HTTU. */
static const uint32_t idr[IOMMUCTL_SMMUV3_IDR_REGISTERS] = { 0x0d4c101b, 0x02730010, 0, 0x1400, 0,
	0x74 };

Test(smmuv3_idr, decodes_what_the_kernel_reports)
{
	struct iommuctl_smmuv3_idr info;

	iommuctl_smmuv3_idr_decode(idr, 0x4832043b, 0x12, &info);
	cr_expect_eq(info.st_level, 1);
	cr_expect_eq(info.term_model, 1);
	cr_expect_eq(info.stall_model, IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE);
	cr_expect_eq(info.ttendian, IOMMUCTL_SMMUV3_TTENDIAN_LITTLE);
	cr_expect_eq(info.cd2l, 1);
	cr_expect_eq(info.asid16, 1);
	cr_expect_eq(info.ats, 0);
	cr_expect_eq(info.httu, 0);
	cr_expect_eq(info.ttf, IOMMUCTL_SMMUV3_TTF_AARCH64);
	cr_expect_eq(info.sidsize, 16);
	cr_expect_eq(info.ssidsize, 0);
	cr_expect_eq(info.bbml, 2);
	cr_expect_eq(info.ril, 1);
	cr_expect_eq(info.stt, 0);
	cr_expect_eq(info.oas, 4);
	cr_expect_eq(info.gran4k, 1);
	cr_expect_eq(info.gran16k, 1);
	cr_expect_eq(info.gran64k, 1);
	cr_expect_eq(info.ds, 0);
	cr_expect_eq(info.vax, IOMMUCTL_SMMUV3_VAX_48);
	cr_expect_eq(info.product_id, 0x483);
	cr_expect_eq(info.variant, 2);
	cr_expect_eq(info.revision, 0);
	cr_expect_eq(info.implementer, 0x43b);
	cr_expect_eq(info.arch_major, 1);
	cr_expect_eq(info.arch_minor, 2);
}

Test(smmuv3_idr, encodes_what_it_decodes)
{
	uint32_t encoded[IOMMUCTL_SMMUV3_IDR_REGISTERS], iidr, aidr;
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_smmuv3_idr info;
	uint32_t ones[IOMMUCTL_SMMUV3_IDR_REGISTERS];
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_idr_fields(&count);
	uint32_t masks[IOMMUCTL_SMMUV3_IDR_REGISTERS + 2] = { 0 };

	for (size_t i = 0; i < count; i++)
		masks[fields[i].word] |= (uint32_t)iommuctl_smmuv3_field_mask(&fields[i]);
	memset(ones, 0xff, sizeof(ones));
	iommuctl_smmuv3_idr_decode(ones, UINT32_MAX, UINT32_MAX, &info);
	cr_assert_eq(iommuctl_smmuv3_idr_encode(&info, encoded, &iidr, &aidr, NULL), 0);
	cr_expect_arr_eq(encoded, masks, sizeof(encoded));
	cr_expect_eq(iidr, UINT32_MAX);
	cr_expect_eq(aidr, 0xff);
	info.sidsize = 64;
	cr_expect_eq(iommuctl_smmuv3_idr_encode(&info, encoded, &iidr, &aidr, &refusal), -ERANGE);
	cr_expect_str_eq(refusal.field, "SIDSIZE");
	cr_expect_eq(iidr, UINT32_MAX, "nothing is written");
}

Test(smmuv3_idr, fields_fit_and_do_not_overlap)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_idr_fields(&count);
	uint64_t taken[IOMMUCTL_SMMUV3_IDR_REGISTERS + 2] = { 0 };

	cr_assert_gt(count, 0);
	for (size_t i = 0; i < count; i++) {
		uint64_t mask = iommuctl_smmuv3_field_mask(&fields[i]);

		cr_assert_lt(fields[i].word, ARRAY_SIZE(taken));
		cr_expect_leq(fields[i].lsb + fields[i].width, 32, "%s", fields[i].name);
		cr_expect_leq(fields[i].width, 8 * fields[i].size, "%s", fields[i].name);
		cr_expect_eq(taken[fields[i].word] & mask, 0, "%s", fields[i].name);
		taken[fields[i].word] |= mask;
	}
}

Test(smmuv3_idr, oas_stands_for_a_number_of_bits)
{
	static const unsigned int bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };

	for (uint8_t oas = 0; oas < 8; oas++)
		cr_expect_eq(
			iommuctl_smmuv3_idr_oas_bits(&(struct iommuctl_smmuv3_idr){ .oas = oas }),
			bits[oas]);
}

Test(smmuv3_idr, prints_one_line)
{
	struct iommuctl_smmuv3_idr info;
	char text[400];

	iommuctl_smmuv3_idr_decode(idr, 0x43b, 0x2, &info);
	iommuctl_smmuv3_idr_print(&info, text, sizeof(text));
	cr_expect_str_eq(text,
		"TTF=AArch64 ASID16 CD2L TTENDIAN=little STALL_MODEL=terminate TERM_MODEL "
		"ST_LEVEL=2-level SIDSIZE=16 SSIDSIZE=0 RIL BBML=2 OAS=44-bit GRAN4K GRAN16K "
		"GRAN64K VAX=48-bit Implementer=0x43b ProductID=0x0 ArchMinorRev=2 "
		"ArchMajorRev=0");
}
