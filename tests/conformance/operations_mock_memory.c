// SPDX-License-Identifier: MIT
/* On the kernel's mock: dirty pages, accesses of the kernel's own, and dma-bufs. */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "abi/iommufd_test.h"
#include "operations.h"

#define BITMAP_WORDS 8
#define BUFFER_SIZE  1024

void operation_mock_tracking(struct subject *subject, struct dice *dice)
{
	const uint32_t hwpt = subject_pick(subject, dice, SLOT_PAGING);
	const uint32_t flags = dice->plain || dice_chance(dice, 80) ? 1 : dice_below(dice, 3);

	transcript_say(&subject->transcript, " hwpt=%u flags=%u", hwpt, flags);
	transcript_say_result(&subject->transcript,
		iommuctl_hwpt_set_dirty_tracking(subject->ctx, subject->iommufd, hwpt, flags));
}

/* What is written where pages may be mapped as one is not known page by page. */
void operation_mock_dirty(struct subject *subject, struct dice *dice)
{
	static const uint64_t sizes[] = { 2048, 4096, 4096, 8192, 4095 };
	const uint64_t bits[2] = { dice_next(dice) & dice_next(dice), 0 };
	const uint64_t page_size = dice_one_of(dice, sizes, 5);
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_DIRTY,
		.id = subject_pick(subject, dice, SLOT_PAGING),
		.dirty = {
			.iova = GUEST_IPA + GUEST_PAGE * dice_below(dice, GUEST_PAGES),
			.page_size = page_size,
			.length = page_size * dice_below(dice, 17),
			.uptr = (uintptr_t)bits,
		},
	};
	int err;

	transcript_say(&subject->transcript,
		" hwpt=%u iova=%#" PRIx64 " length=%#" PRIx64 " page_size=%" PRIu64, command.id,
		(uint64_t)command.dirty.iova, (uint64_t)command.dirty.length, page_size);
	if (!subject->exact[command.id % SUBJECT_EXACT]) {
		transcript_say(&subject->transcript, " not exact");
		return;
	}
	err = subject_command(subject, &command);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		transcript_say(&subject->transcript, " dirty=%" PRIu64,
			(uint64_t)command.dirty.out_nr_dirty);
}

void operation_mock_bitmap(struct subject *subject, struct dice *dice)
{
	static const uint64_t sizes[] = { 2048, 4096, 4096, 8192, 16384 };
	uint64_t bitmap[BITMAP_WORDS] = { 0 };
	const struct iommuctl_dirty_bitmap_args args = {
		.hwpt_id = subject_pick(subject, dice, SLOT_PAGING),
		.flags = dice_chance(dice, 50) ? 0 : dice_below(dice, 3),
		.iova = GUEST_IPA + GUEST_PAGE * 4 * dice_below(dice, GUEST_PAGES / 4) +
			(dice_odd(dice, 5) ? 1 : 0),
		.length = GUEST_PAGE * 4 * dice_below(dice, 17),
		.page_size = dice_one_of(dice, sizes, 5),
		.bitmap = bitmap,
	};
	int err;

	transcript_say(&subject->transcript,
		" hwpt=%u flags=%u iova=%#" PRIx64 " length=%#" PRIx64 " page_size=%#" PRIx64,
		args.hwpt_id, args.flags, args.iova, args.length, args.page_size);
	err = iommuctl_hwpt_get_dirty_bitmap(subject->ctx, subject->iommufd, &args);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		transcript_say(&subject->transcript, " bits=%016" PRIx64,
			hash_words(HASH_START, bitmap, sizeof(bitmap)));
}

void operation_mock_access(struct subject *subject, struct dice *dice)
{
	const bool pins = dice->plain || dice_chance(dice, 70);
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_CREATE_ACCESS,
		.id = subject_pick(subject, dice, SLOT_IOAS),
		.create_access = { .flags = (pins ? 1 : 0) | (dice_odd(dice, 3) ? 2 : 0) },
	};
	int err;

	transcript_say(
		&subject->transcript, " ioas=%u flags=%u", command.id, command.create_access.flags);
	err = subject_command(subject, &command);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		subject_keep(
			subject, dice, SLOT_ACCESS, 1, (int)command.create_access.out_access_fd);
}

