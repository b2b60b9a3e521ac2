/* SPDX-License-Identifier: MIT */
/* The IOMMU group of a device: what the kernel gives away, attaches and isolates as one. */
#ifndef CLI_HOST_GROUP_H
#define CLI_HOST_GROUP_H

#include <stdint.h>

#include "host/device.h"

/* A device of an IOMMU group. */
struct iommu_group_member {
	char name[HOST_NAME_SIZE];
	char driver[HOST_NAME_SIZE]; /* "" if none */
	bool is_pci;
	bool is_bridge;	 /* a PCI bridge or root port, which no guest can be given */
	bool is_vfio;	 /* on a VFIO driver */
	bool claims_dma; /* its driver uses the kernel's DMA API: nobody else may own the group */
};

/* Walks the members of @group; NULL if there is no such group. The caller closes the directory. */
DIR *iommu_group_open(const struct sysfs *sysfs, int group);
bool iommu_group_next(
	const struct sysfs *sysfs, int group, DIR *directory, struct iommu_group_member *member);

/* The first member of the group of @device, other than it, that claims DMA. False if none does. */
bool iommu_group_find_claimer(const struct sysfs *sysfs, const struct host_device *device,
	struct iommu_group_member *member);

/* What makes a member that claims DMA stop: one line, in @text, which it returns. */
#define IOMMU_GROUP_REMEDY_SIZE 192
const char *iommu_group_remedy(
	const struct iommu_group_member *claimer, char text[IOMMU_GROUP_REMEDY_SIZE]);

/* Those that share the group of a device. */
struct iommu_group_peers {
	size_t count;
	size_t bridges;
	size_t without_vfio;	      /* bridges not among them */
	char names[192];	      /* "0000:00:01.1 (driver e1000e), ..." */
	char unbound[HOST_NAME_SIZE]; /* the first PCI device of those; "" if none */
};

void iommu_group_read_peers(const struct sysfs *sysfs, const struct host_device *device,
	struct iommu_group_peers *peers);

/* What of @device itself is known without asking the kernel: bits of IOMMUCTL_KNOWN_*. */
uint64_t host_device_known(const struct sysfs *sysfs, const struct host_device *device);

#endif
