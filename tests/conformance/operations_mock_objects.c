// SPDX-License-Identifier: MIT
/* On the kernel's mock: HWPTs, vIOMMUs and what belongs to them. */
#include <inttypes.h>
#include <sys/mman.h>

#include "abi/iommufd_test.h"
#include "operations.h"

static void say_id(struct subject *subject, int err, uint32_t id)
{
	transcript_say_result(&subject->transcript, err);
	if (!err)
		transcript_say(&subject->transcript, " id=%u", id);
}

static void hwpt_alloc(struct subject *subject, struct dice *dice, enum slot_kind kind,
	struct iommuctl_hwpt_alloc_args *args)
{
	uint32_t id;
	int err;

	args->dev_id = subject_pick(subject, dice, SLOT_DEVICE);
	if (dice_odd(dice, 4))
		args->flags ^= 1u << dice_below(dice, 6);
	if (dice_odd(dice, 3))
		args->data_type = dice_below(dice, 4);
	if (dice_odd(dice, 3))
		args->data_len = dice_below(dice, 17);
	if (args->flags & IOMMUCTL_HWPT_FAULT_ID_VALID)
		args->fault_id = subject_pick(subject, dice, SLOT_FAULT_QUEUE);
	transcript_say(&subject->transcript, " flags=%#x dev=%u pt=%u type=%u len=%u fault=%u",
		args->flags, args->dev_id, args->pt_id, args->data_type, args->data_len,
		args->fault_id);
	err = iommuctl_hwpt_alloc(subject->ctx, subject->iommufd, args, &id);
	say_id(subject, err, id);
	if (err)
		return;
	subject->exact[id % SUBJECT_EXACT] = subject->exact[args->pt_id % SUBJECT_EXACT];
	subject_keep(subject, dice, kind, id, -1);
}

void operation_mock_hwpt_paging(struct subject *subject, struct dice *dice)
{
	static const uint32_t set_up_flags[] = { IOMMUCTL_HWPT_ALLOC_DIRTY_TRACKING,
		IOMMUCTL_HWPT_ALLOC_PASID | IOMMUCTL_HWPT_FAULT_ID_VALID };
	static const uint64_t flags[] = { IOMMUCTL_HWPT_ALLOC_PASID, IOMMUCTL_HWPT_ALLOC_PASID,
		IOMMUCTL_HWPT_ALLOC_PASID | IOMMUCTL_HWPT_FAULT_ID_VALID,
		IOMMUCTL_HWPT_FAULT_ID_VALID, IOMMUCTL_HWPT_ALLOC_DIRTY_TRACKING,
		IOMMUCTL_HWPT_ALLOC_DIRTY_TRACKING, 0 };
	const uint32_t data[2] = { dice_next(dice), dice_chance(dice, 20) ? 2 : 0 };
	const bool with_data = dice_chance(dice, 15);
	struct iommuctl_hwpt_alloc_args args = {
		.pt_id = subject_pick(subject, dice, SLOT_IOAS),
		.flags = dice->plain ? set_up_flags[dice->choice] : dice_one_of(dice, flags, 7),
		.data_type = with_data ? ABI_HWPT_DATA_SELFTEST : 0,
		.data = data,
		.data_len = with_data ? sizeof(data) : 0,
	};

	hwpt_alloc(subject, dice, SLOT_PAGING, &args);
}

void operation_mock_hwpt_parent(struct subject *subject, struct dice *dice)
{
	const uint32_t more = dice_odd(dice, 20) ? IOMMUCTL_HWPT_ALLOC_PASID : 0;
	struct iommuctl_hwpt_alloc_args args = {
		.pt_id = subject_pick(subject, dice, SLOT_IOAS),
		.flags = IOMMUCTL_HWPT_ALLOC_NEST_PARENT | more,
	};

	hwpt_alloc(subject, dice, SLOT_PARENT, &args);
}

