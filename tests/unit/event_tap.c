// SPDX-License-Identifier: MIT
/* A copy of what a VMM reads, for watchers: packets, losses, and invalid packets. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/events.h>
#include <iommuctl/transport.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "array.h"
#include "order.h"

TestSuite(event_tap);

#define PACKETS 64

/* A watcher with room for so many packets. */
struct watching {
	struct iommuctl_event_watcher watcher;
	struct iommuctl_event_tap *tap;
	size_t room;
	size_t count;
	size_t sizes[PACKETS];
	unsigned char packets[PACKETS][IOMMUCTL_EVENT_TAP_PACKET_MAX];
	bool leaves; /* it removes itself when it has no room */
};

static int take(void *data, const void *packet, size_t size)
{
	struct watching *watching = data;

	if (watching->count == watching->room) {
		if (watching->leaves)
			iommuctl_event_tap_remove(watching->tap, &watching->watcher);
		return -EAGAIN;
	}
	cr_assert_leq(size, IOMMUCTL_EVENT_TAP_PACKET_MAX);
	memcpy(watching->packets[watching->count], packet, size);
	watching->sizes[watching->count++] = size;
	return 0;
}

static void watch(struct watching *watching, struct iommuctl_event_tap *tap, size_t room)
{
	*watching = (struct watching){ .tap = tap, .room = room };
	watching->watcher.send = take;
	watching->watcher.data = watching;
	iommuctl_event_tap_add(tap, &watching->watcher);
}

static struct iommuctl_event_packet packet_at(const struct watching *watching, size_t at)
{
	struct iommuctl_event_packet packet;

	cr_assert_lt(at, watching->count);
	cr_assert_eq(
		iommuctl_event_tap_parse(watching->packets[at], watching->sizes[at], &packet), 0);
	return packet;
}

struct record {
	struct abi_vevent_header header;
	struct abi_vevent_arm_smmuv3 event;
};

static struct record event_of(uint32_t sequence)
{
	return (struct record){
		.header.sequence = sequence,
		.event.evt = { IOMMUCTL_SMMUV3_F_TRANSLATION, 0, 0x1000, 0 },
	};
}

static void put(struct iommuctl_event_tap *tap, uint32_t sequence)
{
	const struct record record = event_of(sequence);

	iommuctl_event_tap_put_events(
		tap, "smmu0", ABI_VEVENTQ_TYPE_ARM_SMMUV3, &record, sizeof(record));
}

Test(event_tap, all_watchers_get_the_kernels_bytes)
{
	struct iommuctl_event_tap tap = { 0 };
	const struct record record = event_of(5);
	struct watching *watching = calloc(2, sizeof(*watching));

	watch(&watching[0], &tap, 1);
	watch(&watching[1], &tap, 1);
	put(&tap, 5);
	for (size_t i = 0; i < 2; i++) {
		const struct iommuctl_event_packet packet = packet_at(&watching[i], 0);

		cr_expect_str_eq(packet.queue, "smmu0");
		cr_expect_eq(packet.kind, IOMMUCTL_EVENT_TAP_EVENTS);
		cr_expect_eq(packet.type, (uint32_t)ABI_VEVENTQ_TYPE_ARM_SMMUV3);
		cr_expect_eq(packet.dropped, 0);
		cr_assert_eq(packet.size, sizeof(record));
		cr_expect_eq(memcmp(packet.data, &record, sizeof(record)), 0);
	}
	free(watching);
}

Test(event_tap, page_faults_are_counted_as_lost_only_for_the_watcher_without_room)
{
	static const struct iommuctl_pgfault faults[2];
	struct iommuctl_event_tap tap = { 0 };
	struct watching *watching = calloc(2, sizeof(*watching));

	watch(&watching[0], &tap, 1);
	watch(&watching[1], &tap, PACKETS);
	for (uint32_t i = 0; i < 4; i++)
		iommuctl_event_tap_put_faults(&tap, "faults", faults, ARRAY_SIZE(faults));
	cr_expect_eq(watching[0].watcher.dropped, 6);
	watching[0].room = 3;
	put(&tap, 4);
	put(&tap, 5);
	cr_expect_eq(packet_at(&watching[0], 1).dropped, 6);
	cr_expect_eq(packet_at(&watching[0], 2).dropped, 0);
	cr_expect_eq(packet_at(&watching[1], 5).dropped, 0);
	free(watching);
}

Test(event_tap, a_watcher_that_leaves_meanwhile_is_not_missed)
{
	struct iommuctl_event_tap tap = { 0 };
	struct watching *watching = calloc(3, sizeof(*watching));

	for (size_t i = 0; i < 3; i++)
		watch(&watching[i], &tap, i == 1 ? 0 : PACKETS);
	watching[1].leaves = true;
	put(&tap, 0);
	put(&tap, 1);
	cr_expect_eq(watching[0].count, 2);
	cr_expect_eq(watching[2].count, 2);
	cr_expect_eq(watching[1].count, 0);
	iommuctl_event_tap_remove(&tap, &watching[1].watcher);
	iommuctl_event_tap_remove(&tap, &watching[0].watcher);
	iommuctl_event_tap_remove(&tap, &watching[2].watcher);
	cr_expect_null(tap.watchers);
	put(&tap, 2);
	free(watching);
}

