/* SPDX-License-Identifier: MIT */
/* The registers of IOMMUs other than SMMUs, and what the kernel derives from them. */
#ifndef LIBIOMMUCTL_MODEL_IOMMUFD_REGISTERS_H
#define LIBIOMMUCTL_MODEL_IOMMUFD_REGISTERS_H

#include <iommuctl/amd.h>
#include <iommuctl/model.h>
#include <iommuctl/vtd.h>

struct iommuctl_vtd_cap model_vtd_cap(const struct iommuctl_model_smmu *config);
struct iommuctl_amd_efr model_amd_efr(const struct iommuctl_model_smmu *config);

/* Whether HWPTs can track dirty pages. */
bool model_tracks(const struct iommuctl_model_smmu *config);
/* The logarithm of the number of PASIDs, rounded down; 0: none. */
uint8_t model_pasid_bits(const struct iommuctl_model_smmu *config);

#endif
