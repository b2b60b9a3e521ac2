// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>

#include "operations.h"

#define MAP_RW	   (IOMMUCTL_IOAS_MAP_READABLE | IOMMUCTL_IOAS_MAP_WRITEABLE)
#define MAX_RANGES 16

/* A kernel with IOMMUFD_TEST, as the rig's, takes this flag of a copy for one of its own tests. */
#define FLAG_OF_KERNEL_TESTS (1u << 16)

/* Some of the guest's memory, and where it goes. */
struct piece {
	uint64_t offset; /* in the guest's memory */
	uint64_t iova;
	uint64_t length;
	uint32_t flags;
};

static uint64_t pick_iova(struct dice *dice)
{
	const uint64_t page = dice_below(dice, GUEST_PAGES) * GUEST_PAGE;

	switch (dice_below(dice, 20)) {
	case 0: return MSI_WINDOW - 4 * GUEST_PAGE + dice_below(dice, 8) * GUEST_PAGE;
	case 1: return MSI_WINDOW + UINT64_C(0xfc000) + dice_below(dice, 8) * GUEST_PAGE;
	case 2: return (UINT64_C(1) << dice_below(dice, 64)) - page;
	case 3: return dice_next(dice);
	case 4: return GUEST_IPA + page + dice_below(dice, GUEST_PAGE);
	case 5: return page;
	case 6:
	case 7:
	case 8: return (UINT64_C(2) << 30) + page;
	case 9:
	case 10: return GUEST_IPA + GUEST_SIZE + page;
	default: return GUEST_IPA + page;
	}
}

static uint64_t pick_length(struct dice *dice)
{
	switch (dice_below(dice, 12)) {
	case 0: return GUEST_PAGE * dice_below(dice, GUEST_PAGES + 1);
	case 1: return dice_below(dice, GUEST_SIZE);
	case 2: return -GUEST_PAGE * dice_below(dice, 8);
	case 3: return GUEST_PAGE * 16;
	default: return GUEST_PAGE << dice_below(dice, 5);
	}
}

static uint32_t pick_map_flags(struct dice *dice)
{
	static const uint64_t access[] = { MAP_RW, MAP_RW, MAP_RW, IOMMUCTL_IOAS_MAP_READABLE,
		IOMMUCTL_IOAS_MAP_READABLE, IOMMUCTL_IOAS_MAP_WRITEABLE, 0 };
	uint32_t flags = dice_one_of(dice, access, 7);

	if (!dice_chance(dice, 10))
		flags |= IOMMUCTL_IOAS_MAP_FIXED_IOVA;
	if (dice_chance(dice, 3))
		flags ^= 1u << dice_below(dice, 32);
	return flags & ~FLAG_OF_KERNEL_TESTS;
}

/*
 * The page of the doorbell stays free. A HWPT keeps it mapped after its last device has gone, and with
 * that device the reserved region: a mapping there makes the kernel (7.3) warn of an inconsistency.
 */
static void avoid_doorbell(struct piece *piece)
{
	if (piece->iova < MSI_WINDOW + GUEST_PAGE &&
		(piece->iova > MSI_WINDOW || piece->length > MSI_WINDOW - piece->iova))
		piece->iova = MSI_WINDOW + GUEST_PAGE;
}

static struct piece part_piece(enum guest_part part)
{
	const uint64_t start = part == GUEST_TABLES ? GUEST_DATA_SIZE : 0;
	const uint64_t end = part == GUEST_DATA ? GUEST_DATA_SIZE : GUEST_SIZE;

	return (struct piece){ start, GUEST_IPA + start, end - start,
		MAP_RW | IOMMUCTL_IOAS_MAP_FIXED_IOVA };
}

/* No more than there is of the guest's memory, unless it is so much that the kernel says so at once. */
static struct piece pick_piece(struct dice *dice)
{
	struct piece piece = {
		.offset = dice_below(dice, GUEST_PAGES) * GUEST_PAGE,
		.iova = pick_iova(dice),
		.length = pick_length(dice),
		.flags = pick_map_flags(dice),
	};
	const bool whole = dice_chance(dice, 25), same = dice_chance(dice, 50);
	const enum guest_part part = dice_below(dice, GUEST_PARTS);

	if (dice->plain)
		return part_piece(dice->choice);
	if (whole)
		return part_piece(part);
	if (dice_chance(dice, 3))
		piece.offset += dice_below(dice, GUEST_PAGE);
	if (same)
		piece.offset = piece.iova % GUEST_SIZE;
	if (piece.length <= GUEST_SIZE && piece.length > GUEST_SIZE - piece.offset)
		piece.length = GUEST_SIZE - piece.offset;
	avoid_doorbell(&piece);
	return piece;
}

