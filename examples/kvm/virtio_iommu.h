/* SPDX-License-Identifier: MIT */
/*
 * A virtio-iommu (VIRTIO 1.3, section 5.13) for the guest: virtqueues and registers around what
 * libiommuctl does with its requests.
 *
 * One write of QUEUE_NOTIFY costs at most as many requests as the virtqueue has entries, 256; the header of
 * the library says what each may cost.
 */
#ifndef KVM_VIRTIO_IOMMU_H
#define KVM_VIRTIO_IOMMU_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/virtio_iommu.h>

#include "virtio_mmio.h"
#include "vm.h"

struct virtio_iommu {
	pthread_mutex_t lock;
	struct virtio_mmio mmio;
	struct iommuctl *ctx;
	struct iommuctl_virtio_iommu *iommu;
};

/* What it stands on: the iommufd, and its IOAS of the guest's memory. */
struct virtio_iommu_host {
	struct iommuctl *ctx;
	int iommufd;
	uint32_t ioas_id;
};

/* Errors are reported, here and below. All that is given is borrowed. */
int virtio_iommu_create(
	struct virtio_iommu *viommu, const struct vm *vm, const struct virtio_iommu_host *host);
void virtio_iommu_destroy(struct virtio_iommu *viommu);

/* Puts a device of VFIO behind it; the guest knows it by its requester ID. */
int virtio_iommu_add(struct virtio_iommu *viommu, uint16_t requester_id, int device);
void virtio_iommu_remove(struct virtio_iommu *viommu, uint16_t requester_id);

/* As those of struct region. */
bool virtio_iommu_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool virtio_iommu_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

#endif
