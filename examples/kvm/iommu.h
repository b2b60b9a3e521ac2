/* SPDX-License-Identifier: MIT */
/* The IOMMU that the guest has, if any: SMMUs or a virtio-iommu. */
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

/* A life of the guest begins, and ends: no vCPU runs, and no function is attached. Errors are reported. */
int iommu_start(struct iommu *iommu, const struct vm *vm, const struct passthrough *passthrough);
int iommu_stop(struct iommu *iommu);

/* Puts functions behind it, and takes them out. NULL: there is none. */
const struct function_iommu *iommu_get_functions(const struct iommu *iommu);

/* Puts a function behind it that is emulated, and says where its DMA goes. Errors are reported. */
int iommu_add_emulated(
	struct iommu *iommu, const struct vm *vm, uint16_t requester_id, struct dma_path *path);

#endif
