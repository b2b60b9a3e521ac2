/* SPDX-License-Identifier: MIT */
/*
 * A function that this VMM emulates: QEMU's "edu" device (docs/specs/edu), as far as it does DMA
 * and raises interrupts. All of its DMA, messages included, goes through the guest's IOMMU.
 *
 * A transfer is complete when the write of its command returns: it moves at most the device's 4 KiB
 * buffer.
 */
#ifndef KVM_EDU_H
#define KVM_EDU_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "config_space.h"
#include "dma.h"

#define EDU_BUFFER_SIZE 4096u

struct edu {
	pthread_mutex_t lock;
	uint16_t requester_id;
	struct dma_path path;
	struct config_space space;
	uint32_t liveness;
	uint32_t interrupts;
	uint64_t source;
	uint64_t target;
	uint64_t count;
	uint8_t buffer[EDU_BUFFER_SIZE];
};

/* As after a reset. */
void edu_init(struct edu *edu, uint16_t requester_id, const struct dma_path *path);

/* Configuration space: offset and size are within it. Any thread, here and below. */
uint32_t edu_read_config(struct edu *edu, uint32_t offset, uint32_t size);
void edu_write_config(struct edu *edu, uint32_t offset, uint32_t size, uint32_t value);

/* Accesses to memory, by bus address. False: the function does not answer there. */
bool edu_read(struct edu *edu, uint64_t address, unsigned int size, uint64_t *value);
bool edu_write(struct edu *edu, uint64_t address, unsigned int size, uint64_t value);

#endif
