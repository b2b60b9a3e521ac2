/* SPDX-License-Identifier: MIT */
/* What iommufd exchanges with the Arm SMMUv3 driver. Each abi_u64 is little-endian. */
#ifndef LIBIOMMUCTL_ABI_ARM_SMMUV3_H
#define LIBIOMMUCTL_ABI_ARM_SMMUV3_H

#include "abi/types.h"

enum abi_hw_info_arm_smmuv3_flags {
	/* T264-SMMU-3: issue TLBI and CFGI with their SYNC, then once more after it. */
	ABI_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI = 1 << 0,
};

/* Raw registers. Bits of features that the kernel does not nest mean nothing. */
struct abi_hw_info_arm_smmuv3 {
	uint32_t flags; /* enum abi_hw_info_arm_smmuv3_flags */
	uint32_t reserved;
	uint32_t idr[6];
	uint32_t iidr;
	uint32_t aidr;
};

struct abi_hwpt_arm_smmuv3 {
	abi_u64 ste[2]; /* STE words 0 and 1 */
};

struct abi_viommu_arm_smmuv3_invalidate {
	abi_u64 cmd[2]; /* one command queue entry */
};

struct abi_vevent_arm_smmuv3 {
	abi_u64 evt[4]; /* one event record, StreamID replaced by the vSID */
};

#endif
