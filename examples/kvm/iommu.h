/* SPDX-License-Identifier: MIT */
/* The guest's IOMMU, if any: SMMUs or a virtio-iommu. */
#ifndef KVM_IOMMU_H
#define KVM_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "dma.h"
#include "passthrough.h"
#include "smmus.h"
#include "virtio_iommu.h"
#include "vm.h"

struct iommu {
	struct smmus smmus;
	bool is_virtio;
	struct virtio_iommu virtio;
	struct function_iommu virtio_functions;
};

/*
 * A life of the guest begins or ends: no vCPU runs, and no function is attached. Errors are
 * reported.
 */
int iommu_start(struct iommu *iommu, const struct vm *vm, const struct passthrough *passthrough);
int iommu_stop(struct iommu *iommu);

/* Puts functions behind it, and takes them out. NULL: there is no IOMMU. */
const struct function_iommu *iommu_get_functions(const struct iommu *iommu);

/* Puts an emulated function behind it, and returns the path of its DMA. Errors are reported. */
int iommu_add_emulated(
	struct iommu *iommu, const struct vm *vm, uint16_t requester_id, struct dma_path *path);

#endif
