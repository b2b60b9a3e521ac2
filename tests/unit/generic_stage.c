// SPDX-License-Identifier: MIT
/* Stage configurations and MSI bindings of the generic interface. */
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/generic.h>
#include <iommuctl/smmuv3_cd.h>

#include "array.h"
#include "generic/wire.h"

#define CDPTR UINT64_C(0x40100000)

static const struct iommuctl_smmuv3_idr idr = {
	.ssidsize = 16,
	.cd2l = 1,
	.stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE,
	.oas = IOMMUCTL_SMMUV3_IPS_48,
};

/* A change to a good request, and the refused field; NULL: it stays good. */
struct change {
	unsigned int offset;
	unsigned int size;
	uint64_t value;
	const char *field;
};

static void make_s1_cfg(unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE])
{
	memset(request, 0, IOMMUCTL_GENERIC_STAGE_SIZE);
	wire_put(request, 0, 4, IOMMUCTL_GENERIC_SMMUV3_S1_CFG);
	wire_put(request, 16, 8, CDPTR);
	wire_put(request, 24, 2, 7);
}

static void make_table(unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE])
{
	memset(request, 0, IOMMUCTL_GENERIC_STAGE_SIZE);
	wire_put(request, 0, 4, IOMMUCTL_GENERIC_PASID_TABLE);
	wire_put(request, 8, 4, 1);
	wire_put(request, 12, 4, 24);
	wire_put(request, 16, 8, CDPTR);
	request[24] = 8;
	request[25] = IOMMUCTL_SMMUV3_S1FMT_64K_L2;
	request[26] = IOMMUCTL_SMMUV3_S1DSS_SSID0;
}

static struct iommuctl_smmuv3_ste decode(const unsigned char *request, uint16_t *asid)
{
	struct iommuctl_generic_stage stage;
	struct iommuctl_smmuv3_ste ste;
	uint64_t nested[IOMMUCTL_SMMUV3_NESTED_WORDS];

	cr_assert_eq(iommuctl_generic_decode_stage(
			     request, IOMMUCTL_GENERIC_STAGE_SIZE, &idr, &stage, NULL),
		0);
	iommuctl_smmuv3_ste_decode(stage.ste, &ste);
	cr_expect_eq(iommuctl_smmuv3_ste_validate(&ste, &idr, NULL), 0);
	cr_expect_eq(iommuctl_smmuv3_ste_nested(stage.ste, nested, NULL), 0);
	if (asid)
		*asid = stage.asid;
	return ste;
}

static void expect_changes(
	void (*make)(unsigned char *), const struct change *changes, size_t count)
{
	unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE];
	struct iommuctl_generic_stage stage, untouched;

	memset(&untouched, 0x5a, sizeof(untouched));
	for (size_t i = 0; i < count; i++) {
		struct iommuctl_generic_problem problem = { .field = NULL };
		int ret;

		make(request);
		wire_put(request, changes[i].offset, changes[i].size, changes[i].value);
		stage = untouched;
		ret = iommuctl_generic_decode_stage(
			request, sizeof(request), &idr, &stage, &problem);
		cr_expect_eq(ret, changes[i].field ? -EINVAL : 0, "change %zu: %d", i, ret);
		if (!changes[i].field)
			continue;
		cr_expect(problem.field && !strcmp(problem.field, changes[i].field),
			"change %zu is blamed on %s", i, problem.field);
		cr_expect_eq(memcmp(&stage, &untouched, sizeof(stage)), 0);
	}
}

Test(generic_stage, a_cd_becomes_a_stage_1_ste)
{
	unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE];
	struct iommuctl_smmuv3_ste ste;
	uint16_t asid;

	make_s1_cfg(request);
	ste = decode(request, &asid);
	cr_expect_eq(asid, 7);
	cr_expect_eq(ste.v, 1);
	cr_expect_eq(ste.config, IOMMUCTL_SMMUV3_CONFIG_S1);
	cr_expect_eq(ste.s1contextptr, CDPTR);
	cr_expect_eq(ste.s1cdmax, 0);
	cr_expect_eq(ste.s1cir, IOMMUCTL_SMMUV3_S1C_WB_RA);
	cr_expect_eq(ste.s1csh, IOMMUCTL_SMMUV3_SH_ISH);
	cr_expect_eq(ste.s1stalld, 0);
	cr_expect_eq(ste.eats, IOMMUCTL_SMMUV3_EATS_ABORT);
}