/* The file of an access, or sometimes none. */
static uint32_t pick_access(struct subject *subject, struct dice *dice)
{
	const unsigned int slot = subject_pick_slot(subject, dice, SLOT_ACCESS);

	transcript_say(&subject->transcript, " slot=%u", slot);
	return (uint32_t)subject->queue_fds[SLOT_ACCESS][slot];
}

void operation_mock_access_replace(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_ACCESS_REPLACE_IOAS,
		.id = pick_access(subject, dice),
		.access_replace_ioas = { .ioas_id = subject_pick(subject, dice, SLOT_IOAS) },
	};

	transcript_say(&subject->transcript, " ioas=%u", command.access_replace_ioas.ioas_id);
	transcript_say_result(&subject->transcript, subject_command(subject, &command));
}

void operation_mock_access_rw(struct subject *subject, struct dice *dice)
{
	unsigned char buffer[BUFFER_SIZE];
	const uint64_t value = dice_next(dice);
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_ACCESS_RW,
		.id = pick_access(subject, dice),
		.access_rw = {
			.iova = GUEST_IPA + dice_below(dice, GUEST_SIZE),
			.length = dice_chance(dice, 5) ? 0 : 1 + dice_below(dice, BUFFER_SIZE),
			.uptr = (uintptr_t)buffer,
			.flags = dice_below(dice, 2) | (dice_chance(dice, 20) ? 4 : 0) |
				 (dice_chance(dice, 3) ? 8 : 0),
		},
	};
	int err;

	memset(buffer, (int)(value & 0xff), sizeof(buffer));
	transcript_say(&subject->transcript, " iova=%#" PRIx64 " length=%#" PRIx64 " flags=%#x",
		(uint64_t)command.access_rw.iova, (uint64_t)command.access_rw.length,
		command.access_rw.flags);
	err = subject_command(subject, &command);
	transcript_say_result(&subject->transcript, err);
	transcript_say(&subject->transcript, " %016" PRIx64,
		hash_words(HASH_START, buffer, sizeof(buffer)));
}

void operation_mock_access_pin(struct subject *subject, struct dice *dice)
{
	const uint64_t page = GUEST_PAGE * dice_below(dice, GUEST_PAGES);
	const uint64_t offset = dice_chance(dice, 10) ? 2048 : 0;
	const bool named = dice_chance(dice, 60);
	const uint64_t other = dice_chance(dice, 10) ? 0 : page;
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_ACCESS_PAGES,
		.id = pick_access(subject, dice),
		.access_pages = {
			.flags = dice_below(dice, 2) | (dice_chance(dice, 3) ? 4 : 0),
			.iova = GUEST_IPA + page + offset,
			.length = dice_below(dice, 5 * GUEST_PAGE),
		},
	};
	int err;

	if (command.access_pages.length > GUEST_SIZE - page - offset)
		command.access_pages.length = GUEST_SIZE - page - offset;
	if (named)
		command.access_pages.uptr = (uintptr_t)subject->guest.host + other + offset;
	transcript_say(&subject->transcript, " iova=%#" PRIx64 " length=%#" PRIx64 " flags=%#x%s",
		(uint64_t)command.access_pages.iova, (uint64_t)command.access_pages.length,
		command.access_pages.flags, named ? other == page ? " same" : " other" : "");
	err = subject_command(subject, &command);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		transcript_say(
			&subject->transcript, " pin=%u", command.access_pages.out_access_pages_id);
}

