// SPDX-License-Identifier: MIT
/* Events and page faults one by one, from scripted bytes. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/events.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/tegra241_cmdqv.h"
#include "array.h"
#include "transport.h"

#define FD	  9
#define LAST	  UINT32_C(0x7fffffff)
#define LOST	  ABI_VEVENTQ_FLAG_LOST_EVENTS
#define FAULTS	  4
#define LAST_PAGE IOMMUCTL_PGFAULT_FLAGS_LAST_PAGE

static struct script *script;
static struct iommuctl *ctx;
static struct iommuctl_event_reader events;
static struct iommuctl_fault_reader faults;
static struct iommuctl_pgfault room[FAULTS];

/* What the queue delivers next. */
static unsigned char bytes[1024];
static size_t byte_count;

static void set_up(void)
{
	script = script_new(NULL);
	cr_assert_eq(iommuctl_new(&script->base, &ctx), 0);
	script->answer = bytes;
	byte_count = 0;
	iommuctl_event_reader_init(&events, ctx, FD);
	iommuctl_fault_reader_init(&faults, ctx, FD, room, FAULTS);
}

static void tear_down(void)
{
	iommuctl_free(ctx);
}

TestSuite(event_reader, .init = set_up, .fini = tear_down);

static void put(const void *data, size_t size)
{
	cr_assert_leq(byte_count + size, sizeof(bytes));
	memcpy(bytes + byte_count, data, size);
	byte_count += size;
	script->answer_size = byte_count;
}

static void put_nothing(void)
{
	byte_count = 0;
	script->answer_size = 0;
}

static void put_lost(uint32_t sequence)
{
	const struct abi_vevent_header header = { .flags = LOST, .sequence = sequence };

	put(&header, sizeof(header));
}

/* An F_TRANSLATION whose address is its number. */
static void put_event(uint32_t sequence)
{
	const struct abi_vevent_header header = { .sequence = sequence };
	const struct abi_vevent_arm_smmuv3 record = {
		.evt = { htole64(IOMMUCTL_SMMUV3_F_TRANSLATION), 0, htole64(sequence), 0 }
	};

	put(&header, sizeof(header));
	put(&record, sizeof(record));
}

