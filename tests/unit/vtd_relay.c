// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/vtd_relay.h>

#include "abi/iommufd.h"
#include "abi/vtd.h"
#include "array.h"
#include "transport.h"

#define LOG_MAX 4096

/* What the kernel got, and where it fails: its count is exact. */
static struct {
	struct {
		uint32_t hwpt_id;
		struct abi_hwpt_vtd_s1_invalidate entry;
	} log[LOG_MAX];
	size_t logged;
	size_t calls;
	uint32_t largest;
	size_t fail_after; /* entries, in all; SIZE_MAX: never */
	unsigned int failures;
} kernel;

static int invalidate(struct script *script, int fd, unsigned long request, void *arg)
{
	struct abi_hwpt_invalidate *args = arg;
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): that is the ABI */
	const struct abi_hwpt_vtd_s1_invalidate *entries = (void *)(uintptr_t)args->data_uptr;
	const uint32_t count = args->entry_num;

	(void)script;
	cr_assert_eq(fd, 7);
	cr_assert_eq(request, ABI_HWPT_INVALIDATE);
	cr_assert_eq(args->data_type, ABI_HWPT_INVALIDATE_DATA_VTD_S1);
	cr_assert_eq(args->entry_len, sizeof(*entries));
	kernel.calls++;
	if (count > kernel.largest)
		kernel.largest = count;
	for (uint32_t i = 0; i < count; i++) {
		args->entry_num = i;
		if (kernel.logged == kernel.fail_after && kernel.failures) {
			kernel.failures--;
			return -EFAULT;
		}
		cr_assert_lt(kernel.logged, LOG_MAX);
		kernel.log[kernel.logged].hwpt_id = args->hwpt_id;
		kernel.log[kernel.logged++].entry = entries[i];
	}
	args->entry_num = count;
	return 0;
}

static struct script script;
static struct iommuctl *ctx;
static struct iommuctl_vtd_relay *relay;

/* Domain 1 has HWPT 11 for PASID 0 and HWPT 12 for PASID 5; domain 2 has HWPT 21. */
static void start(uint32_t batch)
{
	const struct iommuctl_vtd_relay_config config = { .iommufd = 7, .batch = batch };

	kernel.fail_after = SIZE_MAX;
	script.ioctl = invalidate;
	ctx = script_context(&script);
	cr_assert_eq(iommuctl_vtd_relay_new(ctx, &config, &relay), 0);
	cr_assert_eq(iommuctl_vtd_relay_add_hwpt(relay, 1, 0, 11), 0);
	cr_assert_eq(iommuctl_vtd_relay_add_hwpt(relay, 1, 5, 12), 0);
	cr_assert_eq(iommuctl_vtd_relay_add_hwpt(relay, 2, 0, 21), 0);
}

static void stop(void)
{
	iommuctl_vtd_relay_free(relay);
	iommuctl_free(ctx);
}

static void start_default(void)
{
	start(0);
}

/* A descriptor in one word, for tables: pages of a PASID. */
#define PAGES(did, pasid, address, am)                                                             \
	{                                                                                          \
		(uint64_t)(pasid) << 32 | (did) << 16 | 0x36, (address) | (am)                     \
	}
#define LEAF(did, pasid, address, am) PAGES(did, pasid, (address) | 0x40, am)
#define ALL(did, pasid)                                                                            \
	{                                                                                          \
		(uint64_t)(pasid) << 32 | (did) << 16 | 0x26, 0                                    \
	}
#define IOTLB_GLOBAL                                                                               \
	{                                                                                          \
		0x12, 0                                                                            \
	}
#define IOTLB_DOMAIN(did)                                                                          \
	{                                                                                          \
		(did) << 16 | 0x22, 0                                                              \
	}
#define DEV_TLB                                                                                    \
	{                                                                                          \
		0x0000000800000003, 0x1000                                                         \
	}
#define WAIT                                                                                       \
	{                                                                                          \
		0x25, 0x4000                                                                       \
	}

struct want {
	uint32_t hwpt_id;
	uint64_t addr;
	uint64_t npages;
	uint32_t flags;
};

