// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/vsmmuv3_identity.h>

#include "array.h"
#include "vsmmuv3/identity_rows.h"

#define SENTENCE_MAX 200

/* What QEMU shows with stage=nested. */
static const struct iommuctl_vsmmuv3_identity qemu = {
	.idr = { 0x0d4c101b, 0x02730010, 0, 0x1414, 0, 0x74 },
	.iidr = 0x43b,
	.aidr = 1,
};

/* An SMMUv3.3 with everything that a server has, and more than a guest can get. */
static const struct iommuctl_vsmmuv3_identity large = {
	.idr = { 0x4c1dffff, 0x7f7f9d20, 0x3ff, 0x00fff7bc, 0x12345678, 0x004005f6 },
	.iidr = 0x4832043b,
	.aidr = 3,
};

/* An SMMUv3.0 with as little as possible. */
static const struct iommuctl_vsmmuv3_identity small = { .idr = { 0x0140000a, 0, 0, 0, 0, 0x10 } };

static const struct iommuctl_vsmmuv3_wishes none;

static struct iommuctl_vsmmuv3_identity derived(const struct iommuctl_vsmmuv3_identity *hardware,
	const struct iommuctl_vsmmuv3_wishes *wished)
{
	struct iommuctl_smmuv3_refusal refusal = { 0 };
	struct iommuctl_vsmmuv3_identity guest;

	cr_assert_eq(iommuctl_vsmmuv3_identity_derive(hardware, wished, &guest, &refusal), 0,
		"%s: %s", refusal.field, refusal.reason);
	return guest;
}

static struct iommuctl_smmuv3_idr decoded(const struct iommuctl_vsmmuv3_identity *from)
{
	struct iommuctl_smmuv3_idr idr;

	iommuctl_smmuv3_idr_decode(from->idr, from->iidr, from->aidr, &idr);
	return idr;
}

/* The sentences, a line each. */
static void collect(const char *sentence, void *data)
{
	char *text = data;

	cr_assert_lt(strlen(sentence), SENTENCE_MAX - 1, "cut: %s", sentence);
	strcat(strcat(text, sentence), "\n");
}

static void expect_sentences(const struct iommuctl_vsmmuv3_identity *host,
	const struct iommuctl_vsmmuv3_identity *asked, const char *expected)
{
	char text[8192] = "";
	size_t lines = 0;
	const size_t count = iommuctl_vsmmuv3_identity_compare(host, asked, collect, text);

	cr_expect_str_eq(text, expected);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	cr_expect_eq(count, lines);
	cr_expect_eq(iommuctl_vsmmuv3_identity_compare(host, asked, NULL, NULL), count);
}

Test(vsmmuv3_identity, has_a_row_for_each_bit_of_each_register)
{
	size_t count;
	const struct identity_row *rows = identity_rows(&count);
	uint32_t taken[IDENTITY_REGISTERS] = { 0 };

	for (size_t i = 0; i < count; i++) {
		const uint32_t mask = UINT32_MAX >> (32 - rows[i].width) << rows[i].lsb;

		cr_assert_lt(rows[i].word, IDENTITY_REGISTERS, "%s", rows[i].name);
		cr_expect_leq(rows[i].lsb + rows[i].width, 32, "%s", rows[i].name);
		cr_expect_eq(taken[rows[i].word] & mask, 0, "%s", rows[i].name);
		cr_expect_leq((uint64_t)rows[i].limit, mask >> rows[i].lsb, "%s", rows[i].name);
		cr_expect_leq(rows[i].usual, rows[i].limit, "%s", rows[i].name);
		cr_expect(rows[i].why && *rows[i].why, "%s", rows[i].name);
		taken[rows[i].word] |= mask;
	}
	for (size_t i = 0; i < IDENTITY_REGISTERS; i++)
		cr_expect_eq(taken[i], UINT32_MAX, "register %zu: 0x%08x", i, taken[i]);
}

/* Rows that are finer or coarser than fields of the codec. */
static const char *const not_alike[] = { "TTF", "Implementer", "Revision", "Variant", "ProductID" };

