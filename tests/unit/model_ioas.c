// SPDX-License-Identifier: MIT
/* What is mapped, reserved and allowed in an IOAS, and what a HWPT demands of it. */
#include "model_fixture.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/iommufd/iommufd.h"
#include "model/vfio/vfio.h"

#define K		UINT64_C(1024)
#define RW		(ABI_IOAS_MAP_READABLE | ABI_IOAS_MAP_WRITEABLE)
#define FIXED_RW	(RW | ABI_IOAS_MAP_FIXED_IOVA)
#define CONFIG_REGION	((int64_t)7 << 40)
#define PARENT_APERTURE (UINT64_C(1) << 44)
#define PAGING_APERTURE (UINT64_C(1) << 48)

static struct machine machine;
static uint32_t ioas;
static _Alignas(64 * 1024) unsigned char memory[64 * 1024];

static void start(void)
{
	machine_start(&machine, NULL);
	machine_bind_first(&machine);
	ioas = ioas_new(&machine);
}

static void stop(void)
{
	machine_stop(&machine);
}

TestSuite(model_ioas, .init = start, .fini = stop);

static int map(uint64_t iova, uint64_t length)
{
	return ioas_map(&machine, ioas, memory, length, iova);
}

/* The first device does DMA: its command register says so. */
static void enable_dma(void)
{
	const uint16_t command = 6;

	cr_assert_eq(machine.transport->write(machine.transport, machine.devices[0], &command,
			     sizeof(command), CONFIG_REGION + 4),
		sizeof(command));
}

static int read_by_dma(uint64_t iova)
{
	unsigned char byte;
	int ret = iommuctl_model_dma(machine.model,
		&(struct iommuctl_model_access){ .ssid = -1, .iova = iova, .buffer = &byte,
			.size = 1 });

	return ret ? ret : byte;
}

static int map_anywhere(const void *host, uint64_t length, uint64_t *iova)
{
	struct abi_ioas_map args = {
		.size = sizeof(args),
		.flags = RW,
		.ioas_id = ioas,
		.user_va = (uintptr_t)host,
		.length = length,
	};
	int ret = call(&machine, machine.iommufd, ABI_IOAS_MAP, &args);

	*iova = args.iova;
	return ret;
}

static int map_file(int fd, uint64_t start_at, uint64_t length, uint64_t iova)
{
	struct abi_ioas_map_file args = {
		.size = sizeof(args),
		.flags = FIXED_RW,
		.ioas_id = ioas,
		.fd = fd,
		.start = start_at,
		.length = length,
		.iova = iova,
	};

	return call(&machine, machine.iommufd, ABI_IOAS_MAP_FILE, &args);
}

static int copy(uint32_t to, uint64_t from_iova, uint64_t length, uint64_t to_iova)
{
	struct abi_ioas_copy args = {
		.size = sizeof(args),
		.flags = FIXED_RW,
		.dst_ioas_id = to,
		.src_ioas_id = ioas,
		.length = length,
		.dst_iova = to_iova,
		.src_iova = from_iova,
	};

	return call(&machine, machine.iommufd, ABI_IOAS_COPY, &args);
}

static int allow(const struct abi_iova_range *ranges, uint32_t count)
{
	struct abi_ioas_allow_iovas args = {
		.size = sizeof(args),
		.ioas_id = ioas,
		.num_iovas = count,
		.allowed_iovas = (uintptr_t)ranges,
	};

	return call(&machine, machine.iommufd, ABI_IOAS_ALLOW_IOVAS, &args);
}

static int get_ranges(struct abi_iova_range *ranges, uint32_t *count, uint64_t *alignment)
{
	struct abi_ioas_iova_ranges args = {
		.size = sizeof(args),
		.ioas_id = ioas,
		.num_iovas = *count,
		.allowed_iovas = (uintptr_t)ranges,
	};
	int ret = call(&machine, machine.iommufd, ABI_IOAS_IOVA_RANGES, &args);

	*count = args.num_iovas;
	*alignment = args.out_iova_alignment;
	return ret;
}

