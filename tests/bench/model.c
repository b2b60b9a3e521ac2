// SPDX-License-Identifier: MIT
/* How many operations a second the model does, by the calls that a VMM makes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <iommuctl/iommuctl.h>
#include <iommuctl/model.h>

#include "array.h"
#include "bench.h"
#include "window.h"

#define TARGET	     1.0 /* million operations a second */
#define HELD_IOVA    (UINT64_C(1) << 40)
#define BATCH_MAX    512
#define CACHED_PAGES UINT64_C(240) /* of the window: with those of tables they fit into the TLB */

struct subject {
	struct iommuctl_model *model;
	struct vmm vmm;
	struct iommuctl_viommu_arm_smmuv3_invalidate commands[BATCH_MAX];
	uint64_t random;
};

static uint64_t random_below(struct subject *subject, uint64_t limit)
{
	subject->random ^= subject->random << 13;
	subject->random ^= subject->random >> 7;
	subject->random ^= subject->random << 17;
	return subject->random % limit;
}

/* All pages map the same memory. */
static int map_page(const struct subject *subject, uint64_t iova)
{
	const struct vmm *vmm = &subject->vmm;

	return iommuctl_ioas_map(vmm->ctx, vmm->iommufd,
		&(struct iommuctl_ioas_map_args){
			.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
				 IOMMUCTL_IOAS_MAP_WRITEABLE,
			.ioas_id = vmm->ioas,
			.host = vmm->ram.range.host,
			.length = GUEST_PAGE,
		},
		&iova);
}

static int unmap(const struct subject *subject, uint64_t iova, uint64_t length)
{
	const struct vmm *vmm = &subject->vmm;

	return iommuctl_ioas_unmap(vmm->ctx, vmm->iommufd, vmm->ioas, iova, length, NULL);
}

static int read_page(const struct subject *subject, uint64_t page)
{
	uint64_t word;

	return iommuctl_model_dma(subject->model,
		&(struct iommuctl_model_access){
			.ssid = -1,
			.iova = WINDOW_IOVA + page * GUEST_PAGE,
			.buffer = &word,
			.size = sizeof(word),
		});
}

static int read_pages(const struct subject *subject, uint64_t count)
{
	int err = 0;

	for (uint64_t page = 0; !err && page < count; page++)
		err = read_page(subject, page);
	return err;
}

static int issue(const struct subject *subject, uint64_t first, uint64_t count)
{
	uint32_t done = (uint32_t)count;

	return iommuctl_hwpt_invalidate(subject->vmm.ctx, subject->vmm.iommufd,
		&(struct iommuctl_hwpt_invalidate_args){
			.hwpt_id = iommuctl_nest_get_viommu_id(subject->vmm.nest),
			.data_type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
			.entry_len = sizeof(subject->commands[first]),
			.entries = &subject->commands[first],
		},
		&done);
}

static int fill_tlb(void *data, const struct bench_case *bench)
{
	(void)bench;
	return read_pages(data, CACHED_PAGES);
}

static int read_window(void *data, const struct bench_case *bench)
{
	(void)bench;
	return read_pages(data, WINDOW_PAGES);
}

/* Every second page from HELD_IOVA on is mapped: @argument of them. */
static int hold(void *data, const struct bench_case *bench)
{
	int err = 0;

	for (uint64_t i = 0; !err && i < bench->argument; i++)
		err = map_page(data, HELD_IOVA + 2 * i * GUEST_PAGE);
	return err;
}

static int let_go(void *data, const struct bench_case *bench)
{
	return bench->argument ? unmap(data, HELD_IOVA, 2 * bench->argument * GUEST_PAGE) : 0;
}

/* In one of the gaps, whichever, a page is mapped and unmapped again. */
static int map_and_unmap(void *data, const struct bench_case *bench)
{
	const uint64_t gaps = bench->argument ? bench->argument : 1;
	int err = 0;

	for (uint64_t i = 0; !err && i < bench->operations; i += 2) {
		const uint64_t page = 2 * random_below(data, gaps) + 1;
		const uint64_t iova = HELD_IOVA + page * GUEST_PAGE;

		err = map_page(data, iova);
		if (!err)
			err = unmap(data, iova, GUEST_PAGE);
	}
	return err;
}

/* TLBI_NH_VA of each page from @first on. */
static int make_commands(struct subject *subject, uint64_t first)
{
	for (uint64_t i = 0; i < BATCH_MAX; i++) {
		const struct iommuctl_smmuv3_cmd cmd = {
			.opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			.asid = WINDOW_ASID,
			.leaf = 1,
			.address = first + i * GUEST_PAGE,
		};
		uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
		int err = iommuctl_smmuv3_cmd_encode(&cmd, words, NULL);

		if (err)
			return err;
		iommuctl_smmuv3_words_to_le(
			subject->commands[i].cmd, words, IOMMUCTL_SMMUV3_CMD_WORDS);
	}
	return 0;
}

