// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "array.h"
#include "operations.h"

#define BITMAP_WORDS 64

static void say_id(struct subject *subject, int err, uint32_t id)
{
	transcript_say_result(&subject->transcript, err);
	if (!err)
		transcript_say(&subject->transcript, " id=%u", id);
}

/* Now and then changes one bit. */
static uint32_t maybe_flip(struct dice *dice, uint32_t value, unsigned int percent)
{
	const uint32_t bit = 1u << dice_below(dice, dice_chance(dice, 70) ? 5 : 32);

	return dice_odd(dice, percent) ? value ^ bit : value;
}

static void hwpt_alloc(struct subject *subject, struct dice *dice, enum slot_kind kind,
	struct iommuctl_hwpt_alloc_args *args)
{
	uint32_t id;
	int err;

	args->dev_id = subject_pick(subject, dice, SLOT_DEVICE);
	args->flags = maybe_flip(dice, args->flags, 6);
	args->data_type = maybe_flip(dice, args->data_type, 3);
	if (dice_odd(dice, 2))
		args->data_len = dice_below(dice, 17);
	if (args->flags & IOMMUCTL_HWPT_FAULT_ID_VALID)
		args->fault_id = subject_pick(subject, dice, SLOT_FAULT_QUEUE);
	transcript_say(&subject->transcript, " flags=%#x dev=%u pt=%u type=%u len=%u fault=%u",
		args->flags, args->dev_id, args->pt_id, args->data_type, args->data_len,
		args->fault_id);
	err = iommuctl_hwpt_alloc(subject->ctx, subject->iommufd, args, &id);
	say_id(subject, err, id);
	if (!err)
		subject_keep(subject, dice, kind, id, -1);
}

void operation_hwpt_paging(struct subject *subject, struct dice *dice)
{
	const bool pasid = dice_chance(dice, 15);
	struct iommuctl_hwpt_alloc_args args = {
		.pt_id = subject_pick(subject, dice, SLOT_IOAS),
		.flags = pasid ? IOMMUCTL_HWPT_ALLOC_PASID : 0,
	};

	hwpt_alloc(subject, dice, SLOT_PAGING, &args);
}

void operation_hwpt_parent(struct subject *subject, struct dice *dice)
{
	struct iommuctl_hwpt_alloc_args args = {
		.pt_id = subject_pick(subject, dice, SLOT_IOAS),
		.flags = IOMMUCTL_HWPT_ALLOC_NEST_PARENT,
	};

	hwpt_alloc(subject, dice, SLOT_PARENT, &args);
}

/* QEMU's SMMU does not look at the bits of S1ContextPtr from 48 on. */
#define S1CONTEXTPTR_IGNORED (UINT64_C(0xf) << 48)

/* The two words that a nested HWPT is made of. */
static void pick_ste(struct dice *dice, uint64_t words[2])
{
	static const uint64_t configs[] = { IOMMUCTL_SMMUV3_CONFIG_S1, IOMMUCTL_SMMUV3_CONFIG_S1,
		IOMMUCTL_SMMUV3_CONFIG_S1, IOMMUCTL_SMMUV3_CONFIG_S1, IOMMUCTL_SMMUV3_CONFIG_BYPASS,
		IOMMUCTL_SMMUV3_CONFIG_ABORT };
	const uint64_t config = dice_one_of(dice, configs, 6);
	struct iommuctl_smmuv3_ste ste = {
		.v = 1,
		.config = dice->plain ? IOMMUCTL_SMMUV3_CONFIG_S1 : config,
		.s1contextptr = guest_cd_ipa(guest_pick(dice, GUEST_CD_COUNT)),
		.s1cir = IOMMUCTL_SMMUV3_S1C_WB_RA,
		.s1cor = IOMMUCTL_SMMUV3_S1C_WB_RA,
		.s1csh = IOMMUCTL_SMMUV3_SH_ISH,
	};
	uint64_t encoded[IOMMUCTL_SMMUV3_STE_WORDS];
	const struct iommuctl_smmuv3_field *fields;
	size_t count;

	fields = iommuctl_smmuv3_ste_fields(&count);
	if (dice_odd(dice, 20)) {
		const struct iommuctl_smmuv3_field *field = &fields[dice_below(dice, count)];

		/* A value that the field cannot hold leaves it as it is. */
		iommuctl_smmuv3_field_set(
			field, &ste, dice_next(dice) & (UINT64_MAX >> (64 - field->width)));
	}
	iommuctl_smmuv3_ste_encode(&ste, encoded, NULL);
	words[0] = encoded[0];
	words[1] = encoded[1];
	if (dice_odd(dice, 4))
		words[dice_below(dice, 2)] ^= UINT64_C(1) << dice_below(dice, 64);
	words[0] &= ~S1CONTEXTPTR_IGNORED;
}

