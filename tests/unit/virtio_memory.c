// SPDX-License-Identifier: MIT
/*
 * One-to-one mappings that exceed memory, as Linux makes them for passthrough, and how many kernel
 * calls a request can cost.
 */
#include "failures.h"
#include "virtio_fixture.h"

#define HIGH	  UINT64_C(0x100000000) /* more memory, after a hole */
#define HIGH_LAST (HIGH + RAM_SIZE - 1)
#define LAST	  IOVA_LAST

static struct bench bench;

static int add_ram(uint64_t ipa, uint64_t size, uint32_t access)
{
	return iommuctl_ioas_map(bench.vmm.ctx, bench.vmm.iommufd,
		&(struct iommuctl_ioas_map_args){
			.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | access,
			.ioas_id = bench.vmm.ioas,
			.host = bench.vmm.ram.range.host,
			.length = size,
		},
		&ipa);
}

static void set_up(void)
{
	const uint32_t access = IOMMUCTL_IOAS_MAP_READABLE | IOMMUCTL_IOAS_MAP_WRITEABLE;
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	cr_assert_eq(add_ram(HIGH, RAM_SIZE, access), 0);
	bench_start(&bench, &config);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
}

static void tear_down(void)
{
	bench_close(&bench);
}

TestSuite(virtio_memory, .init = set_up, .fini = tear_down);

static uint8_t map_onto_itself(uint64_t start, uint64_t last)
{
	return map(&bench, 1, start, last, start, READ | WRITE);
}

/* All addresses except the endpoint's regions, as drivers do it. */
static void map_all(void)
{
	cr_assert_eq(map_onto_itself(0, MSI_START - 1), OK);
	cr_assert_eq(map_onto_itself(MSI_LAST + 1, RESERVED_START - 1), OK);
	cr_assert_eq(map_onto_itself(RESERVED_LAST + 1, LAST), OK);
}

Test(virtio_memory, all_of_it_is_reached_one_to_one)
{
	map_all();
	cr_expect_eq(reads(&bench, 0, RAM), RAM);
	cr_expect_eq(reads(&bench, 0, RAM + RAM_SIZE - PAGE), RAM + RAM_SIZE - PAGE);
	cr_expect_eq(reads(&bench, 0, HIGH), RAM);
	cr_expect_eq(reads(&bench, 0, HIGH + RAM_SIZE - PAGE), RAM + RAM_SIZE - PAGE);
	cr_expect(writes(&bench, 0, HIGH));
	for (size_t i = 0; i < 4; i++) {
		static const uint64_t holes[] = { 0, RAM - PAGE, RAM + RAM_SIZE, HIGH_LAST + 1 };

		cr_expect_eq(reads(&bench, 0, holes[i]), 0);
	}
	cr_expect_eq(reads(&bench, 1, RAM), 0);
}

Test(virtio_memory, a_mapping_with_holes_is_one_mapping)
{
	map_all();
	cr_expect_eq(map(&bench, 1, 0x50000000, 0x50000fff, RAM, READ), INVAL);
	cr_expect_eq(unmap(&bench, 1, RESERVED_LAST + 1, RAM + RAM_SIZE - 1), RANGE);
	cr_expect_eq(unmap(&bench, 1, RAM, RAM + RAM_SIZE - 1), RANGE);
	cr_expect_eq(reads(&bench, 0, RAM), RAM);
	cr_expect_eq(unmap(&bench, 1, RESERVED_LAST + 1, LAST), OK);
	cr_expect_eq(reads(&bench, 0, RAM), 0);
	cr_expect_eq(reads(&bench, 0, HIGH), 0);
	cr_expect_eq(map(&bench, 1, 0x50000000, 0x50000fff, RAM, READ), OK);
	cr_expect_eq(reads(&bench, 0, 0x50000000), RAM);
}

Test(virtio_memory, holes_are_no_failure)
{
	unsigned int failures;

	failures_count(bench.ctx, &failures);
	map_all();
	cr_expect_eq(unmap(&bench, 1, 0, MSI_START - 1), OK, "nothing of it is memory");
	cr_expect_eq(unmap(&bench, 1, RESERVED_LAST + 1, LAST), OK);
	cr_expect_eq(failures, 0);
	cr_expect_eq(map(&bench, 1, 0x1000, 0x1fff, 0x2000, READ), FAULT);
	cr_expect_eq(failures, 1);
}

