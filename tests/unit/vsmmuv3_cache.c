// SPDX-License-Identifier: MIT
/* Cached translations, and the commands that drop them. */
#include "vsmmuv3_fixture.h"

#include <stdlib.h>

#include "vsmmuv3/cache_table.h"
#include "vsmmuv3/shared_cache.h"

#define ENTRIES	    64
#define BLOCK	    (UINT64_C(2) << 20)
#define BLOCK_IOVA  (UINT64_C(1) << 30)
#define GLOBAL_IOVA (IOVA + 0x100000)
#define OTHER_SID   (SID + 1)
#define OTHER_PAGE  (PAGES + 0x100000)

static struct walker guest;

static const struct iommuctl_stage1_attributes global = {
	.permissions = R | W,
	.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
	.access_flag = true,
};

static void set_up(void)
{
	walker_open(&guest);
	cr_assert_eq(vsmmuv3_cache_new(ENTRIES, &guest.cache), 0);
	cr_assert_eq(
		iommuctl_stage1_map(&guest.stage1, BLOCK_IOVA, RAM, BLOCK, &guest_read_write, 0),
		0);
	cr_assert_eq(iommuctl_stage1_map(&guest.stage1, GLOBAL_IOVA, PAGES, PAGE, &global, 0), 0);
	walker_put_ste(&guest, OTHER_SID);
}

static void tear_down(void)
{
	walker_close(&guest);
}

TestSuite(vsmmuv3_cache, .init = set_up, .fini = tear_down);

static void command(struct iommuctl_smmuv3_cmd cmd)
{
	vsmmuv3_cache_command(guest.cache, &cmd);
}

static bool hits_with(uint32_t sid, int ssid, uint64_t iova, unsigned int permissions)
{
	const struct iommuctl_vsmmuv3_access access = {
		.sid = sid,
		.ssid = ssid < 0 ? 0 : (uint32_t)ssid,
		.has_ssid = ssid >= 0,
		.iova = iova,
		.permissions = permissions,
	};
	uint64_t before, after, misses;

	vsmmuv3_cache_get_counters(guest.cache, &before, &misses);
	cr_assert_eq(walker_go(&guest, &access), 0, "0x%llx: event 0x%x", (unsigned long long)iova,
		guest.fault.event.type);
	vsmmuv3_cache_get_counters(guest.cache, &after, &misses);
	return after != before;
}

static bool hits(uint64_t iova)
{
	return hits_with(SID, -1, iova, R);
}

static void remap(uint64_t iova, uint64_t ipa)
{
	cr_assert_eq(iommuctl_stage1_remap(&guest.stage1, iova, ipa, PAGE), 0);
}

Test(vsmmuv3_cache, what_was_found_is_found_again)
{
	cr_assert_not(hits(IOVA));
	cr_assert(hits(IOVA + 0x800));
	cr_assert_eq(guest.translation.ipa, PAGES + 0x800);
	cr_assert_eq(guest.translation.size, PAGE - 0x800);
	remap(IOVA, OTHER_PAGE);
	cr_assert(hits(IOVA));
	cr_assert_eq(guest.translation.ipa, PAGES);
	cr_assert_not(hits(IOVA + PAGE));
	cr_assert_not(hits_with(OTHER_SID, -1, IOVA, R));
	cr_assert_eq(guest.translation.ipa, OTHER_PAGE);
}

Test(vsmmuv3_cache, a_block_is_one_entry)
{
	cr_assert_not(hits(BLOCK_IOVA));
	cr_assert(hits(BLOCK_IOVA + BLOCK - 1));
	cr_assert_eq(guest.translation.size, 1);
}

