// SPDX-License-Identifier: MIT
/*
 * What a job says, in the words that the SMMU reads. The words are put together by hand from the
 * bit positions of Arm IHI 0070 (5.2 STE, 5.4 CD, 4.x commands) and DDI 0487 (D8.3 descriptors).
 */
#include "job_fixture.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>

#include "job/live/tables.h"

#define RAM "'memory': {'ram': {'size': '4M', 'ipa': '0x40000000'}}"
#define EDU "'devices': {'edu': {'pci': '00:01.0'}}"

static struct job *job_with_ste(const char *ste, const char *cd_table)
{
	char text[1024];

	snprintf(text, sizeof(text),
		"{'iommuctl': 1, " RAM ", " EDU ", 'ioas': {'guest': {}},"
		"'hwpts': {'s1': {'device': 'edu', 'viommu': 'v', 'ste': {%s}},"
		"'s2': {'device': 'edu', 'ioas': 'guest', 'nest-parent': true}},"
		"'viommus': {'v': {'device': 'edu', 'hwpt': 's2'}},"
		"'cd-tables': {'cds': {'at': '0x40100000' %s}}}",
		ste, cd_table);
	return job_checked(text);
}

Test(job_tables, an_ste_has_v_and_what_its_fields_and_its_cd_table_say)
{
	static const struct {
		const char *ste;
		const char *cd_table;
		uint64_t words[2];
	} cases[] = {
		{ "", "", { 0x1, 0 } },
		{ "'v': 0", "", { 0x0, 0 } },
		{ "'config': 'abort'", "", { 0x1, 0 } },
		{ "'config': 'bypass'", "", { 0x9, 0 } },
		{ "'config': 'bypass', 'eats': 1", "", { 0x9, 0x10000000 } },
		{ "'config': 's1', 'cd-table': 'cds'", "", { 0x4010000b, 0xd6 } },
		{ "'config': 's1', 'cd-table': 'cds'", ", 's1cdmax': 10",
			{ 0x500000004010000b, 0xd6 } },
		{ "'config': 's1', 'cd-table': 'cds'", ", 's1cdmax': 7, 's1fmt': '4k-l2'",
			{ 0x380000004010001b, 0xd6 } },
		{ "'config': 's1', 'cd-table': 'cds'", ", 's1cdmax': 11, 's1fmt': '64k-l2'",
			{ 0x580000004010002b, 0xd6 } },
		/* Fields win over what the table gives. */
		{ "'config': 's1', 'cd-table': 'cds', 's1dss': 'terminate', 's1csh': 'nsh'", "",
			{ 0x4010000b, 0x14 } },
		{ "'words': ['0x123456789abcdef0', '0xd6'], 'unchecked': true", "",
			{ 0x123456789abcdef0, 0xd6 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct job *job = job_with_ste(cases[i].ste, cases[i].cd_table);
		const struct job_hwpt *hwpt = job->objects[JOB_HWPTS].items;
		const uint64_t *words = hwpt->ste->encoded;

		for (size_t word = 0; word < IOMMUCTL_SMMUV3_STE_WORDS; word++)
			cr_expect_eq(words[word], word < 2 ? cases[i].words[word] : 0,
				"%s: word %zu is 0x%" PRIx64, cases[i].ste, word, words[word]);
		job_free(job);
	}
}

Test(job_tables, a_command_has_its_opcode_and_what_its_fields_say)
{
	static const struct {
		const char *command;
		uint64_t words[2];
	} cases[] = {
		{ "'opcode': 'CFGI_CD', 'streamid': '0x42', 'substreamid': 5, 'leaf': true",
			{ 0x0000004200005005, 0x1 } },
		{ "'opcode': 'CFGI_CD_ALL', 'streamid': '0x42'", { 0x0000004200000006, 0 } },
		{ "'opcode': 'TLBI_NH_ALL', 'vmid': 3", { 0x0000000300000010, 0 } },
		{ "'opcode': 'TLBI_NH_ASID', 'asid': 7", { 0x0007000000000011, 0 } },
		{ "'opcode': 'TLBI_NH_VA', 'asid': 7, 'address': '0x1000', 'leaf': 1",
			{ 0x0007000000000012, 0x1001 } },
		{ "'opcode': 'TLBI_NH_VA', 'tg': '4k', 'num': 3, 'scale': 1, 'ttl': 3",
			{ 0x0000000000103012, 0x700 } },
		{ "'opcode': 'TLBI_NH_VAA', 'address': '0xffffffff12345000'",
			{ 0x13, 0xffffffff12345000 } },
		{ "'opcode': 'TLBI_NSNH_ALL'", { 0x30, 0 } },
		{ "'opcode': 'ATC_INV', 'streamid': 1, 'ssv': 1, 'substreamid': 2, 'size': 52",
			{ 0x0000000100002840, 0x34 } },
		{ "'opcode': 'tlbi_nsnh_all'", { 0x30, 0 } },
		{ "'words': ['0xffffffffffffffff', 1]", { UINT64_MAX, 1 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct job_invalidate *invalidate;
		const struct job_step *steps;
		uint64_t words[2] = { 0 };
		char text[512];
		struct job *job;

		snprintf(text, sizeof(text),
			"{'iommuctl': 1, " EDU ", 'ioas': {'guest': {}},"
			"'hwpts': {'s2': {'device': 'edu', 'ioas': 'guest', 'nest-parent': true}},"
			"'viommus': {'v': {'device': 'edu', 'hwpt': 's2'}},"
			"'steps': [{'invalidate': {'viommu': 'v', 'commands': [{%s}]},"
			"'expect': {'errno': 'EIO'}}]}",
			cases[i].command);
		job = job_checked(text);
		steps = job->steps.items;
		invalidate = steps->arguments;
		iommuctl_smmuv3_words_from_le(words, invalidate->encoded, 2);
		cr_expect(words[0] == cases[i].words[0] && words[1] == cases[i].words[1],
			"%s: 0x%" PRIx64 " 0x%" PRIx64, cases[i].command, words[0], words[1]);
		job_free(job);
	}
}

/* A job with stage 1 and CD table, laid out in @ram, which is the first megabyte of its memory. */
static struct job *lay_out(const char *stage1, const char *context, uint64_t ram[1 << 17])
{
	const struct iommuctl_guest_range range = { 0x40000000, 1 << 20, ram };
	const struct iommuctl_guest_memory memory = { &range, 1 };
	const struct job_context *wrong_context;
	const struct job_leaf *wrong_leaf;
	struct tables tables;
	char text[1024];
	struct job *job;

	snprintf(text, sizeof(text),
		"{'iommuctl': 1, " RAM ","
		"'stage1': {'k': {'at': '0x40010000', 'size': '64K' %s}},"
		"'cd-tables': {'cds': {'at': '0x40000000', 'contexts': [{'stage1': 'k' %s}]}}}",
		stage1, context);
	job = job_checked(text);
	cr_assert_eq(tables_init(&tables, job, &memory), 0);
	cr_assert_eq(tables_build_stage1(&tables, job->objects[JOB_STAGE1].items, &wrong_leaf), 0);
	cr_assert_eq(
		tables_build_cd_table(&tables, job->objects[JOB_CD_TABLES].items, &wrong_context),
		0);
	tables_free(&tables);
	return job;
}

static uint64_t ram[1 << 17];

Test(job_tables, a_cd_has_what_its_stage_1_and_its_fields_say)
{
	static const struct {
		const char *stage1;
		const char *context;
		uint64_t words[4];
	} cases[] = {
		{ ", 'asid': 7", "", { 0x0007e202c0003510, 0x40010000, 0, 0x4ff } },
		{ ", 'va-bits': 39, 'pa-bits': 48", "",
			{ 0x0000e205c0003519, 0x40010000, 0, 0x4ff } },
		{ ", 'granule': '16K'", "", { 0x0000e202c0003590, 0x40010000, 0, 0x4ff } },
		{ ", 'granule': '64K'", "", { 0x0000e202c0003550, 0x40010000, 0, 0x4ff } },
		{ ", 'asid': 7", ", 'asid': 9, 'aset': false, 'ips': '32-bit'",
			{ 0x00096200c0003510, 0x40010000, 0, 0x4ff } },
		{ "", ", 'v': 0", { 0x0000e20240003510, 0x40010000, 0, 0x4ff } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct job *job = lay_out(cases[i].stage1, cases[i].context, ram);

		for (size_t word = 0; word < 8; word++)
			cr_expect_eq(le64toh(ram[word]), word < 4 ? cases[i].words[word] : 0,
				"%s %s: word %zu is 0x%" PRIx64, cases[i].stage1, cases[i].context,
				word, le64toh(ram[word]));
		job_free(job);
	}
}

Test(job_tables, a_leaf_has_what_its_mapping_says)
{
	static const struct {
		const char *leaf;
		uint64_t descriptor;
	} cases[] = {
		{ "", 0x0060000040402f43 },
		{ ", 'prot': 'r'", 0x0060000040402fc3 },
		{ ", 'prot': 'rwx'", 0x0000000040402f43 },
		{ ", 'prot': 'xr', 'privileged': true", 0x0040000040402f83 },
		{ ", 'access-flag': false", 0x0060000040402b43 },
		{ ", 'attr': 'device-nGnRE'", 0x0060000040402f47 },
	};
	/* Root, level 1, level 2, level 3: one granule each. */
	const uint64_t *level_3 = ram + 0x13000 / sizeof(*ram);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char stage1[256];
		struct job *job;

		snprintf(stage1, sizeof(stage1),
			", 'map': [{'iova': '0x1000', 'ipa': '0x40402000', 'size': '4K' %s}]",
			cases[i].leaf);
		job = lay_out(stage1, "", ram);
		cr_expect_eq(le64toh(level_3[1]), cases[i].descriptor, "%s: 0x%" PRIx64,
			cases[i].leaf, le64toh(level_3[1]));
		cr_expect_eq(level_3[2], 0);
		job_free(job);
	}
}

Test(job_tables, a_cd_table_takes_what_its_contexts_need)
{
	static const struct {
		const char *cd_table;
		uint64_t size;
	} cases[] = {
		{ "'s1cdmax': 0", 64 },
		{ "'s1cdmax': 10", 65536 },
		{ "'s1cdmax': 0, 's1fmt': '4k-l2'", 64 },
		{ "'s1cdmax': 10, 's1fmt': '4k-l2'", 4096 },
		{ "'s1cdmax': 10, 's1fmt': '4k-l2', 'contexts': [{'ssid': 0, 'stage1': 'k'},"
		  "{'ssid': 63, 'stage1': 'k'}]",
			4096 + 4096 },
		{ "'s1cdmax': 10, 's1fmt': '4k-l2', 'contexts': [{'ssid': 64, 'stage1': 'k'},"
		  "{'ssid': 0, 'stage1': 'k'}, {'ssid': 65, 'stage1': 'k'}]",
			4096 + 2 * 4096 },
		{ "'s1cdmax': 12, 's1fmt': '64k-l2', 'contexts': [{'ssid': 0, 'stage1': 'k'},"
		  "{'ssid': 1023, 'stage1': 'k'}, {'ssid': 1024, 'stage1': 'k'}]",
			3 * 65536 },
		{ "'s1cdmax': 10, 'size': '128K'", 131072 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t size = 0;
		char text[512];
		struct job *job;

		snprintf(text, sizeof(text),
			"{'iommuctl': 1, " RAM ","
			"'stage1': {'k': {'at': '0x40000000', 'size': '64K'}},"
			"'cd-tables': {'cds': {'at': '0x40100000', %s}}}",
			cases[i].cd_table);
		job = job_checked(text);
		cr_expect_eq(tables_cd_table_size(job->objects[JOB_CD_TABLES].items, &size), 0);
		cr_expect_eq(size, cases[i].size, "%s: %" PRIu64, cases[i].cd_table, size);
		job_free(job);
	}
}
