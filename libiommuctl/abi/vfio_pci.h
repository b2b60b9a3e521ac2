/* SPDX-License-Identifier: MIT */
/*
 * The part of Linux 7.3's VFIO ABI for PCI devices only: resets of a slot or bus, and ioeventfds.
 */
#ifndef LIBIOMMUCTL_ABI_VFIO_PCI_H
#define LIBIOMMUCTL_ABI_VFIO_PCI_H

#include "abi/vfio.h"

#define ABI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO ABI_VFIO_IO(12)
#define ABI_VFIO_DEVICE_PCI_HOT_RESET	       ABI_VFIO_IO(13)
#define ABI_VFIO_DEVICE_IOEVENTFD	       ABI_VFIO_IO(16)

enum abi_vfio_pci_hot_reset_flags {
	ABI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID = 1 << 0,	   /* devices have devid, not group_id */
	ABI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED = 1 << 1, /* and all are the caller's */
};

#define ABI_VFIO_PCI_DEVID_OWNED     0
#define ABI_VFIO_PCI_DEVID_NOT_OWNED (-1)

struct abi_vfio_pci_dependent_device {
	union {
		uint32_t group_id;
		uint32_t devid; /* dev_id, or ABI_VFIO_PCI_DEVID_… */
	};
	uint16_t segment;
	uint8_t bus;
	uint8_t devfn;
};

/* If there is too little room, the call fails with ENOSPC, and count is the number needed. */
struct abi_vfio_pci_hot_reset_info {
	uint32_t argsz;
	uint32_t flags; /* out: enum abi_vfio_pci_hot_reset_flags */
	uint32_t count; /* out */
	struct abi_vfio_pci_dependent_device devices[];
};

struct abi_vfio_pci_hot_reset {
	uint32_t argsz;
	uint32_t flags; /* 0 */
	uint32_t count; /* 0 of a cdev */
	int32_t group_fds[];
};

enum abi_vfio_device_ioeventfd_flags {
	ABI_VFIO_DEVICE_IOEVENTFD_8 = 1 << 0,
	ABI_VFIO_DEVICE_IOEVENTFD_16 = 1 << 1,
	ABI_VFIO_DEVICE_IOEVENTFD_32 = 1 << 2,
	ABI_VFIO_DEVICE_IOEVENTFD_64 = 1 << 3,
	ABI_VFIO_DEVICE_IOEVENTFD_SIZE_MASK = 0xf,
};

struct abi_vfio_device_ioeventfd {
	uint32_t argsz;
	uint32_t flags; /* one of enum abi_vfio_device_ioeventfd_flags: the size in bytes */
	abi_u64 offset; /* of pwrite on the device */
	abi_u64 data;
	int32_t fd; /* -1 takes the same offset, data and size away */
	uint32_t reserved;
};

#endif