static bool is_alike(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(not_alike); i++)
		if (strcmp(name, not_alike[i]) == 0)
			return false;
	return true;
}

Test(vsmmuv3_identity, has_each_field_of_the_codec_where_the_codec_has_it)
{
	size_t row_count, field_count;
	const struct identity_row *rows = identity_rows(&row_count);
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_idr_fields(&field_count);

	for (size_t i = 0; i < field_count; i++) {
		const struct identity_row *row = rows;

		if (!is_alike(fields[i].name))
			continue;
		while (row < rows + row_count && strcmp(row->name, fields[i].name))
			row++;
		cr_assert_lt(row, rows + row_count, "%s", fields[i].name);
		cr_expect_eq(row->word, fields[i].word, "%s", row->name);
		cr_expect_eq(row->lsb, fields[i].lsb, "%s", row->name);
		cr_expect_eq(row->width, fields[i].width, "%s", row->name);
	}
}

/* Hardware, what is wished for, and the registers that come of it. */
static const struct {
	const struct iommuctl_vsmmuv3_identity *hardware;
	struct iommuctl_vsmmuv3_wishes wished;
	struct iommuctl_vsmmuv3_identity guest;
} derivations[] = {
	{ &qemu, { 0 }, { { 0x0d48701a, 0x02710010, 0, 0x1404, 0, 0x74 }, 0, 1 } },
	{ &large, { 0 }, { { 0x0d48741a, 0x02710510, 0, 0x1404, 0, 0x75 }, 0, 1 } },
	{ &small, { 0 }, { { 0x0940601a, 0x02710010, 0, 0, 0, 0x10 }, 0, 0 } },
	{ &qemu, { .sid_bits = 32, .oas_bits = 40 },
		{ { 0x0d48701a, 0x02710020, 0, 0x1404, 0, 0x72 }, 0, 1 } },
	{ &qemu, { .no_ril = true, .no_msi = true, .no_sev = true, .no_cohacc = true },
		{ { 0x0d48100a, 0x02710010, 0, 0x1004, 0, 0x74 }, 0, 1 } },
	{ &qemu, { .no_two_level = true },
		{ { 0x0548701a, 0x02710006, 0, 0x1404, 0, 0x74 }, 0, 1 } },
	{ &qemu, { .no_two_level = true, .sid_bits = 5 },
		{ { 0x0548701a, 0x02710005, 0, 0x1404, 0, 0x74 }, 0, 1 } },
	{ &qemu, { .cmdq_log2size = 8, .eventq_log2size = 7, .iidr = 0x43b },
		{ { 0x0d48701a, 0x01070010, 0, 0x1404, 0, 0x74 }, 0x43b, 1 } },
	{ &qemu, { .granules = IOMMUCTL_VSMMUV3_GRANULE_4K | IOMMUCTL_VSMMUV3_GRANULE_64K },
		{ { 0x0d48701a, 0x02710010, 0, 0x1404, 0, 0x54 }, 0, 1 } },
	{ &large, { .ssid_bits = 8, .no_ats = true },
		{ { 0x0d48701a, 0x02710210, 0, 0x1404, 0, 0x75 }, 0, 1 } },
	{ &large, { .no_ssids = true }, { { 0x0d48741a, 0x02710010, 0, 0x1404, 0, 0x75 }, 0, 1 } },
};

Test(vsmmuv3_identity, is_what_the_hardware_has_and_what_is_wished_for)
{
	for (size_t i = 0; i < ARRAY_SIZE(derivations); i++) {
		const struct iommuctl_vsmmuv3_identity *expected = &derivations[i].guest;
		const struct iommuctl_vsmmuv3_identity guest =
			derived(derivations[i].hardware, &derivations[i].wished);

		for (size_t j = 0; j < ARRAY_SIZE(guest.idr); j++)
			cr_expect_eq(guest.idr[j], expected->idr[j],
				"case %zu: IDR%zu: 0x%08x, expected 0x%08x", i, j, guest.idr[j],
				expected->idr[j]);
		cr_expect_eq(guest.iidr, expected->iidr, "case %zu", i);
		cr_expect_eq(guest.aidr, expected->aidr, "case %zu", i);
		expect_sentences(derivations[i].hardware, &guest, "");
	}
}

