// SPDX-License-Identifier: MIT
/* On the kernel's mock: devices, and what they are attached to. */
#include <errno.h>
#include <inttypes.h>

#include "abi/iommufd_test.h"
#include "array.h"
#include "operations.h"

static const uint64_t pasids[] = { 1, 1, 2, 2, 3, 0, 1023, ABI_TEST_PASID_RESERVED, 1048575,
	1048576 };

static uint32_t pick_pasid(struct dice *dice)
{
	if (dice->plain)
		return pasids[0];
	return dice_one_of(dice, pasids, ARRAY_SIZE(pasids));
}

/* What a device can be attached to, and now and then what it cannot. */
static uint32_t pick_pt(const struct subject *subject, struct dice *dice)
{
	static const uint64_t kinds[] = { SLOT_IOAS, SLOT_PAGING, SLOT_PAGING, SLOT_PAGING,
		SLOT_PARENT, SLOT_NESTED, SLOT_NESTED, SLOT_NESTED, SLOT_VIOMMU };
	const uint64_t kind = dice_one_of(dice, kinds, ARRAY_SIZE(kinds));

	const enum slot_kind set_up = dice->choice ? SLOT_PAGING : SLOT_NESTED;

	return subject_pick(subject, dice, dice->plain ? set_up : kind);
}

/* Where pages are mapped one by one, it is known how much a dirty bit is of. */
void operation_mock_ioas(struct subject *subject, struct dice *dice)
{
	const bool exact = dice->plain || dice_chance(dice, 70);
	uint32_t id;
	int err = iommuctl_ioas_alloc(subject->ctx, subject->iommufd, &id);

	transcript_say_result(&subject->transcript, err);
	if (err)
		return;
	transcript_say(&subject->transcript, " ioas=%u%s", id, exact ? " exact" : "");
	if (exact)
		err = iommuctl_option_set(
			subject->ctx, subject->iommufd, IOMMUCTL_OPTION_HUGE_PAGES, id, 0);
	transcript_say_result(&subject->transcript, err);
	subject->exact[id % SUBJECT_EXACT] = exact;
	subject_keep(subject, dice, SLOT_IOAS, id, -1);
}

void operation_mock_reserve(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_ADD_RESERVED,
		.id = subject_pick(subject, dice, SLOT_IOAS),
		.add_reserved = {
			.start = GUEST_IPA + GUEST_SIZE * (1 + dice_below(dice, 4)) +
				 GUEST_PAGE * dice_below(dice, 4),
			.length = dice_chance(dice, 5) ? -dice_below(dice, 2)
						       : GUEST_PAGE * dice_below(dice, 4),
		},
	};

	transcript_say(&subject->transcript, " ioas=%u start=%#" PRIx64 " length=%#" PRIx64,
		command.id, (uint64_t)command.add_reserved.start,
		(uint64_t)command.add_reserved.length);
	transcript_say_result(&subject->transcript, subject_command(subject, &command));
}

void operation_mock_new(struct subject *subject, struct dice *dice)
{
	static const uint64_t flags[] = { 4, 4, 4, 0, 1, 5, 8 };
	struct subject_mock *room = subject_find_mock(subject, 0);
	const bool with_flags = dice->plain || !dice_chance(dice, 10);
	struct abi_test_cmd command = {
		.op = with_flags ? ABI_TEST_OP_MOCK_DOMAIN_FLAGS : ABI_TEST_OP_MOCK_DOMAIN,
		.mock_domain_flags.dev_flags =
			dice->plain ? ABI_MOCK_FLAGS_DEVICE_PASID : dice_one_of(dice, flags, 7),
	};
	int err;

	command.id = dice->plain || dice_chance(dice, 60) ? subject_pick(subject, dice, SLOT_IOAS)
							  : pick_pt(subject, dice);
	transcript_say(&subject->transcript, " pt=%u", command.id);
	if (with_flags)
		transcript_say(
			&subject->transcript, " flags=%#x", command.mock_domain_flags.dev_flags);
	if (!room) {
		transcript_say(&subject->transcript, " full");
		return;
	}
	err = subject_command(subject, &command);
	transcript_say_result(&subject->transcript, err);
	if (err)
		return;
	transcript_say(&subject->transcript, " mock=%u dev=%u hwpt=%u",
		command.mock_domain.out_stdev_id, command.mock_domain.out_idev_id,
		command.mock_domain.out_hwpt_id);
	*room = (struct subject_mock){ .id = command.mock_domain.out_stdev_id };
	subject->exact[command.mock_domain.out_hwpt_id % SUBJECT_EXACT] = false;
	subject_keep(subject, dice, SLOT_MOCK, command.mock_domain.out_stdev_id, -1);
	subject_keep(subject, dice, SLOT_DEVICE, command.mock_domain.out_idev_id, -1);
}