/* Where the HWPT's stage 2 finds @ipa in this process. */
static const unsigned char *translate(int hwpt, uint64_t ipa, uint64_t *span)
{
	const struct model_iommufd *iommufd =
		model_file_find(machine.model, machine.iommufd)->object;
	const struct model_hwpt_paging *paging =
		model_object_find(iommufd, (uint32_t)hwpt, &model_hwpt_paging_kind);
	bool readable, writable;

	return paging->stage2.lookup(&paging->stage2, ipa, span, &readable, &writable);
}

/* 16K at 64K are mapped, behind a HWPT. */
static const struct {
	const char *what;
	struct abi_ioas_map args;
	int result;
} maps[] = {
	{ "an unknown flag", { .flags = FIXED_RW | 8, .iova = UINT64_MAX }, -EOPNOTSUPP },
	{ "a reserved field", { .flags = FIXED_RW, .length = 4 * K, .reserved = 1 }, -EOPNOTSUPP },
	{ "the last IOVA", { .length = 4 * K, .iova = UINT64_MAX }, -EOVERFLOW },
	{ "the largest length", { .flags = FIXED_RW, .length = UINT64_MAX }, -EOVERFLOW },
	{ "no access", { .flags = ABI_IOAS_MAP_FIXED_IOVA, .length = 4 * K, .ioas_id = 9 },
		-EINVAL },
	{ "an unknown IOAS", { .flags = FIXED_RW, .ioas_id = 9 }, -ENOENT },
	{ "a HWPT", { .flags = FIXED_RW, .ioas_id = 3, .length = 4 * K }, -ENOENT },
	{ "memory beyond all addresses",
		{ .flags = FIXED_RW, .user_va = UINT64_MAX, .length = 4 * K }, -EOVERFLOW },
	{ "no length", { .flags = FIXED_RW, .iova = 1 }, -EINVAL },
	{ "half a page", { .flags = FIXED_RW, .length = 2 * K }, -EINVAL },
	{ "an IOVA within a page", { .flags = FIXED_RW, .length = 4 * K, .iova = 1 }, -EINVAL },
	{ "an IOVA that overflows",
		{ .flags = FIXED_RW, .length = 8 * K, .iova = UINT64_MAX - 4 * K + 1 },
		-EOVERFLOW },
	{ "the end of the aperture",
		{ .flags = FIXED_RW, .length = 4 * K, .iova = PAGING_APERTURE }, -EINVAL },
	{ "the end of a mapping", { .flags = FIXED_RW, .length = 4 * K, .iova = 76 * K }, -EEXIST },
	{ "all around a mapping", { .flags = FIXED_RW, .length = 64 * K, .iova = 32 * K },
		-EEXIST },
	{ "memory within a page", { .flags = FIXED_RW, .user_va = 0x20001, .length = 4 * K },
		-EINVAL },
	{ "NULL", { .flags = FIXED_RW, .length = 4 * K }, -EFAULT },
	{ "NULL to anywhere", { .flags = RW, .length = 4 * K }, -EFAULT },
};

Test(model_ioas, map_refuses_what_the_kernel_refuses)
{
	cr_assert_eq(map(64 * K, 16 * K), 0);
	cr_assert_eq(paging_alloc(&machine, ioas, 0), 3);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		struct abi_ioas_map args = maps[i].args;

		args.size = sizeof(args);
		args.ioas_id = args.ioas_id ? args.ioas_id : ioas;
		cr_expect_eq(call(&machine, machine.iommufd, ABI_IOAS_MAP, &args), maps[i].result,
			"%s", maps[i].what);
	}
}

Test(model_ioas, neighbours_can_be_mapped)
{
	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(map(60 * K, 4 * K), 0);
	cr_assert_eq(map(68 * K, 4 * K), 0);
}

Test(model_ioas, without_a_hwpt_any_byte_can_be_mapped)
{
	cr_assert_eq(map(1, 1), 0);
	cr_assert_eq(map(2, 7), 0);
	cr_assert_eq(map(8, 1), -EEXIST);
	cr_assert_eq(paging_alloc(&machine, ioas, 0), -EADDRINUSE);
}