/* Whatever bits a host has: nothing that is derived is asked for in vain, and nothing changes. */
Test(vsmmuv3_identity, a_derived_identity_works_on_any_host_that_can_nest)
{
	uint32_t random = 1;

	for (size_t i = 0; i < 20000; i++) {
		struct iommuctl_vsmmuv3_identity host, guest;
		uint32_t *words = host.idr;

		for (size_t j = 0; j < ARRAY_SIZE(host.idr); j++)
			words[j] = random = random * 1664525u + 1013904223u;
		host.iidr = host.aidr = random >> 7;
		host.idr[0] &= ~(3u << 21 | 3u << 24);
		guest = derived(&host, &none);
		cr_assert_eq(iommuctl_vsmmuv3_identity_compare(&host, &guest, NULL, NULL), 0);
		cr_assert_eq(iommuctl_vsmmuv3_identity_compare(&guest, &guest, NULL, NULL), 0);
	}
}

/* What Linux's driver ends its probe without, and what the rooms below keep to. */
Test(vsmmuv3_identity, has_what_linux_asks_for)
{
	const struct iommuctl_vsmmuv3_identity guest = derived(&qemu, &none);
	const struct iommuctl_smmuv3_idr idr = decoded(&guest);

	cr_expect_eq(guest.idr[0] & 3, 2, "stage 1 alone");
	cr_expect_eq(idr.ttf, IOMMUCTL_SMMUV3_TTF_AARCH64);
	cr_expect_eq(idr.ttendian, IOMMUCTL_SMMUV3_TTENDIAN_LITTLE);
	cr_expect_eq(idr.stall_model, IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE);
	cr_expect_eq(idr.st_level, 1);
	cr_expect_eq(guest.idr[1] >> 28, 0, "neither preset nor relative");
	cr_expect_geq(guest.idr[1] >> 21 & 31, 7, "a queue is longer than a batch of 64");
	cr_expect_geq(guest.idr[1] >> 16 & 31, 1);
	cr_expect(idr.gran4k && idr.gran16k && idr.gran64k);
	cr_expect_eq(idr.oas, 4);
	cr_expect_eq(idr.httu, 0);
}

/* Wishes that no SMMU can fulfil, and the field that is named. */
static const struct {
	struct iommuctl_vsmmuv3_wishes wished;
	const char *field;
} refused[] = {
	{ { .sid_bits = 33 }, "SIDSIZE" },
	{ { .ssid_bits = 21 }, "SSIDSIZE" },
	{ { .ssid_bits = 8, .no_ssids = true }, "SSIDSIZE" },
	{ { .oas_bits = 52 }, "OAS" },
	{ { .oas_bits = 41 }, "OAS" },
	{ { .granules = 8 }, "GRAN4K" },
	{ { .cmdq_log2size = 20 }, "CMDQS" },
	{ { .eventq_log2size = 20 }, "EVENTQS" },
	{ { .no_two_level = true, .sid_bits = 7 }, "SIDSIZE" },
};

Test(vsmmuv3_identity, is_not_derived_from_wishes_that_no_SMMU_can_fulfil)
{
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		struct iommuctl_smmuv3_refusal refusal = { 0 };
		struct iommuctl_vsmmuv3_identity guest = { .iidr = 0x1234 };

		cr_expect_eq(iommuctl_vsmmuv3_identity_derive(
				     &large, &refused[i].wished, &guest, &refusal),
			-EINVAL, "case %zu", i);
		cr_assert_not_null(refusal.field, "case %zu", i);
		cr_expect_str_eq(refusal.field, refused[i].field, "case %zu", i);
		cr_expect(refusal.reason && *refusal.reason, "case %zu", i);
		cr_expect_eq(guest.iidr, 0x1234, "case %zu: nothing is written", i);
		cr_expect_eq(
			iommuctl_vsmmuv3_identity_derive(&large, &refused[i].wished, &guest, NULL),
			-EINVAL, "case %zu", i);
	}
}

