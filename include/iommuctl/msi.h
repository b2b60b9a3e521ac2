/* SPDX-License-Identifier: MIT */
/*
 * MSIs of devices with nested translation.
 *
 * Once interrupts are enabled, the kernel maps the doorbell of the interrupt controller in stage 2,
 * inside a window of IPAs that it chooses, and programs the device with that address. Under nesting
 * this is a stage-1 input: the guest's stage 1 has to map it to itself, writable, as device memory.
 *
 * @memory: guest memory
 * @iova: the address that the device was programmed with
 * @size: bytes of the doorbell, at least 1
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: pure functions, any thread; one thread at a time for a struct iommuctl_stage1.
 * Source: Documentation/ABI/testing/sysfs-kernel-iommu_groups and drivers/iommu/iommu.c (the text),
 *   arm_smmu_get_resv_regions in drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c and iommufd_sw_msi in
 *   drivers/iommu/iommufd/driver.c (the window) of Linux 7.3; Arm DDI 0487, MAIR_EL1.
 */
#ifndef IOMMUCTL_MSI_H
#define IOMMUCTL_MSI_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/stage1.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * The default window of an SMMUv3, unless firmware gives another.
 *
 * @IOMMUCTL_MSI_WINDOW_START: its first IPA
 * @IOMMUCTL_MSI_WINDOW_SIZE: bytes
 *
 * Since: 0.1
 */
#define IOMMUCTL_MSI_WINDOW_START UINT64_C(0x8000000)
#define IOMMUCTL_MSI_WINDOW_SIZE  UINT64_C(0x100000)

/*
 * Where MSIs of x86-64 go, which VT-d and AMD IOMMUs do not translate as they do other writes.
 *
 * @IOMMUCTL_MSI_X86_START: its first address
 * @IOMMUCTL_MSI_X86_SIZE: bytes
 *
 * Since: 0.1
 */
#define IOMMUCTL_MSI_X86_START UINT64_C(0xfee00000)
#define IOMMUCTL_MSI_X86_SIZE  UINT64_C(0x100000)

/*
 * The kernel's types of reserved regions.
 *
 * @IOMMUCTL_RESERVED_RESERVED: not for DMA
 *
 * Since: 0.1
 */
enum iommuctl_reserved_type {
	IOMMUCTL_RESERVED_DIRECT,	    /* firmware asks for a permanent 1:1 mapping */
	IOMMUCTL_RESERVED_DIRECT_RELAXABLE, /* the same, until the device is assigned */
	IOMMUCTL_RESERVED_RESERVED,
	IOMMUCTL_RESERVED_MSI, /* a window for MSIs */
};

/*
 * A range of addresses that cannot be mapped for a device.
 *
 * @start: its first address
 * @type: what it is reserved for
 *
 * Since: 0.1
 */
struct iommuctl_reserved_region {
	uint64_t start;
	uint64_t last; /* inclusive */
	enum iommuctl_reserved_type type;
};

/*
 * Gets the kernel's word for a type of reserved region.
 *
 * @type: the type
 *
 * Ownership: the string is constant.
 * Returns: the word, like "msi"; NULL if @type is unknown.
 * Since: 0.1
 */
const char *iommuctl_reserved_type_name(enum iommuctl_reserved_type type);

/*
 * Parses /sys/kernel/iommu_groups/<N>/reserved_regions.
 *
 * @text: the text of the file, terminated
 * @regions: out: the regions, in the order of the file
 * @count: in: the room in @regions; out: how many regions there are
 *
 * Errors:
 *   -EINVAL: it is not in the kernel's format
 *   -EMSGSIZE: @regions is too small: *@count is still written, and @regions is filled
 * Since: 0.1
 */
int iommuctl_reserved_regions_parse(
	const char *text, struct iommuctl_reserved_region *regions, size_t *count);

/*
 * Finds the window for MSIs among reserved regions.
 *
 * @regions: the regions
 * @count: how many there are
 * @window: out: the window
 *
 * Errors:
 *   -ENOENT: there is none
 * Since: 0.1
 */
