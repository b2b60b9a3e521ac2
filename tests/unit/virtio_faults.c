// SPDX-License-Identifier: MIT
/* What the guest learns about failed accesses, and the accesses of emulated endpoints. */
#include "virtio_fixture.h"

#include <iommuctl/virtio_iommu_fault.h>

#define EMULATED 24
#define NESTED	 32
#define VSID	 0x42
#define EXEC	 IOMMUCTL_VIRTIO_IOMMU_EXEC
#define ADDRESS	 IOMMUCTL_VIRTIO_IOMMU_ADDRESS
#define UNKNOWN	 IOMMUCTL_VIRTIO_IOMMU_FAULT_UNKNOWN
#define DOMAIN	 IOMMUCTL_VIRTIO_IOMMU_FAULT_DOMAIN
#define MAPPING	 IOMMUCTL_VIRTIO_IOMMU_FAULT_MAPPING

static struct bench bench;

static int set_ste(uint32_t vsid, const uint64_t ste[IOMMUCTL_SMMUV3_STE_WORDS], void *data)
{
	(void)vsid;
	(void)ste;
	(void)data;
	return 0;
}

static int issue(const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, void *data)
{
	(void)commands;
	(void)count;
	(void)data;
	return 0;
}

static void set_up(void)
{
	static const struct iommuctl_smmuv3_idr idr = { .ssidsize = 8, .gran4k = 1, .oas = 5 };
	static const struct iommuctl_virtio_iommu_drafts drafts = {
		.idr = &idr,
		.granule = 4096,
		.set_ste = set_ste,
		.issue = issue,
	};
	const struct iommuctl_virtio_iommu_endpoint emulated = {
		.id = EMULATED,
		.device = -1,
		.emulated = true,
		.regions = regions,
		.region_count = ARRAY_SIZE(regions),
	};
	const struct iommuctl_virtio_iommu_endpoint nested = {
		.id = NESTED,
		.nested = true,
		.vsid = VSID,
	};
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	config.drafts = &drafts;
	bench_start(&bench, &config);
	cr_assert_eq(iommuctl_virtio_iommu_add_endpoint(bench.viommu, &emulated), 0);
	cr_assert_eq(iommuctl_virtio_iommu_add_endpoint(bench.viommu, &nested), 0);
}

static void tear_down(void)
{
	bench_close(&bench);
}

TestSuite(virtio_faults, .init = set_up, .fini = tear_down);

/* Where @endpoint's access goes, or the fault. */
static int go(uint32_t endpoint, uint64_t address, uint32_t flags,
	struct iommuctl_virtio_iommu_translation *to, struct iommuctl_virtio_iommu_fault *fault)
{
	const struct iommuctl_virtio_iommu_access access = { address, endpoint, flags };

	return iommuctl_virtio_iommu_translate(bench.viommu, &access, to, fault);
}

static void expect_reach(
	uint32_t endpoint, uint64_t address, uint32_t flags, uint64_t ipa, uint64_t size)
{
	struct iommuctl_virtio_iommu_translation to = { 0 };
	struct iommuctl_virtio_iommu_fault fault = { .reason = 99 };

	cr_expect_eq(go(endpoint, address, flags, &to, &fault), 0, "%#zx", (size_t)address);
	cr_expect_eq(to.ipa, ipa, "%#zx: %#zx", (size_t)address, (size_t)to.ipa);
	cr_expect_eq(to.size, size, "%#zx: %#zx", (size_t)address, (size_t)to.size);
	cr_expect_eq(flags & ~to.flags, 0);
	cr_expect_eq(fault.reason, 99);
}

static void expect_fault(uint32_t endpoint, uint64_t address, uint32_t flags, uint8_t reason)
{
	struct iommuctl_virtio_iommu_translation to = { .size = 99 };
	struct iommuctl_virtio_iommu_fault fault = { 0 };

	cr_expect_eq(go(endpoint, address, flags, &to, &fault), -EFAULT, "%#zx", (size_t)address);
	cr_expect_eq(fault.reason, reason, "%#zx: %u", (size_t)address, fault.reason);
	cr_expect_eq(fault.endpoint, endpoint);
	cr_expect_eq(fault.address, address);
	cr_expect_eq(fault.flags, flags | ADDRESS);
	cr_expect_eq(to.size, 99);
}

