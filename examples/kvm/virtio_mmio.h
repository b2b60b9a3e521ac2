/* SPDX-License-Identifier: MIT */
/*
 * A virtio device with memory-mapped registers (VIRTIO 1.3, section 4.2), version 2: registers,
 * features, virtqueues, status and the interrupt. Its kind adds what the device does.
 *
 * One thread at a time: the owner has the lock, as it has state of its own to guard.
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
	/*
	 * Takes the features that the driver has accepted; 0, or an errno: then the driver cannot
	 * go on.
	 */
	int (*accept)(void *device, uint64_t features);
	/* Errors: the device needs another reset. */
	int (*reset)(void *device);
	/*
	 * Access the configuration space. Errors: there is no such byte, or it does not take that
	 * value.
	 */
	int (*read_config)(const void *device, uint64_t offset, void *bytes, size_t size);
	int (*write_config)(void *device, uint64_t offset, const void *bytes, size_t size);
	/* A ready virtqueue may have chains. */
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

/* As in struct region. */
bool virtio_mmio_read(
	struct virtio_mmio *mmio, uint64_t offset, unsigned int size, uint64_t *value);
bool virtio_mmio_write(
	struct virtio_mmio *mmio, uint64_t offset, unsigned int size, uint64_t value);

/* The virtqueue, or NULL: the driver has not started it, or the device needs a reset first. */
struct virtqueue *virtio_mmio_get_queue(struct virtio_mmio *mmio, unsigned int queue);

/* A chain was returned to a virtqueue: interrupts the driver if it wants that. */
void virtio_mmio_used(struct virtio_mmio *mmio, unsigned int queue);

/* The device changed its configuration space on its own. */
void virtio_mmio_config_changed(struct virtio_mmio *mmio);

/* The guest broke the rules of a virtqueue: everything stops until it resets the device. */
void virtio_mmio_needs_reset(struct virtio_mmio *mmio);

#endif
