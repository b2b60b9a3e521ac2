/* SPDX-License-Identifier: MIT */
/*
 * The iommufd ABI of Linux 7.3: numbers and layouts of /dev/iommu. tests/abi proves them.
 *
 * `size` is always sizeof the structure, `reserved` always 0; the kernel writes `out_` fields, and
 * `_uptr` fields hold user pointers. What belongs to one kind of IOMMU is in a header of its own.
 */
#ifndef LIBIOMMUCTL_ABI_IOMMUFD_H
#define LIBIOMMUCTL_ABI_IOMMUFD_H

#include <linux/ioctl.h>

#include "abi/types.h"

#define ABI_IOMMUFD_IO(nr) _IO(';', nr)

#define ABI_DESTROY		    ABI_IOMMUFD_IO(0x80)
#define ABI_IOAS_ALLOC		    ABI_IOMMUFD_IO(0x81)
#define ABI_IOAS_ALLOW_IOVAS	    ABI_IOMMUFD_IO(0x82)
#define ABI_IOAS_COPY		    ABI_IOMMUFD_IO(0x83)
#define ABI_IOAS_IOVA_RANGES	    ABI_IOMMUFD_IO(0x84)
#define ABI_IOAS_MAP		    ABI_IOMMUFD_IO(0x85)
#define ABI_IOAS_UNMAP		    ABI_IOMMUFD_IO(0x86)
#define ABI_OPTION		    ABI_IOMMUFD_IO(0x87)
#define ABI_VFIO_IOAS		    ABI_IOMMUFD_IO(0x88)
#define ABI_HWPT_ALLOC		    ABI_IOMMUFD_IO(0x89)
#define ABI_GET_HW_INFO		    ABI_IOMMUFD_IO(0x8a)
#define ABI_HWPT_SET_DIRTY_TRACKING ABI_IOMMUFD_IO(0x8b)
#define ABI_HWPT_GET_DIRTY_BITMAP   ABI_IOMMUFD_IO(0x8c)
#define ABI_HWPT_INVALIDATE	    ABI_IOMMUFD_IO(0x8d)
#define ABI_FAULT_QUEUE_ALLOC	    ABI_IOMMUFD_IO(0x8e)
#define ABI_IOAS_MAP_FILE	    ABI_IOMMUFD_IO(0x8f)
#define ABI_VIOMMU_ALLOC	    ABI_IOMMUFD_IO(0x90)
#define ABI_VDEVICE_ALLOC	    ABI_IOMMUFD_IO(0x91)
#define ABI_IOAS_CHANGE_PROCESS	    ABI_IOMMUFD_IO(0x92)
#define ABI_VEVENTQ_ALLOC	    ABI_IOMMUFD_IO(0x93)
#define ABI_HW_QUEUE_ALLOC	    ABI_IOMMUFD_IO(0x94)
#define ABI_IOAS_NOIOMMU_GET_PA	    ABI_IOMMUFD_IO(0x95)

/* Any object but a bound device, which goes away with its VFIO file. */
struct abi_destroy {
	uint32_t size;
	uint32_t id;
};

/* IOAS */

struct abi_ioas_alloc {
	uint32_t size;
	uint32_t flags; /* 0 */
	uint32_t out_ioas_id;
};

struct abi_iova_range {
	abi_u64 start;
	abi_u64 last; /* inclusive */
};

/* EMSGSIZE: the array was too short, num_iovas holds the length it needs. */
struct abi_ioas_iova_ranges {
	uint32_t size;
	uint32_t ioas_id;
	uint32_t num_iovas; /* in: entries in the array; out: ranges there are */
	uint32_t reserved;
	abi_u64 allowed_iovas; /* struct abi_iova_range [num_iovas] */
	abi_u64 out_iova_alignment;
};

/* Replaces the whole list; attaching a device that would narrow it then fails. */
struct abi_ioas_allow_iovas {
	uint32_t size;
	uint32_t ioas_id;
	uint32_t num_iovas;
	uint32_t reserved;
	abi_u64 allowed_iovas; /* struct abi_iova_range [num_iovas] */
};

enum abi_ioas_map_flags {
	ABI_IOAS_MAP_FIXED_IOVA = 1 << 0, /* without it the kernel chooses and returns the IOVA */
	ABI_IOAS_MAP_WRITEABLE = 1 << 1,
	ABI_IOAS_MAP_READABLE = 1 << 2,
};