static void say_piece(struct subject *subject, const struct piece *piece)
{
	transcript_say(&subject->transcript,
		" offset=%#" PRIx64 " iova=%#" PRIx64 " length=%#" PRIx64 " flags=%#x",
		piece->offset, piece->iova, piece->length, piece->flags);
}

static void say_iova(struct subject *subject, int err, uint64_t iova)
{
	transcript_say_result(&subject->transcript, err);
	if (!err)
		transcript_say(&subject->transcript, " iova=%#" PRIx64, iova);
}

void operation_ioas_alloc(struct subject *subject, struct dice *dice)
{
	uint32_t id;
	int err;

	err = iommuctl_ioas_alloc(subject->ctx, subject->iommufd, &id);
	transcript_say_result(&subject->transcript, err);
	if (err)
		return;
	transcript_say(&subject->transcript, " ioas=%u", id);
	subject_keep(subject, dice, SLOT_IOAS, id, -1);
}

void operation_ioas_map(struct subject *subject, struct dice *dice)
{
	const uint32_t ioas = subject_pick(subject, dice, SLOT_IOAS);
	struct piece piece = pick_piece(dice);
	int err;

	transcript_say(&subject->transcript, " ioas=%u", ioas);
	say_piece(subject, &piece);
	err = iommuctl_ioas_map(subject->ctx, subject->iommufd,
		&(struct iommuctl_ioas_map_args){ .flags = piece.flags,
			.ioas_id = ioas,
			.host = subject->guest.host + piece.offset,
			.length = piece.length },
		&piece.iova);
	say_iova(subject, err, piece.iova);
}

void operation_ioas_map_file(struct subject *subject, struct dice *dice)
{
	const uint32_t ioas = subject_pick(subject, dice, SLOT_IOAS);
	struct piece piece = pick_piece(dice);
	const bool beyond = dice_chance(dice, 5), no_file = dice_chance(dice, 2);
	int err;

	if (beyond)
		piece.offset += UINT64_C(2) << 20;
	transcript_say(&subject->transcript, " ioas=%u%s", ioas, no_file ? " file=none" : "");
	say_piece(subject, &piece);
	err = iommuctl_ioas_map_file(subject->ctx, subject->iommufd,
		&(struct iommuctl_ioas_map_file_args){ .flags = piece.flags,
			.ioas_id = ioas,
			.file = no_file ? -1 : subject->guest.memfd,
			.start = piece.offset,
			.length = piece.length },
		&piece.iova);
	say_iova(subject, err, piece.iova);
}

void operation_ioas_copy(struct subject *subject, struct dice *dice)
{
	const struct piece from = pick_piece(dice);
	struct piece to = pick_piece(dice);
	const struct iommuctl_ioas_copy_args args = {
		.flags = to.flags,
		.dst_ioas_id = subject_pick(subject, dice, SLOT_IOAS),
		.src_ioas_id = subject_pick(subject, dice, SLOT_IOAS),
		.length = from.length,
		.src_iova = from.iova,
	};
	int err;

	to.length = from.length;
	avoid_doorbell(&to);
	transcript_say(&subject->transcript,
		" dst=%u src=%u src_iova=%#" PRIx64 " iova=%#" PRIx64 " length=%#" PRIx64
		" flags=%#x",
		args.dst_ioas_id, args.src_ioas_id, args.src_iova, to.iova, args.length,
		args.flags);
	err = iommuctl_ioas_copy(subject->ctx, subject->iommufd, &args, &to.iova);
	say_iova(subject, err, to.iova);
}

/*
 * Tables are only unmapped while no device is attached: with a CD, QEMU's SMMU remembers where stage 2 had
 * its root tables, and no TLB invalidation makes it forget that.
 */
static void spare_tables(const struct subject *subject, struct piece *piece)
{
	const uint64_t tables = GUEST_IPA + GUEST_DATA_SIZE, end = GUEST_IPA + GUEST_SIZE;
	bool attached = false;

	for (unsigned int i = 0; i < SUBJECT_DEVICES; i++)
		attached |= subject->devices[i].attached;
	if (!subject->mock && attached && piece->iova < end &&
		(piece->iova > tables || piece->length > tables - piece->iova))
		*piece = part_piece(GUEST_DATA);
}

void operation_ioas_unmap(struct subject *subject, struct dice *dice)
{
	const uint32_t ioas = subject_pick(subject, dice, SLOT_IOAS);
	const bool all = dice_chance(dice, 4);
	struct piece piece = pick_piece(dice);
	uint64_t unmapped;
	int err;

	if (all) {
		piece.iova = 0;
		piece.length = UINT64_MAX;
	}
	spare_tables(subject, &piece);
	transcript_say(&subject->transcript, " ioas=%u iova=%#" PRIx64 " length=%#" PRIx64, ioas,
		piece.iova, piece.length);
	err = iommuctl_ioas_unmap(
		subject->ctx, subject->iommufd, ioas, piece.iova, piece.length, &unmapped);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		transcript_say(&subject->transcript, " unmapped=%#" PRIx64, unmapped);
}

