// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/vtd_inv.h>

#include "array.h"

/* Descriptors as a guest writes them, and what they are. */
static const struct {
	uint64_t words[IOMMUCTL_VTD_INV_WORDS];
	const char *text;
	enum iommuctl_vtd_inv_class class;
} descriptors[] = {
	{ { 0x0003000801000031, 0 }, "CC G=3 DID=0x100 SID=0x8 FM=3",
		IOMMUCTL_VTD_INV_CLASS_CALLER },
	{ { 0x000500f2, 0x3002 }, "IOTLB G=3 DID=0x5 DW DR AM=2 ADDR=0x3000",
		IOMMUCTL_VTD_INV_CLASS_RELAYED },
	{ { 0x0000000000000012, 0 }, "IOTLB G=1 DID=0x0", IOMMUCTL_VTD_INV_CLASS_RELAYED },
	{ { 0x0010000800003003, 0x1001 },
		"DEV_TLB SID=0x8 PFSID[3:0]=3 PFSID[15:4]=0x1 S ADDR=0x1000",
		IOMMUCTL_VTD_INV_CLASS_DONE },
	{ { 0x0000000700000014, 0 }, "IEC G IIDX=0x7", IOMMUCTL_VTD_INV_CLASS_CALLER },
	{ { 0x0000000100000025, 0x40000004 }, "WAIT SW STATUS_DATA=0x1 STATUS_ADDR=0x40000004",
		IOMMUCTL_VTD_INV_CLASS_CALLER },
	{ { 0x0000004200010036, 0x7041 }, "P_IOTLB G=3 DID=0x1 PASID=0x42 AM=1 IH ADDR=0x7000",
		IOMMUCTL_VTD_INV_CLASS_RELAYED },
	{ { 0x0000004200010017, 0 }, "PC G=1 DID=0x1 PASID=0x42", IOMMUCTL_VTD_INV_CLASS_CALLER },
	{ { 0x0000004200080008, 0x1800 }, "P_DEV_TLB SID=0x8 PASID=0x42 S ADDR=0x1000",
		IOMMUCTL_VTD_INV_CLASS_DONE },
	{ { 0x0000004200081019, 0x2c }, "PAGE_GRP_RESP PP RC=1 SID=0x8 PASID=0x42 LPIG PRGI=0x5",
		IOMMUCTL_VTD_INV_CLASS_CALLER },
	{ { 0x000000000000000a, 0 }, "Type=10", IOMMUCTL_VTD_INV_CLASS_ILLEGAL },
};

Test(vtd_inv, names_each_descriptor_and_its_handler)
{
	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++) {
		struct iommuctl_vtd_inv inv;
		char text[200];

		iommuctl_vtd_inv_decode(descriptors[i].words, &inv);
		iommuctl_vtd_inv_print(&inv, text, sizeof(text));
		cr_expect_str_eq(text, descriptors[i].text);
		cr_expect_eq(iommuctl_vtd_inv_class(inv.type), descriptors[i].class, "%s", text);
	}
}

Test(vtd_inv, encodes_what_it_decodes)
{
	for (size_t i = 0; i < ARRAY_SIZE(descriptors); i++) {
		uint64_t words[IOMMUCTL_VTD_INV_WORDS];
		struct iommuctl_vtd_inv inv;

		iommuctl_vtd_inv_decode(descriptors[i].words, &inv);
		if (!iommuctl_vtd_inv_name(inv.type)) {
			cr_expect_eq(iommuctl_vtd_inv_encode(&inv, words, NULL), -EINVAL);
			continue;
		}
		cr_assert_eq(iommuctl_vtd_inv_encode(&inv, words, NULL), 0);
		cr_expect_arr_eq(words, descriptors[i].words, sizeof(words));
	}
}