Test(vsmmuv3_cache, faults_are_not_kept)
{
	const struct iommuctl_vsmmuv3_access access = {
		.sid = SID, .iova = NOWHERE, .permissions = R
	};

	for (unsigned int i = 0; i < 2; i++) {
		cr_assert_eq(walker_go(&guest, &access), -EFAULT);
		cr_assert_eq(guest.fault.event.type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	}
	guest_map(&guest.stage1, NOWHERE, PAGES, PAGE);
	cr_assert_not(hits(NOWHERE));
}

Test(vsmmuv3_cache, an_entry_that_lacks_a_permission_is_walked_past)
{
	struct iommuctl_stage1_attributes read_only = guest_read_write;

	read_only.permissions = R;
	cr_assert_eq(iommuctl_stage1_protect(&guest.stage1, IOVA, PAGE, &read_only), 0);
	cr_assert_not(hits(IOVA));
	cr_assert_eq(iommuctl_stage1_protect(&guest.stage1, IOVA, PAGE, &guest_read_write), 0);
	cr_assert(hits(IOVA));
	cr_assert_not(hits_with(SID, -1, IOVA, W));
	cr_assert(hits_with(SID, -1, IOVA, R | W));
}

Test(vsmmuv3_cache, commands_about_addresses)
{
	static const struct {
		struct iommuctl_smmuv3_cmd cmd;
		bool drops_page, drops_next, drops_block, drops_global;
	} cases[] = {
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL }, true, true, true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL }, true, true, true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, .asid = ASID }, true, true, true,
			false },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, .asid = ASID + 1 } },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, .asid = ASID, .address = IOVA },
			true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			  .asid = ASID,
			  .leaf = 1,
			  .address = IOVA },
			true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, .asid = ASID + 1, .address = IOVA } },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			  .asid = ASID + 1,
			  .address = GLOBAL_IOVA },
			.drops_global = true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA, .address = IOVA + PAGE },
			.drops_next = true },
		/* An address in the block, not its first. */
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			  .asid = ASID,
			  .address = BLOCK_IOVA + 17 * PAGE },
			.drops_block = true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			  .asid = ASID,
			  .address = IOVA,
			  .tg = 1,
			  .num = 1 },
			true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			  .asid = ASID,
			  .address = IOVA,
			  .tg = 1,
			  .num = 0,
			  .scale = 1,
			  .ttl = 3 },
			true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			  .asid = ASID,
			  .address = 0,
			  .tg = 3,
			  .num = 1,
			  .scale = 0 },
			true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA,
			  .address = IOVA,
			  .tg = 1,
			  .num = 31,
			  .scale = 31 },
			true, true, true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA,
			  .address = BLOCK_IOVA,
			  .tg = 2,
			  .num = 31,
			  .scale = 63 },
			true, true, true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ALL } },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_SYNC } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		vsmmuv3_cache_clear(guest.cache);
		hits(IOVA);
		hits(IOVA + PAGE);
		hits(BLOCK_IOVA);
		hits(GLOBAL_IOVA);
		command(cases[i].cmd);
		cr_assert_neq(hits(IOVA), cases[i].drops_page, "page, case %zu", i);
		cr_assert_neq(hits(IOVA + PAGE), cases[i].drops_next, "next, case %zu", i);
		cr_assert_neq(hits(BLOCK_IOVA), cases[i].drops_block, "block, case %zu", i);
		cr_assert_neq(hits(GLOBAL_IOVA), cases[i].drops_global, "global, case %zu", i);
	}
}

Test(vsmmuv3_cache, a_page_goes_for_all_streams_of_its_asid)
{
	enum { STREAM_COUNT = 16 };

	for (uint32_t sid = SID; sid < SID + STREAM_COUNT; sid++) {
		walker_put_ste(&guest, sid);
		cr_assert_not(hits_with(sid, -1, IOVA, R));
		cr_assert_not(hits_with(sid, -1, IOVA + PAGE, R));
	}
	command((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, .asid = ASID, .address = IOVA });
	for (uint32_t sid = SID; sid < SID + STREAM_COUNT; sid++) {
		cr_assert_not(hits_with(sid, -1, IOVA, R));
		cr_assert(hits_with(sid, -1, IOVA + PAGE, R));
	}
}

