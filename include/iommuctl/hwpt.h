/* SPDX-License-Identifier: MIT */
/*
 * HWPTs of iommufd: hardware page tables, including nested ones, with their invalidation and dirty
 * tracking.
 *
 * Common: iommufd.h
 * Source: drivers/iommu/iommufd/hw_pagetable.c of Linux 7.3; for a nested HWPT and its invalidation
 *   on Arm, drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c.
 */
#ifndef IOMMUCTL_HWPT_H
#define IOMMUCTL_HWPT_H

#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Flags of HWPTs.
 *
 * @IOMMUCTL_HWPT_ALLOC_NEST_PARENT: stage 2 of nested HWPTs and vIOMMUs
 * @IOMMUCTL_HWPT_ALLOC_DIRTY_TRACKING: DMA writes can be tracked
 * @IOMMUCTL_HWPT_FAULT_ID_VALID: page faults go to the queue fault_id
 * @IOMMUCTL_HWPT_ALLOC_PASID: can be attached with a PASID, or while PASIDs are attached
 *
 * Since: 0.1
 */
#define IOMMUCTL_HWPT_ALLOC_NEST_PARENT	   (1 << 0)
#define IOMMUCTL_HWPT_ALLOC_DIRTY_TRACKING (1 << 1)
#define IOMMUCTL_HWPT_FAULT_ID_VALID	   (1 << 2)
#define IOMMUCTL_HWPT_ALLOC_PASID	   (1 << 3)

/*
 * What the data of a nested HWPT is.
 *
 * @IOMMUCTL_HWPT_DATA_NONE: none: the HWPT is not nested
 * @IOMMUCTL_HWPT_DATA_VTD_S1: struct iommuctl_hwpt_vtd_s1
 * @IOMMUCTL_HWPT_DATA_ARM_SMMUV3: struct iommuctl_hwpt_arm_smmuv3
 * @IOMMUCTL_HWPT_DATA_AMD_GUEST: struct iommuctl_hwpt_amd_guest
 *
 * Since: 0.1
 */
#define IOMMUCTL_HWPT_DATA_NONE	      0
#define IOMMUCTL_HWPT_DATA_VTD_S1     1
#define IOMMUCTL_HWPT_DATA_ARM_SMMUV3 2
#define IOMMUCTL_HWPT_DATA_AMD_GUEST  3

/*
 * The stage 1 of an SMMUv3.
 *
 * @ste: the first two double words of an STE, little-endian: iommuctl_smmuv3_ste_nested() makes
 *   them
 *
 * Since: 0.1
 */
struct iommuctl_hwpt_arm_smmuv3 {
	uint64_t ste[2];
};

/*
 * Flags of struct iommuctl_hwpt_vtd_s1.
 *
 * @IOMMUCTL_VTD_S1_SRE: Supervisor Request Enable
 * @IOMMUCTL_VTD_S1_EAFE: Extended Accessed Flag Enable
 * @IOMMUCTL_VTD_S1_WPE: Write Protect Enable
 *
 * Since: 0.1
 */
#define IOMMUCTL_VTD_S1_SRE  (1 << 0)
#define IOMMUCTL_VTD_S1_EAFE (1 << 1)
#define IOMMUCTL_VTD_S1_WPE  (1 << 2)

/*
 * The stage 1 of a VT-d unit.
 *
 * @flags: IOMMUCTL_VTD_S1_…
 * @pgtbl_addr: the guest-physical address of the root table
 * @addr_width: bits of the input address
 * @reserved: zero
 *
 * Since: 0.1
 */
struct iommuctl_hwpt_vtd_s1 {
	uint64_t flags;
	uint64_t pgtbl_addr;
	uint32_t addr_width;
	uint32_t reserved;
};

/*
 * The guest's translation of an AMD IOMMU.
 *
 * @dte: the guest's device table entry
 *
 * Since: 0.1
 */
struct iommuctl_hwpt_amd_guest {
	uint64_t dte[4];
};