void operation_mock_hwpt_nested(struct subject *subject, struct dice *dice)
{
	static const uint64_t flags[] = { 0, 0, IOMMUCTL_HWPT_FAULT_ID_VALID,
		IOMMUCTL_HWPT_ALLOC_PASID,
		IOMMUCTL_HWPT_ALLOC_PASID | IOMMUCTL_HWPT_FAULT_ID_VALID };
	const bool on_viommu = dice->plain || dice_chance(dice, 70);
	const uint32_t data[4] = { 0x1000 + dice_below(dice, 4) };
	struct iommuctl_hwpt_alloc_args args = {
		.pt_id = subject_pick(subject, dice, on_viommu ? SLOT_VIOMMU : SLOT_PARENT),
		.flags = dice->plain ? 0 : dice_one_of(dice, flags, 5),
		.data_type = ABI_HWPT_DATA_SELFTEST,
		.data = data,
		.data_len = dice_chance(dice, 20) ? 4 : 8,
	};

	hwpt_alloc(subject, dice, SLOT_NESTED, &args);
}

void operation_mock_viommu(struct subject *subject, struct dice *dice)
{
	struct abi_viommu_selftest data = { .in_data = dice_next(dice) };
	const bool with_data = dice_chance(dice, 50);
	const struct iommuctl_viommu_alloc_args args = {
		.flags = dice_odd(dice, 2) ? 1 : 0,
		.type = dice_odd(dice, 4) ? dice_below(dice, 4) : ABI_VIOMMU_TYPE_SELFTEST,
		.dev_id = subject_pick(subject, dice, SLOT_DEVICE),
		.hwpt_id =
			subject_pick(subject, dice, dice_odd(dice, 4) ? SLOT_PAGING : SLOT_PARENT),
		.data = with_data ? &data : NULL,
		.data_len = !with_data		    ? 0
			    : dice_chance(dice, 10) ? dice_below(dice, 28)
						    : sizeof(data),
	};
	uint32_t id;
	int err;

	transcript_say(&subject->transcript, " flags=%u type=%#x dev=%u hwpt=%u len=%u", args.flags,
		args.type, args.dev_id, args.hwpt_id, args.data_len);
	err = iommuctl_viommu_alloc(subject->ctx, subject->iommufd, &args, &id);
	say_id(subject, err, id);
	if (err)
		return;
	if (args.data_len == sizeof(data))
		transcript_say(&subject->transcript,
			" echo=%#x offset=%#" PRIx64 " length=%#" PRIx64, data.out_data,
			(uint64_t)data.out_mmap_offset, (uint64_t)data.out_mmap_length);
	subject_keep(subject, dice, SLOT_VIOMMU, id, -1);
}

void operation_mock_vdevice(struct subject *subject, struct dice *dice)
{
	const uint32_t viommu = subject_pick(subject, dice, SLOT_VIOMMU);
	const uint32_t dev_id = subject_pick(subject, dice, SLOT_DEVICE);
	const uint64_t vsid =
		dice_odd(dice, 3) ? dice_next(dice) : dice_below(dice, 4) + !!dice->plain;
	uint32_t id;
	int err;

	transcript_say(
		&subject->transcript, " viommu=%u dev=%u vsid=%#" PRIx64, viommu, dev_id, vsid);
	err = iommuctl_vdevice_alloc(subject->ctx, subject->iommufd, viommu, dev_id, vsid, &id);
	say_id(subject, err, id);
	if (!err)
		subject_keep(subject, dice, SLOT_VDEVICE, id, -1);
}

void operation_mock_veventq(struct subject *subject, struct dice *dice)
{
	const struct iommuctl_veventq_alloc_args args = {
		.viommu_id = subject_pick(subject, dice, SLOT_VIOMMU),
		.type = dice_odd(dice, 6) ? dice_below(dice, 4) : ABI_VEVENTQ_TYPE_SELFTEST,
		.depth = dice_below(dice, 5) + !!dice->plain,
	};
	uint32_t id;
	int err, fd;

	transcript_say(&subject->transcript, " viommu=%u type=%#x depth=%u", args.viommu_id,
		args.type, args.depth);
	err = iommuctl_veventq_alloc(subject->ctx, subject->iommufd, &args, &id, &fd);
	say_id(subject, err, id);
	if (!err)
		subject_keep(subject, dice, SLOT_VEVENTQ, id, fd);
}