Test(generic_stage, states_become_bypass_and_abort)
{
	static const uint8_t configs[] = {
		IOMMUCTL_SMMUV3_CONFIG_BYPASS,
		IOMMUCTL_SMMUV3_CONFIG_BYPASS,
		IOMMUCTL_SMMUV3_CONFIG_ABORT,
	};

	for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
		unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE];
		struct iommuctl_smmuv3_ste ste;
		uint16_t asid;

		make_s1_cfg(request);
		request[8 + i] = 1;
		ste = decode(request, &asid);
		cr_expect_eq(ste.v, 1);
		cr_expect_eq(ste.config, configs[i]);
		cr_expect_eq(ste.s1contextptr, 0);
		cr_expect_eq(asid, 0);
	}
}

Test(generic_stage, a_pasid_table_keeps_its_shape)
{
	unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE];
	struct iommuctl_smmuv3_ste ste;

	make_table(request);
	ste = decode(request, NULL);
	cr_expect_eq(ste.config, IOMMUCTL_SMMUV3_CONFIG_S1);
	cr_expect_eq(ste.s1contextptr, CDPTR);
	cr_expect_eq(ste.s1cdmax, 8);
	cr_expect_eq(ste.s1fmt, IOMMUCTL_SMMUV3_S1FMT_64K_L2);
	cr_expect_eq(ste.s1dss, IOMMUCTL_SMMUV3_S1DSS_SSID0);
}

Test(generic_stage, stalls_are_off_where_there_is_a_choice)
{
	const struct iommuctl_smmuv3_idr stalling = {
		.stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE,
	};
	unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE];
	struct iommuctl_generic_stage stage;
	struct iommuctl_smmuv3_ste ste;

	make_s1_cfg(request);
	cr_assert_eq(
		iommuctl_generic_decode_stage(request, sizeof(request), &stalling, &stage, NULL),
		0);
	iommuctl_smmuv3_ste_decode(stage.ste, &ste);
	cr_expect_eq(ste.s1stalld, 1);
}

Test(generic_stage, every_field_of_a_cd_is_checked)
{
	static const struct change changes[] = {
		{ 0, 4, 0, "flags" },
		{ 0, 4, 3, "flags" },
		{ 0, 4, 4, "flags" },
		{ 0, 4, 0x80000002, "flags" },
		{ 4, 1, 1, "RES0" },
		{ 7, 1, 0x80, "RES0" },
		{ 8, 1, 2, "disabled" },
		{ 9, 1, 0xff, "bypassed" },
		{ 10, 1, 3, "aborted" },
		{ 8, 2, 0x0101, "disabled" },
		{ 8, 3, 0x010001, "disabled" },
		{ 11, 1, 1, "RES0" },
		{ 12, 1, 1, "RES0" },
		{ 15, 1, 1, "RES0" },
		{ 16, 8, CDPTR + 32, "cdptr" },
		{ 16, 8, UINT64_C(1) << 48, "cdptr" },
		{ 16, 8, UINT64_C(1) << 63, "cdptr" },
		{ 16, 8, UINT64_C(0xffffffffffc0), NULL },
		{ 24, 2, 0x100, "asid" },
		{ 24, 2, 0xff, NULL },
		{ 26, 1, 1, "RES0" },
		{ 31, 1, 1, "RES0" },
	};

	expect_changes(make_s1_cfg, changes, ARRAY_SIZE(changes));
}

