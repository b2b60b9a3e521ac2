// SPDX-License-Identifier: MIT
/*
 * QEMU's educational device: one 4 KiB buffer, one DMA engine, one interrupt.
 * Source: docs/specs/edu.
 */
#include <errno.h>

#include "stimulus/registers.h"

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
#define EDU_DMA_MS	100
#define EDU_DMA_POLL_MS 5

static int wait_for_dma(const struct stimulus *edu)
{
	uint32_t command;
	int err = stimulus_read32(edu, EDU_DMA_COMMAND, &command);

	if (err || !(command & EDU_DMA_START))
		return err;
	stimulus_sleep_ms(EDU_DMA_MS);
	return stimulus_wait32(
		edu, EDU_DMA_COMMAND, EDU_DMA_START, 0, EDU_DMA_POLL_MS, STIMULUS_LIMIT_MS);
}

/* A transfer of its last user may still run; the device would ignore a new one. */
static int edu_start(struct stimulus *edu)
{
	uint32_t id = 0;
	int err;

	err = stimulus_read32(edu, EDU_ID, &id);
	if (!err && (id & EDU_ID_MASK) != EDU_ID_VALUE)
		err = -ENODEV;
	return err ? err : wait_for_dma(edu);
}

static const char *edu_refuse(const struct stimulus *edu, const struct stimulus_access *access)
{
	(void)edu;
	if (access->size > EDU_BUFFER_SIZE)
		return "moves at most 4096 bytes at a time";
	/* It drops the address bits that it does not have. */
	if (access->iova > UINT32_MAX || access->size - 1 > UINT32_MAX - access->iova)
		return "has 32 bits of address";
	return NULL;
}

static int edu_transfer(struct stimulus *edu, const struct stimulus_access *access)
{
	int err;

	err = stimulus_write64(edu, EDU_DMA_SOURCE, access->write ? EDU_BUFFER : access->iova);
	if (!err)
		err = stimulus_write64(
			edu, EDU_DMA_TARGET, access->write ? access->iova : EDU_BUFFER);
	if (!err)
		err = stimulus_write64(edu, EDU_DMA_COUNT, access->size);
	if (!err)
		err = stimulus_write64(
			edu, EDU_DMA_COMMAND, EDU_DMA_START | (access->write ? EDU_DMA_TO_RAM : 0));
	return err ? err : wait_for_dma(edu);
}

static int edu_raise_irq(struct stimulus *edu, uint32_t vector)
{
	uint32_t raised = 0;
	int err;

	(void)vector;
	err = stimulus_write32(edu, EDU_IRQ_RAISE, EDU_IRQ_VALUE);
	if (!err)
		err = stimulus_read32(edu, EDU_IRQ_STATUS, &raised);
	if (!err && !(raised & EDU_IRQ_VALUE))
		err = -EPROTO;
	return err;
}

static int edu_clear_irq(struct stimulus *edu, uint32_t vector)
{
	(void)vector;
	return stimulus_write32(edu, EDU_IRQ_ACK, EDU_IRQ_VALUE);
}

static const struct stimulus_ids ids[] = { { .vendor = 0x1234, .device = 0x11e8 } };

const struct stimulus_driver stimulus_edu = {
	.name = "edu",
	.ids = ids,
	.id_count = 1,
	.about =
		"The device of the model machine, and of QEMU as \"-device edu,dma_mask=0xffffffff\": by "
		"default QEMU's has 28 address bits, and silently drops the others. It moves up to 4096 "
		"bytes, has 32 address bits, and one MSI, or INTx. It needs no memory.",
	.touches = "uses its buffer and its DMA engine, which exist for that",
	.vectors = 1,
	.has_intx = true,
	.kept_count = EDU_BUFFER_SIZE,
	.start = edu_start,
	.refuse = edu_refuse,
	.transfer = edu_transfer,
	.raise_irq = edu_raise_irq,
	.clear_irq = edu_clear_irq,
};