Test(model_ioas, an_iova_is_chosen_from_the_second_page_on)
{
	uint64_t iova;

	cr_assert_eq(map_anywhere(memory, 8 * K, &iova), 0);
	cr_assert_eq(iova, 4 * K);
	cr_assert_eq(map_anywhere(memory, 4 * K, &iova), 0);
	cr_assert_eq(iova, 12 * K);
	cr_assert_eq(ioas_unmap(&machine, ioas, 4 * K, 8 * K), 0);
	cr_assert_eq(map_anywhere(memory, 12 * K, &iova), 0);
	cr_assert_eq(iova, 16 * K);
	cr_assert_eq(map_anywhere(memory + 7, 4 * K, &iova), 0);
	cr_assert_eq(iova, 4 * K + 7, "the place in the page is kept");
}

Test(model_ioas, an_iova_is_chosen_where_it_is_allowed)
{
	static const struct abi_iova_range allowed[] = {
		{ 64 * K, 68 * K - 1 },
		{ 68 * K, 72 * K - 1 },
		{ 128 * K, 256 * K - 1 },
	};
	uint64_t iova;

	cr_assert_eq(allow(allowed, 3), 0);
	cr_assert_eq(map_anywhere(memory, 8 * K, &iova), 0);
	cr_assert_eq(iova, 64 * K, "ranges that touch each other are one");
	cr_assert_eq(map_anywhere(memory, 4 * K, &iova), 0);
	cr_assert_eq(iova, 128 * K);
	cr_assert_eq(map(0, 4 * K), 0, "a fixed IOVA may be elsewhere");
	cr_assert_eq(allow(allowed, 1), 0);
	cr_assert_eq(map_anywhere(memory, 4 * K, &iova), -ENOSPC);
}

Test(model_ioas, allowed_ranges_are_in_order_disjoint_and_not_reserved)
{
	static const struct abi_iova_range backwards = { 8 * K, 4 * K };
	static const struct abi_iova_range overlapping[] = {
		{ 64 * K, 72 * K },
		{ 4 * K, 8 * K },
		{ 72 * K, 80 * K },
	};
	static const struct abi_iova_range beyond = { 0, PAGING_APERTURE };

	cr_assert_eq(allow(&backwards, 1), -EINVAL);
	cr_assert_eq(allow(overlapping, 3), -EINVAL);
	cr_assert_eq(allow(NULL, 1), -EFAULT);
	cr_assert_eq(allow(NULL, 0), 0);
	cr_assert_gt(paging_alloc(&machine, ioas, 0), 0);
	cr_assert_eq(allow(&beyond, 1), -EADDRINUSE);
}

Test(model_ioas, what_is_allowed_cannot_become_reserved)
{
	static const struct abi_iova_range window = { IOMMUCTL_MSI_WINDOW_START, IOMMUCTL_MSI_WINDOW_START + 4 * K };

	cr_assert_eq(allow(&window, 1), 0);
	cr_assert_eq(attach(&machine, 0, ioas), -EADDRINUSE);
}

Test(model_ioas, whole_mappings_alone_are_unmapped)
{
	cr_assert_eq(map(64 * K, 16 * K), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 64 * K, 12 * K), -ENOENT);
	cr_assert_eq(ioas_unmap(&machine, ioas, 68 * K, 12 * K), -ENOENT);
	cr_assert_eq(ioas_unmap(&machine, ioas, 60 * K, 64 * K), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 60 * K, 64 * K), -ENOENT);
}

Test(model_ioas, an_unmap_that_cuts_a_mapping_takes_those_before_it)
{
	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(map(68 * K, 8 * K), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 64 * K, 8 * K), -ENOENT);
	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(map(68 * K, 8 * K), -EEXIST);
}

Test(model_ioas, unmap_tells_how_much_there_was)
{
	struct abi_ioas_unmap args = { .size = sizeof(args), .ioas_id = ioas, .length = 1024 * K };

	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(map(128 * K, 8 * K), 0);
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_UNMAP, &args), 0);
	cr_assert_eq(args.length, 12 * K);
}

Test(model_ioas, everything_can_be_unmapped_even_if_it_is_nothing)
{
	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 0, UINT64_MAX), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 0, UINT64_MAX), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, 1, UINT64_MAX), -EOVERFLOW);
	cr_assert_eq(ioas_unmap(&machine, ioas, 0, 0), -EINVAL);
	cr_assert_eq(ioas_unmap(&machine, ioas, UINT64_MAX - 1, 3), -EOVERFLOW);
}

Test(model_ioas, a_hwpt_sees_what_is_mapped_before_and_after_it)
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

Test(model_ioas, a_device_sees_what_is_mapped_now)
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

