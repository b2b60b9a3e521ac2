// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "array.h"
#include "edu.h"
#include "operations.h"

void operation_bind(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	struct subject_device *device = &subject->devices[index];
	const int iommufd = dice_odd(dice, 3)	? -1
			    : dice_odd(dice, 3) ? subject->guest.memfd
						: subject->iommufd;
	uint32_t dev_id;
	int err;

	transcript_say(&subject->transcript, " device=%u%s", index,
		iommufd == subject->iommufd ? ""
		: iommufd < 0		    ? " iommufd=none"
					    : " iommufd=memfd");
	err = subject_open_device(subject, index);
	if (!err)
		err = iommuctl_vfio_bind_iommufd(subject->ctx, device->fd, iommufd, NULL, &dev_id);
	transcript_say_result(&subject->transcript, err);
	if (!err) {
		transcript_say(&subject->transcript, " dev=%u", dev_id);
		subject->slots[SLOT_DEVICE][index] = dev_id;
	}
	transcript_say(&subject->transcript, " regions:");
	transcript_say_result(&subject->transcript, subject_learn_regions(subject, index));
}

void operation_close_device(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);

	transcript_say(&subject->transcript, " device=%u", index);
	subject_close_device(subject, index);
}

void operation_command(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	const bool odd = dice_odd(dice, 25);
	const uint16_t some = dice_below(dice, 8);
	const uint16_t command = odd ? some : EDU_COMMAND_MEMORY | EDU_COMMAND_MASTER;

	transcript_say(&subject->transcript, " device=%u value=%#x", index, command);
	transcript_say_result(
		&subject->transcript, edu_set_command(subject, &subject->devices[index], command));
}

static uint32_t pick_page_table(const struct subject *subject, struct dice *dice)
{
	static const uint64_t kinds[] = { SLOT_NESTED, SLOT_NESTED, SLOT_NESTED, SLOT_NESTED,
		SLOT_NESTED, SLOT_NESTED, SLOT_IOAS, SLOT_PAGING, SLOT_PARENT, SLOT_NESTED,
		SLOT_NESTED, SLOT_NESTED, SLOT_NESTED, SLOT_VIOMMU };
	const uint64_t kind = dice_one_of(dice, kinds, ARRAY_SIZE(kinds));

	return subject_pick(subject, dice, dice->plain ? SLOT_NESTED : kind);
}

void operation_attach(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	const uint32_t pt_id = pick_page_table(subject, dice);
	uint32_t resolved;
	int err;

	transcript_say(&subject->transcript, " device=%u pt=%u", index, pt_id);
	err = iommuctl_vfio_attach(subject->ctx, subject->devices[index].fd, pt_id, &resolved);
	transcript_say_result(&subject->transcript, err);
	if (err)
		return;
	transcript_say(&subject->transcript, " pt=%u", resolved);
	subject->devices[index].attached = true;
}

void operation_detach(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);

	int err;

	transcript_say(&subject->transcript, " device=%u", index);
	err = iommuctl_vfio_detach(subject->ctx, subject->devices[index].fd);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		subject->devices[index].attached = false;
}

void operation_attach_pasid(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	const uint32_t pt_id = pick_page_table(subject, dice), pasid = dice_below(dice, 4);
	uint32_t resolved;
	int err;

	transcript_say(&subject->transcript, " device=%u pasid=%u pt=%u", index, pasid, pt_id);
	err = iommuctl_vfio_attach_pasid(
		subject->ctx, subject->devices[index].fd, pasid, pt_id, &resolved);
	transcript_say_result(&subject->transcript, err);
	/* PASID 0 stands for the device itself. */
	if (!err && !pasid)
		subject->devices[index].attached = true;
}

void operation_detach_pasid(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	const uint32_t pasid = dice_below(dice, 4);

	transcript_say(&subject->transcript, " device=%u pasid=%u", index, pasid);
	transcript_say_result(&subject->transcript,
		iommuctl_vfio_detach_pasid(subject->ctx, subject->devices[index].fd, pasid));
}

