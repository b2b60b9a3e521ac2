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

/* Where it goes through: the IOMMU of the guest. False: not all of it was done. Any thread. */
struct dma_path {
	void *data;
	bool (*access)(void *data, const struct dma *dma);
};

/*
 * Where the first byte of a DMA goes, and how many bytes from there go on the same way. False: the guest
 * has not allowed it, and has been told.
 */
struct dma_place {
	uint64_t ipa;
	uint64_t size;
};

/* Carries one out, piece by piece, as an IOMMU translates it. */
bool dma_access_translated(const struct vm *vm, const struct dma *dma,
	bool (*translate)(void *iommu, const struct dma *dma, struct dma_place *place),
	void *iommu);

/* Carries one out at guest physical addresses: memory, or the doorbell of the ITS. */
bool dma_access(const struct vm *vm, const struct dma *dma);

/* The path of a machine that has no IOMMU. */
struct dma_path dma_get_direct_path(const struct vm *vm);

#endif