static const struct {
	const char *what;
	uint64_t words[6][IOMMUCTL_VTD_INV_WORDS];
	size_t count;
	struct want wants[4];
} rows[] = {
	{ "a page goes to the HWPT of its PASID alone", { PAGES(1, 5, 0x7000, 0) }, 1,
		{ { 12, 0x7000, 1, 0 } } },
	{ "all of a PASID", { ALL(1, 0) }, 1, { { 11, 0, UINT64_MAX, 0 } } },
	{ "all of a domain are all of its PASIDs", { IOTLB_DOMAIN(1) }, 1,
		{ { 11, 0, UINT64_MAX, 0 }, { 12, 0, UINT64_MAX, 0 } } },
	{ "everything", { IOTLB_GLOBAL }, 1,
		{ { 11, 0, UINT64_MAX, 0 }, { 12, 0, UINT64_MAX, 0 }, { 21, 0, UINT64_MAX, 0 } } },
	{ "two halves are one", { PAGES(1, 0, 0x6000, 0), PAGES(1, 0, 0x7000, 0) }, 2,
		{ { 11, 0x6000, 2, 0 } } },
	{ "four quarters as well, in any order of halves",
		{ PAGES(1, 0, 0x7000, 0), PAGES(1, 0, 0x6000, 0), PAGES(1, 0, 0x4000, 1) }, 3,
		{ { 11, 0x4000, 4, 0 } } },
	{ "neighbours that are no halves stay two: the kernel would make 4 pages of them",
		{ PAGES(1, 0, 0x5000, 0), PAGES(1, 0, 0x6000, 0) }, 2,
		{ { 11, 0x5000, 1, 0 }, { 11, 0x6000, 1, 0 } } },
	{ "leaves and tables are not the same", { LEAF(1, 0, 0x6000, 0), PAGES(1, 0, 0x7000, 0) },
		2, { { 11, 0x6000, 1, 1 }, { 11, 0x7000, 1, 0 } } },
	{ "what lies within another goes", { PAGES(1, 0, 0x4000, 2), LEAF(1, 0, 0x5000, 0) }, 2,
		{ { 11, 0x4000, 4, 0 } } },
	{ "leaves do not stand for tables", { LEAF(1, 0, 0x4000, 2), PAGES(1, 0, 0x5000, 0) }, 2,
		{ { 11, 0x4000, 4, 1 }, { 11, 0x5000, 1, 0 } } },
	{ "everything swallows what was before it", { PAGES(1, 0, 0x4000, 2), ALL(1, 0) }, 2,
		{ { 11, 0, UINT64_MAX, 0 } } },
	{ "TLBs of devices are the kernel's", { DEV_TLB }, 1, { { 0 } } },
	{ "a PASID that nobody has", { PAGES(3, 0, 0x1000, 0) }, 1, { { 0 } } },
};

Test(vtd_relay, tells_each_hwpt_what_to_forget, .init = start_default, .fini = stop)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t done, wanted = 0;

		kernel.logged = 0;
		cr_assert_eq(
			iommuctl_vtd_relay_issue(relay, rows[i].words, rows[i].count, &done, NULL),
			0, "%s", rows[i].what);
		cr_expect_eq(done, rows[i].count);
		for (; wanted < ARRAY_SIZE(rows[i].wants) && rows[i].wants[wanted].hwpt_id;
			wanted++) {
			const struct want *want = &rows[i].wants[wanted];

			cr_assert_lt(wanted, kernel.logged, "%s", rows[i].what);
			cr_expect_eq(kernel.log[wanted].hwpt_id, want->hwpt_id, "%s", rows[i].what);
			cr_expect_eq(kernel.log[wanted].entry.addr, want->addr, "%s", rows[i].what);
			cr_expect_eq(
				kernel.log[wanted].entry.npages, want->npages, "%s", rows[i].what);
			cr_expect_eq(
				kernel.log[wanted].entry.flags, want->flags, "%s", rows[i].what);
		}
		cr_expect_eq(kernel.logged, wanted, "%s", rows[i].what);
	}
}

Test(vtd_relay, what_is_before_the_callers_own_is_complete, .init = start_default, .fini = stop)
{
	static const uint64_t words[][IOMMUCTL_VTD_INV_WORDS] = { PAGES(1, 0, 0x1000, 0), WAIT,
		PAGES(1, 0, 0x3000, 0), { 0xf, 0 } };
	struct iommuctl_smmuv3_refusal refusal = { .field = "none" };
	struct iommuctl_vtd_relay_counters counters;
	size_t done;

	cr_expect_eq(iommuctl_vtd_relay_issue(relay, words, 4, &done, &refusal), -EINVAL);
	cr_expect_eq(done, 1);
	cr_expect_eq(kernel.logged, 1);
	cr_expect_str_eq(refusal.field, "none", "the wait is legal");
	cr_expect_eq(iommuctl_vtd_relay_issue(relay, words + 2, 2, &done, &refusal), -EIO);
	cr_expect_eq(done, 1);
	cr_expect_eq(kernel.logged, 2);
	cr_expect_str_eq(refusal.field, "Type");
	iommuctl_vtd_relay_get_counters(relay, &counters);
	cr_expect_eq(counters.descriptors, 2);
	cr_expect_eq(counters.entries, 2);
	cr_expect_eq(counters.refused, 1);
}

