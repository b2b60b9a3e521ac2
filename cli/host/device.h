/* SPDX-License-Identifier: MIT */
/* What this host knows about a PCI device. */
#ifndef CLI_HOST_DEVICE_H
#define CLI_HOST_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "host/pci_address.h"
#include "host/sysfs.h"

#define HOST_NAME_SIZE 64

/* Whether there is a VFIO character device, or why not. */
enum host_cdev {
	HOST_CDEV_NO_DRIVER, /* no VFIO driver has the device */
	HOST_CDEV_NOT_BUILT, /* one has, but the kernel lacks CONFIG_VFIO_DEVICE_CDEV */
	HOST_CDEV_NO_NODE,   /* the kernel has it, but it is missing in /dev */
	HOST_CDEV_PRESENT,
};

struct host_device {
	char pci[PCI_ADDRESS_SIZE];
	char directory[sizeof("/sys/bus/pci/devices/") + PCI_ADDRESS_SIZE];
	unsigned int vendor;
	unsigned int device;
	unsigned int class;	       /* class, subclass and programming interface */
	char driver[HOST_NAME_SIZE];   /* "" if none */
	char override[HOST_NAME_SIZE]; /* driver_override, "" if none */
	bool override_is_cut;	       /* longer than the name of any driver; ends in "..." */
	char iommu[HOST_NAME_SIZE];    /* "smmu3.0x0000000009050000", "dmar0"; "" if none */
	int iommu_group;	       /* -1 if none */
	bool no_iommu; /* in VFIO's no-IOMMU mode: its group, if any, is only VFIO's */
	int numa_node; /* -1 if none */
	unsigned int sriov_numvfs;
	unsigned int sriov_totalvfs;   /* 0 if it is not a physical function with SR-IOV */
	char physfn[PCI_ADDRESS_SIZE]; /* of a virtual function, else "" */
	enum host_cdev cdev;
	char vfio_name[32];				   /* "vfio0"; "" without a VFIO driver */
	char cdev_path[sizeof("/dev/vfio/devices/") + 32]; /* "" without a VFIO driver */
};

/*
 * Looks up the device with the normalised address @pci. Returns 0; -ENODEV if there is none;
 * another -errno if sysfs cannot be read.
 */
int host_device_read(const struct sysfs *sysfs, const char *pci, struct host_device *device);

/* The same without driver_override, which takes another file for each device. */
int host_device_read_for_list(
	const struct sysfs *sysfs, const char *pci, struct host_device *device);

/* A PCI bridge or root port: VFIO refuses it whatever the driver, and the host keeps it. */
bool host_device_is_bridge(const struct host_device *device);

/* Opens the cdev of @device and closes it again. Returns 0 or -errno. */
int host_device_probe_cdev(const struct sysfs *sysfs, const struct host_device *device);

/* The address of virtual function @index of the physical function @pf; -ENODEV if there is none. */
int host_device_virtual_function(const struct sysfs *sysfs, const struct host_device *pf,
	unsigned int index, char pci[PCI_ADDRESS_SIZE]);

#endif