void operation_hwpt_nested(struct subject *subject, struct dice *dice)
{
	const enum slot_kind kind = dice_odd(dice, 4) ? SLOT_PARENT : SLOT_VIOMMU;
	struct iommuctl_hwpt_arm_smmuv3 data;
	struct iommuctl_hwpt_alloc_args args = {
		.pt_id = subject_pick(subject, dice, kind),
		.data_type = IOMMUCTL_HWPT_DATA_ARM_SMMUV3,
		.data_len = sizeof(data),
		.data = &data,
	};
	uint64_t words[2];

	pick_ste(dice, words);
	iommuctl_smmuv3_words_to_le(&data, words, 2);
	transcript_say(&subject->transcript, " ste=%016" PRIx64 ",%016" PRIx64, words[0], words[1]);
	hwpt_alloc(subject, dice, SLOT_NESTED, &args);
}

void operation_viommu(struct subject *subject, struct dice *dice)
{
	const struct iommuctl_viommu_alloc_args args = {
		.flags = dice_odd(dice, 2) ? 1 : 0,
		.type = dice_odd(dice, 4) ? dice_below(dice, 4) : IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3,
		.dev_id = subject_pick(subject, dice, SLOT_DEVICE),
		.hwpt_id =
			subject_pick(subject, dice, dice_odd(dice, 4) ? SLOT_PAGING : SLOT_PARENT),
	};
	uint32_t id;
	int err;

	transcript_say(&subject->transcript, " flags=%u type=%u dev=%u hwpt=%u", args.flags,
		args.type, args.dev_id, args.hwpt_id);
	err = iommuctl_viommu_alloc(subject->ctx, subject->iommufd, &args, &id);
	say_id(subject, err, id);
	if (!err)
		subject_keep(subject, dice, SLOT_VIOMMU, id, -1);
}

void operation_vdevice(struct subject *subject, struct dice *dice)
{
	const unsigned int device = subject_pick_device(subject, dice);
	const uint32_t viommu = subject_pick(subject, dice, SLOT_VIOMMU);
	const uint64_t odd = dice_chance(dice, 30) ? dice_next(dice) : 0x42 + dice_below(dice, 3);
	const uint64_t vsid = dice_odd(dice, 15) ? odd : 0x42 + device;
	const uint32_t other = subject_pick(subject, dice, SLOT_DEVICE);
	const uint32_t dev_id = dice_odd(dice, 5) ? other : subject->slots[SLOT_DEVICE][device];
	uint32_t id;
	int err;

	transcript_say(
		&subject->transcript, " viommu=%u dev=%u vsid=%#" PRIx64, viommu, dev_id, vsid);
	err = iommuctl_vdevice_alloc(subject->ctx, subject->iommufd, viommu, dev_id, vsid, &id);
	say_id(subject, err, id);
	if (!err)
		subject_keep(subject, dice, SLOT_VDEVICE, id, -1);
}

void operation_veventq(struct subject *subject, struct dice *dice)
{
	const uint32_t viommu = subject_pick(subject, dice, SLOT_VIOMMU);
	const uint32_t type =
		dice_odd(dice, 4) ? dice_below(dice, 4) : IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3;
	const uint32_t depth =
		dice_odd(dice, 4) ? (uint32_t)dice_below(dice, 3) * IOMMUCTL_VEVENTQ_DEPTH_MAX
				  : 1u << dice_below(dice, 8);
	uint32_t id;
	int err, fd;

	transcript_say(&subject->transcript, " viommu=%u type=%u depth=%u", viommu, type, depth);
	err = iommuctl_veventq_alloc(subject->ctx, subject->iommufd,
		&(struct iommuctl_veventq_alloc_args){
			.viommu_id = viommu, .type = type, .depth = depth },
		&id, &fd);
	say_id(subject, err, id);
	if (!err)
		subject_keep(subject, dice, SLOT_VEVENTQ, id, fd);
}

void operation_fault_queue(struct subject *subject, struct dice *dice)
{
	uint32_t id;
	int err, fd;

	err = iommuctl_fault_queue_alloc(subject->ctx, subject->iommufd, &id, &fd);
	say_id(subject, err, id);
	if (!err)
		subject_keep(subject, dice, SLOT_FAULT_QUEUE, id, fd);
}

