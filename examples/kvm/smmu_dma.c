// SPDX-License-Identifier: MIT
/*
 * The DMA of emulated functions through an SMMU of the guest. A function does not run in a vCPU:
 * its access may come after a CMD_SYNC that should have ended it. Here the vCPU that requests the
 * access performs it, and the guest has to wait for its own transfers before it takes their pages
 * away.
 */
#include "smmu_dma.h"

#include <iommuctl/stage1.h>
#include <iommuctl/vsmmuv3_translate.h>

/* Requester IDs are StreamIDs. */
static bool translate(void *data, const struct dma *dma, struct dma_place *place)
{
	struct smmu *smmu = data;
	const struct iommuctl_vsmmuv3_access access = {
		.iova = dma->address,
		.sid = dma->requester_id,
		.permissions = dma->is_write ? IOMMUCTL_STAGE1_WRITE : IOMMUCTL_STAGE1_READ,
	};
	struct iommuctl_vsmmuv3_translation translation;

	if (iommuctl_vsmmuv3_translate(smmu->vsmmu, &access, &translation))
		return false;
	*place = (struct dma_place){ translation.ipa, translation.size };
	return true;
}

static bool access_memory(void *data, const struct dma *dma)
{
	struct smmu *smmu = data;

	return dma_access_translated(smmu->vm, dma, translate, smmu);
}

struct dma_path smmu_get_path(struct smmu *smmu)
{
	return (struct dma_path){ .data = smmu, .access = access_memory };
}
