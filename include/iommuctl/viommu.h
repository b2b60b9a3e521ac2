/* SPDX-License-Identifier: MIT */
/*
 * A guest's share of an IOMMU: vIOMMUs of iommufd, their vDEVICEs and HW queues.
 *
 * Common: iommufd.h
 * Source: drivers/iommu/iommufd/viommu.c of Linux 7.3; on Arm,
 *   drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c and tegra241-cmdqv.c.
 */
#ifndef IOMMUCTL_VIOMMU_H
#define IOMMUCTL_VIOMMU_H

#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Types of vIOMMUs.
 *
 * @IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3: of an SMMUv3; without data
 * @IOMMUCTL_VIOMMU_TYPE_TEGRA241_CMDQV: of an SMMUv3 with a CMDQV; struct
 *   iommuctl_viommu_tegra241_cmdqv
 *
 * Since: 0.1
 */
#define IOMMUCTL_VIOMMU_TYPE_DEFAULT	    0 /* not a type that can be created */
#define IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3	    1
#define IOMMUCTL_VIOMMU_TYPE_TEGRA241_CMDQV 2

/*
 * What the kernel writes for a Tegra241 CMDQV, for iommuctl_iommufd_mmap().
 *
 * @vintf_mmap_offset: the offset of the virtual interface's page 0
 * @vintf_mmap_length: its bytes
 *
 * Since: 0.1
 */
struct iommuctl_viommu_tegra241_cmdqv {
	uint64_t vintf_mmap_offset;
	uint64_t vintf_mmap_length;
};

/*
 * The arguments of iommuctl_viommu_alloc().
 *
 * @data_len: bytes of @data
 *
 * Since: 0.1
 */
struct iommuctl_viommu_alloc_args {
	uint32_t flags;	  /* none is defined */
	uint32_t type;	  /* IOMMUCTL_VIOMMU_TYPE_… */
	uint32_t dev_id;  /* a device behind the IOMMU */
	uint32_t hwpt_id; /* a nesting parent */
	void *data;	  /* in and out, as the type has it */
	uint32_t data_len;
};

/*
 * Creates a vIOMMU on a nesting parent.
 *
 * On Arm all vIOMMUs of a parent share its VMID.
 *
 * @args: what to make it of
 * @viommu_id: out: its id
 *
 * Errors:
 *   -EOPNOTSUPP: no nesting, an erratum, neither CANWBS nor S2FWB on Arm, or an IOMMU without
 *     vIOMMUs of the type
 *   -EINVAL: not a nesting parent, one of another SMMU, or a data_len that does not match the type
 *   -ENOSPC: a Tegra241 CMDQV has no interface left
 * Since: 0.1
 */
int iommuctl_viommu_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_viommu_alloc_args *args, uint32_t *viommu_id);

/*
 * Gives a device its virtual ID in a vIOMMU: a vDEVICE.
 *
 * Destroy it before the device is closed, otherwise its object id stays taken until @iommufd
 * closes.
 *
 * @viommu_id: the vIOMMU
 * @dev_id: the device
 * @virt_id: the virtual ID: on Arm the vSID
 * @vdevice_id: out: the id of the vDEVICE
 *
 * Errors:
 *   -EEXIST: the device has a vDEVICE, or @virt_id is taken in the vIOMMU
 *   -EINVAL: the device is behind another IOMMU or none, or @virt_id is too wide for it
 *   -ENOENT: also a device that is being closed
 *   -EOPNOTSUPP: on Arm, a device with several StreamIDs
 *   -ENOSPC: a Tegra241 CMDQV has no StreamID replacement left
 * Since: 0.1
 */
int iommuctl_vdevice_alloc(struct iommuctl *ctx, int iommufd, uint32_t viommu_id, uint32_t dev_id,
	uint64_t virt_id, uint32_t *vdevice_id);

/*
 * Types of HW queues.
 *
 * @IOMMUCTL_HW_QUEUE_TYPE_TEGRA241_CMDQV: a command queue of a Tegra241 CMDQV
 *
 * Since: 0.1
 */
#define IOMMUCTL_HW_QUEUE_TYPE_DEFAULT	      0 /* not a type that can be created */
#define IOMMUCTL_HW_QUEUE_TYPE_TEGRA241_CMDQV 1

/*
 * The arguments of iommuctl_hw_queue_alloc().
 *
 * @viommu_id: the vIOMMU
 * @nesting_parent_iova: its address in guest memory, aligned to @length
 * @length: bytes, a power of two
 *
 * Since: 0.1
 */
struct iommuctl_hw_queue_alloc_args {
	uint32_t flags; /* none is defined */
	uint32_t viommu_id;
	uint32_t type;	/* IOMMUCTL_HW_QUEUE_TYPE_… */
	uint32_t index; /* ascending from 0 */
	uint64_t nesting_parent_iova;
	uint64_t length;
};

/*
 * Creates a queue in guest memory that the hardware reads directly.
 *
 * Destroy the highest index first; the memory cannot be unmapped while the queue exists.
 *
 * @args: what to make it of
 * @hw_queue_id: out: its id
 *
 * Errors:
 *   -ENOENT: not mapped in the parent's IOAS
 *   -EFAULT: not physically contiguous
 *   -EEXIST: the index is taken
 *   -EIO: not in ascending order
 *   -EINVAL: index, length (a power of two from 32 up to 16 << CMDQS) or alignment; memory of a
 *     device (a dma-buf), or that is being unmapped
 *   -EPERM: mapped without read permission
 *   -EOVERFLOW, -ERANGE: beyond the address space
 *   -EOPNOTSUPP: also a vIOMMU without such queues
 * Since: 0.1
 */
int iommuctl_hw_queue_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_hw_queue_alloc_args *args, uint32_t *hw_queue_id);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