static void say_attached(struct subject *subject, int err, uint32_t pt_id)
{
	transcript_say_result(&subject->transcript, err);
	if (!err)
		transcript_say(&subject->transcript, " hwpt=%u", pt_id);
}

void operation_mock_replace(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = subject_pick(subject, dice, SLOT_MOCK),
		.mock_domain_replace = { .pt_id = pick_pt(subject, dice) },
	};
	int err;

	transcript_say(&subject->transcript, " mock=%u pt=%u", command.id,
		command.mock_domain_replace.pt_id);
	err = subject_command(subject, &command);
	say_attached(subject, err, command.mock_domain_replace.pt_id);
}

static void note_pasid(struct subject *subject, uint32_t id, uint32_t pasid)
{
	struct subject_mock *mock = subject_find_mock(subject, id);

	if (mock && pasid)
		mock->pasids[mock->pasid_count++] = pasid;
}

static void forget_pasid(struct subject *subject, uint32_t id, uint32_t pasid)
{
	struct subject_mock *mock = subject_find_mock(subject, id);

	for (unsigned int i = 0; mock && i < mock->pasid_count; i++)
		if (mock->pasids[i] == pasid)
			mock->pasids[i] = mock->pasids[--mock->pasid_count];
}

static void attach_pasid(struct subject *subject, struct dice *dice, uint32_t op)
{
	struct abi_test_cmd command = {
		.op = op,
		.id = subject_pick(subject, dice, SLOT_MOCK),
		.pasid_attach = { .pasid = pick_pasid(dice), .pt_id = pick_pt(subject, dice) },
	};
	const uint32_t pasid = command.pasid_attach.pasid;
	const struct subject_mock *mock = subject_find_mock(subject, command.id);
	int err;

	transcript_say(&subject->transcript, " mock=%u pasid=%u pt=%u", command.id, pasid,
		command.pasid_attach.pt_id);
	if (mock && mock->pasid_count == SUBJECT_PASIDS) {
		transcript_say(&subject->transcript, " full");
		return;
	}
	err = subject_command(subject, &command);
	say_attached(subject, err, command.pasid_attach.pt_id);
	if (!err && op == ABI_TEST_OP_PASID_ATTACH)
		note_pasid(subject, command.id, pasid);
}

void operation_mock_pasid_attach(struct subject *subject, struct dice *dice)
{
	attach_pasid(subject, dice, ABI_TEST_OP_PASID_ATTACH);
}

void operation_mock_pasid_replace(struct subject *subject, struct dice *dice)
{
	attach_pasid(subject, dice, ABI_TEST_OP_PASID_REPLACE);
}

void operation_mock_pasid_detach(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_PASID_DETACH,
		.id = subject_pick(subject, dice, SLOT_MOCK),
		.pasid_detach = { .pasid = pick_pasid(dice) },
	};
	int err;

	transcript_say(
		&subject->transcript, " mock=%u pasid=%u", command.id, command.pasid_detach.pasid);
	err = subject_command(subject, &command);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		forget_pasid(subject, command.id, command.pasid_detach.pasid);
}

void operation_mock_pasid_check(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_PASID_CHECK_HWPT,
		.id = subject_pick(subject, dice, SLOT_MOCK),
		.pasid_check = {
			.pasid = pick_pasid(dice),
			.hwpt_id = dice_chance(dice, 30) ? 0 : pick_pt(subject, dice),
		},
	};

	transcript_say(&subject->transcript, " mock=%u pasid=%u hwpt=%u", command.id,
		command.pasid_check.pasid, command.pasid_check.hwpt_id);
	transcript_say_result(&subject->transcript, subject_command(subject, &command));
}

void operation_mock_destroy(struct subject *subject, struct dice *dice)
{
	static const uint64_t kinds[] = { SLOT_NESTED, SLOT_NESTED, SLOT_PAGING, SLOT_PAGING,
		SLOT_PARENT, SLOT_VIOMMU, SLOT_VDEVICE, SLOT_VEVENTQ, SLOT_FAULT_QUEUE, SLOT_IOAS,
		SLOT_DEVICE, SLOT_MOCK, SLOT_MOCK, SLOT_HW_QUEUE, SLOT_HW_QUEUE, SLOT_HW_QUEUE };
	const uint64_t kind = dice_one_of(dice, kinds, ARRAY_SIZE(kinds));
	const uint32_t kept = subject_pick(subject, dice, kind), any = dice_below(dice, 32);
	const uint32_t id = dice_chance(dice, 10) ? any : kept;
	struct subject_mock *mock = id ? subject_find_mock(subject, id) : NULL;
	int err;

	transcript_say(&subject->transcript, " id=%u", id);
	if (mock)
		subject_forget_pasids(subject, mock);
	err = iommuctl_destroy(subject->ctx, subject->iommufd, id);
	transcript_say_result(&subject->transcript, err);
	if (!err && mock)
		mock->id = 0;
}
