// SPDX-License-Identifier: MIT
/* The draft requests of virtio-iommu: PASID tables and invalidation. */
#include "virtio_fixture.h"

#include <iommuctl/generic.h>
#include <iommuctl/smmuv3_ste.h>

#define TABLE	 UINT64_C(0x40100000)
#define VSID0	 0x42
#define VSID1	 0x43
#define COMMANDS 1024

static const struct iommuctl_smmuv3_idr idr = {
	.ssidsize = 8,
	.asid16 = 1,
	.ats = 1,
	.stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE,
};

/* Stands in for a nest and a relay. */
struct host {
	unsigned int ste_calls;
	uint32_t vsid;
	struct iommuctl_smmuv3_ste ste;
	struct iommuctl_smmuv3_cmd commands[COMMANDS];
	size_t command_count;
	unsigned int issue_calls;
	int error;
	int issue_error;
};

static struct host host;
static struct bench bench;

static int set_ste(uint32_t vsid, const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], void *data)
{
	struct host *to = data;

	to->ste_calls++;
	if (to->error)
		return to->error;
	to->vsid = vsid;
	iommuctl_smmuv3_ste_decode(words, &to->ste);
	return 0;
}

static int issue(const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, void *data)
{
	struct host *to = data;

	to->issue_calls++;
	if (to->issue_error)
		return to->issue_error;
	for (size_t i = 0; i < count; i++) {
		cr_assert_lt(to->command_count, COMMANDS);
		iommuctl_smmuv3_cmd_decode(commands[i], &to->commands[to->command_count++]);
	}
	return 0;
}

static void add_nested(uint32_t id, uint32_t vsid)
{
	const struct iommuctl_virtio_iommu_endpoint endpoint = {
		.id = id,
		.device = -1,
		.nested = true,
		.vsid = vsid,
	};

	cr_assert_eq(iommuctl_virtio_iommu_add_endpoint(bench.viommu, &endpoint), 0);
}

static void set_up(void)
{
	static const struct iommuctl_virtio_iommu_drafts drafts = {
		.idr = &idr,
		.granule = 4096,
		.set_ste = set_ste,
		.issue = issue,
		.data = &host,
	};
	struct iommuctl_virtio_iommu_config config;

	host = (struct host){ 0 };
	bench_open(&bench);
	config = config_of(&bench);
	config.domain_end = 99;
	config.drafts = &drafts;
	bench_start(&bench, &config);
	cr_assert_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1), 0);
	add_nested(EP1, VSID0);
	add_nested(EP1 + 1, VSID1);
	cr_assert_eq(host.ste.config, IOMMUCTL_SMMUV3_CONFIG_ABORT);
}

static void tear_down(void)
{
	bench_close(&bench);
}

TestSuite(virtio_drafts, .init = set_up, .fini = tear_down);

static void make_table(unsigned char request[76], uint32_t domain, uint32_t endpoint)
{
	memset(request, 0, 76);
	request[0] = DRAFT_T_ATTACH_TABLE;
	wire_put(request, DRAFT_TABLE_DOMAIN, 4, domain);
	wire_put(request, DRAFT_TABLE_ENDPOINT, 4, endpoint);
	wire_put(request, DRAFT_TABLE_FORMAT, 2, DRAFT_FORMAT_PASID_TABLE_SMMUV3);
	request[DRAFT_TABLE_S1DSS] = IOMMUCTL_SMMUV3_S1DSS_SSID0;
	wire_put(request, DRAFT_TABLE_POINTER, 8, TABLE);
	wire_put(request, DRAFT_TABLE_S1CDMAX, 4, 4);
}

static uint8_t attach_table(uint32_t domain, uint32_t endpoint)
{
	unsigned char request[76];

	make_table(request, domain, endpoint);
	return send_request(&bench, request, sizeof(request));
}

Test(virtio_drafts, a_table_becomes_an_ste)
{
	cr_assert_eq(attach_table(5, EP1), OK);
	cr_expect_eq(host.vsid, VSID0);
	cr_expect_eq(host.ste.config, IOMMUCTL_SMMUV3_CONFIG_S1);
	cr_expect_eq(host.ste.s1contextptr, TABLE);
	cr_expect_eq(host.ste.s1cdmax, 4);
	cr_expect_eq(host.ste.s1dss, IOMMUCTL_SMMUV3_S1DSS_SSID0);
	cr_expect_eq(map(&bench, 5, 0x1000, 0x1fff, RAM, READ), INVAL);
	cr_expect_eq(unmap(&bench, 5, 0x1000, 0x1fff), INVAL);

	cr_assert_eq(detach(&bench, 5, EP1), OK);
	cr_expect_eq(host.ste.config, IOMMUCTL_SMMUV3_CONFIG_ABORT);
	cr_assert_eq(attach(&bench, 6, EP1, BYPASS), OK);
	cr_expect_eq(host.ste.config, IOMMUCTL_SMMUV3_CONFIG_BYPASS);
}

