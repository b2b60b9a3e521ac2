/* SPDX-License-Identifier: MIT */
/*
 * The part of Linux 7.3's VFIO ABI needed to assign, attach and drive a device. tests/abi proves
 * it.
 *
 * `argsz` counts the structure and everything after it. If the capabilities do not fit, cap_offset
 * is 0 and argsz returns the size needed.
 */
#ifndef LIBIOMMUCTL_ABI_VFIO_H
#define LIBIOMMUCTL_ABI_VFIO_H

#include <linux/ioctl.h>

#include "abi/types.h"

#define ABI_VFIO_IO(nr) _IO(';', 100 + (nr))

/* on the container */
#define ABI_VFIO_GET_API_VERSION ABI_VFIO_IO(0)
#define ABI_VFIO_CHECK_EXTENSION ABI_VFIO_IO(1) /* enum abi_vfio_extension */
#define ABI_VFIO_SET_IOMMU	 ABI_VFIO_IO(2) /* enum abi_vfio_extension */

/* on a group */
#define ABI_VFIO_GROUP_GET_STATUS      ABI_VFIO_IO(3)
#define ABI_VFIO_GROUP_SET_CONTAINER   ABI_VFIO_IO(4) /* int32_t *: container or iommufd */
#define ABI_VFIO_GROUP_UNSET_CONTAINER ABI_VFIO_IO(5)
#define ABI_VFIO_GROUP_GET_DEVICE_FD   ABI_VFIO_IO(6) /* const char *: name in sysfs */

/* on a device */
#define ABI_VFIO_DEVICE_GET_INFO	  ABI_VFIO_IO(7)
#define ABI_VFIO_DEVICE_GET_REGION_INFO	  ABI_VFIO_IO(8)
#define ABI_VFIO_DEVICE_GET_IRQ_INFO	  ABI_VFIO_IO(9)
#define ABI_VFIO_DEVICE_SET_IRQS	  ABI_VFIO_IO(10)
#define ABI_VFIO_DEVICE_RESET		  ABI_VFIO_IO(11)
#define ABI_VFIO_DEVICE_FEATURE		  ABI_VFIO_IO(17)
#define ABI_VFIO_DEVICE_BIND_IOMMUFD	  ABI_VFIO_IO(18)
#define ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT ABI_VFIO_IO(19)
#define ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT ABI_VFIO_IO(20)

#define ABI_VFIO_API_VERSION 0

enum abi_vfio_extension {
	ABI_VFIO_TYPE1_IOMMU = 1,
	ABI_VFIO_TYPE1v2_IOMMU = 3,
	ABI_VFIO_NOIOMMU_IOMMU = 8,
};

/* Group */

enum abi_vfio_group_flags {
	ABI_VFIO_GROUP_FLAGS_VIABLE = 1 << 0, /* no device of the group is left to a host driver */
	ABI_VFIO_GROUP_FLAGS_CONTAINER_SET = 1 << 1,
};

struct abi_vfio_group_status {
	uint32_t argsz;
	uint32_t flags; /* enum abi_vfio_group_flags */
};

/* Bind and attach: device cdev only */

enum abi_vfio_device_bind_flags {
	ABI_VFIO_DEVICE_BIND_FLAG_TOKEN = 1 << 0,
};

struct abi_vfio_device_bind_iommufd {
	uint32_t argsz;
	uint32_t flags; /* enum abi_vfio_device_bind_flags */
	int32_t iommufd;
	uint32_t out_devid;	/* dev_id of every iommufd call */
	abi_u64 token_uuid_ptr; /* 16 bytes, with FLAG_TOKEN */
};

enum abi_vfio_device_attach_flags {
	ABI_VFIO_DEVICE_ATTACH_PASID = 1 << 0,
};

/* Attaching again replaces what is attached. */
struct abi_vfio_device_attach_iommufd_pt {
	uint32_t argsz;
	uint32_t flags; /* enum abi_vfio_device_attach_flags */
	uint32_t pt_id; /* in: IOAS or HWPT; out: the HWPT in use */
	uint32_t pasid;
};

enum abi_vfio_device_detach_flags {
	ABI_VFIO_DEVICE_DETACH_PASID = 1 << 0,
};

struct abi_vfio_device_detach_iommufd_pt {
	uint32_t argsz;
	uint32_t flags; /* enum abi_vfio_device_detach_flags */
	uint32_t pasid;
};

/* Device */

