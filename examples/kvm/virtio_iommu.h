/* SPDX-License-Identifier: MIT */
/*
 * A virtio-iommu (VIRTIO 1.3, section 5.13) for the guest: virtqueues and registers around
 * libiommuctl's handling of requests.
 *
 * One write of QUEUE_NOTIFY processes at most as many requests as the virtqueue has entries, 256;
 * the library's header says what each may cost.
 */
#ifndef KVM_VIRTIO_IOMMU_H
#define KVM_VIRTIO_IOMMU_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/virtio_iommu.h>

#include "dma.h"
#include "passthrough.h"
#include "virtio_mmio.h"
#include "vm.h"

struct virtio_iommu {
	pthread_mutex_t lock;
	struct virtio_mmio mmio;
	struct iommuctl *ctx;
	struct iommuctl_virtio_iommu *iommu;
};

/*
 * For a life of the guest, whose memory is in the IOAS of passthrough; both arguments are borrowed.
 * Errors are reported, here and below.
 */
int virtio_iommu_create(
	struct virtio_iommu *viommu, const struct vm *vm, const struct passthrough *passthrough);
void virtio_iommu_destroy(struct virtio_iommu *viommu);

/* Puts functions behind it, and takes them out: the guest identifies each by its requester ID. */
struct function_iommu virtio_iommu_get_functions(struct virtio_iommu *viommu);

/* The same for an emulated function: its DMA goes through virtio_iommu_get_path(). */
int virtio_iommu_add_emulated(struct virtio_iommu *viommu, uint16_t requester_id);

/*
 * DMA through the guest's mappings. An access that the guest has not allowed becomes a fault in its
 * event queue.
 */
struct dma_path virtio_iommu_get_path(struct virtio_iommu *viommu);

/* As in struct region. */
bool virtio_iommu_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool virtio_iommu_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

#endif