Test(generic_stage, every_field_of_a_table_is_checked)
{
	static const struct change changes[] = {
		{ 4, 4, 1, "RES0" },
		{ 8, 4, 0, "version" },
		{ 8, 4, 2, "version" },
		{ 12, 4, 23, "bytes" },
		{ 12, 4, 0, "bytes" },
		{ 16, 8, CDPTR + 0x20, "base" },
		{ 16, 8, CDPTR + 0x40, NULL },
		{ 16, 8, UINT64_C(1) << 48, "base" },
		{ 16, 8, UINT64_C(1) << 63, "base" },
		{ 24, 1, 17, "pasid_bits" },
		{ 24, 1, 255, "pasid_bits" },
		{ 24, 1, 16, NULL },
		{ 24, 1, 0, "s1fmt" },
		{ 24, 2, 0, "s1dss" },
		{ 24, 3, 0, NULL },
		{ 25, 1, 3, "s1fmt" },
		{ 25, 1, 0, NULL }, /* 256 CDs of 64 bytes: 16K */
		{ 26, 1, 3, "s1dss" },
		{ 27, 1, 1, "RES0" },
		{ 31, 1, 1, "RES0" },
	};

	expect_changes(make_table, changes, ARRAY_SIZE(changes));
}

Test(generic_stage, a_table_is_aligned_to_its_size)
{
	static const struct {
		uint8_t pasid_bits, s1fmt;
		uint64_t alignment;
	} tables[] = {
		{ 8, IOMMUCTL_SMMUV3_S1FMT_LINEAR, 0x4000 },
		{ 1, IOMMUCTL_SMMUV3_S1FMT_LINEAR, 0x80 },
		{ 6, IOMMUCTL_SMMUV3_S1FMT_4K_L2, 0x40 },
		{ 16, IOMMUCTL_SMMUV3_S1FMT_4K_L2, 0x2000 },
		{ 16, IOMMUCTL_SMMUV3_S1FMT_64K_L2, 0x200 },
	};
	unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE];
	struct iommuctl_generic_stage stage;

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		make_table(request);
		request[24] = tables[i].pasid_bits;
		request[25] = tables[i].s1fmt;
		wire_put(request, 16, 8, CDPTR + tables[i].alignment);
		cr_expect_eq(
			iommuctl_generic_decode_stage(request, sizeof(request), &idr, &stage, NULL),
			0, "table %zu", i);
		wire_put(request, 16, 8, CDPTR + tables[i].alignment / 2);
		cr_expect_eq(
			iommuctl_generic_decode_stage(request, sizeof(request), &idr, &stage, NULL),
			-EINVAL, "table %zu", i);
	}
}

Test(generic_stage, what_the_caller_leaves_out_is_named)
{
	unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE];
	struct iommuctl_generic_problem problem;
	struct iommuctl_generic_stage stage;

	make_table(request);
	cr_expect_eq(
		iommuctl_generic_decode_stage(request, sizeof(request), NULL, &stage, &problem),
		-EINVAL);
	cr_expect_str_eq(problem.field, "idr");
	cr_expect_eq(problem.size, 0);
	cr_expect_eq(iommuctl_generic_decode_stage(request, sizeof(request), &idr, NULL, &problem),
		-EINVAL);
	cr_expect_str_eq(problem.field, "stage");
}

Test(generic_stage, a_smmu_without_pasids_or_levels_takes_no_such_table)
{
	const struct iommuctl_smmuv3_idr small = { .ssidsize = 0 };
	const struct iommuctl_smmuv3_idr flat = { .ssidsize = 16 };
	struct iommuctl_generic_problem problem;
	unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE];
	struct iommuctl_generic_stage stage;

	make_table(request);
	cr_expect_eq(
		iommuctl_generic_decode_stage(request, sizeof(request), &small, &stage, &problem),
		-EINVAL);
	cr_expect_str_eq(problem.field, "pasid_bits");
	cr_expect_eq(
		iommuctl_generic_decode_stage(request, sizeof(request), &flat, &stage, &problem),
		-EINVAL);
	cr_expect_str_eq(problem.field, "s1fmt");
}