Test(model_ioas, what_is_mapped_write_only_is_so_under_a_nesting_parent_alone)
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

Test(model_ioas, an_unmap_drops_from_the_tlb_what_is_unmapped)
{
	expect_that_others_stay_cached(0);
}

Test(model_ioas, an_unmap_drops_from_the_tlb_what_is_unmapped_of_a_nesting_parent)
{
	expect_that_others_stay_cached(ABI_HWPT_ALLOC_NEST_PARENT);
}

Test(model_ioas, memory_must_be_there_once_a_hwpt_is)
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

Test(model_ioas, memory_for_writing_must_be_writable)
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

Test(model_ioas, a_memfd_is_mapped_from_its_offset)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);
	int hwpt = paging_alloc(&machine, ioas, 0);
	const unsigned char *seen;
	uint64_t span;

	cr_assert_eq(ftruncate(fd, 16 * K), 0);
	cr_assert_eq(pwrite(fd, "page", 4, 8 * K), 4);
	cr_assert_eq(map_file(fd, 4 * K, 12 * K, 64 * K), 0);
	close(fd);
	seen = translate(hwpt, 68 * K, &span);
	cr_assert_eq(memcmp(seen, "page", 4), 0);
	cr_assert_eq(span, 8 * K);
}

Test(model_ioas, map_file_refuses_what_cannot_be_pinned)
{
	int small = memfd_create("small", MFD_CLOEXEC);
	int other = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	cr_assert_eq(ftruncate(small, 4 * K), 0);
	cr_assert_eq(map_file(-1, 0, 4 * K, 0), -EBADF);
	cr_assert_eq(map_file(small, 0, 0, 0), -EINVAL);
	cr_assert_eq(map_file(small, UINT64_MAX, 4 * K, 0), -EOVERFLOW);
	cr_assert_eq(map_file(other, 0, 4 * K, 0), 0, "no one needs the pages yet");
	cr_assert_eq(paging_alloc(&machine, ioas, 0), -EINVAL);
	cr_assert_eq(ioas_unmap(&machine, ioas, 0, 4 * K), 0);
	cr_assert_gt(paging_alloc(&machine, ioas, 0), 0);
	cr_assert_eq(map_file(other, 0, 4 * K, 0), -EINVAL);
	cr_assert_eq(map_file(small, 0, 8 * K, 0), -EINVAL);
	cr_assert_eq(map_file(small, 0, 4 * K, 0), 0);
	close(small);
	close(other);
}

Test(model_ioas, a_copy_may_be_a_part_or_several)
{
	uint32_t target = ioas_new(&machine);

	cr_assert_eq(map(64 * K, 8 * K), 0);
	cr_assert_eq(map(72 * K, 8 * K), 0);
	cr_assert_eq(copy(target, 68 * K, 8 * K, 0), 0);
	cr_assert_eq(ioas_unmap(&machine, target, 0, 4 * K), 0, "each part is a mapping");
	cr_assert_eq(copy(target, 76 * K, 8 * K, 16 * K), -ENOENT);
	cr_assert_eq(copy(target, 60 * K, 8 * K, 16 * K), -ENOENT);
	cr_assert_eq(copy(target, 64 * K, 8 * K, 4 * K), -EEXIST);
	cr_assert_eq(copy(99, 64 * K, 8 * K, 4 * K), -ENOENT);
	cr_assert_eq(copy(target, 64 * K, 0, 4 * K), -EINVAL);
	cr_assert_eq(copy(ioas, 64 * K, 16 * K, 0), 0, "into the same IOAS");
}

Test(model_ioas, a_copy_outlives_its_source)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);
	uint32_t source = ioas;
	const unsigned char *seen;
	uint64_t span;
	int hwpt;

	cr_assert_eq(ftruncate(fd, 8 * K), 0);
	cr_assert_eq(pwrite(fd, "page", 4, 4 * K), 4);
	cr_assert_eq(map_file(fd, 0, 8 * K, 64 * K), 0);
	close(fd);
	ioas = ioas_new(&machine);
	hwpt = paging_alloc(&machine, ioas, 0);
	struct abi_ioas_copy args = {
		.size = sizeof(args),
		.flags = FIXED_RW,
		.dst_ioas_id = ioas,
		.src_ioas_id = source,
		.length = 4 * K,
		.src_iova = 68 * K,
	};
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_COPY, &args), 0);
	cr_assert_eq(destroy(&machine, source), 0);
	seen = translate(hwpt, 0, &span);
	cr_assert_eq(memcmp(seen, "page", 4), 0);
}

