/* SPDX-License-Identifier: MIT */
/* Words in guest memory. */
#ifndef LIBIOMMUCTL_STAGE1_GUEST_MEMORY_H
#define LIBIOMMUCTL_STAGE1_GUEST_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/stage1.h>

/* As iommuctl_guest_memory_at(), inline where the call would cost too much; @memory has ranges. */
static inline void *guest_memory_find(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t size)
{
	for (size_t i = 0; i < memory->range_count; i++) {
		const struct iommuctl_guest_range *range = &memory->ranges[i];
		const uint64_t offset = ipa - range->ipa;

		if (range->host && ipa >= range->ipa && offset < range->size &&
			size <= range->size - offset)
			return (char *)range->host + offset;
	}
	return NULL;
}

/* Loads a little-endian word in one access. -EFAULT: not memory, or not aligned. */
int guest_memory_load64(const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value);

/* Stores one likewise; the SMMU sees all earlier stores before it. */
int guest_memory_store64(const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t value);

/* Zeroes [ipa, ipa + size) if all of it is reachable as 64-bit words in one range, else -EFAULT. */
int guest_memory_zero(const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t size);

#endif