Test(virtio_faults, no_domain_and_no_bypass_lead_nowhere)
{
	expect_fault(EMULATED, RAM, READ, DOMAIN);
	expect_fault(EMULATED, MSI_START, WRITE, DOMAIN);
	cr_assert_eq(attach(&bench, 1, EMULATED, 0), OK);
	expect_fault(EMULATED, RAM, READ, MAPPING);
	cr_assert_eq(detach(&bench, 1, EMULATED), OK);
	expect_fault(EMULATED, RAM, WRITE, DOMAIN);
}

Test(virtio_faults, bypass_leads_to_the_address_itself)
{
	cr_assert_eq(attach(&bench, 1, EMULATED, BYPASS), OK);
	expect_reach(EMULATED, RAM, READ | WRITE | EXEC, RAM, UINT64_MAX - RAM + 1);
	expect_reach(EMULATED, 0, READ, 0, UINT64_MAX);
	expect_reach(EMULATED, UINT64_MAX, WRITE, UINT64_MAX, 1);
	cr_assert_eq(detach(&bench, 1, EMULATED), OK);
	cr_assert_eq(iommuctl_virtio_iommu_write_config(bench.viommu, 36, "\1", 1), 0);
	expect_reach(EMULATED, RAM, READ, RAM, UINT64_MAX - RAM + 1);
}

Test(virtio_faults, mappings_lead_where_the_guest_says)
{
	cr_assert_eq(attach(&bench, 1, EMULATED, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x10000, 0x11fff, RAM + PAGE, READ | WRITE), OK);
	cr_assert_eq(map(&bench, 1, 0x12000, 0x12fff, RAM, READ), OK);
	cr_assert_eq(map(&bench, 1, 0x14000, 0x14fff, RAM, WRITE), OK);
	expect_reach(EMULATED, 0x10000, READ | WRITE, RAM + PAGE, 2 * PAGE);
	expect_reach(EMULATED, 0x11ffe, WRITE, RAM + 3 * PAGE - 2, 2);
	expect_reach(EMULATED, 0x12000, READ | EXEC, RAM, PAGE);
	expect_reach(EMULATED, 0x14001, WRITE, RAM + 1, PAGE - 1);
	expect_fault(EMULATED, 0x12000, WRITE, MAPPING);
	expect_fault(EMULATED, 0x12000, READ | WRITE, MAPPING);
	expect_fault(EMULATED, 0x14000, READ, MAPPING);
	expect_fault(EMULATED, 0x14000, EXEC, MAPPING);
	expect_fault(EMULATED, 0xffff, READ, MAPPING);
	expect_fault(EMULATED, 0x13000, READ, MAPPING);
	expect_fault(EMULATED, 0x15000, READ, MAPPING);
	expect_fault(EMULATED, UINT64_MAX, READ, MAPPING);
	cr_assert_eq(unmap(&bench, 1, 0x10000, 0x11fff), OK);
	expect_fault(EMULATED, 0x10000, READ, MAPPING);
}

Test(virtio_faults, one_domain_is_for_emulated_and_passed_through_endpoints)
{
	cr_assert_eq(attach(&bench, 1, EMULATED, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x10000, 0x10fff, RAM + PAGE, READ), OK);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x20000, 0x20fff, RAM + 2 * PAGE, READ), OK);
	for (uint64_t i = 1; i <= 2; i++) {
		expect_reach(EMULATED, 0x10000 * i, READ, RAM + i * PAGE, PAGE);
		expect_reach(EP0, 0x10000 * i, READ, RAM + i * PAGE, PAGE);
		cr_expect_eq(reads(&bench, 0, 0x10000 * i), RAM + i * PAGE);
	}
	cr_assert_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EMULATED), 0);
	cr_expect_eq(reads(&bench, 0, 0x10000), RAM + PAGE);
	cr_assert_eq(detach(&bench, 1, EP0), OK);
	cr_expect_eq(bench_holds(&bench), 0);
}

/* Whatever its domain, an emulated endpoint does not affect what devices are attached to. */
Test(virtio_faults, an_emulated_endpoint_moves_without_the_kernel)
{
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 1, EMULATED, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x10000, 0x10fff, RAM, READ), OK);
	cr_assert_eq(attach(&bench, 2, EMULATED, BYPASS), OK);
	cr_expect_eq(reads(&bench, 0, 0x10000), RAM);
	cr_assert_eq(attach(&bench, 1, EMULATED, 0), OK);
	cr_assert_eq(detach(&bench, 1, EP0), OK);
	cr_expect_eq(reads(&bench, 0, 0x10000), 0);
	expect_reach(EMULATED, 0x10000, READ, RAM, PAGE);
	cr_assert_eq(iommuctl_virtio_iommu_reset(bench.viommu), 0);
	expect_fault(EMULATED, 0x10000, READ, DOMAIN);
}

