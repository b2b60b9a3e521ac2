// SPDX-License-Identifier: MIT
/* Requests to a virtio-iommu, field by field. */
#include "virtio_fixture.h"

static struct bench bench;

static void set_up(void)
{
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	config.domain_end = 99;
	config.input_start = 0x1000;
	config.input_end = 0xffffffff;
	config.domains_max = 3;
	config.mappings_max = 20;
	bench_start(&bench, &config);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 2, EP1, BYPASS), OK);
	cr_assert_eq(map(&bench, 1, 0x10000, 0x11fff, RAM, READ | WRITE), OK);
}

static void tear_down(void)
{
	bench_close(&bench);
}

TestSuite(virtio_requests, .init = set_up, .fini = tear_down);

/* A change to a good request, and the resulting status. */
struct change {
	unsigned int offset;
	unsigned int size;
	uint64_t value;
	uint8_t status;
};

static void expect_changes(
	const unsigned char *good, size_t size, const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned char request[80];
		uint8_t status;

		memcpy(request, good, size);
		wire_put(request, changes[i].offset, changes[i].size, changes[i].value);
		status = send_request(&bench, request, size);
		cr_expect_eq(status, changes[i].status, "change %zu of type %u: status %u", i,
			good[0], status);
	}
}

Test(virtio_requests, attach_checks_its_request)
{
	static const struct change changes[] = {
		{ 16, 4, 1, INVAL },
		{ 19, 1, 0x80, INVAL },
		{ 12, 4, 2, INVAL },
		{ 12, 4, 0x80000000, INVAL },
		{ 12, 4, BYPASS, INVAL }, /* the domain is not a bypass domain */
		{ 4, 4, 2, INVAL },	  /* the domain is one */
		{ 8, 4, 9, NOENT },
		{ 8, 4, UINT32_MAX, NOENT },
		{ 4, 4, 100, RANGE },
		{ 4, 4, UINT32_MAX, RANGE },
		{ 1, 3, 0xffffff, OK }, /* ignored, and attached already */
		{ 4, 4, 99, OK },
	};
	unsigned char request[20];

	make_attach(request, 1, EP0, 0);
	expect_changes(request, sizeof(request), changes, ARRAY_SIZE(changes));
}

Test(virtio_requests, attach_without_bypass_config)
{
	cr_assert_eq(iommuctl_virtio_iommu_accept(bench.viommu, 0), 0);
	cr_expect_eq(attach(&bench, 3, EP0, BYPASS), INVAL);
	cr_expect_eq(attach(&bench, 3, EP0, 0), OK);
}

Test(virtio_requests, detach_checks_its_request)
{
	static const struct change changes[] = {
		{ 8, 4, 9, NOENT },
		{ 8, 4, EP1, INVAL },
		{ 4, 4, 3, INVAL },
		{ 4, 4, 2, INVAL },
		{ 12, 8, UINT64_MAX, OK },
	};
	unsigned char request[20];

	make_attach(request, 1, EP0, 0);
	request[0] = ABI_VIRTIO_IOMMU_T_DETACH;
	expect_changes(request, sizeof(request), changes, ARRAY_SIZE(changes));
	cr_expect_eq(detach(&bench, 1, EP0), INVAL);
}

Test(virtio_requests, map_checks_its_request)
{
	static const struct change changes[] = {
		{ 4, 4, 3, NOENT },
		{ 4, 4, 2, INVAL }, /* a bypass domain */
		{ 32, 4, 0, INVAL },
		{ 32, 4, READ | MMIO, INVAL }, /* not negotiated */
		{ 32, 4, READ | 8, INVAL },
		{ 8, 8, 0x20001, RANGE },
		{ 16, 8, 0x21ffe, RANGE },
		{ 24, 8, RAM + 1, RANGE },
		{ 16, 8, 0x1ffff, INVAL }, /* ends before it starts */
		{ 8, 8, 0, RANGE },
		{ 16, 8, 0x100000fff, RANGE },
		{ 16, 8, UINT64_MAX, RANGE },
		{ 24, 8, UINT64_MAX - 0xfff, RANGE },
		{ 8, 8, 0x11000, INVAL }, /* over a mapping */
		{ 8, 8, 0x10000, INVAL },
		{ 8, 8, 0xf000, INVAL },
		{ 24, 8, RAM + RAM_SIZE, FAULT },
		{ 24, 8, RAM + RAM_SIZE - PAGE, FAULT },
		{ 24, 8, RAM - PAGE, FAULT },
		{ 1, 3, 0xffffff, OK },
	};
	unsigned char request[36];

	make_map(request, 1, 0x20000, 0x21fff, RAM, READ);
	expect_changes(request, sizeof(request), changes, ARRAY_SIZE(changes));
}