struct abi_ioas_map {
	uint32_t size;
	uint32_t flags; /* enum abi_ioas_map_flags */
	uint32_t ioas_id;
	uint32_t reserved;
	abi_u64 user_va;
	abi_u64 length;
	abi_u64 iova; /* in, out */
};

/* A memfd, or a dma-buf made by VFIO from a single range of a PCI BAR. */
struct abi_ioas_map_file {
	uint32_t size;
	uint32_t flags; /* enum abi_ioas_map_flags */
	uint32_t ioas_id;
	int32_t fd;
	abi_u64 start; /* offset in the file */
	abi_u64 length;
	abi_u64 iova; /* in, out */
};

/* Shares the pinned pages of the source mapping. */
struct abi_ioas_copy {
	uint32_t size;
	uint32_t flags; /* enum abi_ioas_map_flags */
	uint32_t dst_ioas_id;
	uint32_t src_ioas_id;
	abi_u64 length;
	abi_u64 dst_iova; /* in, out */
	abi_u64 src_iova;
};

/* Whole mappings only; iova 0 with length U64_MAX empties the IOAS. */
struct abi_ioas_unmap {
	uint32_t size;
	uint32_t ioas_id;
	abi_u64 iova;
	abi_u64 length; /* in, out: bytes unmapped */
};

/* Moves the pinned-memory account of every IOAS to the caller; only for IOAS_MAP_FILE mappings. */
struct abi_ioas_change_process {
	uint32_t size;
	uint32_t reserved;
};

/* For devices bound without an IOMMU; takes CAP_SYS_RAWIO. */
struct abi_ioas_noiommu_get_pa {
	uint32_t size;
	uint32_t flags; /* 0 */
	uint32_t ioas_id;
	uint32_t reserved;
	abi_u64 iova;
	abi_u64 length; /* in: at most; out: contiguous bytes from out_phys */
	abi_u64 out_phys;
};

enum abi_option_id {
	ABI_OPTION_RLIMIT_MODE = 0, /* 0 memlock per user, 1 per process; object_id 0 */
	ABI_OPTION_HUGE_PAGES = 1,  /* 1 may merge pages, 0 maps page by page; object_id an IOAS */
};

enum abi_option_op {
	ABI_OPTION_OP_SET = 0,
	ABI_OPTION_OP_GET = 1,
};

struct abi_option {
	uint32_t size;
	uint32_t option_id; /* enum abi_option_id */
	uint16_t op;	    /* enum abi_option_op */
	uint16_t reserved;
	uint32_t object_id;
	abi_u64 val64; /* SET in, GET out */
};

enum abi_vfio_ioas_op {
	ABI_VFIO_IOAS_GET = 0,
	ABI_VFIO_IOAS_SET = 1,
	ABI_VFIO_IOAS_CLEAR = 2,
};

/* The IOAS behind an iommufd that serves as a VFIO container. */
struct abi_vfio_ioas {
	uint32_t size;
	uint32_t ioas_id; /* SET in, GET out */
	uint16_t op;	  /* enum abi_vfio_ioas_op */
	uint16_t reserved;
};

/* Hardware information */

enum abi_hw_info_flags {
	ABI_HW_INFO_FLAG_INPUT_TYPE = 1 << 0, /* in_data_type asks for one type */
};

enum abi_hw_info_type {
	ABI_HW_INFO_TYPE_NONE = 0,    /* out: the driver reports nothing */
	ABI_HW_INFO_TYPE_DEFAULT = 0, /* in */
	ABI_HW_INFO_TYPE_INTEL_VTD = 1,
	ABI_HW_INFO_TYPE_ARM_SMMUV3 = 2,
	ABI_HW_INFO_TYPE_TEGRA241_CMDQV = 3,
	ABI_HW_INFO_TYPE_AMD = 4,
};

enum abi_hw_capabilities {
	ABI_HW_CAP_DIRTY_TRACKING = 1 << 0,
	ABI_HW_CAP_PCI_PASID_EXEC = 1 << 1, /* PASID_*: void if out_max_pasid_log2 is 0 */
	ABI_HW_CAP_PCI_PASID_PRIV = 1 << 2,
	ABI_HW_CAP_PCI_ATS_NOT_SUPPORTED = 1 << 3,
};

