/* SPDX-License-Identifier: MIT */
/*
 * Split virtqueues (VIRTIO 1.3, section 2.7) from the device's side, in memory that the guest may
 * write at any time. Everything is read once and then checked.
 *
 * Indirect descriptors and event indices are not offered. One thread at a time for a virtqueue.
 */
#ifndef KVM_VIRTQUEUE_H
#define KVM_VIRTQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm.h"

#define VIRTQUEUE_MAX_SIZE 256u

struct virtqueue {
	uint64_t descriptors;
	uint64_t driver; /* the available ring */
	uint64_t device; /* the used ring */
	uint32_t size;
	bool ready;
	uint16_t taken; /* entries of the available ring, since it was started */
	uint16_t given; /* entries of the used ring */
};

struct virtqueue_part {
	uint8_t *bytes;
	size_t size;
};

/* The buffers of a chain: first those that the device reads, then those that it writes. */
struct virtqueue_chain {
	uint16_t head;
	unsigned int readable;
	unsigned int count;
	struct virtqueue_part parts[VIRTQUEUE_MAX_SIZE];
};

/* Starts with empty rings. False if its size is invalid, or its rings are not in memory. */
bool virtqueue_start(const struct vm *vm, struct virtqueue *queue);

/* How many chains wait, or -EINVAL if there are more than possible. */
int virtqueue_get_waiting(const struct vm *vm, const struct virtqueue *queue);

/* Takes a waiting chain. -EINVAL: it is malformed, and the virtqueue must no longer be used. */
int virtqueue_take(const struct vm *vm, struct virtqueue *queue, struct virtqueue_chain *chain);

/* Copies what the guest wrote, up to size bytes; returns how many there were. */
size_t virtqueue_gather(const struct virtqueue_chain *chain, void *buffer, size_t size);

/* How many bytes the device may write. */
size_t virtqueue_get_room(const struct virtqueue_chain *chain);

/* Returns a chain, with the first size bytes of its room written. */
void virtqueue_give(const struct vm *vm, struct virtqueue *queue,
	const struct virtqueue_chain *chain, const void *bytes, size_t size);

/* Whether the driver wants an interrupt for returned chains. */
bool virtqueue_wants_interrupt(const struct vm *vm, const struct virtqueue *queue);

#endif