Test(virtio_faults, regions_are_not_mapped)
{
	cr_assert_eq(attach(&bench, 1, EMULATED, 0), OK);
	expect_reach(EMULATED, MSI_START + 0x40, WRITE, MSI_START + 0x40,
		MSI_LAST - MSI_START + 1 - 0x40);
	expect_fault(EMULATED, MSI_START, READ, MAPPING);
	expect_fault(EMULATED, RESERVED_START, WRITE, MAPPING);
	cr_assert_eq(iommuctl_virtio_iommu_accept(bench.viommu, 0), 0);
	cr_assert_eq(map(&bench, 1, 0, IOVA_LAST, 0, READ | WRITE), OK);
	expect_reach(EMULATED, 0, READ, 0, MSI_START);
	expect_reach(EMULATED, MSI_LAST + 1, READ, MSI_LAST + 1, RESERVED_START - MSI_LAST - 1);
	expect_fault(EMULATED, MSI_LAST, READ, MAPPING);
	expect_fault(EMULATED, RESERVED_LAST, READ, MAPPING);
	expect_reach(EMULATED, RAM, READ | WRITE, RAM, IOVA_LAST - RAM + 1);
}

Test(virtio_faults, what_makes_no_sense_is_refused)
{
	const struct iommuctl_virtio_iommu_access access = { RAM, EMULATED, READ };
	const struct iommuctl_smmuv3_event event = { .type = IOMMUCTL_SMMUV3_C_BAD_CD };
	struct iommuctl_virtio_iommu_translation to;
	struct iommuctl_virtio_iommu_fault fault;
	const unsigned char table[DRAFT_ATTACH_TABLE_SIZE] = {
		DRAFT_T_ATTACH_TABLE, [4] = 9, [8] = EMULATED
	};

	cr_expect_eq(go(EMULATED, RAM, 0, &to, &fault), -EINVAL);
	cr_expect_eq(go(EMULATED, RAM, READ | 8, &to, &fault), -EINVAL);
	cr_expect_eq(go(EMULATED, RAM, READ | ADDRESS, &to, &fault), -EINVAL);
	cr_expect_eq(go(7, RAM, READ, &to, &fault), -ENOENT);
	cr_expect_eq(iommuctl_virtio_iommu_translate(NULL, &access, &to, &fault), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_translate(bench.viommu, &access, NULL, &fault), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_translate(bench.viommu, &access, &to, NULL), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_fault_from_event(NULL, &event, &fault), -EINVAL);
	cr_expect_neq(send_request(&bench, table, sizeof(table)), OK);
}

Test(virtio_faults, tables_of_the_guest_are_for_the_smmu)
{
	unsigned char table[DRAFT_ATTACH_TABLE_SIZE] = { DRAFT_T_ATTACH_TABLE, [4] = 9 };
	struct iommuctl_virtio_iommu_translation to;
	struct iommuctl_virtio_iommu_fault fault;

	expect_fault(NESTED, RAM, READ, DOMAIN);
	table[8] = NESTED;
	wire_put(table, DRAFT_TABLE_FORMAT, 2, DRAFT_FORMAT_PASID_TABLE_SMMUV3);
	wire_put(table, DRAFT_TABLE_POINTER, 8, RAM);
	cr_assert_eq(send_request(&bench, table, sizeof(table)), OK);
	cr_expect_eq(go(NESTED, RAM, READ, &to, &fault), -EOPNOTSUPP);
	table[8] = EMULATED;
	cr_expect_eq(send_request(&bench, table, sizeof(table)), UNSUPP);
}