/* Addresses that a device may access. */
static uint64_t pick_iova(struct dice *dice)
{
	const unsigned int set = guest_pick(dice, GUEST_TABLE_SETS);
	const uint64_t window = guest_window_iova(set, dice);
	const uint64_t word = dice_below(dice, 512) * sizeof(uint64_t);
	const uint64_t byte = dice_chance(dice, 10) ? dice_below(dice, 8) : 0;

	switch (dice_odd(dice, 100) ? dice_below(dice, 24) : 0) {
	case 20: return MSI_WINDOW + dice_below(dice, 2 * GUEST_PAGE);
	case 21: return dice_next(dice) >> dice_below(dice, 64);
	case 22: return (UINT64_C(2) << 30) + dice_below(dice, GUEST_SIZE);
	case 23: return (dice_next(dice) << 32) + window;
	case 15:
	case 16:
	case 17:
	case 18:
	case 19: return guest_data_ipa(0, dice) + word + byte;
	default: return window + word + byte;
	}
}

/* A refused access is refused in pieces of four bytes, an event each: most are small. */
static uint32_t pick_size(struct dice *dice)
{
	switch (dice_below(dice, 16)) {
	case 0: return 1 + dice_below(dice, EDU_BUFFER_SIZE);
	case 1:
	case 2: return 1 + dice_below(dice, 64);
	case 3:
	case 4:
	case 5: return 8;
	default: return 4;
	}
}

static struct edu_dma pick_dma(struct dice *dice)
{
	struct edu_dma dma = {
		.iova = pick_iova(dice),
		.size = pick_size(dice),
		.interrupt = dice_odd(dice, 8),
	};

	dma.offset = dice_below(dice, EDU_BUFFER_SIZE - dma.size + 1);
	return dma;
}

/* A plain DMA over the doorbell has no DeviceID in QEMU: it goes past it. */
static void spare_doorbell(struct edu_dma *dma)
{
	const uint64_t end = MSI_WINDOW + GITS_TRANSLATER + sizeof(uint32_t);

	if (dma->to_ram && dma->iova >= MSI_WINDOW && dma->iova < end)
		dma->iova = end;
}

static int say_and_run_dma(struct subject *subject, unsigned int index, const struct edu_dma *dma)
{
	const struct subject_device *device = &subject->devices[index];
	int err;

	transcript_say(&subject->transcript, " device=%u %s iova=%#" PRIx64 " offset=%#x size=%u%s",
		index, dma->to_ram ? "to" : "from", dma->iova, dma->offset, dma->size,
		dma->interrupt ? " interrupt" : "");
	err = edu_run_dma(subject, device, dma);
	transcript_say_result(&subject->transcript, err);
	if (err || !dma->to_ram)
		return err;
	guest_bound_memory(&subject->guest);
	transcript_say(&subject->transcript, " data=%016" PRIx64,
		guest_hash(&subject->guest, GUEST_DATA_SIZE));
	return 0;
}

void operation_dma(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	struct edu_dma dma = pick_dma(dice);

	dma.to_ram = dice_chance(dice, 50);
	spare_doorbell(&dma);
	say_and_run_dma(subject, index, &dma);
}

void operation_dma_copy(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	const struct edu_dma from = pick_dma(dice);
	struct edu_dma to = { .iova = pick_iova(dice), .offset = from.offset, .size = from.size };

	to.to_ram = true;
	spare_doorbell(&to);
	if (!say_and_run_dma(subject, index, &from))
		say_and_run_dma(subject, index, &to);
}

/*
 * MSIs are only enabled on a device that is attached: on another the kernel (7.3, GICv3 ITS) refuses
 * and leaks the vector, so that the device has none left until the machine is started anew.
 */
