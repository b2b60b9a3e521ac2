// SPDX-License-Identifier: MIT
/* Split virtqueues, in memory that the guest may write at any time. */
#include "virtqueue.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "memory.h"

#define DESCRIPTOR_SIZE	     UINT64_C(16)
#define DESCRIPTOR_ALIGNMENT 16u
#define DRIVER_ALIGNMENT     2u
#define DEVICE_ALIGNMENT     4u

/* Both rings start with flags and an index; then come their entries. */
#define RING_INDEX	  2u
#define RING_ENTRIES	  4u
#define AVAILABLE_SIZE	  2u
#define USED_SIZE	  8u
#define USED_LENGTH	  4u
#define RING_NO_INTERRUPT 1u

#define DESCRIPTOR_NEXT	    1u
#define DESCRIPTOR_WRITE    2u
#define DESCRIPTOR_INDIRECT 4u

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

static void *aligned_at(
	const struct vm *vm, uint64_t address, uint64_t size, unsigned int alignment)
{
	return address % alignment ? NULL : memory_at(vm, address, size);
}

bool virtqueue_start(const struct vm *vm, struct virtqueue *queue)
{
	const uint64_t size = queue->size;

	if (!size || size > VIRTQUEUE_MAX_SIZE || (size & (size - 1)))
		return false;
	if (!aligned_at(vm, queue->descriptors, size * DESCRIPTOR_SIZE, DESCRIPTOR_ALIGNMENT) ||
		!aligned_at(vm, queue->driver, RING_ENTRIES + size * AVAILABLE_SIZE,
			DRIVER_ALIGNMENT) ||
		!aligned_at(vm, queue->device, RING_ENTRIES + size * USED_SIZE, DEVICE_ALIGNMENT))
		return false;
	queue->taken = 0;
	queue->given = 0;
	queue->ready = true;
	return true;
}

/* The rings are in memory: virtqueue_start() has checked, and a ready virtqueue does not move. */
static uint16_t read_driver(const struct vm *vm, const struct virtqueue *queue, uint64_t offset)
{
	const uint16_t *value = memory_at(vm, queue->driver + offset, sizeof(*value));

	return le16toh(__atomic_load_n(value, __ATOMIC_ACQUIRE));
}

static struct descriptor read_descriptor(
	const struct vm *vm, const struct virtqueue *queue, uint16_t index)
{
	const uint64_t *words =
		memory_at(vm, queue->descriptors + index * DESCRIPTOR_SIZE, DESCRIPTOR_SIZE);
	const uint64_t rest = le64toh(__atomic_load_n(&words[1], __ATOMIC_RELAXED));

	return (struct descriptor){
		.address = le64toh(__atomic_load_n(&words[0], __ATOMIC_RELAXED)),
		.length = (uint32_t)rest,
		.flags = (uint16_t)(rest >> 32),
		.next = (uint16_t)(rest >> 48),
	};
}

int virtqueue_get_waiting(const struct vm *vm, const struct virtqueue *queue)
{
	const uint16_t index = read_driver(vm, queue, RING_INDEX);
	const uint16_t waiting = (uint16_t)(index - queue->taken);

	return waiting > queue->size ? -EINVAL : waiting;
}

/* Buffers to write come last. */
static int add_part(
	const struct vm *vm, struct virtqueue_chain *chain, const struct descriptor *descriptor)
{
	uint8_t *bytes = memory_at(vm, descriptor->address, descriptor->length);

	if (!bytes || (descriptor->flags & DESCRIPTOR_INDIRECT))
		return -EINVAL;
	if (!(descriptor->flags & DESCRIPTOR_WRITE)) {
		if (chain->readable < chain->count)
			return -EINVAL;
		chain->readable++;
	}
	chain->parts[chain->count++] = (struct virtqueue_part){ bytes, descriptor->length };
	return 0;
}

/* A chain is no longer than the virtqueue: a loop ends there. */
int virtqueue_take(const struct vm *vm, struct virtqueue *queue, struct virtqueue_chain *chain)
{
	const uint64_t slot = queue->taken % queue->size;
	uint16_t index = read_driver(vm, queue, RING_ENTRIES + slot * AVAILABLE_SIZE);
	struct descriptor descriptor;

	chain->head = index;
	chain->readable = 0;
	chain->count = 0;
	do {
		int err;

		if (index >= queue->size || chain->count == queue->size)
			return -EINVAL;
		descriptor = read_descriptor(vm, queue, index);
		err = add_part(vm, chain, &descriptor);
		if (err)
			return err;
		index = descriptor.next;
	} while (descriptor.flags & DESCRIPTOR_NEXT);
	queue->taken++;
	return 0;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t virtqueue_gather(const struct virtqueue_chain *chain, void *buffer, size_t size)
{
	uint8_t *to = buffer;
	size_t done = 0;

	for (unsigned int i = 0; i < chain->readable; i++) {
		const size_t length = smaller(chain->parts[i].size, size - done);

		memcpy(to + done, chain->parts[i].bytes, length);
		done += length;
	}
	return done;
}

size_t virtqueue_get_room(const struct virtqueue_chain *chain)
{
	size_t room = 0;

	for (unsigned int i = chain->readable; i < chain->count; i++)
		room += chain->parts[i].size;
	return room;
}

void virtqueue_give(const struct vm *vm, struct virtqueue *queue,
	const struct virtqueue_chain *chain, const void *bytes, size_t size)
{
	const uint64_t slot = RING_ENTRIES + queue->given % queue->size * USED_SIZE;
	uint32_t *entry = memory_at(vm, queue->device + slot, USED_SIZE);
	uint16_t *index = memory_at(vm, queue->device + RING_INDEX, sizeof(*index));
	const uint8_t *from = bytes;
	size_t done = 0;

	for (unsigned int i = chain->readable; i < chain->count; i++) {
		const size_t length = smaller(chain->parts[i].size, size - done);

		memcpy(chain->parts[i].bytes, from + done, length);
		done += length;
	}
	__atomic_store_n(&entry[0], htole32(chain->head), __ATOMIC_RELAXED);
	__atomic_store_n(
		&entry[USED_LENGTH / sizeof(*entry)], htole32((uint32_t)done), __ATOMIC_RELAXED);
	queue->given++;
	__atomic_store_n(index, htole16(queue->given), __ATOMIC_RELEASE);
}

bool virtqueue_wants_interrupt(const struct vm *vm, const struct virtqueue *queue)
{
	/*
	 * The driver updates the flags before it reads the index; here the index is written first.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(read_driver(vm, queue, 0) & RING_NO_INTERRUPT);
}