struct abi_hw_info {
	uint32_t size;
	uint32_t flags; /* enum abi_hw_info_flags */
	uint32_t dev_id;
	uint32_t data_len; /* in: bytes at data_uptr, may be 0; out: bytes the kernel has */
	abi_u64 data_uptr;
	union {
		uint32_t in_data_type;	/* enum abi_hw_info_type */
		uint32_t out_data_type; /* enum abi_hw_info_type */
	};
	uint8_t out_max_pasid_log2; /* PASID width, 0 without PASID */
	uint8_t reserved[3];
	abi_u64 out_capabilities; /* enum abi_hw_capabilities */
};

/* HWPT */

enum abi_hwpt_alloc_flags {
	ABI_HWPT_ALLOC_NEST_PARENT = 1 << 0,
	ABI_HWPT_ALLOC_DIRTY_TRACKING = 1 << 1,
	ABI_HWPT_FAULT_ID_VALID = 1 << 2,
	ABI_HWPT_ALLOC_PASID = 1 << 3, /* also needed on the HWPT of the RID for PASID attach */
};

enum abi_hwpt_data_type {
	ABI_HWPT_DATA_NONE = 0,
	ABI_HWPT_DATA_VTD_S1 = 1,     /* struct abi_hwpt_vtd_s1 */
	ABI_HWPT_DATA_ARM_SMMUV3 = 2, /* struct abi_hwpt_arm_smmuv3 */
	ABI_HWPT_DATA_AMD_GUEST = 3,  /* struct abi_hwpt_amd_guest */
};

struct abi_hwpt_alloc {
	uint32_t size;
	uint32_t flags; /* enum abi_hwpt_alloc_flags */
	uint32_t dev_id;
	uint32_t pt_id; /* IOAS for a paging HWPT; vIOMMU or nesting parent for a nested one */
	uint32_t out_hwpt_id;
	uint32_t reserved;
	uint32_t data_type; /* enum abi_hwpt_data_type */
	uint32_t data_len;
	abi_u64 data_uptr;
	uint32_t fault_id; /* with ABI_HWPT_FAULT_ID_VALID */
	uint32_t reserved2;
};

enum abi_hwpt_set_dirty_tracking_flags {
	ABI_HWPT_DIRTY_TRACKING_ENABLE = 1 << 0,
};

struct abi_hwpt_set_dirty_tracking {
	uint32_t size;
	uint32_t flags; /* enum abi_hwpt_set_dirty_tracking_flags */
	uint32_t hwpt_id;
	uint32_t reserved;
};

enum abi_hwpt_get_dirty_bitmap_flags {
	ABI_HWPT_GET_DIRTY_BITMAP_NO_CLEAR = 1 << 0, /* leave the bits in the page table */
};

struct abi_hwpt_get_dirty_bitmap {
	uint32_t size;
	uint32_t hwpt_id;
	uint32_t flags; /* enum abi_hwpt_get_dirty_bitmap_flags */
	uint32_t reserved;
	abi_u64 iova;
	abi_u64 length;
	abi_u64 page_size; /* bytes a bit stands for */
	abi_u64 data;	   /* user pointer to uint64_t []; bits are only ever set */
};

enum abi_hwpt_invalidate_data_type {
	ABI_HWPT_INVALIDATE_DATA_VTD_S1 = 0,	   /* struct abi_hwpt_vtd_s1_invalidate */
	ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 = 1, /* struct abi_viommu_arm_smmuv3_invalidate */
};

struct abi_hwpt_invalidate {
	uint32_t size;
	uint32_t hwpt_id; /* nested HWPT (VT-d) or vIOMMU (Arm) */
	abi_u64 data_uptr;
	uint32_t data_type; /* enum abi_hwpt_invalidate_data_type */
	uint32_t entry_len;
	uint32_t entry_num; /* in: entries; out: entries handled, overstated on Arm */
	uint32_t reserved;
};

/* Fault queue: read() gives struct abi_hwpt_pgfault, write() takes struct abi_hwpt_page_response */