void operation_irq_set(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	const struct subject_device *device = &subject->devices[index];
	const int32_t eventfd = dice_odd(dice, 5)   ? -1
				: dice_odd(dice, 5) ? subject->guest.memfd
						    : device->eventfd;
	struct iommuctl_vfio_irq_set_args args = {
		.flags = IOMMUCTL_VFIO_IRQ_SET_DATA_EVENTFD | IOMMUCTL_VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX,
		.count = 1,
		.data = &eventfd,
		.data_size = sizeof(eventfd),
	};

	if (dice_odd(dice, 25) || !device->attached) {
		args.flags = IOMMUCTL_VFIO_IRQ_SET_DATA_NONE | IOMMUCTL_VFIO_IRQ_SET_ACTION_TRIGGER;
		args.count = device->attached ? dice_below(dice, 2) : 0;
		args.data = NULL;
		args.data_size = 0;
	}
	if (dice_odd(dice, 10))
		args.start = dice_below(dice, 3);
	if (dice_odd(dice, 10))
		args.flags ^= 1u << dice_below(dice, 6);
	transcript_say(&subject->transcript, " device=%u flags=%#x start=%u count=%u eventfd=%s",
		index, args.flags, args.start, args.count,
		eventfd < 0		     ? "none"
		: eventfd == device->eventfd ? "ok"
					     : "memfd");
	transcript_say_result(&subject->transcript,
		iommuctl_vfio_irqs_set(subject->ctx, device->fd, &args, NULL));
}

void operation_irq_raise(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);

	transcript_say(&subject->transcript, " device=%u", index);
	transcript_say_result(
		&subject->transcript, edu_interrupt(subject, &subject->devices[index]));
}

void operation_irq_read(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	uint64_t count = 0;

	transcript_say(&subject->transcript, " device=%u", index);
	if (read(subject->devices[index].eventfd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		transcript_say_result(&subject->transcript, -errno);
	transcript_say(&subject->transcript, " count=%" PRIu64, count);
}

void operation_device_info(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	struct iommuctl_vfio_device_info info;
	int err;

	transcript_say(&subject->transcript, " device=%u", index);
	err = iommuctl_vfio_device_get_info(subject->ctx, subject->devices[index].fd, &info);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		transcript_say(&subject->transcript, " flags=%#x regions=%u irqs=%u atomic=%#x",
			info.flags, info.num_regions, info.num_irqs, info.pci_atomic_comp);
}

void operation_region_info(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	const uint32_t region = dice_below(dice, 11);
	struct iommuctl_vfio_region_info info = { .flags = 0 };
	int err;

	transcript_say(&subject->transcript, " device=%u region=%u", index, region);
	err = iommuctl_vfio_region_get_info(
		subject->ctx, subject->devices[index].fd, region, &info);
	transcript_say_result(&subject->transcript, err);
	/* The model cannot have registers mapped. */
	info.flags &= ~(uint32_t)IOMMUCTL_VFIO_REGION_INFO_FLAG_MMAP;
	if (!err)
		transcript_say(
			&subject->transcript, " flags=%#x size=%#" PRIx64, info.flags, info.size);
}

void operation_irq_info(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);
	const uint32_t irq = dice_below(dice, 6);
	struct iommuctl_vfio_irq_info info;
	int err;

	transcript_say(&subject->transcript, " device=%u index=%u", index, irq);
	err = iommuctl_vfio_irqs_get_info(subject->ctx, subject->devices[index].fd, irq, &info);
	transcript_say_result(&subject->transcript, err);
	if (!err)
		transcript_say(&subject->transcript, " flags=%#x count=%u", info.flags, info.count);
}

void operation_reset(struct subject *subject, struct dice *dice)
{
	const unsigned int index = subject_pick_device(subject, dice);

	transcript_say(&subject->transcript, " device=%u", index);
	transcript_say_result(&subject->transcript,
		iommuctl_vfio_reset(subject->ctx, subject->devices[index].fd));
}