Test(vtd_inv, refuses_what_stops_the_queue)
{
	static const struct {
		uint64_t words[IOMMUCTL_VTD_INV_WORDS];
		const char *field;
	} rows[] = {
		{ { 0x000000000000000a, 0 }, "Type" },
		{ { 0x0000000000000002, 0 }, "G" },
		{ { 0x0000000000000016, 0 }, "G" },
		{ { 0x0000000000000027, 0 }, "G" },
		{ { 0x0000000000000232, 0 }, "RES0" }, /* a type of more than 4 bits */
		{ { 0x0010000000000036, 0 }, "RES0" },
		{ { 0x0000000000000036, 0x80 }, "RES0" },
	};
	struct iommuctl_smmuv3_refusal refusal;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cr_expect_eq(iommuctl_vtd_inv_validate(rows[i].words, &refusal), -EINVAL, "%zu", i);
		cr_expect_str_eq(refusal.field, rows[i].field, "%zu", i);
	}
	for (size_t i = 0; i < ARRAY_SIZE(descriptors) - 1; i++)
		cr_expect_eq(iommuctl_vtd_inv_validate(descriptors[i].words, NULL), 0, "%zu", i);
}

Test(vtd_inv, becomes_what_the_kernel_takes)
{
	static const struct {
		struct iommuctl_vtd_inv inv;
		int err;
		struct iommuctl_hwpt_vtd_s1_invalidate entry;
	} rows[] = {
		{ { .type = IOMMUCTL_VTD_INV_P_IOTLB, .g = 2 }, 0, { .npages = UINT64_MAX } },
		{ { .type = IOMMUCTL_VTD_INV_P_IOTLB, .g = 3, .addr = 0x7000 }, 0,
			{ .addr = 0x7000, .npages = 1 } },
		{ { .type = IOMMUCTL_VTD_INV_P_IOTLB, .g = 3, .addr = 0x7000, .am = 2, .ih = 1 }, 0,
			{ .addr = 0x4000, .npages = 4, .flags = IOMMUCTL_VTD_INV_FLAGS_LEAF } },
		/* The whole address space of a PASID has no address. */
		{ { .type = IOMMUCTL_VTD_INV_P_IOTLB, .g = 3, .addr = 0x7000, .am = 63 }, 0,
			{ .npages = UINT64_MAX } },
		{ { .type = IOMMUCTL_VTD_INV_IOTLB, .g = 1 }, 0, { .npages = UINT64_MAX } },
		{ { .type = IOMMUCTL_VTD_INV_IOTLB, .g = 2 }, 0, { .npages = UINT64_MAX } },
		{ { .type = IOMMUCTL_VTD_INV_IOTLB, .g = 3, .addr = 0x3000 }, 0,
			{ .addr = 0x3000, .npages = 1 } },
		{ { .type = IOMMUCTL_VTD_INV_WAIT }, -EINVAL, { 0 } },
		{ { .type = IOMMUCTL_VTD_INV_P_DEV_TLB }, -EINVAL, { 0 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iommuctl_hwpt_vtd_s1_invalidate entry = { 0 };

		cr_expect_eq(iommuctl_vtd_inv_to_s1(&rows[i].inv, &entry), rows[i].err, "%zu", i);
		cr_expect_eq(entry.addr, rows[i].entry.addr, "%zu", i);
		cr_expect_eq(entry.npages, rows[i].entry.npages, "%zu", i);
		cr_expect_eq(entry.flags, rows[i].entry.flags, "%zu", i);
		cr_expect_eq(entry.reserved, 0);
	}
}

Test(vtd_inv, concerns_a_domain_and_a_pasid)
{
	static const struct {
		struct iommuctl_vtd_inv inv;
		uint16_t did;
		uint32_t pasid;
		bool concerned;
	} rows[] = {
		{ { .type = IOMMUCTL_VTD_INV_P_IOTLB, .did = 1, .pasid = 2 }, 1, 2, true },
		{ { .type = IOMMUCTL_VTD_INV_P_IOTLB, .did = 1, .pasid = 2 }, 1, 3, false },
		{ { .type = IOMMUCTL_VTD_INV_P_IOTLB, .did = 1, .pasid = 2 }, 2, 2, false },
		{ { .type = IOMMUCTL_VTD_INV_IOTLB, .g = 2, .did = 1 }, 1, 9, true },
		{ { .type = IOMMUCTL_VTD_INV_IOTLB, .g = 2, .did = 1 }, 2, 9, false },
		{ { .type = IOMMUCTL_VTD_INV_IOTLB, .g = 1 }, 2, 9, true },
		{ { .type = IOMMUCTL_VTD_INV_PC, .did = 1, .pasid = 2 }, 1, 2, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		cr_expect_eq(iommuctl_vtd_inv_concerns(&rows[i].inv, rows[i].did, rows[i].pasid),
			rows[i].concerned, "%zu", i);
}