/*
 * The arguments of iommuctl_hwpt_alloc().
 *
 * Zero means: no flag, no data.
 *
 * @dev_id: the device that it is made for
 * @data_len: bytes of @data, as @data_type has it
 * @data: what @data_type says
 *
 * Since: 0.1
 */
struct iommuctl_hwpt_alloc_args {
	uint32_t flags; /* IOMMUCTL_HWPT_… */
	uint32_t dev_id;
	uint32_t pt_id; /* IOAS: a paging HWPT or nesting parent; vIOMMU or nesting parent: a nested
			   HWPT */
	uint32_t data_type; /* IOMMUCTL_HWPT_DATA_… */
	uint32_t data_len;
	const void *data;
	uint32_t fault_id; /* with FAULT_ID_VALID */
};

/*
 * Creates a HWPT.
 *
 * With an IOAS, its memory is pinned now.
 *
 * @args: the arguments
 * @hwpt_id: out: its id
 *
 * Errors:
 *   -EINVAL: no object pt_id, or one that no HWPT can be made from; data_type and data_len do not
 *     belong together; the device is behind another IOMMU; from an IOAS, the smallest page of the
 *     IOMMU is larger than the kernel's, a read-only mapping under a nesting parent on VT-d with
 *     erratum 772415, or a file that iommuctl_ioas_map_file() refuses
 *   -ENODEV: no IOMMU driver serves the device
 *   -EADDRINUSE: from an IOAS, a mapping or an allowed range is beyond what the IOMMU can address,
 *     or a mapping is not aligned to its pages
 *   -ENOMEM: also memory of the IOAS exceeds RLIMIT_MEMLOCK
 *   -EFAULT: also memory of the IOAS cannot be pinned, as for iommuctl_ioas_map()
 *   -EOPNOTSUPP: from an IOAS, a flag that the IOMMU cannot do, or a file on a DAX file system; a
 *     nesting parent with FAULT_ID, on Arm also with DIRTY_TRACKING or PASID, or where the hardware
 *     has no usable nesting; nested, an IOAS, a HWPT instead of a vIOMMU on Arm, flags, data for
 *     another kind of IOMMU, VT-d without nesting, or AMD
 *   -EIO: nested, the STE has a field or a value that nesting does not allow
 * Since: 0.1
 */
int iommuctl_hwpt_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_hwpt_alloc_args *args, uint32_t *hwpt_id);

/*
 * What is invalidated.
 *
 * @IOMMUCTL_HWPT_INVALIDATE_DATA_VTD_S1: struct iommuctl_hwpt_vtd_s1_invalidate; the id is that of
 *   a nested HWPT
 * @IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3: struct iommuctl_viommu_arm_smmuv3_invalidate; the id
 *   is that of a vIOMMU
 *
 * Since: 0.1
 */
#define IOMMUCTL_HWPT_INVALIDATE_DATA_VTD_S1	   0
#define IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 1

/* Only leaf entries have changed. Since: 0.1 */
#define IOMMUCTL_VTD_INV_FLAGS_LEAF (1 << 0)

/*
 * A range to invalidate in a VT-d unit.
 *
 * @addr: the first address, aligned to a page
 * @npages: pages of 4096 bytes; UINT64_MAX with an @addr of 0 means all
 * @flags: IOMMUCTL_VTD_INV_FLAGS_…
 * @reserved: zero
 *
 * Since: 0.1
 */
struct iommuctl_hwpt_vtd_s1_invalidate {
	uint64_t addr;
	uint64_t npages;
	uint32_t flags;
	uint32_t reserved;
};

/*
 * One command of an SMMUv3.
 *
 * @cmd: its words, little-endian
 *
 * Since: 0.1
 */
struct iommuctl_viommu_arm_smmuv3_invalidate {
	uint64_t cmd[2];
};

/* A list of invalidations. Since: 0.1 */
struct iommuctl_hwpt_invalidate_args {
	uint32_t hwpt_id; /* of a nested HWPT, or of a vIOMMU */
	uint32_t data_type; /* IOMMUCTL_HWPT_INVALIDATE_DATA_…, IOMMUCTL_VIOMMU_INVALIDATE_DATA_… */
	uint32_t entry_len;  /* bytes of one entry */
	const void *entries; /* of the struct that data_type says */
};

