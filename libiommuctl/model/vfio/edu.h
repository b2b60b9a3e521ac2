/* SPDX-License-Identifier: MIT */
/* The model's edu device: QEMU's registers, one DMA engine, one MSI. */
#ifndef LIBIOMMUCTL_MODEL_VFIO_EDU_H
#define LIBIOMMUCTL_MODEL_VFIO_EDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How an edu device accesses the rest of the machine. */
struct model_bus {
	/* DMA; 0, -EIO, or -EAGAIN: it stalls, until model_edu_resume(). */
	int (*access)(void *data, uint64_t iova, void *buffer, size_t size, bool write);
	/* Writes an MSI to where the device was programmed to send it. */
	void (*interrupt)(void *data);
	void *data;
};

#define MODEL_EDU_BAR_SIZE    (1u << 20)
#define MODEL_EDU_CONFIG_SIZE 256

struct model_edu {
	struct model_bus bus;
	bool memory_bar;			     /* its configuration space has a BAR 2 */
	unsigned char config[MODEL_EDU_CONFIG_SIZE]; /* PCI configuration space */
	uint32_t identity;			     /* the "liveness" register */
	uint32_t factorial;
	uint32_t status;
	uint32_t irq_status;
	uint64_t dma_source;
	uint64_t dma_target;
	uint64_t dma_count;
	uint64_t dma_command;
	uint64_t dma_mask;
	unsigned char buffer[4096];
};

/* As after power-on, with memory decoding on, as vfio-pci leaves the device. Keeps its wiring. */
void model_edu_reset(struct model_edu *edu);

/*
 * Registers of BAR 0: 4 bytes below 0x80, 4 or 8 from there on. Reads of other sizes or places give
 * ones, such writes are lost. A DMA ends when the write that starts it returns, unless the bus
 * stalls it; while it runs, writes to its registers are lost. DMA and interrupts need bus mastering
 * (in @config).
 */
uint64_t model_edu_read(struct model_edu *edu, uint64_t offset, size_t size);
void model_edu_write(struct model_edu *edu, uint64_t offset, uint64_t value, size_t size);

/* Repeats the stalled DMA, if any, or (not @again) ends it with zeroes. */
void model_edu_resume(struct model_edu *edu, bool again);

/* Configuration space, as vfio-pci shows it to userspace. */
void model_edu_config_reset(struct model_edu *edu);
bool model_edu_is_bus_master(const struct model_edu *edu);
void model_edu_config_read(const struct model_edu *edu, uint64_t offset, void *data, size_t size);
void model_edu_config_write(struct model_edu *edu, uint64_t offset, const void *data, size_t size);

#endif