Test(vsmmuv3_cache, commands_about_configuration)
{
	static const struct {
		struct iommuctl_smmuv3_cmd cmd;
		bool drops, drops_ssid, drops_other;
	} cases[] = {
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = SID }, true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = OTHER_SID },
			.drops_other = true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, .streamid = SID }, true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD, .streamid = SID, .substreamid = 5 },
			true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD, .streamid = SID }, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD, .streamid = OTHER_SID },
			.drops_other = true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
			  .streamid = OTHER_SID,
			  .range = 0 },
			true, true, true },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, .streamid = 16, .range = 2 } },
		{ { .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
			  .range = IOMMUCTL_SMMUV3_CFGI_RANGE_ALL },
			true, true, true },
	};

	guest.ste.s1cdmax = 4;
	guest.ste.s1dss = IOMMUCTL_SMMUV3_S1DSS_SSID0;
	walker_put_ste(&guest, SID);
	walker_put_cd(&guest, 5);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		vsmmuv3_cache_clear(guest.cache);
		hits(IOVA);
		hits_with(SID, 5, IOVA, R);
		hits_with(OTHER_SID, -1, IOVA, R);
		command(cases[i].cmd);
		cr_assert_neq(hits(IOVA), cases[i].drops, "case %zu", i);
		cr_assert_neq(hits_with(SID, 5, IOVA, R), cases[i].drops_ssid, "SSID, case %zu", i);
		cr_assert_neq(hits_with(OTHER_SID, -1, IOVA, R), cases[i].drops_other,
			"other, case %zu", i);
	}
}

Test(vsmmuv3_cache, what_bypasses_is_of_no_asid)
{
	guest.ste.config = IOMMUCTL_SMMUV3_CONFIG_BYPASS;
	walker_put_ste(&guest, SID);
	cr_assert_not(hits(NOWHERE));
	cr_assert(hits(IOVA));
	command((struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL });
	cr_assert(hits(IOVA));
	/* Another top byte is another address. */
	cr_assert_eq(walker_read(&guest, IOVA | UINT64_C(0xff) << 56), -EFAULT);
	command((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = SID });
	cr_assert_not(hits(IOVA));
}

Test(vsmmuv3_cache, top_bytes_count_unless_they_are_ignored)
{
	const uint64_t tagged = IOVA | UINT64_C(0x5a) << 56;

	hits(IOVA);
	cr_assert_eq(walker_read(&guest, tagged), -EFAULT);
	guest.cd.tbi0 = 1;
	walker_put_cd(&guest, 0);
	command((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD, .streamid = SID });
	cr_assert_not(hits(tagged));
	cr_assert(hits(IOVA));
	command((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, .asid = ASID, .address = IOVA });
	cr_assert_not(hits(tagged));
}

Test(vsmmuv3_cache, a_disabled_smmu_has_nothing_kept)
{
	hits(IOVA);
	guest.view.enabled = false;
	cr_assert_eq(walker_ipa(&guest, IOVA), IOVA);
	guest.view.enabled = true;
	cr_assert_eq(walker_ipa(&guest, IOVA), PAGES);
}

Test(vsmmuv3_cache, a_full_cache_goes_on)
{
	guest_map(&guest.stage1, NOWHERE, PAGES, 2 * ENTRIES * PAGE);
	for (unsigned int round = 0; round < 3; round++)
		for (uint64_t i = 0; i < 2 * ENTRIES; i++)
			cr_assert_eq(walker_ipa(&guest, NOWHERE + i * PAGE), PAGES + i * PAGE);
	command((struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL });
	cr_assert_not(hits(NOWHERE));
	cr_assert(hits(NOWHERE));
}

/* Both are of one page, and so in one chain. */
static const struct iommuctl_smmuv3_cmd drop_page = {
	.opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
	.asid = ASID,
	.address = IOVA,
};

static struct iommuctl_vsmmuv3_access access_of(uint32_t ssid)
{
	return (struct iommuctl_vsmmuv3_access){
		.sid = SID, .ssid = ssid, .has_ssid = true, .iova = IOVA, .permissions = R
	};
}

