// SPDX-License-Identifier: MIT
#include "subject.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "edu.h"

#define PLAUSIBLE_IDS 24
#define BOGUS_ID      UINT32_C(0x7fffffff)

/*
 * The buffer of an edu device outlives resets and has to be the same at the start of each sequence:
 * it is filled from the guest's data, by DMA through an IOAS of its own.
 */
static int prepare_device(struct subject *subject, unsigned int index)
{
	struct subject_device *device = &subject->devices[index];
	struct edu_dma dma = { .iova = GUEST_IPA, .size = EDU_BUFFER_SIZE };
	uint64_t iova = GUEST_IPA;
	uint32_t dev_id, ioas_id;
	int err;

	err = subject_open_device(subject, index);
	if (!err)
		err = iommuctl_vfio_bind_iommufd(
			subject->ctx, device->fd, subject->iommufd, NULL, &dev_id);
	if (!err)
		err = subject_learn_regions(subject, index);
	if (!err)
		err = iommuctl_ioas_alloc(subject->ctx, subject->iommufd, &ioas_id);
	if (!err)
		err = iommuctl_ioas_map(subject->ctx, subject->iommufd,
			&(struct iommuctl_ioas_map_args){
				.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE,
				.ioas_id = ioas_id,
				.host = subject->guest.host,
				.length = EDU_BUFFER_SIZE },
			&iova);
	if (!err)
		err = iommuctl_vfio_attach(subject->ctx, device->fd, ioas_id, NULL);
	if (!err)
		err = edu_set_command(subject, device, EDU_COMMAND_MEMORY | EDU_COMMAND_MASTER);
	if (!err)
		err = edu_run_dma(subject, device, &dma);
	subject_close_device(subject, index);
	return err;
}

static int prepare_devices(struct subject *subject)
{
	int err;

	err = iommuctl_iommufd_open(subject->ctx, &subject->iommufd);
	for (unsigned int i = 0; i < SUBJECT_DEVICES && !err; i++)
		err = prepare_device(subject, i);
	if (subject->iommufd >= 0)
		iommuctl_close(subject->ctx, subject->iommufd);
	subject->iommufd = -1;
	return err;
}

int subject_start(struct subject *subject, uint64_t seed)
{
	int err;

	subject->iommufd = -1;
	for (unsigned int i = 0; i < SUBJECT_DEVICES; i++) {
		subject->devices[i].fd = subject->devices[i].eventfd = -1;
		subject->devices[i].attached = false;
	}
	memset(subject->slots, 0, sizeof(subject->slots));
	memset(subject->queue_fds, -1, sizeof(subject->queue_fds));
	memset(subject->mocks, 0, sizeof(subject->mocks));
	memset(subject->exact, 0, sizeof(subject->exact));
	guest_reset(&subject->guest, seed);
	if (subject->mock)
		return iommuctl_iommufd_open(subject->ctx, &subject->iommufd);
	err = prepare_devices(subject);
	if (err)
		return err;
	for (unsigned int i = 0; i < SUBJECT_DEVICES; i++) {
		subject->devices[i].eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (subject->devices[i].eventfd < 0)
			return -errno;
	}
	return iommuctl_iommufd_open(subject->ctx, &subject->iommufd);
}

void subject_end(struct subject *subject)
{
	for (unsigned int i = 0; i < SUBJECT_MOCKS; i++)
		subject_forget_pasids(subject, &subject->mocks[i]);
	for (unsigned int i = 0; i < SUBJECT_MAPPINGS; i++)
		subject_unmap(subject, i);
	for (unsigned int kind = 0; kind < SLOT_KINDS; kind++)
		for (unsigned int slot = 0; slot < SUBJECT_SLOTS; slot++)
			subject_close_queue(subject, kind, slot);
	for (unsigned int i = 0; i < SUBJECT_DEVICES; i++) {
		subject_close_device(subject, i);
		if (subject->devices[i].eventfd >= 0)
			close(subject->devices[i].eventfd);
	}
	if (subject->iommufd >= 0)
		iommuctl_close(subject->ctx, subject->iommufd);
}

int subject_open_device(struct subject *subject, unsigned int index)
{
	struct subject_device *device = &subject->devices[index];

	device->bar0 = device->config = (struct iommuctl_vfio_region_info){ 0 };
	if (device->fd >= 0)
		return 0;
	return iommuctl_vfio_device_open(subject->ctx, device->path, &device->fd);
}

void subject_close_device(struct subject *subject, unsigned int index)
{
	struct subject_device *device = &subject->devices[index];

	if (device->fd >= 0)
		iommuctl_close(subject->ctx, device->fd);
	device->fd = -1;
	device->attached = false;
}

int subject_learn_regions(struct subject *subject, unsigned int index)
{
	struct subject_device *device = &subject->devices[index];
	int err;

	err = iommuctl_vfio_region_get_info(
		subject->ctx, device->fd, IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX, &device->bar0);
	return err ? err
		   : iommuctl_vfio_region_get_info(subject->ctx, device->fd,
			     IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &device->config);
}

unsigned int subject_pick_device(const struct subject *subject, struct dice *dice)
{
	const unsigned int index = dice_chance(dice, 65) ? 0 : 1;
	const bool any = dice_chance(dice, 20);

	if (dice->plain)
		return dice->choice;
	return subject->devices[index].fd >= 0 || any ? index : 1 - index;
}

unsigned int subject_pick_slot(
	const struct subject *subject, struct dice *dice, enum slot_kind kind)
{
	const unsigned int other = dice_below(dice, SUBJECT_SLOTS);
	const bool first = dice_chance(dice, 50), any = dice_chance(dice, 10);

	if (kind == SLOT_DEVICE && !subject->mock)
		return subject_pick_device(subject, dice);
	if (dice->plain || first)
		return 0;
	return subject->slots[kind][other] || any ? other : 0;
}

uint32_t subject_pick(const struct subject *subject, struct dice *dice, enum slot_kind kind)
{
	const unsigned int slot = subject_pick_slot(subject, dice, kind);
	const uint64_t roll = dice_below(dice, 100);
	const uint32_t plausible = dice_below(dice, PLAUSIBLE_IDS);

	if (dice->plain || roll < 96)
		return subject->slots[kind][slot];
	return roll < 99 ? plausible : BOGUS_ID;
}

void subject_keep(
	struct subject *subject, struct dice *dice, enum slot_kind kind, uint32_t id, int queue_fd)
{
	const unsigned int slot = dice->plain ? 0 : dice_below(dice, SUBJECT_SLOTS);

	subject_close_queue(subject, kind, slot);
	subject->slots[kind][slot] = id;
	subject->queue_fds[kind][slot] = queue_fd;
}

void subject_close_queue(struct subject *subject, enum slot_kind kind, unsigned int slot)
{
	int *fd = &subject->queue_fds[kind][slot];

	if (*fd >= 0)
		iommuctl_close(subject->ctx, *fd);
	*fd = -1;
}

void subject_settle(const struct subject *subject, unsigned int milliseconds)
{
	struct timespec rest = { .tv_nsec = milliseconds * 1000000L };

	if (!subject->waits)
		return;
	while (nanosleep(&rest, &rest) && errno == EINTR)
		;
}
