// SPDX-License-Identifier: MIT
/* The guest's IOMMU, if any. SMMUs outlive a life of the guest; a virtio-iommu is made for each. */
#include "iommu.h"

#include "smmu_dma.h"

int iommu_start(struct iommu *iommu, const struct vm *vm, const struct passthrough *passthrough)
{
	int err;

	if (!iommu->is_virtio)
		return smmus_start(&iommu->smmus, vm);
	err = virtio_iommu_create(&iommu->virtio, vm, passthrough);
	if (err)
		return err;
	iommu->virtio_functions = virtio_iommu_get_functions(&iommu->virtio);
	return 0;
}

int iommu_stop(struct iommu *iommu)
{
	if (!iommu->is_virtio)
		return smmus_stop(&iommu->smmus);
	virtio_iommu_destroy(&iommu->virtio);
	return 0;
}

const struct function_iommu *iommu_get_functions(const struct iommu *iommu)
{
	return iommu->is_virtio ? &iommu->virtio_functions : smmus_iommu(&iommu->smmus);
}

int iommu_add_emulated(
	struct iommu *iommu, const struct vm *vm, uint16_t requester_id, struct dma_path *path)
{
	const unsigned int bus = requester_id >> 8;

	if (iommu->is_virtio) {
		*path = virtio_iommu_get_path(&iommu->virtio);
		return virtio_iommu_add_emulated(&iommu->virtio, requester_id);
	}
	*path = iommu->smmus.present[bus] ? smmu_get_path(&iommu->smmus.smmu[bus])
					  : dma_get_direct_path(vm);
	return 0;
}
