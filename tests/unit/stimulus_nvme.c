// SPDX-License-Identifier: MIT
/* How an NVMe drive is started and stopped. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "abi/vfio.h"
#include "stimulus/stimulus.h"

#define CAP	 0x00
#define CC	 0x14
#define CSTS	 0x1c
#define DOORBELL 0x1000
#define ENABLED	 0x1
#define FATAL	 0x2

#define CONFIG_SPACE (INT64_C(1) << 32)

/* A drive that does nothing with its queues. */
struct drive {
	struct iommuctl_transport base; /* first: calls find the drive by it */
	uint32_t registers[16];
	uint32_t asked;	  /* how often for CSTS */
	uint32_t patient; /* how often it is to be asked, until it is ready */
	bool unreadable;  /* CSTS, once it is enabled */
};

static int drive_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct abi_vfio_region_info *info = arg;

	(void)transport;
	(void)fd;
	if (request != ABI_VFIO_DEVICE_GET_REGION_INFO)
		return -ENOTTY;
	info->flags = ABI_VFIO_REGION_INFO_FLAG_READ | ABI_VFIO_REGION_INFO_FLAG_WRITE;
	info->size = 1 << 16;
	info->offset = info->index == ABI_VFIO_PCI_CONFIG_REGION_INDEX ? CONFIG_SPACE : 0;
	return 0;
}

static bool is_enabled(const struct drive *drive)
{
	return drive->registers[CC / 4] & ENABLED;
}

static uint32_t csts(struct drive *drive)
{
	return drive->registers[CSTS / 4] |
	       (is_enabled(drive) && ++drive->asked > drive->patient ? ENABLED : 0);
}

static ssize_t drive_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct drive *drive = (struct drive *)transport;
	uint32_t value = 0;

	(void)fd;
	if (offset == CSTS && drive->unreadable && is_enabled(drive))
		return -EIO;
	if (offset < (int64_t)sizeof(drive->registers))
		value = offset == CSTS ? csts(drive) : drive->registers[offset / 4];
	value = htole32(value);
	memcpy(buffer, &value, size);
	return (ssize_t)size;
}

static ssize_t drive_write(struct iommuctl_transport *transport, int fd, const void *buffer,
	size_t size, int64_t offset)
{
	struct drive *drive = (struct drive *)transport;
	uint32_t value = 0;

	(void)fd;
	memcpy(&value, buffer, size < sizeof(value) ? size : sizeof(value));
	if (offset < (int64_t)sizeof(drive->registers))
		drive->registers[offset / 4] = le32toh(value);
	if (offset == DOORBELL)
		drive->registers[CSTS / 4] = FATAL;
	return (ssize_t)size;
}

static void drive_free(struct iommuctl_transport *transport)
{
	(void)transport;
}

static unsigned char memory[3 * STIMULUS_PAGE] __attribute__((aligned(STIMULUS_PAGE)));

static int start(struct drive *drive, struct stimulus *stimulus)
{
	const struct stimulus_memory queues = { .host = memory, .size = sizeof(memory) };

	drive->base = (struct iommuctl_transport){
		.ioctl = drive_ioctl, .read = drive_read, .write = drive_write, .free = drive_free
	};
	*stimulus = (struct stimulus){ .driver = &stimulus_nvme };
	cr_assert_eq(iommuctl_new(&drive->base, &stimulus->ctx), 0);
	cr_assert_eq(iommuctl_vfio_region_get_info(stimulus->ctx, 0,
			     IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &stimulus->config),
		0);
	return stimulus_start(stimulus, &queues);
}

static void stop(const struct drive *drive, struct stimulus *stimulus)
{
	stimulus_stop(stimulus);
	cr_expect_not(is_enabled(drive), "it is left enabled");
	iommuctl_free(stimulus->ctx);
}

/* More than the 5 seconds that others have, of the 10 that it says. */
Test(stimulus_nvme, a_drive_takes_as_long_as_it_says)
{
	struct drive drive = { .registers[CAP / 4] = UINT32_C(20) << 24, .patient = 1010 };
	struct stimulus stimulus;

	cr_expect_eq(start(&drive, &stimulus), 0);
	stop(&drive, &stimulus);
}

Test(stimulus_nvme, a_drive_that_was_not_started_to_the_end_is_stopped)
{
	struct drive drive = { .unreadable = true };
	struct stimulus stimulus;

	cr_expect_eq(start(&drive, &stimulus), -EIO);
	cr_expect(is_enabled(&drive));
	stop(&drive, &stimulus);
}

Test(stimulus_nvme, a_drive_whose_transfer_was_blocked_is_stopped)
{
	const struct stimulus_access access = { .write = true, .iova = 0x1000, .size = 4096 };
	struct drive drive = { 0 };
	struct stimulus stimulus;

	cr_expect_eq(start(&drive, &stimulus), 0);
	cr_expect_eq(stimulus.driver->transfer(&stimulus, &access), STIMULUS_BLOCKED);
	cr_expect_not(stimulus.usable);
	stop(&drive, &stimulus);
}

Test(stimulus_nvme, a_device_that_is_no_drive_is_left_alone)
{
	struct drive drive = { .registers = { UINT32_MAX, 0, 0, 0, 0, ENABLED } };
	struct stimulus stimulus;

	cr_expect_eq(start(&drive, &stimulus), -ENODEV);
	stimulus_stop(&stimulus);
	cr_expect(is_enabled(&drive));
	iommuctl_free(stimulus.ctx);
}
