// SPDX-License-Identifier: MIT
/* Source of the registers: QEMU, docs/specs/edu. */
#include "edu.h"

#include <endian.h>
#include <errno.h>

#define PCI_COMMAND	     0x04
#define REGISTER_RAISE	     0x60
#define REGISTER_ACK	     0x64
#define REGISTER_SOURCE	     0x80
#define REGISTER_TARGET	     0x88
#define REGISTER_COUNT	     0x90
#define REGISTER_COMMAND     0x98
#define DMA_START	     0x1
#define DMA_TO_RAM	     0x2
#define DMA_INTERRUPT	     0x4
#define DMA_INTERRUPT_STATUS 0x100
#define DMA_BUFFER	     0x40000
#define DMA_MILLISECONDS     101
#define DMA_PATIENCE	     10

static int write32(struct subject *subject, const struct subject_device *device, uint64_t offset,
	uint32_t value)
{
	const uint32_t raw = htole32(value);

	return iommuctl_vfio_region_write(
		subject->ctx, device->fd, &device->bar0, offset, &raw, sizeof(raw));
}

static int write64(struct subject *subject, const struct subject_device *device, uint64_t offset,
	uint64_t value)
{
	const uint64_t raw = htole64(value);

	return iommuctl_vfio_region_write(
		subject->ctx, device->fd, &device->bar0, offset, &raw, sizeof(raw));
}

int edu_set_command(struct subject *subject, const struct subject_device *device, uint16_t value)
{
	const uint16_t raw = htole16(value);

	return iommuctl_vfio_region_write(
		subject->ctx, device->fd, &device->config, PCI_COMMAND, &raw, sizeof(raw));
}

static int wait_for_dma(struct subject *subject, const struct subject_device *device)
{
	uint32_t command;
	int err;

	for (unsigned int i = 0; i < DMA_PATIENCE; i++) {
		err = iommuctl_vfio_region_read(subject->ctx, device->fd, &device->bar0,
			REGISTER_COMMAND, &command, sizeof(command));
		if (err)
			return err;
		if (!(le32toh(command) & DMA_START))
			return 0;
		subject_settle(subject, DMA_MILLISECONDS);
	}
	return -ETIMEDOUT;
}

int edu_run_dma(
	struct subject *subject, const struct subject_device *device, const struct edu_dma *dma)
{
	const uint64_t buffer = DMA_BUFFER + dma->offset;
	int err;

	err = write64(subject, device, REGISTER_SOURCE, dma->to_ram ? buffer : dma->iova);
	if (!err)
		err = write64(subject, device, REGISTER_TARGET, dma->to_ram ? dma->iova : buffer);
	if (!err)
		err = write64(subject, device, REGISTER_COUNT, dma->size);
	if (!err)
		err = write64(subject, device, REGISTER_COMMAND,
			DMA_START | (dma->to_ram ? DMA_TO_RAM : 0) |
				(dma->interrupt ? DMA_INTERRUPT : 0));
	if (!err)
		err = wait_for_dma(subject, device);
	if (!err && dma->interrupt)
		err = write32(subject, device, REGISTER_ACK, DMA_INTERRUPT_STATUS);
	return err;
}

int edu_interrupt(struct subject *subject, const struct subject_device *device)
{
	int err;

	err = write32(subject, device, REGISTER_RAISE, 1);
	subject_settle(subject, 1);
	return err ? err : write32(subject, device, REGISTER_ACK, 1);
}