Test(virtio_drafts, a_table_may_be_replaced_in_its_domain)
{
	unsigned char request[76];

	cr_assert_eq(attach_table(5, EP1), OK);
	make_table(request, 5, EP1);
	wire_put(request, DRAFT_TABLE_POINTER, 8, TABLE + 0x1000);
	cr_assert_eq(send_request(&bench, request, sizeof(request)), OK);
	cr_expect_eq(host.ste.s1contextptr, TABLE + 0x1000);
	cr_assert_eq(detach(&bench, 5, EP1), OK);
	cr_expect_eq(detach(&bench, 5, EP1), INVAL);
}

Test(virtio_drafts, tables_are_for_nested_endpoints_and_mappings_for_others)
{
	cr_expect_eq(attach_table(5, EP0), UNSUPP);
	cr_expect_eq(attach(&bench, 5, EP1, 0), UNSUPP);
	cr_expect_eq(attach(&bench, 5, EP0, 0), OK);
	cr_expect_eq(attach_table(5, EP1), INVAL);
}

Test(virtio_drafts, every_field_of_a_table_is_checked)
{
	static const struct {
		unsigned int offset, size;
		uint64_t value;
		uint8_t status;
	} rows[] = {
		{ DRAFT_TABLE_DOMAIN, 4, 100, RANGE },
		{ DRAFT_TABLE_ENDPOINT, 4, 99, NOENT },
		{ DRAFT_TABLE_FORMAT, 2, 1, UNSUPP },
		{ DRAFT_TABLE_FORMAT, 2, 0, UNSUPP },
		{ DRAFT_TABLE_S1FMT, 1, 1, INVAL }, /* CD2L */
		{ DRAFT_TABLE_S1FMT, 1, 3, INVAL },
		{ DRAFT_TABLE_S1DSS, 1, 3, INVAL },
		{ DRAFT_TABLE_POINTER, 8, TABLE + 0x40, INVAL },
		{ DRAFT_TABLE_POINTER, 8, UINT64_C(1) << 52, INVAL },
		{ DRAFT_TABLE_S1CDMAX, 4, 9, INVAL },
		{ DRAFT_TABLE_S1CDMAX, 4, 0x104, INVAL },
		{ DRAFT_TABLE_RESERVED, 1, 1, INVAL },
		{ DRAFT_ATTACH_TABLE_SIZE - 1, 1, 1, INVAL },
		{ 1, 3, 0xffffff, OK },
	};
	const unsigned int calls = host.ste_calls;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned char request[76];

		make_table(request, 5, EP1);
		wire_put(request, rows[i].offset, rows[i].size, rows[i].value);
		cr_expect_eq(send_request(&bench, request, sizeof(request)), rows[i].status,
			"row %zu", i);
		cr_expect_eq(host.ste_calls, calls + (rows[i].status == OK), "row %zu", i);
	}
}

Test(virtio_drafts, a_nest_that_refuses_leaves_all_as_it_was)
{
	host.error = -EIO;
	cr_expect_eq(attach_table(5, EP1), DEVERR);
	host.error = 0;
	cr_expect_eq(unmap(&bench, 5, 0, 1), NOENT);
	cr_assert_eq(attach_table(5, EP1), OK);
	host.error = -ENOMEM;
	cr_expect_eq(detach(&bench, 5, EP1), NOMEM);
	host.error = 0;
	cr_expect_eq(detach(&bench, 5, EP1), OK);
}

Test(virtio_drafts, a_change_of_tables_invalidates_what_was_cached)
{
	static const uint8_t opcodes[] = {
		IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL,
		IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL,
		IOMMUCTL_SMMUV3_CMD_ATC_INV,
		IOMMUCTL_SMMUV3_CMD_ATC_INV,
	};

	host.command_count = 0;
	cr_assert_eq(attach_table(5, EP1), OK);
	cr_assert_eq(host.command_count, ARRAY_SIZE(opcodes));
	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++)
		cr_expect_eq(host.commands[i].opcode, opcodes[i]);
	cr_expect_eq(host.commands[0].streamid, VSID0);
}

Test(virtio_drafts, without_its_invalidation_a_table_does_not_come_into_force)
{
	cr_assert_eq(attach(&bench, 6, EP1, BYPASS), OK);
	host.issue_error = -ETIMEDOUT;
	cr_expect_eq(attach_table(5, EP1), DEVERR);
	cr_expect_eq(host.ste.config, IOMMUCTL_SMMUV3_CONFIG_BYPASS);
	host.issue_error = 0;
	cr_expect_eq(detach(&bench, 5, EP1), INVAL);
	cr_expect_eq(detach(&bench, 6, EP1), OK);
}