static void fill(uint64_t (*words)[IOMMUCTL_VTD_INV_WORDS], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		words[i][0] = 0x10036;
		words[i][1] = i * 2 * 0x1000; /* no half of another one */
	}
}

Test(vtd_relay, batches_are_bounded, .fini = stop)
{
	static uint64_t words[100][IOMMUCTL_VTD_INV_WORDS];
	size_t done;

	start(16);
	fill(words, 100);
	cr_assert_eq(iommuctl_vtd_relay_issue(relay, words, 100, &done, NULL), 0);
	cr_expect_eq(done, 100);
	cr_expect_eq(kernel.logged, 100);
	cr_expect_eq(kernel.largest, 16);
	for (size_t i = 0; i < 100; i++)
		cr_expect_eq(kernel.log[i].entry.addr, i * 2 * 0x1000);
}

Test(vtd_relay, the_largest_batch_is_one_that_is_taken)
{
	struct iommuctl_vtd_relay_config config = {
		.iommufd = 7,
		.batch = IOMMUCTL_VTD_RELAY_BATCH_MAX,
	};

	ctx = script_context(&script);
	cr_assert_eq(iommuctl_vtd_relay_new(ctx, &config, &relay), 0);
	stop();
	ctx = script_context(&script);
	config.batch++;
	cr_expect_eq(iommuctl_vtd_relay_new(ctx, &config, &relay), -EINVAL);
	iommuctl_free(ctx);
}

Test(vtd_relay, goes_on_where_the_kernel_stopped)
{
	static uint64_t words[100][IOMMUCTL_VTD_INV_WORDS];

	fill(words, 100);
	for (size_t fail_after = 0; fail_after < 100; fail_after += 7) {
		struct iommuctl_vtd_relay_counters counters;
		size_t done;

		start(16);
		kernel.logged = 0;
		kernel.fail_after = fail_after;
		kernel.failures = 1;
		cr_assert_eq(iommuctl_vtd_relay_issue(relay, words, 100, &done, NULL), 0);
		cr_expect_eq(done, 100);
		cr_expect_eq(kernel.logged, 100, "each once");
		iommuctl_vtd_relay_get_counters(relay, &counters);
		cr_expect_eq(counters.resumed, 1);
		stop();
	}
}

Test(vtd_relay, says_how_far_it_came_where_it_cannot_go_on)
{
	static uint64_t words[100][IOMMUCTL_VTD_INV_WORDS];

	fill(words, 100);
	for (size_t fail_after = 0; fail_after < 100; fail_after += 7) {
		size_t done;

		start(16);
		kernel.logged = 0;
		kernel.fail_after = fail_after;
		kernel.failures = UINT32_MAX;
		cr_assert_eq(iommuctl_vtd_relay_issue(relay, words, 100, &done, NULL), -EFAULT);
		cr_expect_eq(done, fail_after);
		kernel.failures = 0;
		cr_assert_eq(
			iommuctl_vtd_relay_issue(relay, words + done, 100 - done, &done, NULL), 0);
		cr_expect_eq(kernel.logged, 100, "and then no other than what was left");
		stop();
	}
}

Test(vtd_relay, a_removed_hwpt_receives_nothing, .init = start_default, .fini = stop)
{
	static const uint64_t words[][IOMMUCTL_VTD_INV_WORDS] = { ALL(1, 0), IOTLB_GLOBAL };
	size_t done;

	cr_assert_eq(iommuctl_vtd_relay_remove_hwpt(relay, 1, 0), 0);
	cr_assert_eq(iommuctl_vtd_relay_issue(relay, words, 2, &done, NULL), 0);
	cr_expect_eq(kernel.logged, 2);
	for (size_t i = 0; i < kernel.logged; i++)
		cr_expect_neq(kernel.log[i].hwpt_id, 11);
	cr_expect_eq(iommuctl_vtd_relay_add_hwpt(relay, 1, 0, 13), 0);
}
