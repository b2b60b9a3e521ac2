/* SPDX-License-Identifier: MIT */
/* What IOMMUs other than SMMUs show of themselves. */
#ifndef LIBIOMMUCTL_MODEL_IOMMUFD_REGISTERS_H
#define LIBIOMMUCTL_MODEL_IOMMUFD_REGISTERS_H

#include <iommuctl/amd.h>
#include <iommuctl/model.h>
#include <iommuctl/vtd.h>

struct iommuctl_vtd_cap model_vtd_cap(const struct iommuctl_model_smmu *config);
struct iommuctl_amd_efr model_amd_efr(const struct iommuctl_model_smmu *config);

#endif
