/* SPDX-License-Identifier: MIT */
/* The DMA of functions that this VMM emulates. */
#ifndef KVM_DMA_H
#define KVM_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm.h"

struct dma {
	uint16_t requester_id;
	bool is_write; /* from bytes to the address */
	uint64_t address;
	uint8_t *bytes;
	size_t size;
};

/* The path of a DMA: the guest's IOMMU. False: it was not done completely. Any thread. */
struct dma_path {
	void *data;
	bool (*access)(void *data, const struct dma *dma);
};

/*
 * Translates the first byte of a DMA, and counts the bytes that follow contiguously. False: the
 * guest has not allowed it, and the fault was reported.
 */
struct dma_place {
	uint64_t ipa;
	uint64_t size;
};

/* Performs one piece by piece, as an IOMMU translates it. */
bool dma_access_translated(const struct vm *vm, const struct dma *dma,
	bool (*translate)(void *iommu, const struct dma *dma, struct dma_place *place),
	void *iommu);

/* Performs one at guest physical addresses: memory, or the ITS doorbell. */
bool dma_access(const struct vm *vm, const struct dma *dma);

/* The path of a machine that has no IOMMU. */
struct dma_path dma_get_direct_path(const struct vm *vm);

#endif
