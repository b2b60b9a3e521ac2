/* SPDX-License-Identifier: MIT */
/* What iommufd exchanges with the AMD IOMMU driver. */
#ifndef LIBIOMMUCTL_ABI_AMD_H
#define LIBIOMMUCTL_ABI_AMD_H

#include "abi/types.h"

/* Extended feature registers at MMIO offsets 0x30 and 0x1a0. */
struct abi_hw_info_amd {
	abi_u64 efr;
	abi_u64 efr2;
};

struct abi_hwpt_amd_guest {
	abi_u64 dte[4]; /* the guest's device table entry */
};

#endif