void operation_hw_queue(struct subject *subject, struct dice *dice)
{
	const struct iommuctl_hw_queue_alloc_args args = {
		.flags = dice_odd(dice, 10) ? 1 : 0,
		.viommu_id = subject_pick(subject, dice, SLOT_VIOMMU),
		.type = dice_below(dice, 3),
		.index = dice_below(dice, 2),
		.nesting_parent_iova = GUEST_IPA,
		.length = GUEST_PAGE * dice_below(dice, 3),
	};
	uint32_t id;
	int err;

	transcript_say(&subject->transcript,
		" flags=%u viommu=%u type=%u index=%u length=%#" PRIx64, args.flags, args.viommu_id,
		args.type, args.index, args.length);
	err = iommuctl_hw_queue_alloc(subject->ctx, subject->iommufd, &args, &id);
	say_id(subject, err, id);
}

static uint32_t pick_hwpt(const struct subject *subject, struct dice *dice)
{
	static const uint64_t kinds[] = { SLOT_PAGING, SLOT_PARENT, SLOT_NESTED };

	return subject_pick(subject, dice, dice_one_of(dice, kinds, 3));
}

void operation_dirty_tracking(struct subject *subject, struct dice *dice)
{
	const uint32_t hwpt = pick_hwpt(subject, dice), flags = dice_below(dice, 3);

	transcript_say(&subject->transcript, " hwpt=%u flags=%u", hwpt, flags);
	transcript_say_result(&subject->transcript,
		iommuctl_hwpt_set_dirty_tracking(subject->ctx, subject->iommufd, hwpt, flags));
}

void operation_dirty_bitmap(struct subject *subject, struct dice *dice)
{
	uint64_t bitmap[BITMAP_WORDS] = { 0 };
	const struct iommuctl_dirty_bitmap_args args = {
		.hwpt_id = pick_hwpt(subject, dice),
		.flags = dice_below(dice, 3),
		.iova = GUEST_IPA + (dice_odd(dice, 10) ? 1 : 0),
		.length = GUEST_PAGE * dice_below(dice, 3),
		.page_size = dice_odd(dice, 20) ? dice_below(dice, 8192) : GUEST_PAGE,
		.bitmap = bitmap,
	};

	transcript_say(&subject->transcript,
		" hwpt=%u flags=%u iova=%#" PRIx64 " length=%#" PRIx64 " page_size=%#" PRIx64,
		args.hwpt_id, args.flags, args.iova, args.length, args.page_size);
	transcript_say_result(&subject->transcript,
		iommuctl_hwpt_get_dirty_bitmap(subject->ctx, subject->iommufd, &args));
}

void operation_destroy(struct subject *subject, struct dice *dice)
{
	static const uint64_t kinds[] = { SLOT_NESTED, SLOT_NESTED, SLOT_NESTED, SLOT_PAGING,
		SLOT_PARENT, SLOT_VIOMMU, SLOT_VDEVICE, SLOT_VEVENTQ, SLOT_FAULT_QUEUE, SLOT_IOAS,
		SLOT_DEVICE };
	const uint64_t kind = dice_one_of(dice, kinds, ARRAY_SIZE(kinds));
	const uint32_t kept = subject_pick(subject, dice, kind), any = dice_below(dice, 32);
	const uint32_t id = dice_chance(dice, 15) ? any : kept;

	transcript_say(&subject->transcript, " id=%u", id);
	transcript_say_result(
		&subject->transcript, iommuctl_destroy(subject->ctx, subject->iommufd, id));
}

void operation_hw_info(struct subject *subject, struct dice *dice)
{
	const uint32_t dev_id = subject_pick(subject, dice, SLOT_DEVICE);
	const bool typed = dice_chance(dice, 30);
	const uint32_t type = dice_below(dice, 6),
		       size = dice_chance(dice, 70) ? 40 : dice_below(dice, 64);
	uint32_t data[16] = { 0 };
	struct iommuctl_hw_info info = { 0 };
	int err;

	transcript_say(&subject->transcript, " dev=%u size=%u", dev_id, size);
	if (typed) {
		transcript_say(&subject->transcript, " type=%u", type);
		info.type = type;
		err = iommuctl_device_get_hw_info_typed(
			subject->ctx, subject->iommufd, dev_id, data, size, &info);
	} else {
		err = iommuctl_device_get_hw_info(
			subject->ctx, subject->iommufd, dev_id, data, size, &info);
	}
	transcript_say_result(&subject->transcript, err);
	if (err)
		return;
	transcript_say(&subject->transcript, " type=%u len=%u capabilities=%#" PRIx64 " pasid=%u",
		info.type, info.data_len, info.capabilities, info.max_pasid_log2);
	for (unsigned int i = 0; i < 10; i++)
		transcript_say(&subject->transcript, " %08x", data[i]);
}