static void make_invalidate(unsigned char request[60], uint16_t granularity, uint16_t caches)
{
	memset(request, 0, 60);
	request[0] = DRAFT_T_INVALIDATE;
	wire_put(request, DRAFT_INVALIDATE_GRANULARITY, 2, granularity);
	wire_put(request, DRAFT_INVALIDATE_CACHES, 2, caches);
	wire_put(request, DRAFT_INVALIDATE_FLAGS, 2, DRAFT_F_PASID | DRAFT_F_ARCHID);
	wire_put(request, DRAFT_INVALIDATE_DOMAIN, 4, 5);
	wire_put(request, DRAFT_INVALIDATE_PASID, 4, 3);
	wire_put(request, DRAFT_INVALIDATE_ARCHID, 8, 0x1234);
	wire_put(request, DRAFT_INVALIDATE_START, 8, 0x7000);
	wire_put(request, DRAFT_INVALIDATE_PAGES, 8, 100);
	request[DRAFT_INVALIDATE_GRANULE] = 12;
}

Test(virtio_drafts, invalidations_become_commands_for_the_streams_of_the_domain)
{
	static const struct {
		uint16_t granularity, caches;
		size_t count;
		uint8_t first, last;
	} rows[] = {
		{ DRAFT_GRANULARITY_DOMAIN, IOMMUCTL_GENERIC_CACHE_IOTLB, 1,
			IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL },
		{ DRAFT_GRANULARITY_PASID,
			IOMMUCTL_GENERIC_CACHE_PASID | IOMMUCTL_GENERIC_CACHE_IOTLB, 3,
			IOMMUCTL_SMMUV3_CMD_CFGI_CD, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID },
		{ DRAFT_GRANULARITY_DOMAIN, IOMMUCTL_GENERIC_CACHE_PASID, 2,
			IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL },
		{ DRAFT_GRANULARITY_VA,
			IOMMUCTL_GENERIC_CACHE_IOTLB | IOMMUCTL_GENERIC_CACHE_DEV_IOTLB,
			100 + 2 * 8, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, IOMMUCTL_SMMUV3_CMD_ATC_INV },
	};

	cr_assert_eq(attach_table(5, EP1), OK);
	cr_assert_eq(attach_table(5, EP1 + 1), OK);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned char request[60];

		host.command_count = 0;
		make_invalidate(request, rows[i].granularity, rows[i].caches);
		cr_assert_eq(send_request(&bench, request, sizeof(request)), OK, "row %zu", i);
		cr_assert_eq(
			host.command_count, rows[i].count, "row %zu: %zu", i, host.command_count);
		cr_expect_eq(host.commands[0].opcode, rows[i].first);
		cr_expect_eq(host.commands[rows[i].count - 1].opcode, rows[i].last);
	}
	cr_expect_eq(host.commands[0].asid, 0x1234);
	cr_expect_eq(host.commands[99].address, 0x7000 + 99 * PAGE);
	cr_expect_eq(host.commands[100].streamid, VSID0);
	cr_expect_eq(host.commands[100].substreamid, 3);
	cr_expect_eq(host.commands[115].streamid, VSID1);
}

Test(virtio_drafts, streams_of_other_domains_are_left_alone)
{
	unsigned char request[60];

	cr_assert_eq(attach_table(5, EP1), OK);
	cr_assert_eq(attach_table(6, EP1 + 1), OK);
	make_invalidate(request, DRAFT_GRANULARITY_PASID, IOMMUCTL_GENERIC_CACHE_PASID);
	host.command_count = 0;
	cr_assert_eq(send_request(&bench, request, sizeof(request)), OK);
	cr_assert_eq(host.command_count, 1);
	cr_expect_eq(host.commands[0].streamid, VSID0);
}

Test(virtio_drafts, an_address_without_asid_is_for_all)
{
	unsigned char request[60];

	cr_assert_eq(attach_table(5, EP1), OK);
	make_invalidate(request, DRAFT_GRANULARITY_VA, IOMMUCTL_GENERIC_CACHE_IOTLB);
	wire_put(request, DRAFT_INVALIDATE_FLAGS, 2, DRAFT_F_LEAF);
	host.command_count = 0;
	cr_assert_eq(send_request(&bench, request, sizeof(request)), OK);
	cr_expect_eq(host.commands[0].opcode, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA);
	cr_expect_eq(host.commands[0].leaf, 1);
}