void operation_ioas_ranges(struct subject *subject, struct dice *dice)
{
	const uint32_t ioas = subject_pick(subject, dice, SLOT_IOAS);
	uint32_t room = dice_chance(dice, 80) ? MAX_RANGES : dice_below(dice, 3), count = room;
	struct iommuctl_iova_range ranges[MAX_RANGES];
	uint64_t alignment;
	int err;

	transcript_say(&subject->transcript, " ioas=%u room=%u", ioas, room);
	err = iommuctl_ioas_get_iova_ranges(
		subject->ctx, subject->iommufd, ioas, ranges, &count, &alignment);
	transcript_say_result(&subject->transcript, err);
	if (err && err != -EMSGSIZE)
		return;
	transcript_say(&subject->transcript, " count=%u alignment=%#" PRIx64, count, alignment);
	for (uint32_t i = 0; i < count && !err; i++)
		transcript_say(&subject->transcript, " %#" PRIx64 "-%#" PRIx64, ranges[i].start,
			ranges[i].last);
}

void operation_ioas_allow(struct subject *subject, struct dice *dice)
{
	const uint32_t ioas = subject_pick(subject, dice, SLOT_IOAS);
	const uint32_t count = dice_below(dice, 4);
	struct iommuctl_iova_range ranges[3] = { 0 };
	int err;

	transcript_say(&subject->transcript, " ioas=%u", ioas);
	for (uint32_t i = 0; i < count; i++) {
		const bool wide = dice_chance(dice, 80);
		struct piece piece = { .iova = pick_iova(dice), .length = pick_length(dice) };

		if (wide)
			piece = (struct piece){ .iova = GUEST_IPA * (i + 1), .length = GUEST_IPA };
		avoid_doorbell(&piece);
		ranges[i].start = piece.iova;
		ranges[i].last = piece.iova + piece.length - 1;
		transcript_say(&subject->transcript, " %#" PRIx64 "-%#" PRIx64, ranges[i].start,
			ranges[i].last);
	}
	err = iommuctl_ioas_allow_iovas(subject->ctx, subject->iommufd, ioas, ranges, count);
	transcript_say_result(&subject->transcript, err);
}

void operation_option(struct subject *subject, struct dice *dice)
{
	const bool huge = !dice_chance(dice, 20), set = dice_chance(dice, 50);
	const uint32_t ioas = subject_pick(subject, dice, SLOT_IOAS);
	const uint32_t option = dice_chance(dice, 3) ? 7
				: huge		     ? IOMMUCTL_OPTION_HUGE_PAGES
						     : IOMMUCTL_OPTION_RLIMIT_MODE;
	const uint32_t object = huge || dice_chance(dice, 10) ? ioas : 0;
	uint64_t value = dice_chance(dice, 5) ? 2 : dice_below(dice, 2);
	int err;

	transcript_say(&subject->transcript, " option=%u object=%u %s", option, object,
		set ? "set" : "get");
	if (set) {
		transcript_say(&subject->transcript, " value=%" PRIu64, value);
		err = iommuctl_option_set(subject->ctx, subject->iommufd, option, object, value);
	} else {
		err = iommuctl_option_get(subject->ctx, subject->iommufd, option, object, &value);
	}
	transcript_say_result(&subject->transcript, err);
	if (!err && !set)
		transcript_say(&subject->transcript, " value=%" PRIu64, value);
}

void operation_vfio_ioas(struct subject *subject, struct dice *dice)
{
	uint32_t ioas = subject_pick(subject, dice, SLOT_IOAS);
	int err;

	switch (dice_below(dice, 3)) {
	case 0:
		transcript_say(&subject->transcript, " set ioas=%u", ioas);
		err = iommuctl_vfio_ioas_set(subject->ctx, subject->iommufd, ioas);
		break;
	case 1:
		transcript_say(&subject->transcript, " clear");
		err = iommuctl_vfio_ioas_clear(subject->ctx, subject->iommufd);
		break;
	default:
		transcript_say(&subject->transcript, " get");
		err = iommuctl_vfio_ioas_get(subject->ctx, subject->iommufd, &ioas);
		if (!err)
			transcript_say(&subject->transcript, " ioas=%u", ioas);
	}
	transcript_say_result(&subject->transcript, err);
}

void operation_change_process(struct subject *subject, struct dice *dice)
{
	(void)dice;
	transcript_say_result(
		&subject->transcript, iommuctl_ioas_change_process(subject->ctx, subject->iommufd));
}
