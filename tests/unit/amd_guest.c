// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/amd_guest.h>

#include "array.h"
#include "smmuv3_layout.h"

/* Bits of the whole entry, as the specification of the AMD IOMMU has them. */
static const struct position positions[] = {
	{ "V", 0, 0 },
	{ "TV", 1, 1 },
	{ "HAD", 8, 7 },
	{ "Mode", 11, 9 },
	{ "HostPTRP", 51, 12 },
	{ "PPR", 52, 52 },
	{ "GPRP", 53, 53 },
	{ "GIoV", 54, 54 },
	{ "GV", 55, 55 },
	{ "GLX", 57, 56 },
	{ "GCR3[14:12]", 60, 58 },
	{ "IR", 61, 61 },
	{ "IW", 62, 62 },
	{ "DomainID", 79, 64 },
	{ "GCR3[30:15]", 95, 80 },
	{ "I", 96, 96 },
	{ "SE", 97, 97 },
	{ "SA", 98, 98 },
	{ "IoCtl", 100, 99 },
	{ "Cache", 101, 101 },
	{ "SD", 102, 102 },
	{ "EX", 103, 103 },
	{ "SysMgt", 105, 104 },
	{ "SATS", 106, 106 },
	{ "GCR3[51:31]", 127, 107 },
	{ "IV", 128, 128 },
	{ "IntTabLen", 132, 129 },
	{ "IG", 133, 133 },
	{ "IntTabPtr", 179, 134 },
	{ "GuestPagingMode", 183, 182 },
	{ "IntCtl", 189, 188 },
};

Test(amd_guest, fields_of_an_entry_are_where_the_specification_has_them)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_amd_dte_fields(&count);

	check_layout(positions, ARRAY_SIZE(positions), fields, count);
	check_fields(fields, count, IOMMUCTL_AMD_DTE_WORDS);
}

Test(amd_guest, the_gcr3_address_is_in_three_parts)
{
	const uint64_t gcr3 = 0x000f00d012345000;
	const struct iommuctl_amd_dte dte = {
		.v = 1,
		.gv = 1,
		.gcr3_14 = gcr3 >> 12 & 7,
		.gcr3_30 = gcr3 >> 15 & 0xffff,
		.gcr3_51 = gcr3 >> 31 & 0x1fffff,
	};
	uint64_t words[IOMMUCTL_AMD_DTE_WORDS];
	struct iommuctl_amd_dte decoded;

	cr_assert_eq(iommuctl_amd_dte_encode(&dte, words, NULL), 0);
	iommuctl_amd_dte_decode(words, &decoded);
	cr_expect_eq(memcmp(&decoded, &dte, sizeof(dte)), 0);
	cr_expect_eq(iommuctl_amd_dte_gcr3(&decoded), gcr3);
}

Test(amd_guest, an_entry_is_checked_as_the_kernel_would)
{
	static const struct iommuctl_amd_efr four = { .gats = IOMMUCTL_AMD_GATS_4 };
	static const struct {
		struct iommuctl_amd_dte dte;
		int err;
		const char *field;
	} rows[] = {
		{ { 0 }, 0, "none" },
		{ { .v = 1, .gv = 1, .gcr3_30 = 1 }, 0, "none" },
		{ { .gv = 1 }, 0, "none" },
		{ { .mode = 4 }, -EINVAL, "Mode" },
		{ { .hostptrp = 0x1000 }, -EINVAL, "HostPTRP" },
		{ { .v = 1, .gv = 1 }, -EINVAL, "GCR3[14:12]" },
		{ { .gpm = 2 }, -EINVAL, "GuestPagingMode" },
		{ { .glx = 3 }, -EINVAL, "GLX" },
		{ { .gpm = 1 }, -EOPNOTSUPP, "GuestPagingMode" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iommuctl_smmuv3_refusal refusal = { .field = "none" };

		cr_expect_eq(iommuctl_amd_dte_validate(&rows[i].dte, &four, &refusal), rows[i].err,
			"%zu", i);
		cr_expect_str_eq(refusal.field, rows[i].field, "%zu", i);
	}
}

Test(amd_guest, commands_are_named)
{
	static const struct {
		uint64_t words[IOMMUCTL_AMD_CMD_WORDS];
		const char *text;
	} rows[] = {
		{ { 0x1000000040000001, 0x5 },
			"COMPLETION_WAIT S StoreAddress=0x40000000 StoreData=0x5" },
		{ { 0x2000000000000008, 0 }, "INVALIDATE_DEVTAB_ENTRY DeviceID=0x8" },
		{ { 0x3000000700000042, 0x7ffffffffffff007 },
			"INVALIDATE_IOMMU_PAGES DomainID=0x7 PASID=0x42 S PDE GN "
			"Address=0x7ffffffffffff000" },
		{ { 0x4042000820010008, 0x1004 },
			"INVALIDATE_IOTLB_PAGES DeviceID=0x8 QueueID=0x8 MaxPend=0x20 "
			"PASID[15:8]=0x1 PASID[7:0]=0x42 GN Address=0x1000" },
		{ { 0x4542000820010008, 0x1034 },
			"INVALIDATE_IOTLB_PAGES DeviceID=0x8 QueueID=0x8 MaxPend=0x20 "
			"PASID[19:16]=5 PASID[15:8]=0x1 PASID[7:0]=0x42 GN Type=3 Address=0x1000" },
		{ { 0x5000000000000008, 0 }, "INVALIDATE_INTERRUPT_TABLE DeviceID=0x8" },
		{ { 0x7000004200000008, 0x0000100500000004 },
			"COMPLETE_PPR_REQUEST DeviceID=0x8 PASID=0x42 GN CompletionTag=0x5 PPRCode=1" },
		{ { 0x8000000000000000, 0 }, "INVALIDATE_IOMMU_ALL" },
		{ { 0x9000000000000000, 0 }, "Opcode=9" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t words[IOMMUCTL_AMD_CMD_WORDS];
		struct iommuctl_amd_cmd cmd;
		char text[200];
		int err;

		iommuctl_amd_cmd_decode(rows[i].words, &cmd);
		iommuctl_amd_cmd_print(&cmd, text, sizeof(text));
		cr_expect_str_eq(text, rows[i].text);
		err = iommuctl_amd_cmd_encode(&cmd, words, NULL);
		cr_assert_eq(err, iommuctl_amd_cmd_name(cmd.opcode) ? 0 : -EINVAL);
		if (!err)
			cr_expect_arr_eq(words, rows[i].words, sizeof(words), "%s", text);
	}
}

Test(amd_guest, the_size_of_a_range_is_in_its_address)
{
	static const struct {
		uint64_t address;
		uint8_t s;
		uint64_t first, last;
	} rows[] = {
		{ 0x7000, 0, 0x7000, 0x7fff },
		{ 0x6000, 1, 0x6000, 0x7fff },
		{ 0x5000, 1, 0x4000, 0x7fff },
		{ 0x3000, 1, 0x0000, 0x7fff },
		{ 0x7ffffffffffff000, 1, 0, UINT64_MAX },
		{ 0xfffffffffffff000, 1, 0, UINT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct iommuctl_amd_cmd cmd = { .address = rows[i].address, .s = rows[i].s };
		uint64_t first, last;

		iommuctl_amd_cmd_get_range(&cmd, &first, &last);
		cr_expect_eq(first, rows[i].first, "%zu", i);
		cr_expect_eq(last, rows[i].last, "%zu", i);
	}
}
