/* SPDX-License-Identifier: MIT */
/*
 * What the IOMMU behind a device can do.
 *
 * Common: iommufd.h
 * Source: drivers/iommu/iommufd/device.c of Linux 7.3.
 */
#ifndef IOMMUCTL_HW_INFO_H
#define IOMMUCTL_HW_INFO_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What the IOMMU behind a device can do: types of information, and capabilities.
 *
 * @IOMMUCTL_HW_INFO_TYPE_NONE: the IOMMU reports nothing
 * @IOMMUCTL_HW_INFO_TYPE_DEFAULT: as input: the IOMMU's own type
 * @IOMMUCTL_HW_INFO_TYPE_INTEL_VTD: struct iommuctl_hw_info_vtd
 * @IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3: struct iommuctl_hw_info_arm_smmuv3
 * @IOMMUCTL_HW_INFO_TYPE_TEGRA241_CMDQV: struct iommuctl_hw_info_tegra241_cmdqv
 * @IOMMUCTL_HW_INFO_TYPE_AMD: struct iommuctl_hw_info_amd
 * @IOMMUCTL_HW_CAP_DIRTY_TRACKING: HWPTs with DIRTY_TRACKING
 * @IOMMUCTL_HW_CAP_PCI_PASID_EXEC, @IOMMUCTL_HW_CAP_PCI_PASID_PRIV: the device's PASID capability
 *   has Execute Permission, respectively Privileged Mode
 * @IOMMUCTL_HW_CAP_PCI_ATS_NOT_SUPPORTED: the device's ATS cannot be used
 *
 * Since: 0.1
 */
#define IOMMUCTL_HW_INFO_TYPE_NONE	      0
#define IOMMUCTL_HW_INFO_TYPE_DEFAULT	      0
#define IOMMUCTL_HW_INFO_TYPE_INTEL_VTD	      1
#define IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3      2
#define IOMMUCTL_HW_INFO_TYPE_TEGRA241_CMDQV  3
#define IOMMUCTL_HW_INFO_TYPE_AMD	      4
#define IOMMUCTL_HW_CAP_DIRTY_TRACKING	      (1 << 0)
#define IOMMUCTL_HW_CAP_PCI_PASID_EXEC	      (1 << 1)
#define IOMMUCTL_HW_CAP_PCI_PASID_PRIV	      (1 << 2)
#define IOMMUCTL_HW_CAP_PCI_ATS_NOT_SUPPORTED (1 << 3)

/* What the IOMMU behind a device can do, whatever its kind. Since: 0.1 */
struct iommuctl_hw_info {
	uint32_t type;		/* IOMMUCTL_HW_INFO_TYPE_…: what the data is */
	uint32_t data_len;	/* bytes that the kernel has; may exceed what was asked for */
	uint64_t capabilities;	/* IOMMUCTL_HW_CAP_… */
	uint8_t max_pasid_log2; /* bits of a PASID; 0: none */
};

/*
 * TLBI and CFGI commands have to be issued twice: the kernel does not repeat those of users.
 *
 * Since: 0.1
 */
#define IOMMUCTL_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI (1 << 0)

/*
 * Registers of an SMMUv3.
 *
 * Bits other than those named in the kernel's header must not be relied on: see struct
 * iommuctl_smmuv3_idr.
 *
 * @flags: IOMMUCTL_HW_INFO_ARM_SMMUV3_…
 * @reserved: zero
 * @idr: IDR0 to IDR5, raw
 * @iidr: IIDR, raw
 * @aidr: AIDR, raw
 *
 * Since: 0.1
 */
struct iommuctl_hw_info_arm_smmuv3 {
	uint32_t flags;
	uint32_t reserved;
	uint32_t idr[6];
	uint32_t iidr;
	uint32_t aidr;
};

/* A nesting parent takes no read-only mappings. Since: 0.1 */
#define IOMMUCTL_HW_INFO_VTD_ERRATA_772415_SPR17 (1 << 0)

/*
 * Registers of a VT-d unit.
 *
 * @flags: IOMMUCTL_HW_INFO_VTD_…
 * @reserved: zero
 * @cap_reg: the capability register, raw
 * @ecap_reg: the extended capability register, raw
 *
 * Since: 0.1
 */
struct iommuctl_hw_info_vtd {
	uint32_t flags;
	uint32_t reserved;
	uint64_t cap_reg;
	uint64_t ecap_reg;
};

/*
 * What a Tegra241 CMDQV has.
 *
 * @flags: none is defined
 * @version: of the CMDQV
 * @log2vcmdqs: binary logarithm of its number of virtual command queues
 * @log2vsids: binary logarithm of its number of StreamID replacements
 * @reserved: zero
 *
 * Since: 0.1
 */
struct iommuctl_hw_info_tegra241_cmdqv {
	uint32_t flags;
	uint8_t version;
	uint8_t log2vcmdqs;
	uint8_t log2vsids;
	uint8_t reserved;
};

/*
 * Registers of an AMD IOMMU.
 *
 * @efr: the extended feature register, raw
 * @efr2: the extended feature 2 register, raw
 *
 * Since: 0.1
 */
struct iommuctl_hw_info_amd {
	uint64_t efr;
	uint64_t efr2;
};

/*
 * Reads what the IOMMU of a bound device can do.
 *
 * @dev_id: the device
 * @data: out: the first @data_size bytes of the struct of info->type, zeroes after its end;
 *   undefined after a failure. NULL if @data_size is 0.
 * @data_size: bytes of @data
 * @info: out: what is common to all kinds
 *
 * Errors:
 *   -EOPNOTSUPP: the device has no IOMMU
 *   -EOVERFLOW: @data_size is beyond 32 bits
 * Since: 0.1
 * Source: iommufd_get_hw_info in drivers/iommu/iommufd/device.c.
 */
int iommuctl_device_get_hw_info(struct iommuctl *ctx, int iommufd, uint32_t dev_id, void *data,
	size_t data_size, struct iommuctl_hw_info *info);

/*
 * Reads what the IOMMU of a bound device can do, as information of a given type.
 *
 * iommuctl_device_get_hw_info() gets the IOMMU's default type. If the IOMMU has no information at
 * all, info->type is NONE and all is zero, whatever type was asked for.
 *
 * @dev_id: the device
 * @data: out: as iommuctl_device_get_hw_info()
 * @data_size: bytes of @data
 * @info: in: info->type, IOMMUCTL_HW_INFO_TYPE_…; out: what holds for all kinds
 *
 * Errors:
 *   -EOPNOTSUPP: also this IOMMU has no information of that type, or the kernel is too old to take
 *     a type
 *   others: those of iommuctl_device_get_hw_info()
 * Since: 0.1
 * Source: iommufd_get_hw_info in drivers/iommu/iommufd/device.c.
 */
int iommuctl_device_get_hw_info_typed(struct iommuctl *ctx, int iommufd, uint32_t dev_id,
	void *data, size_t data_size, struct iommuctl_hw_info *info);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
