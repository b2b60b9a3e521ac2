/* SPDX-License-Identifier: MIT */
/*
 * Guest memory, as this process sees it.
 *
 * @memory: guest memory
 *
 * Ownership: ranges are borrowed, and must outlive what uses the memory.
 * Threads: pure functions, any thread.
 * Source: this library.
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
 * Tables can only be read in ranges whose @host and @ipa are equal modulo 8.
 *
 * @ranges: the ranges, borrowed; they must not overlap
 * @range_count: how many there are
 * @fetched: called with each 64-bit word that was read, in CPU order, and its @ipa, to observe what
 *   a guest's SMMU looks at. May be NULL
 * @data: passed to @fetched
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
 * Returns: the address; NULL unless all of [@ipa, @ipa + @size) lies in one range, if it overflows,
 *   or if the memory or range was not filled in.
 * Since: 0.1
 */
void *iommuctl_guest_memory_at(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
