/* SPDX-License-Identifier: MIT */
/*
 * Groups and containers of VFIO, the interface before /dev/vfio/devices.
 *
 * @container: the file descriptor of a container
 * @group: the file descriptor of a group
 *
 * Common: vfio.h
 * Source: drivers/vfio/group.c and drivers/vfio/container.c of Linux 7.3.
 */
#ifndef IOMMUCTL_VFIO_LEGACY_H
#define IOMMUCTL_VFIO_LEGACY_H

#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Opens a legacy container, /dev/vfio/vfio.
 *
 * @container: out: the file descriptor
 *
 * Ownership: the caller closes *@container with iommuctl_close().
 * Errors:
 *   -ENOENT: no CONFIG_VFIO_CONTAINER or CONFIG_IOMMUFD_VFIO_CONTAINER
 *   -EACCES: the node's permissions
 * Since: 0.1
 */
int iommuctl_vfio_container_open(struct iommuctl *ctx, int *container);

/*
 * Gets the API version of a container.
 *
 * @version: out: the version; 0 is the only one there has been
 *
 * Errors: none of its own.
 * Since: 0.1
 */
int iommuctl_vfio_container_get_api_version(struct iommuctl *ctx, int container, int *version);

/*
 * IOMMU types of a container, which are extensions too.
 *
 * @IOMMUCTL_VFIO_TYPE1_IOMMU: page tables; unmapping may split mappings
 * @IOMMUCTL_VFIO_TYPE1v2_IOMMU: page tables
 * @IOMMUCTL_VFIO_NOIOMMU_IOMMU: none
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_TYPE1_IOMMU   1
#define IOMMUCTL_VFIO_TYPE1v2_IOMMU 3
#define IOMMUCTL_VFIO_NOIOMMU_IOMMU 8

/*
 * Asks whether a container has an extension.
 *
 * @extension: IOMMUCTL_VFIO_…_IOMMU, or another of the kernel's
 * @value: out: 0 if not, else the extension's value
 *
 * Errors: none of its own.
 * Since: 0.1
 */
int iommuctl_vfio_container_check_extension(
	struct iommuctl *ctx, int container, uint32_t extension, int *value);

/*
 * Chooses the IOMMU of a container, once it has a group.
 *
 * With an iommufd as container, which /dev/vfio/vfio is with CONFIG_IOMMUFD_VFIO_CONTAINER, it can
 * be chosen again.
 *
 * @type: IOMMUCTL_VFIO_…_IOMMU
 *
 * Errors:
 *   -EINVAL: no group yet, or chosen already; with an iommufd: a type that its groups do not have,
 *     or TYPE1 once mappings are in a HWPT
 *   -ENODEV: no driver of that type; with an iommufd: no group yet, or its IOAS for VFIO is gone
 *   -EPERM: MSIs of a group are not isolated; NOIOMMU without CAP_SYS_RAWIO
 *   -EBUSY: a device of a group is being reset
 * Since: 0.1
 */
int iommuctl_vfio_container_set_iommu(struct iommuctl *ctx, int container, uint32_t type);

/*
 * Opens a legacy group.
 *
 * @path: /dev/vfio/<N>
 * @group: out: the file descriptor
 *
 * Ownership: the caller closes *@group with iommuctl_close().
 * Errors:
 *   -ENOENT: no VFIO driver is bound in the group, or no CONFIG_VFIO_GROUP
 *   -EACCES: the node's permissions
 *   -EBUSY: it is open already, or a device of it is bound through its cdev
 *   -EPERM: no IOMMU and no CAP_SYS_RAWIO
 *   -ENODEV: the group is going away
 * Since: 0.1
 */
int iommuctl_vfio_group_open(struct iommuctl *ctx, const char *path, int *group);

/*
 * The status of a group.
 *
 * @IOMMUCTL_VFIO_GROUP_FLAGS_VIABLE: no device of it is bound to a host driver
 * @IOMMUCTL_VFIO_GROUP_FLAGS_CONTAINER_SET: it is in a container
 *
 * Since: 0.1
 */
#define IOMMUCTL_VFIO_GROUP_FLAGS_VIABLE	(1 << 0)
#define IOMMUCTL_VFIO_GROUP_FLAGS_CONTAINER_SET (1 << 1)

/*
 * Reads the status of a group.
 *
 * @flags: out: IOMMUCTL_VFIO_GROUP_FLAGS_…
 *
 * Errors:
 *   -ENODEV: the group is gone
 * Since: 0.1
 */
int iommuctl_vfio_group_get_status(struct iommuctl *ctx, int group, uint32_t *flags);

/*
 * Puts a group into a container.
 *
 * @container: a legacy container or an iommufd
 *
 * Errors:
 *   -EINVAL: it is in a container already; groups with and without IOMMU in one iommufd; or
 *     firmware asks for a 1:1 mapping for the group ("direct" in its reserved_regions)
 *   -EBADF: also @container is not open
 *   -EBADFD: @container is neither a container nor an iommufd
 *   -EBUSY: the kernel itself uses a page table of the group; or, if the container has its type, a
 *     device of the group is being reset
 *   -EPERM: a device of the group has a host driver, the group has another owner, or no IOMMU; or,
 *     if the container has its type, MSIs of the group are not isolated
 *   -ENODEV: the group is gone
 * Since: 0.1
 */
int iommuctl_vfio_group_set_container(struct iommuctl *ctx, int group, int container);

/*
 * Takes a group out of its container.
 *
 * Errors:
 *   -EINVAL: it is not in a container
 *   -EBUSY: a device of it is open; an iommufd releases it anyway
 * Since: 0.1
 */
int iommuctl_vfio_group_unset_container(struct iommuctl *ctx, int group);

/*
 * Opens a device of a group that is in a container.
 *
 * An iommufd as container binds it, and attaches it to its IOAS for VFIO.
 *
 * @name: "0000:00:01.0", with a VF token "0000:00:01.0 vf_token=<UUID>"
 * @device: out: the file descriptor
 *
 * Ownership: the caller closes *@device with iommuctl_close().
 * Errors:
 *   -ENODEV: no such device in the group, or the iommufd's IOAS for VFIO is gone
 *   -EINVAL: the group has no container, or the container no IOMMU type; what follows the name is
 *     not a VF token, or the device takes none; DMA that is not cache coherent; or firmware asks
 *     for a 1:1 mapping for the group
 *   -EACCES: a VF token is missing or wrong
 *   -EPERM: another device of the group has a host driver, MSIs are not isolated, or a device
 *     without IOMMU on an iommufd that has an IOAS for VFIO or without CAP_SYS_RAWIO
 *   -EBUSY: the kernel itself uses a page table or a PASID of the group; or, with an iommufd as
 *     container, a device of the group is being reset
 *   -EAGAIN: the device is being reset
 *   -EADDRINUSE: the IOAS for VFIO has a mapping or an allowed range that the device cannot have
 *   others: those of iommuctl_vfio_bind_iommufd() and iommuctl_vfio_attach() with an iommufd as
 *     container
 * Since: 0.1
 */
int iommuctl_vfio_group_get_device(struct iommuctl *ctx, int group, const char *name, int *device);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