/* Wishes that QEMU's SMMU cannot fulfil. */
static const struct {
	struct iommuctl_vsmmuv3_wishes wished;
	const char *sentences;
} unfulfilled[] = {
	{ { .ssid_bits = 8 }, "SubstreamIDs: host has none, asked for 8 bits\n" },
	{ { .oas_bits = 48 }, "output addresses: host has 44 bits, asked for 48\n" },
	{ { .ssid_bits = 20, .oas_bits = 48 },
		"SubstreamIDs: host has none, asked for 20 bits\n"
		"output addresses: host has 44 bits, asked for 48\n" },
};

Test(vsmmuv3_identity, tells_which_wish_the_host_does_not_fulfil)
{
	for (size_t i = 0; i < ARRAY_SIZE(unfulfilled); i++) {
		const struct iommuctl_vsmmuv3_identity guest =
			derived(&qemu, &unfulfilled[i].wished);

		expect_sentences(&qemu, &guest, unfulfilled[i].sentences);
	}
}

/* A register of the host, the same of the guest to be migrated, and what prevents it. */
static const struct {
	unsigned int word;
	uint32_t host;
	uint32_t asked;
	const char *sentence;
} comparisons[] = {
	{ 0, 0x0d4c101b, 0x0d48741a, "ATS: host has none, asked for it\n" },
	{ 0, 0x0d4c001b, 0x0d48701a, "ASIDs of 16 bits: host has none, asked for it\n" },
	{ 0, 0x0d44101b, 0x0d48701a, "two-level CD tables: host has none, asked for it\n" },
	{ 0, 0x0d4c1013, 0x0d48701a, "AArch64 tables: host has none, asked for it\n" },
	{ 0, 0x0d6c101b, 0x0d48701a, "endianness of tables: host has big, asked for little\n" },
	{ 0, 0x0d0c101b, 0x0d48701a, "" },
	{ 0, 0x0d0c101b, 0x0d08701a,
		"endianness of tables: host has little, asked for mixed (others are not walked for "
		"emulated devices)\n" },
	{ 0, 0x0e4c101b, 0x0d48701a, "faults: host has stall, asked for terminate\n" },
	{ 0, 0x0c4c101b, 0x0d48701a, "" },
	{ 0, 0x0c4c101b, 0x0c48701a,
		"faults: host has terminate, asked for stall-or-terminate (no kernel call resumes a "
		"stalled transaction)\n" },
	{ 0, 0x0d4c101b, 0x0948701a, "faults that only abort: host has it, asked for none\n" },
	{ 0, 0x094c101b, 0x0d48701a, "" },
	{ 0, 0x0d4c101b, 0x0d48701b,
		"S2P: host has none, asked for it (a guest has no stage 2 of its own)\n" },
	{ 0, 0x0d4c101b, 0x0d487018,
		"stage 1: host has it, asked for none (a nest is a guest's stage 1)\n" },
	{ 0, 0x0d4c1c1b, 0x0d49741a,
		"PRI: host has none, asked for it (the kernel answers page requests itself)\n" },
	{ 0, 0x0d4c109b, 0x0d48709a,
		"HTTU: host has none, asked for 0x2 (the walk for emulated devices writes no "
		"descriptors)\n" },
	{ 1, 0x02730010, 0x02730020, "" },
	{ 1, 0x02730010, 0x02730021,
		"StreamIDs: host has 32 bits, asked for 33 (provided in software)\n" },
	{ 1, 0x02730410, 0x02730510, "SubstreamIDs: host has 16 bits, asked for 20\n" },
	{ 1, 0x02730010, 0x02930010,
		"command queue: host has 2^19 entries, asked for 2^20 (provided in software)\n" },
	{ 3, 0x1014, 0x1404, "TLBI by ranges (RIL): host has none, asked for it\n" },
	{ 3, 0x0c14, 0x1404, "break-before-make level (BBML): host has 1, asked for 2\n" },
	{ 3, 0x1414, 0x0004, "" },
	{ 5, 0x34, 0x74, "granule of 64K: host has none, asked for it\n" },
	{ 5, 0x70, 0x74, "output addresses: host has 32 bits, asked for 44\n" },
	{ 5, 0x76, 0x76,
		"output addresses: host has 48 bits, asked for 52 (larger addresses are not walked "
		"for emulated devices)\n" },
	{ 5, 0x476, 0x474,
		"input addresses: host has 48-bit, asked for 52-bit (the walk for emulated devices "
		"does not support it)\n" },
};

