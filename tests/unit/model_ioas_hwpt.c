// SPDX-License-Identifier: MIT
/* What a HWPT demands of its IOAS, and its effects on devices and the TLB. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/iommufd/iommufd.h"
#include "model/vfio/vfio.h"
#include "model_ioas_fixture.h"

TestSuite(model_ioas_hwpt, .init = start, .fini = stop);

/* Where the HWPT's stage 2 finds @ipa in this process. */
static const unsigned char *translate(int hwpt, uint64_t ipa, uint64_t *span)
{
	const struct model_iommufd *iommufd =
		model_file_find(machine.model, machine.iommufd)->object;
	const struct model_hwpt_paging *paging =
		model_object_find(iommufd, (uint32_t)hwpt, &model_hwpt_paging_kind);
	struct model_target target;

	if (!paging->stage2.lookup(&paging->stage2, ipa, &target))
		return NULL;
	*span = target.span;
	return target.host;
}

/* The first device does DMA: its command register says so. */
static void enable_dma(void)
{
	const uint16_t command = htole16(6);

	cr_assert_eq(machine.transport->write(machine.transport, machine.devices[0], &command,
			     sizeof(command), CONFIG_REGION + 4),
		sizeof(command));
}

static int read_by_dma(uint64_t iova)
{
	unsigned char byte;
	int err = iommuctl_model_dma(machine.model,
		&(struct iommuctl_model_access){
			.ssid = -1, .iova = iova, .buffer = &byte, .size = 1 });

	return err ? err : byte;
}

Test(model_ioas_hwpt, a_hwpt_sees_what_is_mapped_before_and_after_it)
{
	uint64_t span;
	int hwpt;

	cr_assert_eq(map(64 * K, 16 * K), 0);
	hwpt = paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_NEST_PARENT);
	cr_assert_eq(translate(hwpt, 68 * K + 3, &span), memory + 4 * K + 3);
	cr_assert_eq(span, 12 * K - 3);
	cr_assert_null(translate(hwpt, 80 * K, &span));
	cr_assert_eq(map(80 * K, 4 * K), 0);
	cr_assert_eq(translate(hwpt, 80 * K, &span), memory);
	cr_assert_eq(ioas_unmap(&machine, ioas, 64 * K, 16 * K), 0);
	cr_assert_null(translate(hwpt, 64 * K, &span));
}

Test(model_ioas_hwpt, a_device_sees_what_is_mapped_now)
{
	memory[0] = 1;
	memory[4 * K] = 2;
	enable_dma();
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_assert_eq(read_by_dma(64 * K), -EIO);
	cr_assert_eq(ioas_map(&machine, ioas, memory, 4 * K, 64 * K), 0);
	cr_assert_eq(read_by_dma(64 * K), 1);
	cr_assert_eq(ioas_unmap(&machine, ioas, 64 * K, 4 * K), 0);
	cr_assert_eq(read_by_dma(64 * K), -EIO);
	cr_assert_eq(ioas_map(&machine, ioas, memory + 4 * K, 4 * K, 64 * K), 0);
	cr_assert_eq(read_by_dma(64 * K), 2);
}

Test(model_ioas_hwpt, mappings_are_write_only_only_under_a_nesting_parent)
{
	static const struct {
		uint32_t flags;
		int found;
	} cases[] = { { 0, 7 }, { ABI_HWPT_ALLOC_NEST_PARENT, -EIO } };
	struct abi_ioas_map args = {
		.size = sizeof(args),
		.flags = ABI_IOAS_MAP_FIXED_IOVA | ABI_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)memory,
		.length = 4 * K,
		.iova = 64 * K,
	};

	memory[0] = 7;
	enable_dma();
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_MAP, &args), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const int hwpt = paging_alloc(&machine, ioas, cases[i].flags);

		cr_assert_eq(attach(&machine, 0, (uint32_t)hwpt), 0);
		cr_expect_eq(read_by_dma(64 * K), cases[i].found, "case %zu", i);
	}
}

/* What the TLB holds of @iova: 1 or 0 entries. */
static unsigned int cached(uint64_t iova)
{
	struct iommuctl_model_tlb_entry entries[16];
	size_t count = ARRAY_SIZE(entries);
	unsigned int found = 0;

	cr_assert_eq(iommuctl_model_get_tlb(machine.model, 0, entries, &count), 0);
	cr_assert_leq(count, ARRAY_SIZE(entries));
	for (size_t i = 0; i < count; i++)
		found += entries[i].iova == iova;
	return found;
}