enum abi_vfio_device_flags {
	ABI_VFIO_DEVICE_FLAGS_RESET = 1 << 0,
	ABI_VFIO_DEVICE_FLAGS_PCI = 1 << 1,
	ABI_VFIO_DEVICE_FLAGS_PLATFORM = 1 << 2,
	ABI_VFIO_DEVICE_FLAGS_AMBA = 1 << 3,
	ABI_VFIO_DEVICE_FLAGS_CCW = 1 << 4,
	ABI_VFIO_DEVICE_FLAGS_AP = 1 << 5,
	ABI_VFIO_DEVICE_FLAGS_FSL_MC = 1 << 6,
	ABI_VFIO_DEVICE_FLAGS_CAPS = 1 << 7,
	ABI_VFIO_DEVICE_FLAGS_CDX = 1 << 8,
};

struct abi_vfio_device_info {
	uint32_t argsz;
	uint32_t flags; /* enum abi_vfio_device_flags */
	uint32_t num_regions;
	uint32_t num_irqs;
	uint32_t cap_offset; /* from the start of this structure */
	uint32_t pad;
};

/* One link of the capability chain behind device and region information. */
struct abi_vfio_info_cap_header {
	uint16_t id; /* the numbers of devices and of regions are apart */
	uint16_t version;
	uint32_t next; /* from the start of the information, 0 ends the chain */
};

enum abi_vfio_device_info_cap {
	ABI_VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP = 5,
};

enum abi_vfio_pci_atomic_comp {
	ABI_VFIO_PCI_ATOMIC_COMP32 = 1 << 0,
	ABI_VFIO_PCI_ATOMIC_COMP64 = 1 << 1,
	ABI_VFIO_PCI_ATOMIC_COMP128 = 1 << 2,
};

/* AtomicOp completion by the root bus. */
struct abi_vfio_device_info_cap_pci_atomic_comp {
	struct abi_vfio_info_cap_header header;
	uint32_t flags; /* enum abi_vfio_pci_atomic_comp */
	uint32_t reserved;
};

/* Regions */

enum abi_vfio_pci_region_index {
	ABI_VFIO_PCI_BAR0_REGION_INDEX = 0,
	ABI_VFIO_PCI_BAR1_REGION_INDEX = 1,
	ABI_VFIO_PCI_BAR2_REGION_INDEX = 2,
	ABI_VFIO_PCI_BAR3_REGION_INDEX = 3,
	ABI_VFIO_PCI_BAR4_REGION_INDEX = 4,
	ABI_VFIO_PCI_BAR5_REGION_INDEX = 5,
	ABI_VFIO_PCI_ROM_REGION_INDEX = 6,
	ABI_VFIO_PCI_CONFIG_REGION_INDEX = 7,
	ABI_VFIO_PCI_VGA_REGION_INDEX = 8,
	ABI_VFIO_PCI_NUM_REGIONS = 9, /* from here on: regions of the device's own type */
};

enum abi_vfio_region_info_flags {
	ABI_VFIO_REGION_INFO_FLAG_READ = 1 << 0,
	ABI_VFIO_REGION_INFO_FLAG_WRITE = 1 << 1,
	ABI_VFIO_REGION_INFO_FLAG_MMAP = 1 << 2,
	ABI_VFIO_REGION_INFO_FLAG_CAPS = 1 << 3,
};

struct abi_vfio_region_info {
	uint32_t argsz;
	uint32_t flags; /* enum abi_vfio_region_info_flags */
	uint32_t index;
	uint32_t cap_offset; /* from the start of this structure */
	abi_u64 size;	     /* 0: the device has no such region */
	abi_u64 offset;	     /* of pread, pwrite and mmap on the device */
};

enum abi_vfio_region_info_cap {
	ABI_VFIO_REGION_INFO_CAP_SPARSE_MMAP = 1,
	ABI_VFIO_REGION_INFO_CAP_TYPE = 2,
	ABI_VFIO_REGION_INFO_CAP_MSIX_MAPPABLE =
		3, /* the header alone: mmap may cover the MSI-X table */
};

struct abi_vfio_region_sparse_mmap_area {
	abi_u64 offset; /* in the region */
	abi_u64 size;
};

/* mmap is allowed in these areas only. */
struct abi_vfio_region_info_cap_sparse_mmap {
	struct abi_vfio_info_cap_header header;
	uint32_t nr_areas;
	uint32_t reserved;
	struct abi_vfio_region_sparse_mmap_area areas[];
};

struct abi_vfio_region_info_cap_type {
	struct abi_vfio_info_cap_header header;
	uint32_t type;
	uint32_t subtype;
};

/* Interrupts */