Test(virtio_memory, a_driver_that_knows_no_regions_maps_over_them)
{
	cr_expect_eq(map_onto_itself(0, LAST), INVAL);
	cr_assert_eq(iommuctl_virtio_iommu_accept(bench.viommu, 0), 0);
	cr_expect_eq(map_onto_itself(0, LAST), OK);
	cr_expect_eq(attach(&bench, 1, EP1, 0), OK);
	cr_expect_eq(reads(&bench, 1, HIGH), RAM);
	cr_expect_eq(unmap(&bench, 1, 0, LAST), OK);
	cr_expect_eq(map(&bench, 1, MSI_START, MSI_LAST, RAM, READ), INVAL);
}

/* As Linux does: the whole input range except PROBE's regions, each part of which must succeed. */
Test(virtio_memory, a_passthrough_domain_of_a_driver_without_bypass)
{
	static const uint64_t features = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 4;
	unsigned char space[IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE], properties[PROBE_SIZE + 8];
	uint64_t start, last;

	cr_assert_eq(iommuctl_virtio_iommu_reset(bench.viommu), 0);
	cr_assert_eq(iommuctl_virtio_iommu_accept(bench.viommu, features), 0);
	cr_assert_eq(iommuctl_virtio_iommu_read_config(bench.viommu, 0, space, sizeof(space)), 0);
	start = wire_get(space, 8, 8);
	last = wire_get(space, 16, 8);
	cr_assert_eq(probe(&bench, EP0, properties, PROBE_SIZE + 4), PROBE_SIZE + 4);
	cr_expect_eq(properties[4], ABI_VIRTIO_IOMMU_RESV_MEM_T_MSI);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	for (const unsigned char *at = properties; wire_get(at, 0, 2);
		at += 4 + wire_get(at, 2, 2)) {
		cr_expect_eq(map_onto_itself(start, wire_get(at, 8, 8) - 1), OK);
		start = wire_get(at, 16, 8) + 1;
	}
	cr_expect_eq(map_onto_itself(start, last), OK);
	cr_expect_eq(reads(&bench, 0, RAM), RAM);
	cr_expect_eq(reads(&bench, 0, HIGH), RAM);
	cr_expect(writes(&bench, 0, HIGH));
	cr_expect_eq(reads(&bench, 0, RAM - PAGE), 0);
}

Test(virtio_memory, the_next_endpoint_of_the_domain_has_it_as_well)
{
	map_all();
	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	cr_assert_eq(detach(&bench, 1, EP0), OK);
	cr_expect_eq(reads(&bench, 1, RAM), RAM);
	cr_expect_eq(reads(&bench, 1, HIGH), RAM);
	cr_expect_eq(reads(&bench, 0, RAM), 0);
}

Test(virtio_memory, only_memory_is_mapped_to_other_addresses)
{
	cr_expect_eq(map(&bench, 1, RAM - PAGE, LAST - PAGE, RAM, READ), FAULT);
	cr_expect_eq(map(&bench, 1, 0x1000, 0x1fff, 0x2000, READ), FAULT);
	cr_expect_eq(map(&bench, 1, 0, RAM_SIZE, RAM, READ), RANGE);
	cr_expect_eq(map(&bench, 1, 0, RAM_SIZE + PAGE - 1, RAM, READ), FAULT);
	cr_expect_eq(unmap(&bench, 1, 0, LAST), OK);
}

