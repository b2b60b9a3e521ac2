// SPDX-License-Identifier: MIT
/* On the kernel's mock: caches and their invalidation, page faults, and events. */
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "abi/iommufd_test.h"
#include "operations.h"

#define ENTRIES_MAX 6
#define FAULTS_MAX  8
#define EVENTS_SIZE 128

static void invalidate(struct subject *subject, struct dice *dice,
	struct iommuctl_hwpt_invalidate_args *args, uint32_t count)
{
	int err;

	if (dice_chance(dice, 3))
		args->data_type = dice_below(dice, 3);
	if (dice_chance(dice, 4))
		args->entry_len = dice_below(dice, 20);
	transcript_say(&subject->transcript, " hwpt=%u type=%#x len=%u count=%u", args->hwpt_id,
		args->data_type, args->entry_len, count);
	for (size_t i = 0; i < 3 * (size_t)count; i++)
		transcript_say(&subject->transcript, " %u", ((const uint32_t *)args->entries)[i]);
	err = iommuctl_hwpt_invalidate(subject->ctx, subject->iommufd, args, &count);
	transcript_say_result(&subject->transcript, err);
	transcript_say(&subject->transcript, " handled=%u", count);
}

static uint32_t pick_flags(struct dice *dice)
{
	return dice_chance(dice, 5) ? 2 : dice_chance(dice, 15);
}

void operation_mock_invalidate_hwpt(struct subject *subject, struct dice *dice)
{
	struct abi_hwpt_invalidate_selftest entries[2 * ENTRIES_MAX] = { 0 };
	struct iommuctl_hwpt_invalidate_args args = {
		.hwpt_id = subject_pick(
			subject, dice, dice_chance(dice, 5) ? SLOT_PARENT : SLOT_NESTED),
		.data_type = ABI_HWPT_INVALIDATE_DATA_SELFTEST,
		.entry_len = sizeof(entries[0]),
		.entries = entries,
	};
	const uint32_t count = dice_below(dice, 4);

	for (uint32_t i = 0; i < count; i++)
		entries[i] = (struct abi_hwpt_invalidate_selftest){ pick_flags(dice),
			dice_below(dice, dice_chance(dice, 90) ? 4 : 6) };
	invalidate(subject, dice, &args, count);
}

void operation_mock_invalidate_viommu(struct subject *subject, struct dice *dice)
{
	struct abi_viommu_invalidate_selftest entries[2 * ENTRIES_MAX] = { 0 };
	struct iommuctl_hwpt_invalidate_args args = {
		.hwpt_id = subject_pick(subject, dice, SLOT_VIOMMU),
		.data_type = ABI_VIOMMU_INVALIDATE_DATA_SELFTEST,
		.entry_len = sizeof(entries[0]),
		.entries = entries,
	};
	const uint32_t count = dice_below(dice, 4);

	for (uint32_t i = 0; i < count; i++)
		entries[i] = (struct abi_viommu_invalidate_selftest){ pick_flags(dice),
			dice_below(dice, 4), dice_below(dice, dice_chance(dice, 90) ? 4 : 6) };
	invalidate(subject, dice, &args, count);
}

void operation_mock_iotlb(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_MD_CHECK_IOTLB,
		.id = subject_pick(
			subject, dice, dice_chance(dice, 5) ? SLOT_PAGING : SLOT_NESTED),
		.check_iotlb = {
			.id = dice_below(dice, 5),
			.iotlb = dice_chance(dice, 50) ? 0 : 0x1000 + dice_below(dice, 4),
		},
	};

	transcript_say(&subject->transcript, " hwpt=%u entry=%u value=%#x", command.id,
		command.check_iotlb.id, command.check_iotlb.iotlb);
	transcript_say_result(&subject->transcript, subject_command(subject, &command));
}

void operation_mock_cache(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_DEV_CHECK_CACHE,
		.id = subject_pick(subject, dice, SLOT_DEVICE),
		.check_dev_cache = {
			.id = dice_below(dice, 5),
			.cache = dice_chance(dice, 50) ? 0 : ABI_TEST_DEV_CACHE_DEFAULT,
		},
	};

	transcript_say(&subject->transcript, " dev=%u entry=%u value=%#x", command.id,
		command.check_dev_cache.id, command.check_dev_cache.cache);
	transcript_say_result(&subject->transcript, subject_command(subject, &command));
}