Test(event_tap, many_page_faults_take_several_packets)
{
	struct iommuctl_event_tap tap = { 0 };
	struct watching *watching = calloc(1, sizeof(*watching));
	struct iommuctl_pgfault faults[120] = { 0 };
	size_t told = 0;

	for (uint32_t i = 0; i < ARRAY_SIZE(faults); i++)
		faults[i].addr = i;
	watch(watching, &tap, PACKETS);
	iommuctl_event_tap_put_faults(&tap, "faults", faults, ARRAY_SIZE(faults));
	for (size_t i = 0; i < watching->count; i++) {
		const struct iommuctl_event_packet packet = packet_at(watching, i);

		cr_expect_eq(packet.kind, IOMMUCTL_EVENT_TAP_FAULTS);
		cr_expect_eq(memcmp(packet.data, (char *)faults + told, packet.size), 0);
		told += packet.size;
	}
	cr_expect_eq(told, sizeof(faults));
	free(watching);
}

Test(event_tap, more_than_a_packet_takes_is_not_given)
{
	struct iommuctl_event_tap tap = { 0 };
	struct watching *watching = calloc(1, sizeof(*watching));
	struct record records[60];

	for (uint32_t i = 0; i < ARRAY_SIZE(records); i++)
		records[i] = event_of(i);
	watch(watching, &tap, PACKETS);
	iommuctl_event_tap_put_events(
		&tap, "smmu0", ABI_VEVENTQ_TYPE_ARM_SMMUV3, records, sizeof(records));
	cr_expect_eq(watching->count, 0);
#if SIZE_MAX > UINT32_MAX
	iommuctl_event_tap_put_events(&tap, "smmu0", ABI_VEVENTQ_TYPE_ARM_SMMUV3, records,
		(size_t)UINT32_MAX + 1 + sizeof(records[0]));
	cr_expect_eq(watching->count, 0);
#endif
	free(watching);
}

/* Overwrites that make a good packet invalid. */
Test(event_tap, what_is_no_packet_is_refused)
{
	static const struct {
		size_t at;
		unsigned char byte;
	} cases[] = {
		{ 0, 0 },		/* magic */
		{ 4, 2 },		/* version */
		{ LOW_BYTE(6, 2), 0 },	/* kind */
		{ LOW_BYTE(6, 2), 3 },	/* kind */
		{ LOW_BYTE(12, 4), 0 }, /* size */
		{ 13, 0xff },		/* size */
		{ 24, 0 },		/* no name */
		{ 24, '\n' },		/* a name that would break a line */
		{ 24, 0x1b },		/* one that would tell a terminal something */
		{ 24, ' ' }, { 56, 1 }, /* reserved */
	};
	struct iommuctl_event_tap tap = { 0 };
	struct watching *watching = calloc(1, sizeof(*watching));
	struct iommuctl_event_packet packet;
	unsigned char *bytes = watching->packets[0];

	watch(watching, &tap, 1);
	put(&tap, 0);
	for (size_t size = 0; size < watching->sizes[0]; size++)
		cr_expect_eq(iommuctl_event_tap_parse(bytes, size, &packet), -EPROTO);
	cr_expect_eq(iommuctl_event_tap_parse(bytes, watching->sizes[0] + 1, &packet), -EPROTO);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const unsigned char was = bytes[cases[i].at];

		bytes[cases[i].at] = cases[i].byte;
		cr_expect_eq(iommuctl_event_tap_parse(bytes, watching->sizes[0], &packet), -EPROTO,
			"case %zu", i);
		bytes[cases[i].at] = was;
	}
	bytes[LOW_BYTE(6, 2)] = IOMMUCTL_EVENT_TAP_FAULTS;
	bytes[LOW_BYTE(12, 4)]--;
	cr_expect_eq(iommuctl_event_tap_parse(bytes, watching->sizes[0] - 1, &packet), -EPROTO,
		"no whole page fault");
	bytes[LOW_BYTE(6, 2)] = IOMMUCTL_EVENT_TAP_EVENTS;
	bytes[LOW_BYTE(12, 4)]++;
	memset(bytes + 24, 'a', IOMMUCTL_EVENT_TAP_NAME_SIZE);
	cr_expect_eq(
		iommuctl_event_tap_parse(bytes, watching->sizes[0], &packet), -EPROTO, "no NUL");
	free(watching);
}

Test(event_tap, a_reader_that_is_fed_counts_what_is_missing)
{
	struct iommuctl_transport *transport;
	struct iommuctl_event_reader reader;
	struct iommuctl_smmuv3_event event;
	struct iommuctl *ctx;
	struct record records[2] = { event_of(0), event_of(4) };
	uint64_t lost = 99;

	cr_assert_eq(iommuctl_transport_kernel_new(&transport), 0);
	cr_assert_eq(iommuctl_new(transport, &ctx), 0);
	iommuctl_event_reader_init(&reader, ctx, -1);
	cr_expect_eq(iommuctl_event_reader_next(&reader, &event, NULL), -EAGAIN);
	cr_expect_eq(iommuctl_event_reader_feed(&reader, records, sizeof(records)), 0);
	cr_expect_eq(iommuctl_event_reader_feed(&reader, records, sizeof(records)), -EBUSY);
	cr_expect_eq(iommuctl_event_reader_next(&reader, &event, &lost), 0);
	cr_expect_eq(lost, 0);
	cr_expect_eq(iommuctl_event_reader_next(&reader, &event, &lost), 0);
	cr_expect_eq(lost, 3);
	cr_expect_eq(iommuctl_event_reader_next(&reader, &event, NULL), -EAGAIN);
	cr_expect_eq(iommuctl_event_reader_feed(&reader, records, sizeof(*records) - 1), 0);
	cr_expect_eq(iommuctl_event_reader_next(&reader, &event, NULL), -EPROTO);
	cr_expect_eq(iommuctl_event_reader_feed(&reader, records, 2049), -E2BIG);
	iommuctl_free(ctx);
}
