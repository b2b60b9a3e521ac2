// SPDX-License-Identifier: MIT
/* DMA of emulated functions, at guest physical addresses. */
#include "dma.h"

#include <endian.h>
#include <string.h>

#include "memory.h"

/*
 * A message is a 32-bit write to the doorbell; the ITS identifies functions by their requester IDs.
 */
static bool send_message(const struct vm *vm, const struct dma *dma)
{
	uint32_t data;

	if (!dma->is_write || dma->size != sizeof(data) || dma->address < GIC_ITS_DOORBELL_PAGE ||
		dma->address - GIC_ITS_DOORBELL_PAGE > GIC_ITS_DOORBELL_SIZE - sizeof(data))
		return false;
	memcpy(&data, dma->bytes, sizeof(data));
	return !vm_send_msi(vm, dma->requester_id, dma->address, le32toh(data));
}

bool dma_access(const struct vm *vm, const struct dma *dma)
{
	uint8_t *memory = memory_at(vm, dma->address, dma->size);

	if (!memory)
		return send_message(vm, dma);
	if (dma->is_write)
		memcpy(memory, dma->bytes, dma->size);
	else
		memcpy(dma->bytes, memory, dma->size);
	return true;
}

bool dma_access_translated(const struct vm *vm, const struct dma *dma,
	bool (*translate)(void *iommu, const struct dma *dma, struct dma_place *place), void *iommu)
{
	struct dma piece = *dma;
	size_t rest = dma->size;

	while (rest) {
		struct dma at;
		struct dma_place place;

		piece.size = rest;
		if (!translate(iommu, &piece, &place))
			return false;
		if (piece.size > place.size)
			piece.size = (size_t)place.size;
		at = piece;
		at.address = place.ipa;
		if (!dma_access(vm, &at))
			return false;
		piece.address += piece.size;
		piece.bytes += piece.size;
		rest -= piece.size;
	}
	return true;
}

/* The path takes a non-const pointer to what it does not change. */
static bool direct_access(void *data, const struct dma *dma)
{
	const struct vm *vm = data;

	return dma_access(vm, dma);
}

struct dma_path dma_get_direct_path(const struct vm *vm)
{
	return (struct dma_path){ .data = (void *)(uintptr_t)vm, .access = direct_access };
}
