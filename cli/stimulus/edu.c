// SPDX-License-Identifier: MIT
/*
 * QEMU's educational device: one 4 KiB buffer, one DMA engine, one interrupt.
 * Source: docs/specs/edu.
 */
#include <endian.h>
#include <errno.h>
#include <time.h>

#include "stimulus/stimulus.h"

#define EDU_ID		0x00
#define EDU_ID_MASK	0xffff
#define EDU_ID_VALUE	0x00ed
#define EDU_IRQ_STATUS	0x24
#define EDU_IRQ_RAISE	0x60
#define EDU_IRQ_ACK	0x64
#define EDU_DMA_SOURCE	0x80
#define EDU_DMA_TARGET	0x88
#define EDU_DMA_COUNT	0x90
#define EDU_DMA_COMMAND 0x98
#define EDU_DMA_START	0x1
#define EDU_DMA_TO_RAM	0x2
#define EDU_BUFFER	0x40000
#define EDU_BUFFER_SIZE 4096
#define EDU_IRQ_VALUE	0x1

/* A transfer takes 100 ms by QEMU's clock, and no time in the model. */
#define EDU_DMA_MS	 100
#define EDU_DMA_POLL_MS	 5
#define EDU_DMA_LIMIT_MS 5000

static int read32(struct stimulus *edu, uint64_t offset, uint32_t *value)
{
	uint32_t raw;
	int err;

	err = iommuctl_vfio_region_read(
		edu->ctx, edu->device, &edu->bar0, offset, &raw, sizeof(raw));
	if (!err)
		*value = le32toh(raw);
	return err;
}

static int write32(struct stimulus *edu, uint64_t offset, uint32_t value)
{
	const uint32_t raw = htole32(value);

	return iommuctl_vfio_region_write(
		edu->ctx, edu->device, &edu->bar0, offset, &raw, sizeof(raw));
}

static int write64(struct stimulus *edu, uint64_t offset, uint64_t value)
{
	const uint64_t raw = htole64(value);

	return iommuctl_vfio_region_write(
		edu->ctx, edu->device, &edu->bar0, offset, &raw, sizeof(raw));
}

static void sleep_ms(unsigned int ms)
{
	struct timespec rest = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&rest, &rest) && errno == EINTR)
		;
}

static int wait_for_dma(struct stimulus *edu)
{
	unsigned int rest = EDU_DMA_MS;
	unsigned int waited = 0;
	uint32_t command;
	int err;

	for (;;) {
		err = read32(edu, EDU_DMA_COMMAND, &command);
		if (err)
			return err;
		if (!(command & EDU_DMA_START))
			return 0;
		if (waited >= EDU_DMA_LIMIT_MS)
			return -ETIMEDOUT;
		sleep_ms(rest);
		waited += rest;
		rest = EDU_DMA_POLL_MS;
	}
}

static int transfer(
	struct stimulus *edu, uint64_t source, uint64_t target, uint32_t size, uint32_t command)
{
	int err;

	err = write64(edu, EDU_DMA_SOURCE, source);
	if (!err)
		err = write64(edu, EDU_DMA_TARGET, target);
	if (!err)
		err = write64(edu, EDU_DMA_COUNT, size);
	if (!err)
		err = write64(edu, EDU_DMA_COMMAND, command);
	return err ? err : wait_for_dma(edu);
}

/* A transfer of its last user may still run, and would make it deaf to a new one. */
static int edu_start(struct stimulus *edu)
{
	uint32_t id = 0;
	int err;

	err = read32(edu, EDU_ID, &id);
	if (!err && (id & EDU_ID_MASK) != EDU_ID_VALUE)
		err = -ENODEV;
	return err ? err : wait_for_dma(edu);
}

static int edu_dma_read(struct stimulus *edu, uint64_t iova, uint32_t size)
{
	return transfer(edu, iova, EDU_BUFFER, size, EDU_DMA_START);
}

static int edu_dma_write(struct stimulus *edu, uint64_t iova, uint32_t size)
{
	return transfer(edu, EDU_BUFFER, iova, size, EDU_DMA_START | EDU_DMA_TO_RAM);
}

static int edu_raise_irq(struct stimulus *edu, uint32_t vector)
{
	uint32_t raised = 0;
	int err;

	(void)vector;
	err = write32(edu, EDU_IRQ_RAISE, EDU_IRQ_VALUE);
	if (!err)
		err = read32(edu, EDU_IRQ_STATUS, &raised);
	if (!err && !(raised & EDU_IRQ_VALUE))
		err = -EPROTO;
	return err;
}

static int edu_clear_irq(struct stimulus *edu, uint32_t vector)
{
	(void)vector;
	return write32(edu, EDU_IRQ_ACK, EDU_IRQ_VALUE);
}

const struct stimulus_driver stimulus_edu = {
	.name = "edu",
	.vendor = 0x1234,
	.device = 0x11e8,
	.transfer_max = EDU_BUFFER_SIZE,
	.vectors = 1,
	.start = edu_start,
	.dma_read = edu_dma_read,
	.dma_write = edu_dma_write,
	.raise_irq = edu_raise_irq,
	.clear_irq = edu_clear_irq,
};