struct abi_fault_alloc {
	uint32_t size;
	uint32_t flags; /* 0 */
	uint32_t out_fault_id;
	uint32_t out_fault_fd;
};

enum abi_hwpt_pgfault_flags {
	ABI_PGFAULT_FLAGS_PASID_VALID = 1 << 0,
	ABI_PGFAULT_FLAGS_LAST_PAGE = 1 << 1, /* ends the group; the response has its cookie */
};

enum abi_hwpt_pgfault_perm {
	ABI_PGFAULT_PERM_READ = 1 << 0,
	ABI_PGFAULT_PERM_WRITE = 1 << 1,
	ABI_PGFAULT_PERM_EXEC = 1 << 2,
	ABI_PGFAULT_PERM_PRIV = 1 << 3,
};

struct abi_hwpt_pgfault {
	uint32_t flags; /* enum abi_hwpt_pgfault_flags */
	uint32_t dev_id;
	uint32_t pasid;
	uint32_t grpid; /* PCI page request group */
	uint32_t perm;	/* enum abi_hwpt_pgfault_perm */
	uint32_t reserved;
	abi_u64 addr;
	uint32_t length; /* bytes wanted, a hint; 0 without one */
	uint32_t cookie;
};

enum abi_page_response_code {
	ABI_PAGE_RESP_SUCCESS = 0, /* the device retries */
	ABI_PAGE_RESP_INVALID = 1, /* the device gives up */
};

struct abi_hwpt_page_response {
	uint32_t cookie;
	uint32_t code; /* enum abi_page_response_code */
};

/* vIOMMU and vDEVICE */

enum abi_viommu_type {
	ABI_VIOMMU_TYPE_DEFAULT = 0, /* no kernel accepts it */
	ABI_VIOMMU_TYPE_ARM_SMMUV3 = 1,
	ABI_VIOMMU_TYPE_TEGRA241_CMDQV = 2, /* struct abi_viommu_tegra241_cmdqv */
};

struct abi_viommu_alloc {
	uint32_t size;
	uint32_t flags; /* 0 */
	uint32_t type;	/* enum abi_viommu_type */
	uint32_t dev_id;
	uint32_t hwpt_id; /* nesting parent */
	uint32_t out_viommu_id;
	uint32_t data_len;
	uint32_t reserved;
	abi_u64 data_uptr;
};

struct abi_vdevice_alloc {
	uint32_t size;
	uint32_t viommu_id;
	uint32_t dev_id;
	uint32_t out_vdevice_id;
	abi_u64 virt_id; /* vSID on SMMUv3 */
};

/* vEVENTQ: read() gives struct abi_vevent_header, each with a record of the queue's type */

enum abi_veventq_type {
	ABI_VEVENTQ_TYPE_DEFAULT = 0, /* no kernel accepts it */
	ABI_VEVENTQ_TYPE_ARM_SMMUV3 = 1,
	ABI_VEVENTQ_TYPE_TEGRA241_CMDQV = 2,
};

struct abi_veventq_alloc {
	uint32_t size;
	uint32_t flags; /* 0 */
	uint32_t viommu_id;
	uint32_t type; /* enum abi_veventq_type, one queue a type and vIOMMU */
	uint32_t veventq_depth;
	uint32_t out_veventq_id;
	uint32_t out_veventq_fd;
	uint32_t reserved;
};

enum abi_veventq_flag {
	ABI_VEVENTQ_FLAG_LOST_EVENTS = 1 << 0, /* no record follows this header */
};

struct abi_vevent_header {
	uint32_t flags;	   /* enum abi_veventq_flag */
	uint32_t sequence; /* INT32_MAX is followed by 0; a gap counts lost events */
};

/* HW queue */

enum abi_hw_queue_type {
	ABI_HW_QUEUE_TYPE_DEFAULT = 0, /* no kernel accepts it */
	ABI_HW_QUEUE_TYPE_TEGRA241_CMDQV = 1,
};

struct abi_hw_queue_alloc {
	uint32_t size;
	uint32_t flags; /* 0 */
	uint32_t viommu_id;
	uint32_t type; /* enum abi_hw_queue_type */
	uint32_t index;
	uint32_t out_hw_queue_id;
	abi_u64 nesting_parent_iova; /* IPA of the queue */
	abi_u64 length;
};

#endif
