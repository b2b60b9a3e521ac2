/* SPDX-License-Identifier: MIT */
/* What iommufd exchanges with the Intel VT-d driver. */
#ifndef LIBIOMMUCTL_ABI_VTD_H
#define LIBIOMMUCTL_ABI_VTD_H

#include "abi/types.h"

enum abi_hw_info_vtd_flags {
	/* A nesting parent takes no read-only mapping. */
	ABI_HW_INFO_VTD_ERRATA_772415_SPR17 = 1 << 0,
};

struct abi_hw_info_vtd {
	uint32_t flags; /* enum abi_hw_info_vtd_flags */
	uint32_t reserved;
	abi_u64 cap_reg;
	abi_u64 ecap_reg;
};

enum abi_hwpt_vtd_s1_flags {
	ABI_VTD_S1_SRE = 1 << 0,  /* supervisor requests */
	ABI_VTD_S1_EAFE = 1 << 1, /* extended accessed flag */
	ABI_VTD_S1_WPE = 1 << 2,  /* write protection */
};

struct abi_hwpt_vtd_s1 {
	abi_u64 flags;	     /* enum abi_hwpt_vtd_s1_flags */
	abi_u64 pgtbl_addr;  /* IPA of the root table */
	uint32_t addr_width; /* bits */
	uint32_t reserved;
};

enum abi_hwpt_vtd_s1_invalidate_flags {
	ABI_VTD_INV_FLAGS_LEAF = 1 << 0, /* leaf entries only, paging-structure caches stay */
};

/* addr 0 with npages U64_MAX covers the whole page table. */
struct abi_hwpt_vtd_s1_invalidate {
	abi_u64 addr;	/* multiple of 4 KiB */
	abi_u64 npages; /* of 4 KiB */
	uint32_t flags; /* enum abi_hwpt_vtd_s1_invalidate_flags */
	uint32_t reserved;
};

#endif
