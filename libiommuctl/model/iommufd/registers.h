/* SPDX-License-Identifier: MIT */
/* What IOMMUs other than SMMUs show of themselves, and what the kernel makes of that. */
#ifndef LIBIOMMUCTL_MODEL_IOMMUFD_REGISTERS_H
#define LIBIOMMUCTL_MODEL_IOMMUFD_REGISTERS_H

#include <iommuctl/amd.h>
#include <iommuctl/model.h>
#include <iommuctl/vtd.h>

struct iommuctl_vtd_cap model_vtd_cap(const struct iommuctl_model_smmu *config);
struct iommuctl_amd_efr model_amd_efr(const struct iommuctl_model_smmu *config);

/* Whether HWPTs may track what devices write. */
bool model_tracks(const struct iommuctl_model_smmu *config);
/* The logarithm of the PASIDs that there are, rounded down; 0: there are none. */
uint8_t model_pasid_bits(const struct iommuctl_model_smmu *config);

#endif