Test(virtio_memory, edges_of_memory_are_found_to_the_page)
{
	static const struct {
		uint64_t start, last, inside, outside;
	} rows[] = {
		{ RAM - PAGE, RAM + PAGE - 1, RAM, RAM - PAGE },
		{ RAM - PAGE, RAM + PAGE - 1, RAM, RAM + PAGE },
		{ RAM + RAM_SIZE - PAGE, RAM + RAM_SIZE + PAGE - 1, RAM + RAM_SIZE - PAGE,
			RAM + RAM_SIZE },
		{ RAM + RAM_SIZE - PAGE, HIGH + PAGE - 1, HIGH, HIGH + PAGE },
		{ 0, HIGH_LAST, RAM + RAM_SIZE - PAGE, RAM + RAM_SIZE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cr_assert_eq(map_onto_itself(RESERVED_LAST + 1 > rows[i].start ? RESERVED_LAST + 1
									       : rows[i].start,
				     rows[i].last),
			OK, "row %zu", i);
		cr_expect_neq(reads(&bench, 0, rows[i].inside), 0, "row %zu", i);
		cr_expect_eq(reads(&bench, 0, rows[i].outside), 0, "row %zu", i);
		cr_assert_eq(unmap(&bench, 1, 0, LAST), OK);
	}
}

Test(virtio_memory, what_is_read_only_stays_so)
{
	const uint64_t rom = RAM + RAM_SIZE, above = rom + 5 * PAGE;

	cr_assert_eq(add_ram(rom, 5 * PAGE, IOMMUCTL_IOAS_MAP_READABLE), 0);
	cr_assert_eq(
		add_ram(above, 3 * PAGE, IOMMUCTL_IOAS_MAP_READABLE | IOMMUCTL_IOAS_MAP_WRITEABLE),
		0);
	map_all();
	cr_expect(writes(&bench, 0, rom - PAGE));
	cr_expect(writes(&bench, 0, above));
	cr_expect(writes(&bench, 0, above + 2 * PAGE));
	for (uint64_t at = rom; at < above; at += PAGE) {
		cr_expect_neq(reads(&bench, 0, at), 0);
		cr_expect_not(writes(&bench, 0, at));
	}
}

/* Whether or not there is a hole as well; a page of memory is before the read-only pages. */
Test(virtio_memory, read_only_memory_can_be_mapped_with_write)
{
	static const uint64_t rom = RAM + RAM_SIZE, hole = rom + 5 * PAGE;
	static const struct {
		uint64_t start, end;
		uint32_t access;
		bool reads, writes;
	} rows[] = {
		{ rom - PAGE, hole, READ | WRITE, true, true },
		{ rom - PAGE, hole + PAGE, READ | WRITE, true, true },
		{ rom - PAGE, hole, WRITE, false, true },
		{ rom - PAGE, hole + PAGE, WRITE, false, true },
		{ rom, hole, READ | WRITE, true, false },
		{ rom, hole + PAGE, READ | WRITE, true, false },
		{ rom, hole, WRITE, false, false },
		{ rom, hole + PAGE, WRITE, false, false },
		{ rom, hole, READ, true, false },
	};
	unsigned int failures;

	cr_assert_eq(add_ram(rom, 5 * PAGE, IOMMUCTL_IOAS_MAP_READABLE), 0);
	failures_count(bench.ctx, &failures);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cr_expect_eq(map(&bench, 1, rows[i].start, rows[i].end - 1, rows[i].start,
				     rows[i].access),
			OK, "row %zu", i);
		cr_expect_eq(reads(&bench, 0, rom) != 0, rows[i].reads, "row %zu", i);
		cr_expect_eq(reads(&bench, 0, hole - PAGE) != 0, rows[i].reads, "row %zu", i);
		cr_expect_not(writes(&bench, 0, rom), "row %zu", i);
		cr_expect_eq(writes(&bench, 0, rom - PAGE), rows[i].writes, "row %zu", i);
		cr_expect_eq(unmap(&bench, 1, 0, LAST), OK, "row %zu", i);
	}
	cr_expect_eq(failures, 0);
	cr_expect_eq(map(&bench, 1, 0, PAGE - 1, rom, READ | WRITE), INVAL);
	cr_expect_eq(failures, 1);
}

Test(virtio_memory, what_is_added_is_reached_once_it_is_reported)
{
	const uint64_t new = HIGH_LAST + 1, last = new + PAGE - 1;

	map_all();
	cr_assert_eq(
		add_ram(new, PAGE, IOMMUCTL_IOAS_MAP_READABLE | IOMMUCTL_IOAS_MAP_WRITEABLE), 0);
	cr_expect_eq(reads(&bench, 0, new), 0);
	cr_expect_eq(iommuctl_virtio_iommu_add_memory(bench.viommu, new, last), 0);
	cr_expect_eq(reads(&bench, 0, new), RAM);
	cr_expect_eq(iommuctl_virtio_iommu_add_memory(bench.viommu, new, last), -EEXIST);
	cr_expect_eq(reads(&bench, 0, new), RAM);
	cr_expect_eq(iommuctl_virtio_iommu_remove_memory(bench.viommu, new, last), 0);
	cr_expect_eq(reads(&bench, 0, new), 0);
	cr_expect_eq(reads(&bench, 0, HIGH), RAM);
	cr_expect_eq(iommuctl_virtio_iommu_remove_memory(bench.viommu, HIGH, HIGH), -ENOENT);
	cr_expect_eq(reads(&bench, 0, HIGH), RAM);
	cr_expect_eq(iommuctl_virtio_iommu_remove_memory(bench.viommu, 1, 0), -EINVAL);
}

Test(virtio_memory, what_is_added_is_nothing_to_other_mappings)
{
	cr_assert_eq(map(&bench, 1, HIGH_LAST + 1, HIGH_LAST + PAGE, RAM + PAGE, READ), OK);
	cr_expect_eq(iommuctl_virtio_iommu_add_memory(bench.viommu, RAM, LAST), 0);
	cr_expect_eq(iommuctl_virtio_iommu_remove_memory(bench.viommu, RAM, LAST), 0);
	cr_expect_eq(reads(&bench, 0, HIGH_LAST + 1), RAM + PAGE);
	cr_expect_eq(reads(&bench, 0, RAM), 0);
}