Test(vsmmuv3_identity, tells_why_a_guest_cannot_come_to_a_host)
{
	for (size_t i = 0; i < ARRAY_SIZE(comparisons); i++) {
		struct iommuctl_vsmmuv3_identity host = qemu, asked = derived(&qemu, &none);

		host.idr[comparisons[i].word] = comparisons[i].host;
		asked.idr[comparisons[i].word] = comparisons[i].asked;
		expect_sentences(&host, &asked, comparisons[i].sentence);
	}
}

Test(vsmmuv3_identity, with_all_bits_is_reported_field_by_field)
{
	struct iommuctl_vsmmuv3_identity all;
	char text[16384] = "";

	memset(&all, 0xff, sizeof(all));
	cr_expect_gt(iommuctl_vsmmuv3_identity_compare(&qemu, &all, collect, text), 50);
	cr_expect_not_null(strstr(text, "IDR3[6]: host has none, asked for it (reserved)\n"));
	cr_expect_not_null(
		strstr(text, "IDR4: host has none, asked for 0xffffffff (IMPLEMENTATION"));
	cr_expect_null(strstr(text, "(null)"));
}

Test(vsmmuv3_identity, a_state_has_the_identity_of_the_SMMU_it_goes_to)
{
	const struct iommuctl_vsmmuv3_identity there = derived(&qemu, &none);
	struct iommuctl_vsmmuv3_identity state = there;
	char text[1024] = "";

	cr_expect_eq(iommuctl_vsmmuv3_identity_compare_exactly(&there, &state, collect, text), 0);
	cr_expect_str_empty(text);
	state.idr[0] &= ~(1u << 13);
	state.idr[1] = (state.idr[1] & ~63u) | 20;
	state.idr[3] &= ~(1u << 10);
	state.iidr = 0x43b;
	cr_expect_eq(iommuctl_vsmmuv3_identity_compare_exactly(&there, &state, collect, text), 4);
	cr_expect_str_eq(text,
		"MSIs of the SMMU: host has it, asked for none\n"
		"StreamIDs: host has 16 bits, asked for 20\n"
		"TLBI by ranges (RIL): host has it, asked for none\n"
		"implementation (IIDR): host has 0x00000000, asked for 0x0000043b\n");
	cr_expect_eq(iommuctl_vsmmuv3_identity_compare_exactly(&there, &state, NULL, NULL), 4);
}

/* A nest knows only fields: they are enough to derive from. */
Test(vsmmuv3_identity, can_be_derived_from_what_a_nest_says)
{
	const struct iommuctl_smmuv3_idr idr = decoded(&large);
	struct iommuctl_vsmmuv3_identity encoded,
		from_registers = derived(&large, &none), from_fields;

	cr_assert_eq(
		iommuctl_smmuv3_idr_encode(&idr, encoded.idr, &encoded.iidr, &encoded.aidr, NULL),
		0);
	from_fields = derived(&encoded, &none);
	cr_expect_eq(from_fields.idr[0], from_registers.idr[0]);
	cr_expect_eq(from_fields.idr[1], from_registers.idr[1]);
	cr_expect_eq(from_fields.idr[5], from_registers.idr[5]);
}