/* In one page: whether several lie together in memory is not known. */
void operation_mock_hw_queue(struct subject *subject, struct dice *dice)
{
	const uint64_t page = GUEST_PAGE * dice_below(dice, GUEST_PAGES + 2);
	const uint64_t offset = dice_chance(dice, 80) ? 0 : dice_below(dice, GUEST_PAGE);
	const struct iommuctl_hw_queue_alloc_args args = {
		.flags = dice_odd(dice, 4) ? 1 : 0,
		.viommu_id = subject_pick(subject, dice, SLOT_VIOMMU),
		.type = dice_odd(dice, 4) ? dice_below(dice, 3) : ABI_HW_QUEUE_TYPE_SELFTEST,
		.index = dice_below(dice, dice_chance(dice, 10) ? 4 : 2),
		.nesting_parent_iova =
			dice_chance(dice, 3) ? UINT64_MAX : GUEST_IPA + page + offset,
		.length = dice_below(dice, GUEST_PAGE - offset + 1),
	};
	uint32_t id;
	int err;

	transcript_say(&subject->transcript,
		" flags=%u viommu=%u type=%#x index=%u iova=%#" PRIx64 " length=%#" PRIx64,
		args.flags, args.viommu_id, args.type, args.index, args.nesting_parent_iova,
		args.length);
	err = iommuctl_hw_queue_alloc(subject->ctx, subject->iommufd, &args, &id);
	say_id(subject, err, id);
	if (!err)
		subject_keep(subject, dice, SLOT_HW_QUEUE, id, -1);
}

void operation_mock_map(struct subject *subject, struct dice *dice)
{
	const uint64_t offset =
		GUEST_PAGE * (1 + 2 * dice_below(dice, 2) + (dice_chance(dice, 10)));
	struct iommuctl_transport *transport = iommuctl_get_transport(subject->ctx);
	const unsigned int slot = dice_below(dice, SUBJECT_MAPPINGS);
	const size_t length =
		GUEST_PAGE * (dice_chance(dice, 15) ? 1 + 2 * dice_below(dice, 2) : 2);
	const int prot = PROT_READ | (dice_chance(dice, 10) ? PROT_EXEC : 0);
	const int flags = dice_chance(dice, 10) ? MAP_PRIVATE : MAP_SHARED;
	void *address;
	int err;

	transcript_say(&subject->transcript,
		" slot=%u offset=%#" PRIx64 " length=%#zx prot=%#x flags=%#x", slot, offset, length,
		prot, flags);
	subject_unmap(subject, slot);
	err = transport->mmap(transport, subject->iommufd, offset, length, prot, flags, &address);
	transcript_say_result(&subject->transcript, err);
	if (err)
		return;
	transcript_say(&subject->transcript, " value=%#x", *(const volatile uint32_t *)address);
	subject->mappings[slot] = (struct subject_mapping){ address, length };
}

void operation_mock_unmap(struct subject *subject, struct dice *dice)
{
	const unsigned int slot = dice_below(dice, SUBJECT_MAPPINGS);

	transcript_say(&subject->transcript, " slot=%u", slot);
	subject_unmap(subject, slot);
}

void operation_mock_close(struct subject *subject, struct dice *dice)
{
	static const uint64_t kinds[] = { SLOT_VEVENTQ, SLOT_FAULT_QUEUE, SLOT_ACCESS, SLOT_ACCESS,
		SLOT_DMA_BUF };
	const enum slot_kind kind = dice_one_of(dice, kinds, 5);
	const unsigned int slot = subject_pick_slot(subject, dice, kind);

	transcript_say(&subject->transcript, " kind=%u slot=%u", kind, slot);
	subject_close_queue(subject, kind, slot);
}
