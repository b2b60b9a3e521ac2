/* SPDX-License-Identifier: MIT */
/* The DMA of emulated functions through an SMMU of the guest, by the guest's own tables. */
#ifndef KVM_SMMU_DMA_H
#define KVM_SMMU_DMA_H

#include "dma.h"
#include "smmu.h"

/* An access that the guest has not allowed becomes an event in its queue. */
struct dma_path smmu_get_path(struct smmu *smmu);

#endif
