// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <poll.h>

#include "array.h"
#include "operations.h"

#define BATCH_MAX    260
#define BATCH_LONG   160
#define EVENT_BYTES  40 /* a header and a record */
#define EVENTS_MAX   256
#define EVENTS_SHOWN 4
#define FAULTS_MAX   4

static uint8_t pick_opcode(struct dice *dice)
{
	static const uint64_t relayed[] = { IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL,
		IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID,
		IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
		IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
		IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA,
		IOMMUCTL_SMMUV3_CMD_CFGI_CD, IOMMUCTL_SMMUV3_CMD_CFGI_CD,
		IOMMUCTL_SMMUV3_CMD_CFGI_CD, IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL,
		IOMMUCTL_SMMUV3_CMD_ATC_INV };
	const uint8_t any = dice_below(dice, 0x80);

	if (dice_chance(dice, 3))
		return any;
	return dice_one_of(dice, relayed, ARRAY_SIZE(relayed));
}

static void pick_range(struct dice *dice, unsigned int set, struct iommuctl_smmuv3_cmd *cmd)
{
	const uint64_t granule = guest_granule(set);

	cmd->tg = granule == 4096    ? IOMMUCTL_SMMUV3_TLBI_TG_4K
		  : granule == 16384 ? IOMMUCTL_SMMUV3_TLBI_TG_16K
				     : IOMMUCTL_SMMUV3_TLBI_TG_64K;
	cmd->num = dice_below(dice, 8);
	cmd->scale = dice_chance(dice, 80) ? 0 : dice_below(dice, 4);
	cmd->ttl = dice_chance(dice, 80) ? 0 : dice_below(dice, 4);
}

/* A command whose fields mostly match what the guest's tables have. */
static void pick_command(struct dice *dice, uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS])
{
	const unsigned int set = guest_pick(dice, GUEST_TABLE_SETS);
	const uint8_t opcode = pick_opcode(dice);
	const uint64_t mask = iommuctl_smmuv3_cmd_field_mask(opcode);
	const bool range = dice_chance(dice, 20), odd = dice_chance(dice, 6);
	const uint64_t odd_field = dice_below(dice, 64), odd_value = dice_next(dice);
	const uint64_t flip = UINT64_C(1) << dice_below(dice, 64);
	const struct iommuctl_smmuv3_field *fields;
	struct iommuctl_smmuv3_cmd cmd = {
		.address = guest_window_iova(set, dice),
		.asid = guest_asid(set),
		.streamid = 0x42 + (dice_chance(dice, 35) ? 1 : 0),
		.leaf = dice_chance(dice, 60),
	}, command = { .opcode = opcode };
	size_t count;

	if (range)
		pick_range(dice, set, &cmd);
	fields = iommuctl_smmuv3_cmd_fields(&count);
	for (size_t i = 0; i < count; i++) {
		uint64_t value = iommuctl_smmuv3_field_get(&fields[i], &cmd);

		if (i == odd_field && odd)
			value = odd_value & (UINT64_MAX >> (64 - fields[i].width));
		if (mask >> i & 1 &&
			fields[i].offset != offsetof(struct iommuctl_smmuv3_cmd, opcode))
			iommuctl_smmuv3_field_set(&fields[i], &command, value);
	}
	words[0] = opcode;
	words[1] = 0;
	iommuctl_smmuv3_cmd_encode(&command, words, NULL);
	if (dice_chance(dice, 3))
		words[dice_below(dice, 2)] ^= flip;
}

static uint32_t pick_batch(struct dice *dice)
{
	const uint64_t roll = dice_below(dice, 100);

	if (roll < 75)
		return 1;
	if (roll < 94)
		return 2 + dice_below(dice, 8);
	return roll < 98 ? 60 + dice_below(dice, BATCH_LONG - 59) : 0;
}

void operation_invalidate(struct subject *subject, struct dice *dice)
{
	static const uint64_t lengths[] = { 0, 4, 8, 15, 17, 24, 4097 };
	struct iommuctl_viommu_arm_smmuv3_invalidate entries[BATCH_MAX] = { 0 };
	uint32_t hwpt = subject_pick(subject, dice, SLOT_VIOMMU);
	uint32_t count = pick_batch(dice), entry_len = sizeof(entries[0]);
	uint32_t type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3;
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
	char text[256];
	int err;

	if (dice_chance(dice, 2))
		hwpt = subject_pick(
			subject, dice, dice_chance(dice, 50) ? SLOT_NESTED : SLOT_PARENT);
	if (dice_chance(dice, 2))
		type = dice_below(dice, 3);
	if (dice_chance(dice, 2) && count == 1)
		entry_len = dice_one_of(dice, lengths, ARRAY_SIZE(lengths));
	for (uint32_t i = 0; i < count; i++) {
		pick_command(dice, words);
		iommuctl_smmuv3_words_to_le(&entries[i], words, IOMMUCTL_SMMUV3_CMD_WORDS);
	}
	transcript_say(&subject->transcript, " hwpt=%u type=%u len=%u count=%u", hwpt, type,
		entry_len, count);
	if (count == 1) {
		struct iommuctl_smmuv3_cmd command;

		iommuctl_smmuv3_cmd_decode(words, &command);
		iommuctl_smmuv3_cmd_print(&command, text, sizeof(text));
		transcript_say(&subject->transcript, " %016" PRIx64 ",%016" PRIx64 " %s", words[0],
			words[1], text);
	}
	err = iommuctl_hwpt_invalidate(subject->ctx, subject->iommufd,
		&(struct iommuctl_hwpt_invalidate_args){ .hwpt_id = hwpt,
			.data_type = type,
			.entry_len = entry_len,
			.entries = entries },
		&count);
	transcript_say_result(&subject->transcript, err);
	transcript_say(&subject->transcript, " handled=%u", count);
}