Test(virtio_requests, map_over_a_region_of_an_endpoint)
{
	cr_expect_eq(map(&bench, 1, MSI_START, MSI_START + 0xfff, RAM, READ), INVAL);
	cr_expect_eq(map(&bench, 1, MSI_START - PAGE, MSI_START + 0xfff, RAM, READ), INVAL);
	cr_expect_eq(map(&bench, 1, RESERVED_START, RESERVED_LAST, RAM, READ), INVAL);
	cr_expect_eq(map(&bench, 1, RESERVED_LAST + 1, RESERVED_LAST + PAGE, RAM, READ), OK);
}

Test(virtio_requests, unmap_checks_its_request)
{
	static const struct change changes[] = {
		{ 4, 4, 3, NOENT }, { 4, 4, 2, INVAL }, { 24, 4, 1, INVAL }, { 27, 1, 0x80, INVAL },
		{ 16, 8, 0x10fff, RANGE }, { 8, 8, 0x11000, RANGE }, { 16, 8, 0xffff, INVAL },
		{ 8, 8, 0, RANGE }, { 16, 8, 0x100000000, RANGE }, { 1, 3, 0xffffff, OK },
		{ 1, 3, 0, OK }, /* of nothing */
	};
	unsigned char request[28];

	make_unmap(request, 1, 0x10000, 0x11fff);
	expect_changes(request, sizeof(request), changes, ARRAY_SIZE(changes));
}