/* IOVA for each SSID of [first, first + count). */
static void add_ssids(uint32_t first, uint32_t count, uint16_t asid)
{
	const struct vsmmuv3_leaf leaf = {
		.ipa = PAGES,
		.size_bits = 12,
		.privileged = R,
		.unprivileged = R,
		.asid = asid,
	};

	for (uint32_t ssid = first; ssid < first + count; ssid++) {
		const struct iommuctl_vsmmuv3_access access = access_of(ssid);

		vsmmuv3_cache_add(guest.cache, &access, &leaf);
	}
}

static bool knows(uint32_t ssid)
{
	const struct iommuctl_vsmmuv3_access access = access_of(ssid);

	return vsmmuv3_cache_find(guest.cache, &access);
}

/* Whatever the guest does, few entries share a chain, and they are the newest. */
Test(vsmmuv3_cache, no_look_up_goes_through_more_than_a_full_chain)
{
	static const uint32_t counts[] = { 2, CACHE_CHAIN_MAX, CACHE_CHAIN_MAX + 1, 1000 };
	struct vsmmuv3_cache *cache = guest.cache;

	cr_assert_eq(vsmmuv3_cache_new(1024, &guest.cache), 0);
	vsmmuv3_cache_free(cache);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		const uint32_t count = counts[i];
		const uint32_t kept = count < CACHE_CHAIN_MAX ? count : CACHE_CHAIN_MAX;

		add_ssids(0, count, ASID);
		for (uint32_t ssid = 0; ssid < count; ssid++)
			cr_assert_eq(knows(ssid), ssid >= count - kept, "%u: SSID %u", count, ssid);
		cr_expect_eq(vsmmuv3_cache_command(guest.cache, &drop_page), 1 + kept, "%u", count);
		cr_expect(vsmmuv3_cache_is_empty(guest.cache), "%u", count);
	}
}

