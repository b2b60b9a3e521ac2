/* SPDX-License-Identifier: MIT */
/*
 * A driver's side of a virtio device of the VMM in examples/kvm, without KVM: guest memory, a virtqueue in
 * it, and the interrupt line as a variable.
 */
#ifndef TEST_KVM_FIXTURE_H
#define TEST_KVM_FIXTURE_H

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "memory.h"
#include "virtqueue.h"

#define RING_SIZE   8
#define DESCRIPTORS (RAM_BASE + 0x1000)
#define AVAILABLE   (RAM_BASE + 0x2000)
#define USED	    (RAM_BASE + 0x3000)
#define BUFFERS	    (RAM_BASE + 0x4000)

#define NEXT	 1
#define WRITE_IT 2
#define INDIRECT 4

static inline void put16(const struct vm *vm, uint64_t address, uint16_t value)
{
	const uint16_t bytes = htole16(value);

	memcpy(memory_at(vm, address, sizeof(bytes)), &bytes, sizeof(bytes));
}

static inline void put32(const struct vm *vm, uint64_t address, uint32_t value)
{
	const uint32_t bytes = htole32(value);

	memcpy(memory_at(vm, address, sizeof(bytes)), &bytes, sizeof(bytes));
}

static inline void put64(const struct vm *vm, uint64_t address, uint64_t value)
{
	const uint64_t bytes = htole64(value);

	memcpy(memory_at(vm, address, sizeof(bytes)), &bytes, sizeof(bytes));
}

static inline uint16_t get16(const struct vm *vm, uint64_t address)
{
	uint16_t bytes;

	memcpy(&bytes, memory_at(vm, address, sizeof(bytes)), sizeof(bytes));
	return le16toh(bytes);
}

static inline uint32_t get32(const struct vm *vm, uint64_t address)
{
	uint32_t bytes;

	memcpy(&bytes, memory_at(vm, address, sizeof(bytes)), sizeof(bytes));
	return le32toh(bytes);
}

struct descriptor_words {
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

static inline void put_descriptor(const struct vm *vm, uint64_t table, unsigned int index,
	const struct descriptor_words *descriptor)
{
	put64(vm, table + index * 16, descriptor->address);
	put32(vm, table + index * 16 + 8, descriptor->length);
	put16(vm, table + index * 16 + 12, descriptor->flags);
	put16(vm, table + index * 16 + 14, descriptor->next);
}

/* Makes the chain from @head on available, after @before others in a ring of RING_SIZE. */
static inline void put_available(const struct vm *vm, uint64_t ring, uint16_t before, uint16_t head)
{
	put16(vm, ring + 4 + before % RING_SIZE * 2, head);
	put16(vm, ring + 2, (uint16_t)(before + 1));
}

#endif
