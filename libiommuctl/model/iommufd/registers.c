// SPDX-License-Identifier: MIT
/* The registers of VT-d and AMD units, and PASID widths. */
#include "model/iommufd/registers.h"

struct iommuctl_vtd_cap model_vtd_cap(const struct iommuctl_model_smmu *config)
{
	const bool scalable = !config->no_scalable_mode;

	return (struct iommuctl_vtd_cap){
		.nd = 6,
		.sagaw = IOMMUCTL_VTD_SAGAW_48,
		.mgaw = (uint8_t)(config->oas_bits - 1),
		.sslps = IOMMUCTL_VTD_SSLPS_2M | IOMMUCTL_VTD_SSLPS_1G,
		.psi = 1,
		.mamv = 18,
		.dwd = 1,
		.drd = 1,
		.fs1gp = scalable,
		.fs5lp = config->five_levels,
		.esrtps = 1,
		.c = 1,
		.qi = 1,
		.ir = 1,
		.pt = 1,
		.sc = 1,
		.nest = scalable && !config->no_nesting,
		.srs = config->supervisor,
		.eafs = config->extended_access,
		.pss = config->ssid_bits ? (uint8_t)(config->ssid_bits - 1) : 0,
		.pasid = scalable && config->ssid_bits,
		.smts = scalable,
		.ssads = scalable && config->dirty_tracking,
		.ssts = scalable,
		.fsts = scalable,
		.smpwcs = scalable,
	};
}

struct iommuctl_amd_efr model_amd_efr(const struct iommuctl_model_smmu *config)
{
	return (struct iommuctl_amd_efr){
		.nxsup = 1,
		.gtsup = !config->no_nesting,
		.iasup = 1,
		.hats = IOMMUCTL_AMD_HATS_4,
		.gats = IOMMUCTL_AMD_GATS_4,
		.glxsup = 1,
		.pasmax = config->ssid_bits ? (uint8_t)(config->ssid_bits - 1) : 0,
		.giosup = !config->no_nesting,
		.hasup = config->dirty_tracking,
		.hdsup = config->dirty_tracking,
		.gcr3trpmode = !config->no_nesting,
	};
}

bool model_tracks(const struct iommuctl_model_smmu *config)
{
	const struct iommuctl_vtd_cap cap = model_vtd_cap(config);

	if (config->kind == IOMMUCTL_MODEL_IOMMU_VTD)
		return cap.smts && cap.ssads && cap.smpwcs;
	return config->dirty_tracking;
}

/* AMD's driver reserves the last PASID. */
uint8_t model_pasid_bits(const struct iommuctl_model_smmu *config)
{
	const struct iommuctl_amd_efr efr = model_amd_efr(config);

	switch (config->kind) {
	case IOMMUCTL_MODEL_IOMMU_VTD: return model_vtd_cap(config).pasid ? config->ssid_bits : 0;
	case IOMMUCTL_MODEL_IOMMU_AMD: return efr.gtsup ? efr.pasmax : 0;
	default: return config->ssid_bits;
	}
}