/* Those that stay are in front of those that go, behind them, and in between. */
Test(vsmmuv3_cache, a_command_about_a_page_examines_each_entry_of_its_chain_once)
{
	static const struct {
		uint32_t count;
		uint16_t asid;
	} rows[][3] = {
		{ { 20, ASID }, { 20, ASID + 1 }, { 0, 0 } },
		{ { 20, ASID + 1 }, { 20, ASID }, { 0, 0 } },
		{ { 10, ASID }, { 20, ASID + 1 }, { 10, ASID } },
		{ { 10, ASID + 1 }, { 20, ASID }, { 10, ASID + 1 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t ssid = 0;

		vsmmuv3_cache_clear(guest.cache);
		/* Another chain's entries, so that others than the last take the free places. */
		cr_assert_eq(walker_ipa(&guest, IOVA + PAGE), PAGES + PAGE);
		for (size_t j = 0; j < ARRAY_SIZE(rows[i]); ssid += rows[i][j++].count)
			add_ssids(ssid, rows[i][j].count, rows[i][j].asid);
		cr_expect_eq(vsmmuv3_cache_command(guest.cache, &drop_page), 41, "row %zu", i);
		ssid = 0;
		for (size_t j = 0; j < ARRAY_SIZE(rows[i]); ssid += rows[i][j++].count)
			for (uint32_t k = 0; k < rows[i][j].count; k++)
				cr_expect_neq(knows(ssid + k), rows[i][j].asid == ASID,
					"row %zu: SSID %u", i, ssid + k);
		cr_expect(hits(IOVA + PAGE), "row %zu", i);
	}
}

Test(vsmmuv3_cache, sizes_are_bounded)
{
	struct vsmmuv3_cache *cache;

	cr_assert_eq(vsmmuv3_cache_new(0, &cache), -EINVAL);
	cr_assert_eq(vsmmuv3_cache_new(VSMMUV3_CACHE_ENTRIES_MAX + 1, &cache), -EINVAL);
	cr_assert_eq(vsmmuv3_cache_new(VSMMUV3_CACHE_ENTRIES_MAX, &cache), 0);
	vsmmuv3_cache_free(cache);
	cr_assert_eq(vsmmuv3_cache_new(1, &cache), 0);
	vsmmuv3_cache_free(guest.cache);
	guest.cache = cache;
	for (unsigned int i = 0; i < 4; i++)
		cr_assert_eq(walker_ipa(&guest, IOVA + i % 2 * PAGE), PAGES + i % 2 * PAGE);
	vsmmuv3_cache_free(NULL);
}

/*
 * Cached translations are never stale: after each change of a page, and its invalidation in one of
 * the possible ways, a cache of few entries and a walk agree on all pages.
 */
static void invalidate(uint64_t iova)
{
	struct iommuctl_smmuv3_cmd cmd = { .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, .asid = ASID };

	cmd.address = iova;
	switch (rand() % 5) {
	case 0: cmd.opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA; break;
	case 1: cmd.opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID; break;
	case 2:
		cmd.tg = 1;
		cmd.num = rand() % 32;
		cmd.scale = rand() % 3;
		break;
	case 3:
		cmd.tg = 1;
		cmd.ttl = 3;
		break;
	default: break;
	}
	command(cmd);
}

Test(vsmmuv3_cache, what_is_kept_is_never_stale)
{
	enum { PAGE_COUNT = 256, ROUNDS = 4000 };
	uint64_t ipas[PAGE_COUNT];

	srand(1);
	guest_map(&guest.stage1, NOWHERE, PAGES, PAGE_COUNT * PAGE);
	for (uint64_t i = 0; i < PAGE_COUNT; i++)
		ipas[i] = PAGES + i * PAGE;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		const unsigned int changed = rand() % PAGE_COUNT;

		for (unsigned int i = 0; i < 8; i++) {
			const unsigned int at = rand() % 4 ? rand() % 24 : rand() % PAGE_COUNT;

			cr_assert_eq(walker_ipa(&guest, NOWHERE + at * PAGE), ipas[at]);
		}
		ipas[changed] = PAGES + rand() % 512 * PAGE;
		remap(NOWHERE + changed * PAGE, ipas[changed]);
		invalidate(NOWHERE + changed * PAGE);
		cr_assert_eq(walker_ipa(&guest, NOWHERE + changed * PAGE), ipas[changed]);
	}
}

/* The first is always carried out as it is. */
Test(vsmmuv3_cache, the_last_of_too_many_commands_drop_everything)
{
	static const struct {
		size_t count;
		uint64_t most;
		uint32_t cost;
		bool kept;
	} rows[] = { { 8, 40, 40, true }, { 8, 39, 40, true }, { 9, 39, 40, false },
		{ 1000, 39, 40, false }, { 1000, 0, 5, false }, { 1, 0, 5, true } };
	static uint64_t commands[1000][IOMMUCTL_SMMUV3_CMD_WORDS];
	struct vsmmuv3_shared_cache shared;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		cr_assert_eq(iommuctl_smmuv3_cmd_encode(
				     &(struct iommuctl_smmuv3_cmd){
					     .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID,
					     .asid = ASID + 1 },
				     commands[i], NULL),
			0);
	vsmmuv3_cache_free(guest.cache);
	cr_assert_eq(vsmmuv3_shared_cache_init(&shared, ENTRIES), 0);
	guest.cache = shared.cache;
	guest_map(&guest.stage1, NOWHERE, PAGES, ENTRIES * PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (unsigned int page = 0; page < ENTRIES; page++)
			hits(NOWHERE + page * PAGE);
		cr_expect_eq(vsmmuv3_shared_cache_commands(
				     &shared, commands, rows[i].count, rows[i].most),
			rows[i].cost, "row %zu", i);
		cr_expect_eq(hits(NOWHERE), rows[i].kept, "row %zu", i);
	}
	guest.cache = NULL;
	vsmmuv3_shared_cache_release(&shared);
}