static void expect_event(uint32_t sequence, uint64_t lost)
{
	struct iommuctl_smmuv3_event event;
	uint64_t gone = ~UINT64_C(0);

	cr_assert_eq(iommuctl_event_reader_next(&events, &event, &gone), 0, "event %u", sequence);
	cr_expect_eq(event.type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_expect_eq(event.inputaddr, sequence);
	cr_expect_eq(gone, lost, "before event %u: %llu", sequence, (unsigned long long)gone);
}

static void expect_end(int err, uint64_t lost)
{
	struct iommuctl_smmuv3_event event;
	uint64_t gone = ~UINT64_C(0);

	put_nothing();
	cr_assert_eq(iommuctl_event_reader_next(&events, &event, &gone), err);
	cr_expect_eq(gone, lost, "%llu", (unsigned long long)gone);
}

Test(event_reader, many_come_with_one_read)
{
	for (uint32_t i = 0; i < 6; i++)
		put_event(i);
	cr_expect_not(iommuctl_event_reader_holds_events(&events));
	for (uint32_t i = 0; i < 6; i++) {
		expect_event(i, 0);
		cr_expect_eq(iommuctl_event_reader_holds_events(&events), i < 5);
	}
	cr_expect_eq(script->calls[SCRIPT_READ], 1);
	expect_end(-EAGAIN, 0);
	cr_expect_eq(events.received, 6);
	cr_expect_eq(events.lost, 0);
}

static void put_cmdqv_event(uint32_t sequence, uint64_t map)
{
	const struct abi_vevent_header header = { .sequence = sequence };
	const struct abi_vevent_tegra241_cmdqv record = { { htole64(map), htole64(1) } };

	put(&header, sizeof(header));
	put(&record, sizeof(record));
}

Test(event_reader, events_of_a_cmdqv_are_read_and_counted_as_those_of_an_smmu)
{
	struct iommuctl_smmuv3_cmdqv_event event;
	uint64_t lost = 99;

	iommuctl_event_reader_init_typed(&events, ctx, FD, IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV);
	put_cmdqv_event(0, 5);
	put_lost(2);
	put_cmdqv_event(3, 6);
	cr_assert_eq(iommuctl_event_reader_next_cmdqv(&events, &event, &lost), 0);
	cr_expect_eq(event.lvcmdq_err_map_0, 5);
	cr_expect_eq(event.lvcmdq_err_map_1, 1);
	cr_expect_eq(lost, 0);
	cr_assert_eq(iommuctl_event_reader_next_cmdqv(&events, &event, &lost), 0);
	cr_expect_eq(event.lvcmdq_err_map_0, 6);
	cr_expect_eq(lost, 2);
	put_nothing();
	cr_expect_eq(iommuctl_event_reader_next_cmdqv(&events, &event, NULL), -EAGAIN);
	cr_expect_eq(events.received, 2);
	cr_expect_eq(events.lost, 2);
}

Test(event_reader, a_queue_is_of_one_type)
{
	struct iommuctl_smmuv3_cmdqv_event cmdqv;
	struct iommuctl_smmuv3_event event;

	put_event(0);
	cr_expect_eq(iommuctl_event_reader_next_cmdqv(&events, &cmdqv, NULL), -EINVAL);
	cr_expect_str_eq(iommuctl_last_error(ctx)->explanation[0].cause,
		"the queue has events of another type");
	cr_expect_eq(iommuctl_event_reader_next_cmdqv(&events, NULL, NULL), -EINVAL);
	cr_expect_eq(script->calls[SCRIPT_READ], 0);
	iommuctl_event_reader_init_typed(&events, ctx, FD, IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV);
	cr_expect_eq(iommuctl_event_reader_next(&events, &event, NULL), -EINVAL);
	events = (struct iommuctl_event_reader){ .ctx = NULL };
	cr_expect_eq(iommuctl_event_reader_next_cmdqv(&events, &cmdqv, NULL), -EINVAL);
	cr_expect_eq(iommuctl_event_reader_next_cmdqv(NULL, &cmdqv, NULL), -EINVAL);
}

Test(event_reader, the_number_after_the_last_is_0)
{
	events.expected = LAST;
	put_event(LAST);
	put_event(0);
	expect_event(LAST, 0);
	expect_event(0, 0);
	cr_expect_eq(events.expected, 1);
}

Test(event_reader, a_gap_counts_what_is_missing)
{
	put_event(0);
	put_event(4);
	expect_event(0, 0);
	expect_event(4, 3);

	events.expected = LAST - 1;
	put_nothing();
	put_event(2);
	expect_event(2, 4);
	cr_expect_eq(events.lost, 7);
}

Test(event_reader, a_lost_header_stands_for_the_last_one_lost)
{
	put_event(0);
	put_lost(3);
	put_event(4);
	expect_event(0, 0);
	expect_event(4, 3);
	cr_expect_eq(events.lost, 3);
}

Test(event_reader, a_lost_header_may_come_alone)
{
	put_event(0);
	put_lost(LAST - 5);
	events.expected = 0;
	expect_event(0, 0);
	events.expected = LAST - 9;
	expect_end(-EAGAIN, 5);
	expect_end(-EAGAIN, 0);
	put_event(LAST - 4);
	expect_event(LAST - 4, 0);
	cr_expect_eq(events.lost, 5);
}

/* The third is followed by the first: the queue never runs dry. */
Test(event_reader, endless_losses_are_reported_in_parts)
{
	struct iommuctl_smmuv3_event event;

	put_lost(0);
	put_lost(LAST / 2);
	put_lost(LAST);
	for (unsigned int calls = 1; calls < 4; calls++) {
		uint64_t lost = 0;

		cr_expect_eq(iommuctl_event_reader_next(&events, &event, &lost), -EAGAIN);
		cr_expect_eq(lost, 2 * (UINT64_C(1) << 31));
		cr_expect_eq(script->calls[SCRIPT_READ], 2 * calls);
	}
}

Test(event_reader, what_was_not_initialised_is_refused)
{
	struct iommuctl_event_reader no_events = { 0 };
	struct iommuctl_fault_reader no_faults = { 0 };
	const struct iommuctl_pgfault *group;
	struct iommuctl_smmuv3_event event;
	size_t count;

	cr_expect_eq(iommuctl_event_reader_next(&no_events, &event, NULL), -EINVAL);
	cr_expect_eq(iommuctl_event_reader_next(NULL, &event, NULL), -EINVAL);
	cr_expect_eq(iommuctl_fault_reader_next(&no_faults, &group, &count), -EINVAL);
	cr_expect_eq(iommuctl_fault_reader_respond(&no_faults, 1, 0), -EINVAL);
	cr_expect_eq(script->calls[SCRIPT_READ] + script->calls[SCRIPT_WRITE], 0);
}

Test(event_reader, a_number_from_the_past_is_no_event)
{
	struct iommuctl_smmuv3_event event;

	put_event(0);
	put_event(0);
	expect_event(0, 0);
	cr_expect_eq(iommuctl_event_reader_next(&events, &event, NULL), -EPROTO);
	cr_expect_eq(events.lost, 0);
	put_nothing();
	put_event(1);
	expect_event(1, 0);
}

Test(event_reader, half_an_event_is_dropped)
{
	const size_t whole =
		sizeof(struct abi_vevent_header) + sizeof(struct abi_vevent_arm_smmuv3);

	for (size_t cut = 1; cut < whole; cut++) {
		struct iommuctl_smmuv3_event event;

		iommuctl_event_reader_init(&events, ctx, FD);
		put_nothing();
		put_event(0);
		put_event(1);
		script->answer_size = whole + cut;
		expect_event(0, 0);
		cr_expect_eq(
			iommuctl_event_reader_next(&events, &event, NULL), -EPROTO, "%zu", cut);
		expect_end(-EAGAIN, 0);
	}
}

Test(event_reader, the_kernels_errors_are_passed_on)
{
	struct iommuctl_smmuv3_event event;

	script->errors[SCRIPT_READ] = ENODEV;
	cr_expect_eq(iommuctl_event_reader_next(&events, &event, NULL), -ENODEV);
	script->errors[SCRIPT_READ] = 0;
	put_event(0);
	expect_event(0, 0);
}

static void put_fault(uint32_t grpid, uint32_t cookie, uint32_t flags)
{
	const struct iommuctl_pgfault fault = {
		.flags = flags,
		.dev_id = 1,
		.grpid = grpid,
		.addr = byte_count,
		.cookie = cookie,
	};

	put(&fault, sizeof(fault));
}

static void expect_group(uint32_t cookie, size_t size)
{
	const struct iommuctl_pgfault *group;
	size_t count;

	cr_assert_eq(iommuctl_fault_reader_next(&faults, &group, &count), 0, "group %u", cookie);
	cr_expect_eq(count, size);
	cr_expect_eq(group->cookie, cookie);
	cr_expect_eq(group[count - 1].flags, LAST_PAGE);
}

static void expect_no_group(int err)
{
	const struct iommuctl_pgfault *group;
	size_t count;

	cr_expect_eq(iommuctl_fault_reader_next(&faults, &group, &count), err);
}

Test(event_reader, page_fault_groups_come_whole)
{
	put_fault(5, 1, 0);
	put_fault(5, 1, 0);
	put_fault(5, 1, LAST_PAGE);
	put_fault(5, 2, LAST_PAGE);
	expect_group(1, 3);
	expect_group(2, 1);
	cr_expect_eq(script->calls[SCRIPT_READ], 1);
	put_nothing();
	expect_no_group(-EAGAIN);
	put_fault(6, 3, LAST_PAGE);
	expect_group(3, 1);
}

Test(event_reader, page_faults_that_form_no_group_are_dropped)
{
	static const struct {
		uint32_t grpid, cookie, flags;
	} seconds[] = {
		{ 5, 1, 0 },	     /* no end */
		{ 6, 1, LAST_PAGE }, /* another group */
		{ 5, 2, LAST_PAGE }, /* another cookie */
	};

	for (size_t i = 0; i < ARRAY_SIZE(seconds); i++) {
		put_nothing();
		put_fault(5, 1, 0);
		put_fault(seconds[i].grpid, seconds[i].cookie, seconds[i].flags);
		expect_no_group(-EPROTO);
		put_nothing();
		expect_no_group(-EAGAIN);
	}
}

Test(event_reader, a_page_fault_group_that_does_not_fit_is_left_to_the_kernel)
{
	script->errors[SCRIPT_READ] = EINVAL;
	expect_no_group(-EINVAL);
}

Test(event_reader, a_page_response_is_written_once)
{
	cr_expect_eq(iommuctl_fault_reader_respond(&faults, 3, IOMMUCTL_PAGE_RESP_SUCCESS), 0);
	cr_expect_eq(script->calls[SCRIPT_WRITE], 1);
	script->errors[SCRIPT_WRITE] = EINVAL;
	cr_expect_eq(
		iommuctl_fault_reader_respond(&faults, 4, IOMMUCTL_PAGE_RESP_INVALID), -EINVAL);
}

Test(event_reader, a_fault_reader_not_initialised_or_without_room_is_refused)
{
	const struct iommuctl_fault_reader bad[] = {
		{ .fd = FD },
		{ .ctx = ctx, .fd = FD },
		{ .ctx = ctx, .fd = FD, .faults = room },
		{ .fd = FD, .faults = room, .room = FAULTS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct iommuctl_fault_reader reader = bad[i];
		const struct iommuctl_pgfault *group;
		size_t count;

		cr_expect_eq(
			iommuctl_fault_reader_next(&reader, &group, &count), -EINVAL, "%zu", i);
		cr_expect_eq(iommuctl_fault_reader_respond(&reader, 1, 0), -EINVAL, "%zu", i);
	}
	cr_expect_eq(script->calls[SCRIPT_READ] + script->calls[SCRIPT_WRITE], 0);
}
