/* SPDX-License-Identifier: MIT */
/*
 * A virtio device by memory-mapped registers (VIRTIO 1.3, section 4.2), version 2: registers, features,
 * virtqueues, status and the interrupt. What the device is for is its kind's.
 *
 * One thread at a time: the lock is with the owner, who has state of its own to guard.
 */
#ifndef KVM_VIRTIO_MMIO_H
#define KVM_VIRTIO_MMIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtqueue.h"
#include "vm.h"

#define VIRTIO_MMIO_QUEUES 2u

struct virtio_mmio_kind {
	uint32_t device_id;
	uint64_t (*get_features)(const void *device);
	/* What the driver has accepted of them; 0, or an errno: the driver cannot go on then. */
	int (*accept)(void *device, uint64_t features);
	/* Errors: the device needs another reset. */
	int (*reset)(void *device);
	/* Of the configuration space. Errors: there is no such byte, or it takes no such value. */
	int (*read_config)(const void *device, uint64_t offset, void *bytes, size_t size);
	int (*write_config)(void *device, uint64_t offset, const void *bytes, size_t size);
	/* There may be chains in a virtqueue that is ready. */
	void (*notify)(void *device, unsigned int queue);
};

struct virtio_mmio {
	const struct vm *vm;
	const struct virtio_mmio_kind *kind;
	void *device;
	unsigned int spi;
	uint32_t status;
	uint32_t interrupts;
	uint32_t generation; /* of the configuration space */
	uint32_t device_features_half;
	uint32_t driver_features_half;
	uint64_t driver_features;
	uint32_t selected;
	struct virtqueue queues[VIRTIO_MMIO_QUEUES];
};

void virtio_mmio_init(struct virtio_mmio *mmio, const struct vm *vm,
	const struct virtio_mmio_kind *kind, void *device, unsigned int spi);

/* As those of struct region. */
bool virtio_mmio_read(
	struct virtio_mmio *mmio, uint64_t offset, unsigned int size, uint64_t *value);
bool virtio_mmio_write(
	struct virtio_mmio *mmio, uint64_t offset, unsigned int size, uint64_t value);

/* The virtqueue, or NULL: the driver has not started it, or the device needs a reset first. */
struct virtqueue *virtio_mmio_get_queue(struct virtio_mmio *mmio, unsigned int queue);

/* Something was given back in a virtqueue: an interrupt, if the driver wants one. */
void virtio_mmio_used(struct virtio_mmio *mmio, unsigned int queue);

/* The device changed its configuration space by itself. */
void virtio_mmio_config_changed(struct virtio_mmio *mmio);

/* The guest broke the rules of a virtqueue: nothing goes on until it resets the device. */
void virtio_mmio_needs_reset(struct virtio_mmio *mmio);

#endif