Test(virtio_requests, truncated_requests_are_not_answered)
{
	static const struct {
		uint8_t type, size;
	} kinds[] = {
		{ ABI_VIRTIO_IOMMU_T_ATTACH, 20 },
		{ ABI_VIRTIO_IOMMU_T_DETACH, 20 },
		{ ABI_VIRTIO_IOMMU_T_MAP, 36 },
		{ ABI_VIRTIO_IOMMU_T_UNMAP, 28 },
		{ ABI_VIRTIO_IOMMU_T_PROBE, 72 },
		{ DRAFT_T_ATTACH_TABLE, 76 },
		{ DRAFT_T_INVALIDATE, 60 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const unsigned char request[128] = { kinds[i].type };
		unsigned char out[PROBE_SIZE + 4];

		for (size_t size = 0; size < kinds[i].size; size++)
			cr_expect_eq(send_request(&bench, request, size), SILENCE,
				"%zu bytes of type %u", size, kinds[i].type);
		for (size_t room = 0; room < 4; room++)
			cr_expect_eq(iommuctl_virtio_iommu_request(
					     bench.viommu, request, 128, out, room),
				0);
		cr_expect_neq(send_request(&bench, request, kinds[i].size), SILENCE);
		cr_expect_neq(send_request(&bench, request, sizeof(request)), SILENCE);
	}
}

Test(virtio_requests, unknown_types_are_not_answered)
{
	for (unsigned int type = 0; type < 256; type++) {
		const unsigned char request[128] = { (unsigned char)type };
		const bool known = type >= 1 && type <= 7;

		cr_expect_eq(send_request(&bench, request, sizeof(request)) != SILENCE, known,
			"type %u", type);
	}
}

Test(virtio_requests, drafts_are_not_supported_unless_asked_for)
{
	const unsigned char table[76] = { DRAFT_T_ATTACH_TABLE };
	const unsigned char invalidate[60] = { DRAFT_T_INVALIDATE };

	cr_expect_eq(send_request(&bench, table, sizeof(table)), UNSUPP);
	cr_expect_eq(send_request(&bench, invalidate, sizeof(invalidate)), UNSUPP);
}

Test(virtio_requests, caps_are_kept)
{
	for (uint64_t i = 1; i < 20; i++)
		cr_assert_eq(map(&bench, 1, 0x20000 + i * PAGE, 0x20fff + i * PAGE, RAM, READ), OK);
	cr_expect_eq(map(&bench, 1, 0x80000, 0x80fff, RAM, READ), NOMEM);
	cr_assert_eq(unmap(&bench, 1, 0x21000, 0x21fff), OK);
	cr_expect_eq(map(&bench, 1, 0x80000, 0x80fff, RAM, READ), OK);
}

Test(virtio_requests, mappings_are_kept_in_order)
{
	static const uint64_t iovas[] = { 0x50000, 0x30000, 0x40000, 0x20000, 0x60000 };

	for (size_t i = 0; i < ARRAY_SIZE(iovas); i++)
		cr_assert_eq(map(&bench, 1, iovas[i], iovas[i] + 0x1fff, RAM, READ), OK);
	for (size_t i = 0; i < ARRAY_SIZE(iovas); i++) {
		cr_expect_eq(map(&bench, 1, iovas[i] + PAGE, iovas[i] + 0x1fff, RAM, READ), INVAL);
		cr_expect_eq(unmap(&bench, 1, iovas[i], iovas[i] + 0xfff), RANGE);
	}
	cr_expect_eq(unmap(&bench, 1, 0x30000, 0x51fff), OK);
	cr_expect_eq(unmap(&bench, 1, 0x20000, 0x20fff), RANGE);
	cr_expect_eq(unmap(&bench, 1, 0x60000, 0x60fff), RANGE);
	cr_expect_eq(map(&bench, 1, 0x30000, 0x5ffff, RAM, READ), OK);
}

Test(virtio_requests, probe_lists_the_regions)
{
	static const unsigned char heads[][8] = {
		{ 1, 0, 20, 0, ABI_VIRTIO_IOMMU_RESV_MEM_T_MSI, 0, 0, 0 },
		{ 1, 0, 20, 0, ABI_VIRTIO_IOMMU_RESV_MEM_T_RESERVED, 0, 0, 0 },
	};
	unsigned char out[PROBE_SIZE + 8];

	cr_assert_eq(probe(&bench, EP0, out, PROBE_SIZE + 4), PROBE_SIZE + 4);
	cr_expect_eq(out[PROBE_SIZE], OK);
	for (size_t i = 0; i < 2; i++) {
		cr_expect_eq(memcmp(out + 24 * i, heads[i], 8), 0);
		cr_expect_eq(wire_get(out + 24 * i, 8, 8), regions[i].start);
		cr_expect_eq(wire_get(out + 24 * i, 16, 8), regions[i].last);
	}
	for (size_t i = 48; i < PROBE_SIZE + 4; i++)
		cr_expect_eq(out[i], 0);
	cr_expect_eq(out[PROBE_SIZE + 4], 0xee);
	cr_expect_eq(probe(&bench, EP0, out, PROBE_SIZE + 8), PROBE_SIZE + 4);
}

Test(virtio_requests, probe_needs_its_room_and_its_endpoint)
{
	unsigned char out[PROBE_SIZE + 8];

	for (size_t room = 4; room < PROBE_SIZE + 4; room++) {
		cr_assert_eq(probe(&bench, EP0, out, room), room);
		for (size_t i = 0; i < room - 4; i++)
			cr_expect_eq(out[i], 0);
		cr_expect_eq(out[room - 4], INVAL);
		cr_expect_eq(out[room], 0xee);
	}
	cr_assert_eq(probe(&bench, 9, out, PROBE_SIZE + 4), PROBE_SIZE + 4);
	cr_expect_eq(out[PROBE_SIZE], NOENT);
	cr_expect_eq(out[0], 0);
}