/*
 * Issues invalidations.
 *
 * @args: what to invalidate
 * @entry_num: in: how many entries; out, after success and failure alike: how many the kernel says
 *   it handled. On Arm that overstates after a failure: commands are issued in lists of 63, so of n
 *   only the first n - n % 63 are certain.
 *
 * Errors:
 *   -EIO: on Arm an opcode, a field or a vSID that is not allowed
 *   -ETIMEDOUT: the SMMU did not complete the commands
 *   -EINVAL: more than 1 << 19 entries, an entry longer than a page, a wrong type, no entry at all
 *     (Arm), or an id of a wrong kind, on VT-d also an address that is not aligned
 *   -ENOMEM: on Arm also more than 262144 entries
 *   -EOPNOTSUPP: a nested HWPT on Arm, an unknown flag of an entry on VT-d, an IOMMU without
 *     invalidations by users (AMD)
 * Since: 0.1
 */
int iommuctl_hwpt_invalidate(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_hwpt_invalidate_args *args, uint32_t *entry_num);

/*
 * Flags of dirty tracking.
 *
 * @IOMMUCTL_HWPT_DIRTY_TRACKING_ENABLE: of iommuctl_hwpt_set_dirty_tracking(): on
 * @IOMMUCTL_HWPT_GET_DIRTY_BITMAP_NO_CLEAR: of iommuctl_hwpt_get_dirty_bitmap(): the bits that were
 *   read stay set
 *
 * Since: 0.1
 */
#define IOMMUCTL_HWPT_DIRTY_TRACKING_ENABLE	(1 << 0)
#define IOMMUCTL_HWPT_GET_DIRTY_BITMAP_NO_CLEAR (1 << 0)

/*
 * Switches dirty tracking of a paging HWPT on or off.
 *
 * @hwpt_id: the HWPT
 * @flags: IOMMUCTL_HWPT_DIRTY_TRACKING_ENABLE: on; 0: off
 *
 * Errors:
 *   -EOPNOTSUPP: the HWPT was made without DIRTY_TRACKING
 * Since: 0.1
 */
int iommuctl_hwpt_set_dirty_tracking(
	struct iommuctl *ctx, int iommufd, uint32_t hwpt_id, uint32_t flags);

/*
 * The arguments of iommuctl_hwpt_get_dirty_bitmap().
 *
 * @hwpt_id: the HWPT
 * @iova: the first address, a multiple of @page_size
 * @length: bytes, a multiple of @page_size
 *
 * Since: 0.1
 */
struct iommuctl_dirty_bitmap_args {
	uint32_t hwpt_id;
	uint32_t flags; /* IOMMUCTL_HWPT_GET_DIRTY_BITMAP_… */
	uint64_t iova;
	uint64_t length;
	uint64_t page_size; /* bytes that one bit stands for; a power of two */
	void *bitmap; /* 64-bit words, one bit per page from @iova on; bits are set, never cleared
		       */
};

/*
 * Reads which pages were written by DMA and, without NO_CLEAR, clears that.
 *
 * If the range is not fully mapped, only the part before the gap is read. The kernel (7.3) reports
 * neither the gap nor a @bitmap that it cannot write: those bits are lost. Sources:
 * iommu_read_and_clear_dirty() and iova_bitmap_set() of drivers/iommu/iommufd.
 *
 * @args: the range, and where the bits go
 *
 * Errors:
 *   -EINVAL: misaligned, or a length or page size of 0
 *   -EOVERFLOW: beyond the address space
 *   -EOPNOTSUPP: the HWPT was made without DIRTY_TRACKING
 * Since: 0.1
 */
int iommuctl_hwpt_get_dirty_bitmap(
	struct iommuctl *ctx, int iommufd, const struct iommuctl_dirty_bitmap_args *args);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