static const struct {
	const char *what;
	uint64_t iova;
	uint64_t length;
	int result;
	bool kept[4]; /* what is cached of 64K, 68K, 72K and 128K to 136K */
} unmaps[] = {
	{ "one page", 68 * K, 4 * K, 0, { true, false, true, true } },
	{ "two pages", 64 * K, 8 * K, 0, { false, false, true, true } },
	{ "pages and what is free around", 68 * K, 40 * K, 0, { true, false, false, true } },
	{ "pages with a gap", 72 * K, 64 * K, 0, { true, true, false, false } },
	{ "all", 0, UINT64_MAX, 0, { false, false, false, false } },
	{ "pages before one that would be cut", 68 * K, 64 * K, -ENOENT,
		{ true, false, false, true } },
	{ "nothing but a cut", 132 * K, 4 * K, -ENOENT, { true, true, true, true } },
};

static void expect_that_others_stay_cached(uint32_t flags)
{
	static const uint64_t iovas[] = { 64 * K, 68 * K, 72 * K, 128 * K };
	const int hwpt = paging_alloc(&machine, ioas, flags);

	enable_dma();
	cr_assert_eq(attach(&machine, 0, (uint32_t)hwpt), 0);
	for (size_t i = 0; i < ARRAY_SIZE(unmaps); i++) {
		for (size_t n = 0; n < ARRAY_SIZE(iovas); n++) {
			cr_assert_eq(map(iovas[n], n == 3 ? 8 * K : 4 * K), 0);
			cr_assert_eq(read_by_dma(iovas[n]), memory[0]);
			cr_assert_eq(cached(iovas[n]), 1);
		}
		cr_expect_eq(ioas_unmap(&machine, ioas, unmaps[i].iova, unmaps[i].length),
			unmaps[i].result, "%s", unmaps[i].what);
		for (size_t n = 0; n < ARRAY_SIZE(iovas); n++)
			cr_expect_eq(
				cached(iovas[n]), unmaps[i].kept[n], "%s: %zu", unmaps[i].what, n);
		cr_assert_eq(ioas_unmap(&machine, ioas, 0, UINT64_MAX), 0);
	}
}

Test(model_ioas_hwpt, an_unmap_drops_from_the_tlb_what_is_unmapped)
{
	expect_that_others_stay_cached(0);
}

Test(model_ioas_hwpt, an_unmap_drops_from_the_tlb_what_is_unmapped_of_a_nesting_parent)
{
	expect_that_others_stay_cached(ABI_HWPT_ALLOC_NEST_PARENT);
}

Test(model_ioas_hwpt, memory_must_be_there_once_a_hwpt_is)
{
	unsigned char *page =
		mmap(NULL, 8 * K, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	cr_assert_eq(ioas_map(&machine, ioas, page, 8 * K, 64 * K), 0);
	munmap(page + 4 * K, 4 * K);
	cr_assert_eq(paging_alloc(&machine, ioas, 0), -EFAULT);
	cr_assert_eq(ioas_unmap(&machine, ioas, 64 * K, 8 * K), 0);
	cr_assert_gt(paging_alloc(&machine, ioas, 0), 0);
	cr_assert_eq(ioas_map(&machine, ioas, page, 8 * K, 64 * K), -EFAULT);
	cr_assert_eq(ioas_map(&machine, ioas, page, 4 * K, 64 * K), 0);
	munmap(page, 4 * K);
}

Test(model_ioas_hwpt, memory_for_writing_must_be_writable)
{
	void *page = mmap(NULL, 4 * K, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct abi_ioas_map read_only = {
		.size = sizeof(read_only),
		.flags = ABI_IOAS_MAP_FIXED_IOVA | ABI_IOAS_MAP_READABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)page,
		.length = 4 * K,
	};

	cr_assert_gt(paging_alloc(&machine, ioas, 0), 0);
	cr_assert_eq(ioas_map(&machine, ioas, page, 4 * K, 0), -EFAULT);
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_MAP, &read_only), 0);
	munmap(page, 4 * K);
}
