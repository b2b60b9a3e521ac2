// SPDX-License-Identifier: MIT
/* Makes an SMMU, and its registers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/smmu/private.h"
#include "smmuv3/values.h"

#define AIDR_SMMUV3_1 1u

/* What QEMU 10 shows with stage=nested. */
#define IDR0_DEFAULT 0x0d44101bu
#define IDR1_DEFAULT 0x02730010u
#define IDR3_DEFAULT 0x00001414u
#define IDR5_DEFAULT 0x00000070u

#define IDR0_S2P	    (1u << 0)
#define IDR0_HTTU_DIRTY	    (2u << 6)
#define IDR0_CD2L	    (1u << 19)
#define IDR0_STALL_MODEL    (3u << 24)
#define IDR1_SSIDSIZE_SHIFT 6
#define IDR3_FWB	    (1u << 8)
#define IDR3_RIL	    (1u << 10)

static void fill_registers(struct model_smmu *smmu)
{
	const struct iommuctl_model_smmu *config = &smmu->config;
	uint32_t *idr = smmu->registers;

	idr[0] = IDR0_DEFAULT;
	idr[1] = IDR1_DEFAULT | (uint32_t)config->ssid_bits << IDR1_SSIDSIZE_SHIFT;
	idr[3] = IDR3_DEFAULT;
	idr[5] = IDR5_DEFAULT | (uint32_t)smmuv3_address_size_of(config->oas_bits);
	if (config->no_nesting)
		idr[0] &= ~IDR0_S2P;
	if (config->ssid_bits)
		idr[0] |= IDR0_CD2L;
	if (config->stall)
		idr[0] &= ~IDR0_STALL_MODEL;
	if (config->s2fwb)
		idr[3] |= IDR3_FWB;
	if (config->no_ril)
		idr[3] &= ~IDR3_RIL;
	iommuctl_smmuv3_idr_decode(idr, 0, AIDR_SMMUV3_1, &smmu->idr);
	/* Only CD validation uses these: table walks never write to memory. */
	if (config->dirty_tracking)
		idr[0] |= IDR0_HTTU_DIRTY;
}

int model_smmu_new(const struct iommuctl_model_smmu *config,
	struct iommuctl_model_counters *counters, struct model_smmu **smmu)
{
	struct model_smmu *made = calloc(1, sizeof(*made));

	if (!made)
		return -ENOMEM;
	if (smmu_tlb_init(&made->tlb, config->tlb_entries)) {
		free(made);
		return -ENOMEM;
	}
	made->config = *config;
	made->counters = counters;
	fill_registers(made);
	*smmu = made;
	return 0;
}

void model_smmu_free(struct model_smmu *smmu)
{
	if (!smmu)
		return;
	for (size_t i = 0; i < smmu->stream_count; i++)
		free(smmu->streams[i]);
	free(smmu->streams);
	smmu_tlb_release(&smmu->tlb);
	free(smmu);
}

void model_smmu_registers(
	const struct model_smmu *smmu, uint32_t idr[6], uint32_t *iidr, uint32_t *aidr)
{
	memcpy(idr, smmu->registers, sizeof(smmu->registers));
	*iidr = 0;
	*aidr = AIDR_SMMUV3_1;
}
