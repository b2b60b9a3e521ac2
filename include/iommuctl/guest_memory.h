/* SPDX-License-Identifier: MIT */
/*
 * Guest memory, as this process sees it.
 *
 * @memory: guest memory
 *
 * Ownership: ranges are borrowed, and outlive what uses the memory.
 * Threads: pure functions, any thread.
 * Source: this library alone.
 */
#ifndef IOMMUCTL_GUEST_MEMORY_H
#define IOMMUCTL_GUEST_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * A range of guest memory.
 *
 * @ipa: its first byte, as the guest's stage 2 has it
 * @size: bytes
 * @host: where this process sees it
 *
 * Since: 0.1
 */
struct iommuctl_guest_range {
	uint64_t ipa;
	uint64_t size;
	void *host;
};

/*
 * Guest memory, as the caller maps it.
 *
 * Tables are only reached where @host of a range has the alignment of @ipa to 8 bytes.
 *
 * @ranges: the ranges, borrowed; they must not overlap
 * @range_count: how many there are
 * @fetched: called with each 64-bit word that was read, in the order of the CPU, and its @ipa; for
 *   who wants to know what a guest's SMMU looks at. NULL: nobody
 * @data: handed to @fetched as it is
 *
 * Since: 0.1
 */
struct iommuctl_guest_memory {
	const struct iommuctl_guest_range *ranges;
	size_t range_count;
	void (*fetched)(uint64_t ipa, uint64_t value, void *data);
	void *data;
};

/*
 * Finds where this process sees a piece of guest memory.
 *
 * @ipa: its first byte
 * @size: bytes; 0 asks for the address of @ipa itself, which must lie inside of a range
 *
 * Returns: the address; NULL unless all of [@ipa, @ipa + @size) lies in one range, also when it
 *   overflows, and for memory or a range that has not been filled in.
 * Since: 0.1
 */
void *iommuctl_guest_memory_at(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