static const struct event_row {
	struct iommuctl_smmuv3_event event;
	uint8_t reason;
	uint32_t flags;
} event_rows[] = {
	{ { .type = IOMMUCTL_SMMUV3_F_TRANSLATION, .rnw = 1 }, MAPPING, READ | ADDRESS },
	{ { .type = IOMMUCTL_SMMUV3_F_TRANSLATION }, MAPPING, WRITE | ADDRESS },
	{ { .type = IOMMUCTL_SMMUV3_F_ADDR_SIZE, .rnw = 1 }, MAPPING, READ | ADDRESS },
	{ { .type = IOMMUCTL_SMMUV3_F_ACCESS }, MAPPING, WRITE | ADDRESS },
	{ { .type = IOMMUCTL_SMMUV3_F_PERMISSION, .rnw = 1, .ind = 1 }, MAPPING,
		READ | EXEC | ADDRESS },
	{ { .type = IOMMUCTL_SMMUV3_F_WALK_EABT, .rnw = 1 }, DOMAIN, READ | ADDRESS },
	{ { .type = IOMMUCTL_SMMUV3_F_TRANSL_FORBIDDEN, .rnw = 1 }, DOMAIN, READ | ADDRESS },
	{ { .type = IOMMUCTL_SMMUV3_C_BAD_STE }, DOMAIN, 0 },
	{ { .type = IOMMUCTL_SMMUV3_F_STREAM_DISABLED }, DOMAIN, 0 },
	{ { .type = IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID }, DOMAIN, 0 },
	{ { .type = IOMMUCTL_SMMUV3_C_BAD_CD }, DOMAIN, 0 },
};

static void expect_events(bool in_domain)
{
	for (size_t i = 0; i < ARRAY_SIZE(event_rows); i++) {
		struct iommuctl_smmuv3_event event = event_rows[i].event;
		const uint8_t reason = event_rows[i].reason;
		struct iommuctl_virtio_iommu_fault fault;

		event.streamid = VSID;
		event.inputaddr = 0x123456789;
		cr_assert_eq(
			iommuctl_virtio_iommu_fault_from_event(bench.viommu, &event, &fault), 0);
		cr_expect_eq(fault.endpoint, NESTED);
		cr_expect_eq(fault.reason, in_domain && reason == DOMAIN ? UNKNOWN : reason,
			"row %zu: %u", i, fault.reason);
		cr_expect_eq(fault.flags, event_rows[i].flags, "row %zu: %#x", i, fault.flags);
		cr_expect_eq(fault.address, fault.flags & ADDRESS ? 0x123456789 : 0, "row %zu", i);
	}
}

Test(virtio_faults, events_of_nested_endpoints_become_faults)
{
	struct iommuctl_smmuv3_event event = { .type = IOMMUCTL_SMMUV3_F_TRANSLATION };
	struct iommuctl_virtio_iommu_fault fault;

	expect_events(false);
	cr_assert_eq(attach(&bench, 1, NESTED, BYPASS), OK);
	expect_events(true);
	cr_expect_eq(iommuctl_virtio_iommu_fault_from_event(bench.viommu, &event, &fault), -ENOENT);
	event.streamid = VSID;
	event.type = IOMMUCTL_SMMUV3_E_PAGE_REQUEST;
	cr_expect_eq(iommuctl_virtio_iommu_fault_from_event(bench.viommu, &event, &fault), -EINVAL);
	event.type = 0xe0;
	cr_expect_eq(iommuctl_virtio_iommu_fault_from_event(bench.viommu, &event, &fault), -EINVAL);
}

Test(virtio_faults, a_fault_on_the_wire)
{
	static const unsigned char wire[IOMMUCTL_VIRTIO_IOMMU_FAULT_SIZE] = { 2, 0, 0, 0, 2, 1, 0,
		0, 0x78, 0x56, 0x34, 0x12, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1 };
	const struct iommuctl_virtio_iommu_fault fault = {
		.reason = MAPPING,
		.flags = WRITE | ADDRESS,
		.endpoint = 0x12345678,
		.address = UINT64_C(0x0102030405060708),
	};
	const struct iommuctl_virtio_iommu_fault bad[] = {
		{ .reason = 3 },
		{ .flags = 8 },
		{ .flags = 0x80000000 },
		{ .address = 1 },
	};
	unsigned char out[sizeof(wire) + 1];

	memset(out, 0xee, sizeof(out));
	cr_expect_eq(iommuctl_virtio_iommu_fault_encode(&fault, out, sizeof(wire) - 1), -EMSGSIZE);
	cr_expect_eq(iommuctl_virtio_iommu_fault_encode(&fault, NULL, sizeof(out)), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_fault_encode(NULL, out, sizeof(out)), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_eq(iommuctl_virtio_iommu_fault_encode(&bad[i], out, sizeof(out)), -EINVAL,
			"row %zu", i);
	cr_expect_eq(out[0], 0xee);
	cr_expect_eq(iommuctl_virtio_iommu_fault_encode(&fault, out, sizeof(out)), 0);
	cr_expect_eq(memcmp(out, wire, sizeof(wire)), 0);
	cr_expect_eq(out[sizeof(wire)], 0xee);
}