static void say_events(struct subject *subject, const void *buffer, size_t length)
{
	uint64_t hash = HASH_START, words[IOMMUCTL_SMMUV3_EVENT_WORDS];
	struct iommuctl_smmuv3_event record;
	struct iommuctl_vevent event;
	unsigned int count = 0;
	size_t offset = 0;
	char text[512];

	while (!iommuctl_vevent_next(
		IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3, buffer, length, &offset, &event)) {
		uint64_t header[] = { event.flags, event.sequence };

		hash = hash_words(hash, header, sizeof(header));
		text[0] = '\0';
		if (event.data) {
			iommuctl_smmuv3_words_from_le(
				words, event.data, IOMMUCTL_SMMUV3_EVENT_WORDS);
			hash = hash_words(hash, words, sizeof(words));
			iommuctl_smmuv3_event_decode(words, &record);
			iommuctl_smmuv3_event_print(&record, text, sizeof(text));
		}
		if (count++ < EVENTS_SHOWN)
			transcript_say(&subject->transcript, " [%u%s %s]", event.sequence,
				event.flags & IOMMUCTL_VEVENTQ_FLAG_LOST_EVENTS ? " LOST" : "",
				text);
	}
	transcript_say(&subject->transcript, " count=%u hash=%016" PRIx64, count, hash);
}

void operation_events(struct subject *subject, struct dice *dice)
{
	const unsigned int slot = subject_pick_slot(subject, dice, SLOT_VEVENTQ);
	const size_t size =
		dice_odd(dice, 10) ? dice_below(dice, 4 * EVENT_BYTES) : EVENTS_MAX * EVENT_BYTES;
	unsigned char buffer[EVENTS_MAX * EVENT_BYTES];
	struct pollfd wait = { .fd = subject->queue_fds[SLOT_VEVENTQ][slot], .events = POLLIN };
	size_t length;
	int err, ready;

	transcript_say(&subject->transcript, " slot=%u size=%zu", slot, size);
	if (wait.fd < 0) {
		transcript_say(&subject->transcript, " none");
		return;
	}
	ready = poll(&wait, 1, 0);
	transcript_say(
		&subject->transcript, " ready=%#x", ready > 0 ? (unsigned int)wait.revents : 0);
	err = iommuctl_veventq_read(subject->ctx, wait.fd, buffer, size, &length);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		say_events(subject, buffer, length);
}

void operation_faults(struct subject *subject, struct dice *dice)
{
	const unsigned int slot = subject_pick_slot(subject, dice, SLOT_FAULT_QUEUE);
	const int fd = subject->queue_fds[SLOT_FAULT_QUEUE][slot];
	const struct iommuctl_page_response response = { .cookie = dice_below(dice, 2) };
	struct iommuctl_pgfault faults[FAULTS_MAX];
	size_t count = FAULTS_MAX;
	int err;

	transcript_say(&subject->transcript, " slot=%u", slot);
	if (fd < 0) {
		transcript_say(&subject->transcript, " none");
		return;
	}
	err = iommuctl_fault_queue_read(subject->ctx, fd, faults, &count);
	transcript_say_result(&subject->transcript, err);
	transcript_say(&subject->transcript, " count=%zu", count);
	count = 1;
	err = iommuctl_fault_queue_respond(subject->ctx, fd, &response, &count);
	transcript_say_result(&subject->transcript, err);
}

void operation_close_queue(struct subject *subject, struct dice *dice)
{
	const enum slot_kind kind = dice_chance(dice, 70) ? SLOT_VEVENTQ : SLOT_FAULT_QUEUE;
	const unsigned int slot = subject_pick_slot(subject, dice, kind);

	transcript_say(&subject->transcript, " %s slot=%u",
		kind == SLOT_VEVENTQ ? "vEVENTQ" : "fault queue", slot);
	subject_close_queue(subject, kind, slot);
}