void operation_mock_raise_fault(struct subject *subject, struct dice *dice)
{
	static const uint64_t pasids[] = { 0, 0, 0, 1, 1, 2, 3, 1024, 7 };
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_TRIGGER_IOPF,
		.trigger_iopf = {
			.dev_id = subject_pick(subject, dice, SLOT_DEVICE),
			.pasid = dice_one_of(dice, pasids, 9),
			.grpid = dice_below(dice, 4),
			.perm = dice_below(dice, 16),
			.addr = GUEST_IPA + dice_below(dice, GUEST_SIZE),
		},
	};

	transcript_say(&subject->transcript, " dev=%u pasid=%u group=%u perm=%#x",
		command.trigger_iopf.dev_id, command.trigger_iopf.pasid, command.trigger_iopf.grpid,
		command.trigger_iopf.perm);
	transcript_say_result(&subject->transcript, subject_command(subject, &command));
}

static void say_faults(struct subject *subject, const struct iommuctl_pgfault *faults, size_t count)
{
	for (size_t i = 0; i < count; i++)
		transcript_say(&subject->transcript,
			" [flags=%u dev=%u pasid=%u group=%u perm=%#x addr=%#" PRIx64 " cookie=%u]",
			faults[i].flags, faults[i].dev_id, faults[i].pasid, faults[i].grpid,
			faults[i].perm, faults[i].addr, faults[i].cookie);
}

void operation_mock_faults(struct subject *subject, struct dice *dice)
{
	const unsigned int slot = subject_pick_slot(subject, dice, SLOT_FAULT_QUEUE);
	size_t count = dice_chance(dice, 10) ? 0 : 1 + dice_below(dice, FAULTS_MAX);
	struct pollfd wait = { .fd = subject->queue_fds[SLOT_FAULT_QUEUE][slot], .events = POLLIN };
	struct iommuctl_pgfault faults[FAULTS_MAX];
	int err, ready;

	transcript_say(&subject->transcript, " slot=%u room=%zu", slot, count);
	if (wait.fd < 0) {
		transcript_say(&subject->transcript, " none");
		return;
	}
	ready = poll(&wait, 1, 0);
	err = iommuctl_fault_queue_read(subject->ctx, wait.fd, faults, &count);
	transcript_say(&subject->transcript, " ready=%d", ready);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		say_faults(subject, faults, count);
}

void operation_mock_respond(struct subject *subject, struct dice *dice)
{
	const unsigned int slot = subject_pick_slot(subject, dice, SLOT_FAULT_QUEUE);
	const int fd = subject->queue_fds[SLOT_FAULT_QUEUE][slot];
	const struct iommuctl_page_response responses[2] = {
		{ dice_below(dice, 6), dice_below(dice, dice_chance(dice, 5) ? 4 : 2) },
		{ dice_below(dice, 6), dice_below(dice, 2) },
	};
	size_t count = 1 + dice_chance(dice, 30);
	int err;

	transcript_say(&subject->transcript, " slot=%u cookie=%u code=%u count=%zu", slot,
		responses[0].cookie, responses[0].code, count);
	if (fd < 0) {
		transcript_say(&subject->transcript, " none");
		return;
	}
	err = iommuctl_fault_queue_respond(subject->ctx, fd, responses, &count);
	transcript_say_result(&subject->transcript, err);
	transcript_say(&subject->transcript, " answered=%zu", count);
}

void operation_mock_raise_event(struct subject *subject, struct dice *dice)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent = { .dev_id = subject_pick(subject, dice, SLOT_DEVICE) },
	};

	transcript_say(&subject->transcript, " dev=%u", command.trigger_vevent.dev_id);
	transcript_say_result(&subject->transcript, subject_command(subject, &command));
}

void operation_mock_events(struct subject *subject, struct dice *dice)
{
	const unsigned int slot = subject_pick_slot(subject, dice, SLOT_VEVENTQ);
	const size_t size = dice_odd(dice, 20) ? dice_below(dice, 40) : EVENTS_SIZE;
	struct pollfd wait = { .fd = subject->queue_fds[SLOT_VEVENTQ][slot], .events = POLLIN };
	uint32_t words[EVENTS_SIZE / 4] = { 0 };
	size_t length = 0;
	int err, ready;

	transcript_say(&subject->transcript, " slot=%u size=%zu", slot, size);
	if (wait.fd < 0) {
		transcript_say(&subject->transcript, " none");
		return;
	}
	ready = poll(&wait, 1, 0);
	err = iommuctl_veventq_read(subject->ctx, wait.fd, words, size, &length);
	transcript_say(&subject->transcript, " ready=%d", ready);
	transcript_say_result(&subject->transcript, err);
	for (size_t i = 0; !err && i < length / 4; i++)
		transcript_say(&subject->transcript, " %x", words[i]);
}