Test(generic_stage, requests_of_another_size_are_refused_unread)
{
	struct iommuctl_generic_invalidation invalidation;
	struct iommuctl_generic_stage stage;
	struct iommuctl_generic_msi msi;

	for (size_t size = 0; size < 64; size++) {
		if (size != IOMMUCTL_GENERIC_STAGE_SIZE)
			cr_expect_eq(iommuctl_generic_decode_stage(NULL, size, &idr, &stage, NULL),
				-EINVAL);
		if (size != IOMMUCTL_GENERIC_INVALIDATION_SIZE)
			cr_expect_eq(iommuctl_generic_decode_invalidation(
					     NULL, size, 0, &invalidation, NULL),
				-EINVAL);
		if (size != IOMMUCTL_GENERIC_MSI_SIZE)
			cr_expect_eq(
				iommuctl_generic_decode_msi(NULL, size, 0, 1, &msi, NULL), -EINVAL);
	}
}

Test(generic_stage, a_problem_names_the_bytes_of_the_request)
{
	unsigned char request[IOMMUCTL_GENERIC_STAGE_SIZE];
	struct iommuctl_generic_problem problem;
	struct iommuctl_generic_stage stage;

	make_s1_cfg(request);
	request[10] = 2;
	cr_assert_eq(
		iommuctl_generic_decode_stage(request, sizeof(request), &idr, &stage, &problem),
		-EINVAL);
	cr_expect_eq(problem.offset, 10);
	cr_expect_eq(problem.size, 1);
}

#define WINDOW	    UINT64_C(0x8000000)
#define WINDOW_LAST (WINDOW + 0xfffff)

Test(generic_stage, a_binding_is_the_identity_inside_the_window)
{
	static const struct {
		uint64_t iova, gpa;
		uint32_t granule, zero;
		int result;
		uint64_t page;
	} rows[] = {
		{ WINDOW + 0x40, WINDOW + 0x40, 12, 0, 0, WINDOW },
		{ WINDOW + 0x40, WINDOW, 12, 0, 0, WINDOW },
		{ WINDOW + 0xff040, WINDOW + 0xff040, 12, 0, 0, WINDOW + 0xff000 },
		{ WINDOW + 0xff040, WINDOW + 0xff040, 16, 0, 0, WINDOW + 0xf0000 },
		{ WINDOW + 0x1000, WINDOW, 12, 0, -EADDRNOTAVAIL, 0 },
		{ 0x1000, WINDOW, 12, 0, -EADDRNOTAVAIL, 0 },
		{ WINDOW - 1, WINDOW - 1, 12, 0, -ERANGE, 0 },
		{ WINDOW_LAST + 1, WINDOW_LAST + 1, 12, 0, -ERANGE, 0 },
		{ UINT64_MAX, UINT64_MAX, 16, 0, -ERANGE, 0 },
		{ WINDOW, WINDOW, 0, 0, -EINVAL, 0 },
		{ WINDOW, WINDOW, 13, 0, -EINVAL, 0 },
		{ WINDOW, WINDOW, 64, 0, -EINVAL, 0 },
		{ WINDOW, WINDOW, UINT32_MAX, 0, -EINVAL, 0 },
		{ WINDOW, WINDOW, 12, 1, -EINVAL, 0 },
		{ WINDOW, WINDOW, 12, 0x80000000, -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned char request[IOMMUCTL_GENERIC_MSI_SIZE];
		struct iommuctl_generic_problem problem = { .field = NULL };
		struct iommuctl_generic_msi msi = { 0 };

		wire_put(request, 0, 8, rows[i].iova);
		wire_put(request, 8, 8, rows[i].gpa);
		wire_put(request, 16, 4, rows[i].granule);
		wire_put(request, 20, 4, rows[i].zero);
		cr_expect_eq(iommuctl_generic_decode_msi(
				     request, sizeof(request), WINDOW, WINDOW_LAST, &msi, &problem),
			rows[i].result, "row %zu", i);
		cr_expect_eq(problem.field != NULL, rows[i].result != 0);
		cr_expect_eq(msi.iova, rows[i].page, "row %zu", i);
		cr_expect_eq(msi.gpa, rows[i].page, "row %zu", i);
		if (!rows[i].result)
			cr_expect_eq(msi.size, UINT64_C(1) << rows[i].granule);
	}
}