static uint64_t calls(void)
{
	return iommuctl_transport_ledger_get_calls(bench.vmm.ledger);
}

/* Every other page from 0x20000000 on, @count of them. */
static void add_pieces(unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		cr_assert_eq(add_ram(0x20000000 + 2 * i * PAGE, PAGE,
				     IOMMUCTL_IOAS_MAP_READABLE | IOMMUCTL_IOAS_MAP_WRITEABLE),
			0);
}

Test(virtio_memory, a_mapping_over_holes_costs_a_limited_number_of_calls)
{
	uint64_t before;

	add_pieces(62);
	before = calls();
	cr_expect_eq(map_onto_itself(RESERVED_LAST + 1, LAST), OK);
	cr_expect_leq(calls() - before, 64 * 110 + 7);
	cr_expect_eq(reads(&bench, 0, 0x20000000 + 61 * 2 * PAGE), RAM);
	cr_expect_eq(reads(&bench, 0, HIGH), RAM);
}

Test(virtio_memory, memory_in_too_many_pieces_is_left_alone)
{
	uint64_t before;

	add_pieces(63);
	before = calls();
	cr_expect_eq(map_onto_itself(RESERVED_LAST + 1, LAST), NOMEM);
	cr_expect_leq(calls() - before, 64 * 110 + 7);
	cr_expect_eq(reads(&bench, 0, 0x20000000), 0);
	cr_expect_eq(reads(&bench, 0, RAM), 0);
	cr_expect_eq(map_onto_itself(RAM - PAGE, LAST), OK);
	cr_expect_eq(reads(&bench, 0, HIGH), RAM);
}

/* In the most pages that the default allows. */
Test(virtio_memory, many_mappings_cost_no_more_calls_than_one)
{
	uint64_t before;

	for (uint64_t i = 0; i < 65536; i++)
		cr_assert_eq(
			map(&bench, 1, HIGH + i * PAGE, HIGH + (i + 1) * PAGE - 1, RAM, READ), OK);
	cr_expect_eq(map(&bench, 1, PAGE, 2 * PAGE - 1, RAM, READ), NOMEM);
	before = calls();
	cr_expect_eq(attach(&bench, 1, EP1, 0), OK);
	cr_expect_leq(calls() - before, 7);
	before = calls();
	cr_expect_eq(unmap(&bench, 1, 0, LAST), OK);
	cr_expect_eq(calls() - before, 1);
	cr_expect_eq(reads(&bench, 0, HIGH), 0);
	before = calls();
	cr_expect_eq(attach(&bench, 2, EP1, 0), OK);
	cr_expect_leq(calls() - before, 7);
	before = calls();
	cr_expect_eq(detach(&bench, 1, EP0), OK);
	cr_expect_leq(calls() - before, 7);
}

/* A failing call leaves no part of a mapping, and nothing is left at the end. */
Test(virtio_memory_faults, a_mapping_over_holes_is_all_or_nothing)
{
	uint64_t first = 0, last = 1;

	for (uint64_t nth = 0; nth <= last; nth = nth ? nth + 1 : first) {
		struct iommuctl_virtio_iommu_config config;
		uint8_t status;

		bench_open(&bench);
		config = config_of(&bench);
		cr_assert_eq(add_ram(HIGH, RAM_SIZE, IOMMUCTL_IOAS_MAP_READABLE), 0);
		bench_context(&bench, nth, EIO);
		cr_assert_eq(iommuctl_virtio_iommu_new(bench.ctx, &config, &bench.viommu), 0);
		cr_assert_eq(bench_add(&bench, 0, EP0), 0);
		cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
		if (!nth)
			first = calls() + 1;
		status = map_onto_itself(RAM - PAGE, LAST);
		if (!nth)
			last = calls();
		/* Destroying the guide is not part of the request. */
		cr_expect_eq(
			status, nth && nth < last ? DEVERR : OK, "call %zu", (size_t)(nth - first));
		cr_expect_eq(reads(&bench, 0, RAM), status == OK ? RAM : 0);
		cr_expect_eq(reads(&bench, 0, HIGH), status == OK ? RAM : 0);
		cr_expect_eq(map_onto_itself(RAM - PAGE, LAST), status == OK ? INVAL : OK);
		iommuctl_virtio_iommu_free(bench.viommu);
		bench.viommu = NULL;
		cr_expect_eq(bench_holds(&bench), 0);
		bench_close(&bench);
	}
	cr_expect_gt(last, first + 60);
}
