// SPDX-License-Identifier: MIT
/* Registers, DMA engine and interrupt of the edu device. */
#include "model/vfio/edu.h"

#include <errno.h>
#include <string.h>

#define IDENTIFICATION 0x010000edu
#define DMA_MASK       UINT32_MAX

enum {
	REG_IDENTIFICATION = 0x00,
	REG_LIVENESS = 0x04,
	REG_FACTORIAL = 0x08,
	REG_STATUS = 0x20,
	REG_IRQ_STATUS = 0x24,
	REG_IRQ_RAISE = 0x60,
	REG_IRQ_ACKNOWLEDGE = 0x64,
	REG_DMA_SOURCE = 0x80,
	REG_DMA_TARGET = 0x88,
	REG_DMA_COUNT = 0x90,
	REG_DMA_COMMAND = 0x98,
};

#define STATUS_IRQ_AFTER_FACTORIAL 0x80u

#define IRQ_FACTORIAL 0x001u
#define IRQ_DMA	      0x100u

#define DMA_RUN	   0x1u
#define DMA_TO_BUS 0x2u
#define DMA_RAISE  0x4u
#define DMA_WINDOW 0x40000u

static void raise_irq(struct model_edu *edu, uint32_t bits)
{
	edu->irq_status |= bits;
	if (edu->irq_status && model_edu_is_bus_master(edu))
		edu->bus.interrupt(edu->bus.data);
}

/* 34! and all further factorials are 0 in 32 bits. */
static uint32_t factorial(uint32_t value)
{
	uint32_t product = 1;

	while (value > 0 && product)
		product *= value--;
	return product;
}

static void compute(struct model_edu *edu, uint32_t value)
{
	edu->factorial = factorial(value);
	if (edu->status & STATUS_IRQ_AFTER_FACTORIAL)
		raise_irq(edu, IRQ_FACTORIAL);
}

/* The buffer byte at @address, or NULL if [@address, @address + @dma_count) leaves the buffer. */
static unsigned char *window(struct model_edu *edu, uint64_t address)
{
	const uint64_t offset = address - DMA_WINDOW;

	if (address < DMA_WINDOW || offset > sizeof(edu->buffer) ||
		edu->dma_count > sizeof(edu->buffer) - offset)
		return NULL;
	return edu->buffer + offset;
}

/*
 * Without bus mastering, reads give 0. What the bus refuses is not noticeable here. False: it
 * stalls.
 */
static bool transfer(struct model_edu *edu)
{
	const bool write = edu->dma_command & DMA_TO_BUS;
	const uint64_t iova = (write ? edu->dma_target : edu->dma_source) & edu->dma_mask;
	unsigned char *local = window(edu, write ? edu->dma_source : edu->dma_target);

	if (!local)
		return true;
	if (model_edu_is_bus_master(edu))
		return edu->bus.access(edu->bus.data, iova, local, edu->dma_count, write) !=
		       -EAGAIN;
	if (!write)
		memset(local, 0, edu->dma_count);
	return true;
}

static bool is_running(const struct model_edu *edu)
{
	return edu->dma_command & DMA_RUN;
}

static void finish_dma(struct model_edu *edu)
{
	edu->dma_command &= ~(uint64_t)DMA_RUN;
	if (edu->dma_command & DMA_RAISE)
		raise_irq(edu, IRQ_DMA);
}

static void start_dma(struct model_edu *edu, uint64_t command)
{
	if (!(command & DMA_RUN))
		return;
	edu->dma_command = command;
	if (transfer(edu))
		finish_dma(edu);
}

void model_edu_resume(struct model_edu *edu, bool again)
{
	unsigned char *local = window(edu, edu->dma_target);

	if (!is_running(edu))
		return;
	if (again && !transfer(edu))
		return;
	if (!again && local && !(edu->dma_command & DMA_TO_BUS))
		memset(local, 0, edu->dma_count);
	finish_dma(edu);
}

static bool has_access(uint64_t offset, size_t size)
{
	return size == 4 || (size == 8 && offset >= REG_DMA_SOURCE);
}

static uint64_t read_register(const struct model_edu *edu, uint64_t offset)
{
	switch (offset) {
	case REG_IDENTIFICATION: return IDENTIFICATION;
	case REG_LIVENESS: return edu->identity;
	case REG_FACTORIAL: return edu->factorial;
	case REG_STATUS: return edu->status;
	case REG_IRQ_STATUS: return edu->irq_status;
	case REG_DMA_SOURCE: return edu->dma_source;
	case REG_DMA_TARGET: return edu->dma_target;
	case REG_DMA_COUNT: return edu->dma_count;
	case REG_DMA_COMMAND: return edu->dma_command;
	default: return UINT64_MAX;
	}
}

uint64_t model_edu_read(struct model_edu *edu, uint64_t offset, size_t size)
{
	const uint64_t value = has_access(offset, size) ? read_register(edu, offset) : UINT64_MAX;

	return size < sizeof(value) ? value & ((UINT64_C(1) << 8 * size) - 1) : value;
}

void model_edu_write(struct model_edu *edu, uint64_t offset, uint64_t value, size_t size)
{
	if (!has_access(offset, size) || (is_running(edu) && offset >= REG_DMA_SOURCE))
		return;
	if (size == 4)
		value &= UINT32_MAX;

	switch (offset) {
	case REG_LIVENESS: edu->identity = ~(uint32_t)value; break;
	case REG_FACTORIAL: compute(edu, (uint32_t)value); break;
	case REG_STATUS: edu->status = value & STATUS_IRQ_AFTER_FACTORIAL; break;
	case REG_IRQ_RAISE: raise_irq(edu, (uint32_t)value); break;
	case REG_IRQ_ACKNOWLEDGE: edu->irq_status &= ~(uint32_t)value; break;
	case REG_DMA_SOURCE: edu->dma_source = value; break;
	case REG_DMA_TARGET: edu->dma_target = value; break;
	case REG_DMA_COUNT: edu->dma_count = value; break;
	case REG_DMA_COMMAND: start_dma(edu, value); break;
	}
}

void model_edu_reset(struct model_edu *edu)
{
	*edu = (struct model_edu){
		.bus = edu->bus,
		.memory_bar = edu->memory_bar,
		.dma_mask = DMA_MASK,
	};
	model_edu_config_reset(edu);
}