static int make_commands_of_window(void *data, const struct bench_case *bench)
{
	(void)bench;
	return make_commands(data, WINDOW_IOVA);
}

/* The TLB stays as full as it is. */
static int make_commands_of_others(void *data, const struct bench_case *bench)
{
	(void)bench;
	return make_commands(data, WINDOW_IOVA + WINDOW_PAGES * GUEST_PAGE);
}

/* In batches of @argument. */
static int invalidate(void *data, const struct bench_case *bench)
{
	int err = 0;

	for (uint64_t done = 0; !err && done < bench->operations; done += bench->argument)
		err = issue(data, 0, bench->argument);
	return err;
}

static int expect_hits(const struct subject *subject, const struct iommuctl_model_counters *before,
	uint64_t hits, uint64_t misses)
{
	struct iommuctl_model_counters now;

	iommuctl_model_get_counters(subject->model, &now);
	if (now.tlb_hits - before->tlb_hits == hits &&
		now.tlb_misses - before->tlb_misses == misses)
		return 0;
	return -EPROTO;
}

/* Each page is in the TLB until it is invalidated. */
static int invalidate_and_read(void *data, const struct bench_case *bench)
{
	const struct subject *subject = data;
	struct iommuctl_model_counters before;
	int err = 0;

	iommuctl_model_get_counters(subject->model, &before);
	for (uint64_t i = 0; !err && i < bench->operations / 2; i++) {
		err = issue(subject, i % CACHED_PAGES, 1);
		if (!err)
			err = read_page(subject, i % CACHED_PAGES);
	}
	return err ? err : expect_hits(subject, &before, 0, bench->operations / 2);
}

/* Over @argument pages in turn, all of which are in the TLB, or none. */
static int read_in_turn(void *data, const struct bench_case *bench)
{
	const uint64_t hits = bench->argument <= CACHED_PAGES ? bench->operations : 0;
	const struct subject *subject = data;
	struct iommuctl_model_counters before;
	int err = 0;

	iommuctl_model_get_counters(subject->model, &before);
	for (uint64_t i = 0; !err && i < bench->operations; i++)
		err = read_page(subject, i % bench->argument);
	return err ? err : expect_hits(subject, &before, hits, bench->operations - hits);
}

static const struct bench_case cases[] = {
	{ "map, unmap: 0 held", 20000, 0, hold, fill_tlb, map_and_unmap, let_go },
	{ "map, unmap: 100 held", 20000, 100, hold, fill_tlb, map_and_unmap, let_go },
	{ "map, unmap: 10,000 held", 20000, 10000, hold, fill_tlb, map_and_unmap, let_go },
	{ "map, unmap: 100,000 held", 20000, 100000, hold, fill_tlb, map_and_unmap, let_go },
	{ "invalidate: 1 a call", 20000, 1, make_commands_of_others, fill_tlb, invalidate, NULL },
	{ "invalidate: 63 a call", 20160, 63, make_commands_of_others, fill_tlb, invalidate, NULL },
	{ "invalidate: 512 a call", 20480, 512, make_commands_of_others, fill_tlb, invalidate,
		NULL },
	{ "invalidate, DMA", 20000, 0, make_commands_of_window, fill_tlb, invalidate_and_read,
		NULL },
	{ "DMA: hit", 20000, CACHED_PAGES, NULL, fill_tlb, read_in_turn, NULL },
	{ "DMA: miss", 40 * WINDOW_PAGES, WINDOW_PAGES, read_window, NULL, read_in_turn, NULL },
};

static int machine_new(struct subject *subject)
{
	struct iommuctl_transport *transport = NULL;
	int err = iommuctl_model_new(NULL, &subject->model);

	if (!err)
		err = iommuctl_model_transport_new(subject->model, &transport);
	if (!err)
		err = iommuctl_new(transport, &subject->vmm.ctx);
	if (err)
		iommuctl_transport_free(transport);
	return err;
}

static int measure(struct subject *subject)
{
	const size_t count = ARRAY_SIZE(cases);
	size_t slower;
	int err;

	window_open(&subject->vmm, "/dev/vfio/devices/vfio0");
	err = bench_print_all(cases, count, subject, TARGET, &slower);
	window_close(&subject->vmm);
	return err || slower ? -1 : 0;
}

int main(void)
{
	struct subject subject = { .random = 1 };
	int err = bench_pin();

	if (!err)
		err = machine_new(&subject);
	if (err)
		fprintf(stderr, "model: %s\n", strerror(-err));
	else
		err = measure(&subject);
	iommuctl_model_free(subject.model);
	return err ? 1 : 0;
}
