/* SPDX-License-Identifier: MIT */
/* What iommufd exchanges with the driver of the Tegra241 CMDQV, an extension of SMMUv3. */
#ifndef LIBIOMMUCTL_ABI_TEGRA241_CMDQV_H
#define LIBIOMMUCTL_ABI_TEGRA241_CMDQV_H

#include "abi/types.h"

/* Fields of the PARAM register. */
struct abi_hw_info_tegra241_cmdqv {
	uint32_t flags; /* 0 */
	uint8_t version;
	uint8_t log2vcmdqs;
	uint8_t log2vsids;
	uint8_t reserved;
};

/* Where to mmap page 0 of the VINTF on the iommufd. */
struct abi_viommu_tegra241_cmdqv {
	abi_u64 out_vintf_mmap_offset;
	abi_u64 out_vintf_mmap_length;
};

struct abi_vevent_tegra241_cmdqv {
	abi_u64 lvcmdq_err_map[2]; /* LVCMDQ_ERR_MAP, little-endian */
};

#endif