enum abi_vfio_pci_irq_index {
	ABI_VFIO_PCI_INTX_IRQ_INDEX = 0,
	ABI_VFIO_PCI_MSI_IRQ_INDEX = 1,
	ABI_VFIO_PCI_MSIX_IRQ_INDEX = 2,
	ABI_VFIO_PCI_ERR_IRQ_INDEX = 3,
	ABI_VFIO_PCI_REQ_IRQ_INDEX = 4,
	ABI_VFIO_PCI_NUM_IRQS = 5,
};

enum abi_vfio_irq_info_flags {
	ABI_VFIO_IRQ_INFO_EVENTFD = 1 << 0,
	ABI_VFIO_IRQ_INFO_MASKABLE = 1 << 1,
	ABI_VFIO_IRQ_INFO_AUTOMASKED = 1 << 2, /* masked as it fires, until unmasked */
	ABI_VFIO_IRQ_INFO_NORESIZE = 1 << 3,   /* all are disabled before more are enabled */
};

struct abi_vfio_irq_info {
	uint32_t argsz;
	uint32_t flags; /* enum abi_vfio_irq_info_flags */
	uint32_t index;
	uint32_t count; /* 0: the device has no such interrupt */
};

/* One DATA and one ACTION flag. DATA_NONE | ACTION_TRIGGER with count 0 disables the index. */
enum abi_vfio_irq_set_flags {
	ABI_VFIO_IRQ_SET_DATA_NONE = 1 << 0,
	ABI_VFIO_IRQ_SET_DATA_BOOL = 1 << 1,	/* data: uint8_t [count] */
	ABI_VFIO_IRQ_SET_DATA_EVENTFD = 1 << 2, /* data: int32_t [count], -1 for none */
	ABI_VFIO_IRQ_SET_ACTION_MASK = 1 << 3,
	ABI_VFIO_IRQ_SET_ACTION_UNMASK = 1 << 4,
	ABI_VFIO_IRQ_SET_ACTION_TRIGGER = 1 << 5,
};

struct abi_vfio_irq_set {
	uint32_t argsz;
	uint32_t flags; /* enum abi_vfio_irq_set_flags */
	uint32_t index;
	uint32_t start;
	uint32_t count;
	uint8_t data[];
};

/* Device features: one number of enum abi_vfio_device_feature_id with GET, SET or PROBE */

enum abi_vfio_device_feature_flags {
	ABI_VFIO_DEVICE_FEATURE_MASK = 0xffff, /* the number */
	ABI_VFIO_DEVICE_FEATURE_GET = 1 << 16,
	ABI_VFIO_DEVICE_FEATURE_SET = 1 << 17,
	ABI_VFIO_DEVICE_FEATURE_PROBE = 1 << 18,
};

enum abi_vfio_device_feature_id {
	ABI_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN = 0, /* SET on the PF, data: UUID of 16 bytes */
	ABI_VFIO_DEVICE_FEATURE_MIGRATION = 1,
	ABI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE = 2,
	ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY = 3,
	ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP = 4,
	ABI_VFIO_DEVICE_FEATURE_LOW_POWER_EXIT = 5,
	ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_START = 6,
	ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP = 7,
	ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT = 8,
	ABI_VFIO_DEVICE_FEATURE_MIG_DATA_SIZE = 9,
	ABI_VFIO_DEVICE_FEATURE_BUS_MASTER = 10,
	ABI_VFIO_DEVICE_FEATURE_DMA_BUF = 11, /* GET, returns the dma-buf fd */
	ABI_VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2 = 12,
	ABI_VFIO_DEVICE_FEATURE_ZPCI_ERROR = 13, /* of s390 */
};

struct abi_vfio_device_feature {
	uint32_t argsz;
	uint32_t flags;
	uint8_t data[];
};

struct abi_vfio_device_low_power_entry_with_wakeup {
	int32_t wakeup_eventfd;
	uint32_t reserved;
};

enum abi_vfio_device_feature_bus_master_op {
	ABI_VFIO_DEVICE_FEATURE_CLEAR_MASTER = 0,
	ABI_VFIO_DEVICE_FEATURE_SET_MASTER = 1,
};

struct abi_vfio_device_feature_bus_master {
	uint32_t op; /* enum abi_vfio_device_feature_bus_master_op */
};

struct abi_vfio_region_dma_range {
	uint64_t offset;
	uint64_t length;
};

struct abi_vfio_device_feature_dma_buf {
	uint32_t region_index;
	uint32_t open_flags; /* as for open(2): access mode, O_CLOEXEC */
	uint32_t flags;	     /* 0 */
	uint32_t nr_ranges;
	struct abi_vfio_region_dma_range dma_ranges[]; /* slices of the region */
};

#endif