Test(model_ioas, a_copy_gets_no_more_access_than_its_source)
{
	struct abi_ioas_map read_only = {
		.size = sizeof(read_only),
		.flags = ABI_IOAS_MAP_FIXED_IOVA | ABI_IOAS_MAP_READABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)memory,
		.length = 4 * K,
	};

	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_MAP, &read_only), 0);
	cr_assert_eq(copy(ioas, 0, 4 * K, 64 * K), -EPERM);
}

Test(model_ioas, the_ranges_of_an_ioas_are_what_is_not_reserved)
{
	struct abi_iova_range ranges[4];
	uint32_t count = 4;
	uint64_t alignment;

	cr_assert_eq(get_ranges(ranges, &count, &alignment), 0);
	cr_assert_eq(count, 1);
	cr_assert_eq(ranges[0].start, 0);
	cr_assert_eq(ranges[0].last, UINT64_MAX);
	cr_assert_eq(alignment, 1);
	paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_NEST_PARENT);
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	count = 4;
	cr_assert_eq(get_ranges(ranges, &count, &alignment), 0);
	cr_assert_eq(count, 2);
	cr_assert_eq(ranges[0].last, IOMMUCTL_MSI_WINDOW_START - 1);
	cr_assert_eq(ranges[1].start, IOMMUCTL_MSI_WINDOW_START + IOMMUCTL_MSI_WINDOW_SIZE);
	cr_assert_eq(ranges[1].last, PARENT_APERTURE - 1, "the narrowest HWPT");
	cr_assert_eq(alignment, 4 * K);
}

Test(model_ioas, too_short_an_array_of_ranges_is_filled_and_its_length_told)
{
	struct abi_iova_range ranges[2] = { { 7, 7 }, { 7, 7 } };
	uint32_t count = 1;
	uint64_t alignment;

	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_assert_eq(get_ranges(ranges, &count, &alignment), -EMSGSIZE);
	cr_assert_eq(count, 2);
	cr_assert_eq(ranges[0].last, IOMMUCTL_MSI_WINDOW_START - 1);
	cr_assert_eq(ranges[1].last, 7);
	count = 1;
	cr_assert_eq(get_ranges(NULL, &count, &alignment), -EFAULT);
}

Test(model_ioas, what_a_hwpt_reserved_is_free_again_without_it)
{
	int hwpt = paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_NEST_PARENT);

	cr_assert_eq(map(PARENT_APERTURE, 4 * K), -EINVAL);
	cr_assert_eq(destroy(&machine, (uint32_t)hwpt), 0);
	cr_assert_eq(map(PARENT_APERTURE, 4 * K), 0);
	cr_assert_eq(paging_alloc(&machine, ioas, ABI_HWPT_ALLOC_NEST_PARENT), -EADDRINUSE);
	cr_assert_gt(paging_alloc(&machine, ioas, 0), 0);
}

Test(model_ioas, the_msi_window_is_reserved_while_a_device_is_attached)
{
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_assert_eq(map(IOMMUCTL_MSI_WINDOW_START, 4 * K), -EINVAL);
	cr_assert_eq(detach(&machine, 0), 0);
	cr_assert_eq(map(IOMMUCTL_MSI_WINDOW_START, 4 * K), 0);
	cr_assert_eq(attach(&machine, 0, ioas), -EADDRINUSE);
}

Test(model_ioas, files_alone_change_their_process)
{
	struct abi_ioas_change_process args = { .size = sizeof(args) };
	int fd = memfd_create("guest", MFD_CLOEXEC);

	cr_assert_eq(map_file(fd, 0, 4 * K, 0), 0);
	close(fd);
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_CHANGE_PROCESS, &args), 0);
	cr_assert_eq(map(64 * K, 4 * K), 0);
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_CHANGE_PROCESS, &args), -EINVAL);
	args.reserved = 1;
	cr_assert_eq(call(&machine, machine.iommufd, ABI_IOAS_CHANGE_PROCESS, &args), -EOPNOTSUPP);
}