void operation_mock_access_unpin(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_DESTROY_ACCESS_PAGES,
		.id = pick_access(subject, dice),
		.destroy_access_pages = { .access_pages_id = dice_below(dice, 6) },
	};

	transcript_say(
		&subject->transcript, " pin=%u", command.destroy_access_pages.access_pages_id);
	transcript_say_result(&subject->transcript, subject_command(subject, &command));
}

/* Its file is the first number that is free; Linux 7.3 does not tell. */
void operation_mock_dma_buf(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_DMABUF_GET,
		.dmabuf_get = {
			.length = dice_odd(dice, 10) ? 0 : GUEST_PAGE * (1 + dice_below(dice, 4)),
			.open_flags = O_CLOEXEC,
		},
	};
	const int next = fcntl(subject->iommufd, F_DUPFD_CLOEXEC, 0);
	int err;

	close(next);
	transcript_say(&subject->transcript, " length=%#x", command.dmabuf_get.length);
	err = subject_command(subject, &command);
	transcript_say_result(&subject->transcript, err < 0 ? err : 0);
	if (err >= 0)
		subject_keep(subject, dice, SLOT_DMA_BUF, 1, err ? err : next);
}

static int pick_dma_buf(struct subject *subject, struct dice *dice)
{
	const unsigned int slot = subject_pick_slot(subject, dice, SLOT_DMA_BUF);

	transcript_say(&subject->transcript, " slot=%u", slot);
	return subject->queue_fds[SLOT_DMA_BUF][slot];
}

void operation_mock_dma_buf_map(struct subject *subject, struct dice *dice)
{
	uint64_t iova = GUEST_IPA + GUEST_PAGE * dice_below(dice, GUEST_PAGES + 8);
	const struct iommuctl_ioas_map_file_args args = {
		.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | (dice_below(dice, 3) + 1) << 1,
		.ioas_id = subject_pick(subject, dice, SLOT_IOAS),
		.file = pick_dma_buf(subject, dice),
		.start = GUEST_PAGE * dice_below(dice, 2),
		.length = GUEST_PAGE * (1 + dice_below(dice, 3)),
	};

	transcript_say(&subject->transcript,
		" ioas=%u iova=%#" PRIx64 " start=%#" PRIx64 " length=%#" PRIx64 " flags=%#x",
		args.ioas_id, iova, args.start, args.length, args.flags);
	if (args.file < 0) {
		transcript_say(&subject->transcript, " none");
		return;
	}
	transcript_say_result(&subject->transcript,
		iommuctl_ioas_map_file(subject->ctx, subject->iommufd, &args, &iova));
}

void operation_mock_dma_buf_revoke(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_DMABUF_REVOKE,
		.dmabuf_revoke = {
			.dmabuf_fd = pick_dma_buf(subject, dice),
			.revoked = dice_chance(dice, 70),
		},
	};

	transcript_say(&subject->transcript, " revoked=%u", command.dmabuf_revoke.revoked);
	transcript_say_result(&subject->transcript, subject_command(subject, &command));
}

void operation_mock_translates(struct subject *subject, struct dice *dice)
{
	const uint64_t page = GUEST_PAGE * dice_below(dice, GUEST_PAGES);
	const uint64_t length =
		dice_chance(dice, 5) ? dice_below(dice, GUEST_PAGE) : 2048 * dice_below(dice, 8);
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_MD_CHECK_MAP,
		.id = subject_pick(
			subject, dice, dice_chance(dice, 30) ? SLOT_PARENT : SLOT_PAGING),
		.check_map = {
			.iova = GUEST_IPA + page + (dice_chance(dice, 10) ? 2048 : 0),
			.length = length > GUEST_SIZE - page ? GUEST_SIZE - page : length,
			.uptr = (uintptr_t)subject->guest.host + page,
		},
	};

	transcript_say(&subject->transcript, " hwpt=%u iova=%#" PRIx64 " length=%#" PRIx64,
		command.id, (uint64_t)command.check_map.iova, (uint64_t)command.check_map.length);
	transcript_say_result(&subject->transcript, subject_command(subject, &command));
}