Test(virtio_drafts, every_field_of_an_invalidation_is_checked)
{
	static const struct {
		unsigned int offset, size;
		uint64_t value;
		uint8_t status;
	} rows[] = {
		{ DRAFT_INVALIDATE_GRANULARITY, 2, 0, INVAL },
		{ DRAFT_INVALIDATE_GRANULARITY, 2, 3, INVAL },
		{ DRAFT_INVALIDATE_GRANULARITY, 2, 8, INVAL },
		{ DRAFT_INVALIDATE_CACHES, 2, 0, INVAL }, { DRAFT_INVALIDATE_CACHES, 2, 8, INVAL },
		{ DRAFT_INVALIDATE_CACHES, 2, 0x101, INVAL },
		{ DRAFT_INVALIDATE_CACHES, 2, IOMMUCTL_GENERIC_CACHE_PASID, INVAL },
		{ DRAFT_INVALIDATE_FLAGS, 2, 8, INVAL },
		{ DRAFT_INVALIDATE_RESERVED1, 1, 1, INVAL },
		{ DRAFT_INVALIDATE_DOMAIN, 4, 6, NOENT },
		{ DRAFT_INVALIDATE_DOMAIN, 4, 1, INVAL }, /* mapped */
		{ DRAFT_INVALIDATE_PASID, 4, 256, OK },	  /* no cache that knows PASIDs */
		{ DRAFT_INVALIDATE_RESERVED2, 1, 1, INVAL },
		{ DRAFT_INVALIDATE_RESERVED2 + 3, 1, 1, INVAL },
		{ DRAFT_INVALIDATE_ARCHID, 8, 0x10000, INVAL },
		{ DRAFT_INVALIDATE_START, 8, 0x7001, INVAL },
		{ DRAFT_INVALIDATE_PAGES, 8, 0, INVAL },
		{ DRAFT_INVALIDATE_PAGES, 8, UINT64_MAX, INVAL },
		{ DRAFT_INVALIDATE_GRANULE, 1, 11, INVAL },
		{ DRAFT_INVALIDATE_GRANULE, 1, 255, INVAL },
		{ DRAFT_INVALIDATE_RESERVED3, 1, 1, INVAL },
		{ DRAFT_INVALIDATE_SIZE - 1, 1, 1, INVAL },
		{ DRAFT_INVALIDATE_PAGES, 8, UINT64_C(1) << 51, OK }, /* the whole ASID */
	};

	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach_table(5, EP1), OK);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned char request[60];

		host.command_count = 0;
		make_invalidate(request, DRAFT_GRANULARITY_VA, IOMMUCTL_GENERIC_CACHE_IOTLB);
		wire_put(request, rows[i].offset, rows[i].size, rows[i].value);
		cr_expect_eq(send_request(&bench, request, sizeof(request)), rows[i].status,
			"row %zu", i);
		cr_expect_eq(host.command_count > 0, rows[i].status == OK, "row %zu", i);
	}
	cr_expect_eq(host.command_count, 1);
}

/* Nearly all addresses, in all caches that have pages, of two streams. */
Test(virtio_drafts, the_largest_invalidation_is_a_limited_number_of_calls)
{
	static const int errors[] = { 0, -ETIMEDOUT };

	cr_assert_eq(attach_table(5, EP1), OK);
	cr_assert_eq(attach_table(5, EP1 + 1), OK);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		unsigned char request[60];

		make_invalidate(request, DRAFT_GRANULARITY_VA,
			IOMMUCTL_GENERIC_CACHE_IOTLB | IOMMUCTL_GENERIC_CACHE_DEV_IOTLB);
		wire_put(request, DRAFT_INVALIDATE_START, 8, PAGE);
		wire_put(request, DRAFT_INVALIDATE_PAGES, 8, UINT64_MAX / PAGE - 1);
		host.command_count = host.issue_calls = 0;
		host.issue_error = errors[i];
		cr_expect_eq(
			send_request(&bench, request, sizeof(request)), errors[i] ? DEVERR : OK);
		cr_expect_leq(host.command_count, 512 + 2 * 104);
		cr_expect_leq(host.issue_calls, errors[i] ? 1 : (512 + 2 * 104) / 63 + 1);
	}
}

Test(virtio_drafts, an_endpoint_that_the_nest_has_lost_can_be_removed)
{
	cr_assert_eq(attach_table(5, EP1), OK);
	host.error = -ENODEV;
	cr_expect_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1), -ENODEV);
	host.error = -ENOENT;
	cr_expect_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1), 0);
	cr_expect_eq(attach_table(5, EP1), NOENT);
}

Test(virtio_drafts, a_relay_that_fails_is_an_error_of_the_device)
{
	unsigned char request[60];

	cr_assert_eq(attach_table(5, EP1), OK);
	host.issue_error = -ETIMEDOUT;
	make_invalidate(request, DRAFT_GRANULARITY_DOMAIN, IOMMUCTL_GENERIC_CACHE_IOTLB);
	cr_expect_eq(send_request(&bench, request, sizeof(request)), DEVERR);
}