int iommuctl_msi_window_find(const struct iommuctl_reserved_region *regions, size_t count,
	struct iommuctl_reserved_region *window);

/*
 * Says whether guest memory keeps out of the window, as it must before it is mapped in the IOAS.
 *
 * @window: the window
 * @range: out, may be NULL: the index of the first range that overlaps it
 *
 * Errors:
 *   -EADDRINUSE: a range overlaps @window, or goes beyond the address space
 *   -EINVAL: a pointer that is NULL
 * Since: 0.1
 */
int iommuctl_msi_check_memory(const struct iommuctl_reserved_region *window,
	const struct iommuctl_guest_memory *memory, size_t *range);

/*
 * Why MSIs do not get through stage 1.
 *
 * @IOMMUCTL_MSI_FINE: they do get through
 *
 * Since: 0.1
 */
enum iommuctl_msi_problem {
	IOMMUCTL_MSI_FINE,
	IOMMUCTL_MSI_NO_TABLES,	   /* CD.V is 0, or CD.EPD0 is 1 */
	IOMMUCTL_MSI_NOT_MAPPED,   /* a fault, whatever the permissions */
	IOMMUCTL_MSI_NOT_WRITABLE, /* for unprivileged writes, which MSIs are */
	IOMMUCTL_MSI_NOT_IDENTITY, /* mapped to another IPA */
	IOMMUCTL_MSI_NOT_DEVICE,   /* the attribute in CD.MAIR is normal memory */
	IOMMUCTL_MSI_OUTSIDE,	   /* not in the window */
	IOMMUCTL_MSI_NO_ATTRIBUTE, /* CD.MAIR has no attribute for device memory */
};

/*
 * The first page with a problem.
 *
 * @problem: what is wrong
 * @iova: the page, as the device addresses it
 *
 * Since: 0.1
 */
struct iommuctl_msi_finding {
	enum iommuctl_msi_problem problem;
	const char *reason; /* the same in words; NULL with FINE */
	uint64_t iova;
	struct iommuctl_stage1_walk walk; /* all zero unless the page was walked */
};

/*
 * Checks each page of a doorbell in the guest's stage 1.
 *
 * There is one walk for each leaf. The guest chooses the size of leaves, so that only @size limits
 * the number of walks.
 *
 * @cd: the CD that describes the stage 1
 * @finding: out: the first page with a problem, if any
 *
 * Errors:
 *   -EINVAL: a pointer is NULL, @size is 0, the range leaves the address space, or @cd is C_BAD_CD
 *     by its T0SZ, TG0 or ENDI
 *   -EOPNOTSUPP: IPS is more than 48 bits, or an AArch32 @cd
 * Since: 0.1
 */
int iommuctl_msi_check_stage1(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_smmuv3_cd *cd, uint64_t iova, uint64_t size,
	struct iommuctl_msi_finding *finding);

/*
 * Maps a doorbell to itself in stage 1.
 *
 * The mapping is readable, writable and global, with the first attribute of @mair that is
 * Device-nGnRE, or else any device memory. Correct mappings that exist already stay. The caller
 * invalidates: TLBI_NH_VA(A) and CMD_SYNC.
 *
 * @stage1: the tables
 * @mair: the attributes in CD.MAIR, a byte each
 * @window: the window
 * @iova: the doorbell, in whole granules
 * @size: bytes, whole granules
 * @finding: out, may be NULL, always written: what is wrong, FINE on success
 *
 * Errors:
 *   -EINVAL: @stage1 was not filled by iommuctl_stage1_init(), no @mair or @window
 *   -ERANGE: the doorbell is not inside of @window
 *   -EOPNOTSUPP: @mair has no attribute for device memory
 *   -EEXIST: a page of it is mapped differently: @finding says how
 *   others: those of iommuctl_stage1_map(): pages before the failed one may be mapped
 * Since: 0.1
 */
int iommuctl_msi_map_stage1(struct iommuctl_stage1 *stage1,
	const uint8_t mair[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS],
	const struct iommuctl_reserved_region *window, uint64_t iova, uint64_t size,
	struct iommuctl_msi_finding *finding);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
