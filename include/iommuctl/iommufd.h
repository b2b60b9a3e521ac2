/* SPDX-License-Identifier: MIT */
/*
 * Thin calls of iommufd: one function per ioctl, no state.
 *
 * Names, values and layouts are those of the kernel's include/uapi/linux/iommufd.h with IOMMUCTL_
 * in place of IOMMU_ or IOMMUFD_; the errors are those of drivers/iommu/iommufd/ of Linux 7.3. A
 * page table (pt_id) is an IOAS or a HWPT; a nested HWPT is also made from a vIOMMU. Addresses and
 * lengths are in bytes. Out-parameters are written on success only, unless stated otherwise; those
 * that may be NULL say so. On failure iommuctl_last_error() names the operation, its objects and
 * the cause.
 *
 * @ctx: the context
 * @iommufd: a file descriptor of /dev/iommu, opened here or adopted
 *
 * Ownership: file descriptors, memory and objects stay the caller's; objects end with
 *   iommuctl_destroy(), or with @iommufd. Pointers are not used once the function has returned.
 * Threads: any thread, at any time.
 * Errors:
 *   -EBADF: @iommufd is not open
 *   -ENOTTY: it is not an iommufd, or the kernel is older than the ioctl
 *   -E2BIG: the kernel is older than a field that is in use; unused ones never matter
 *   -EOPNOTSUPP: a flag, type or option that the kernel does not know
 *   -ENOENT: no object of that kind has the id
 *   -EFAULT: a pointer leads to no memory
 *   -ENOMEM: no memory; where memory is pinned, also RLIMIT_MEMLOCK
 *   -EPROTO: the kernel's answer is not one that the ioctl defines
 *   -EINTR: a signal interrupted the call: issue it again
 *   -EMFILE, -ENFILE: for calls that open a file: no file descriptor is left in the process, or in
 *     the system
 * Source: drivers/iommu/iommufd/main.c of Linux 7.3.
 */
#ifndef IOMMUCTL_IOMMUFD_H
#define IOMMUCTL_IOMMUFD_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/fault_queue.h>
#include <iommuctl/hw_info.h>
#include <iommuctl/hwpt.h>
#include <iommuctl/ioas.h>
#include <iommuctl/veventq.h>
#include <iommuctl/viommu.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Opens /dev/iommu.
 *
 * @iommufd: out: the file descriptor
 *
 * Ownership: the caller closes *@iommufd with iommuctl_close().
 * Errors:
 *   -ENOENT: no CONFIG_IOMMUFD, or no node in this container
 *   -ENODEV: a node without its driver
 *   -EACCES: the node is 0660
 *   -EPERM: a device cgroup
 * Since: 0.1
 */
int iommuctl_iommufd_open(struct iommuctl *ctx, int *iommufd);

/*
 * Maps a region of an iommufd that VIOMMU_ALLOC reported, for a Tegra241 CMDQV.
 *
 * @offset: as reported, exactly
 * @length: bytes as reported, exactly
 * @address: out: where it is mapped, readable and writable
 *
 * Ownership: the caller unmaps with iommuctl_munmap().
 * Errors:
 *   -ENXIO: nothing can be mapped there, or only with another length
 *   -EINVAL: @offset is not a multiple of the page size, or beyond what mmap(2) takes; @length is 0
 *   -ENODEV: the kernel is too old
 *   -EPERM: the mapping would be executable, as the personality of the process asks
 *     (READ_IMPLIES_EXEC)
 * Since: 0.1
 */
int iommuctl_iommufd_mmap(
	struct iommuctl *ctx, int iommufd, uint64_t offset, size_t length, void **address);

/*
 * Destroys an object, of any kind except a device.
 *
 * Destroy in this order: detach, nested HWPTs, HW queues (highest index first), vDEVICEs, queues,
 * vIOMMU, parent HWPT, IOAS.
 *
 * @id: the object
 *
 * Errors:
 *   -EBUSY: another object, an attached device or an open queue fd still uses it, or it is a device
 *   -ENOENT: also a vDEVICE whose device was closed first
 * Since: 0.1
 */
int iommuctl_destroy(struct iommuctl *ctx, int iommufd, uint32_t id);

/* Options. Since: 0.1 */
#define IOMMUCTL_OPTION_RLIMIT_MODE 0 /* object 0; value 0: memlock per user, 1: per process */
#define IOMMUCTL_OPTION_HUGE_PAGES  1 /* object: an IOAS; value 1: combine pages, 0: do not */

/*
 * Reads an option.
 *
 * @option: IOMMUCTL_OPTION_…
 * @object_id: the object that has it; 0: the iommufd
 * @value: out: the value
 *
 * Errors:
 *   -EOPNOTSUPP: also RLIMIT_MODE of an object
 * Since: 0.1
 */
int iommuctl_option_get(
	struct iommuctl *ctx, int iommufd, uint32_t option, uint32_t object_id, uint64_t *value);

/*
 * Sets an option.
 *
 * @option: IOMMUCTL_OPTION_…
 * @object_id: the object that has it; 0: the iommufd
 * @value: the value
 *
 * Errors:
 *   -EPERM: RLIMIT_MODE without CAP_SYS_RESOURCE
 *   -EBUSY: RLIMIT_MODE once any object exists
 *   -EOPNOTSUPP: also RLIMIT_MODE of an object
 *   -EINVAL: not a value of the option, or HUGE_PAGES 0 once mappings are in a HWPT
 *   -EADDRINUSE: HUGE_PAGES 0 with a mapping that is not aligned to pages
 * Since: 0.1
 */
int iommuctl_option_set(
	struct iommuctl *ctx, int iommufd, uint32_t option, uint32_t object_id, uint64_t value);

/*
 * Gets the IOAS that legacy VFIO containers on this iommufd use.
 *
 * @ioas_id: out: the IOAS
 *
 * Errors:
 *   -ENODEV: none is set
 * Since: 0.1
 * Source: drivers/iommu/iommufd/vfio_compat.c.
 */
int iommuctl_vfio_ioas_get(struct iommuctl *ctx, int iommufd, uint32_t *ioas_id);

/*
 * Sets the IOAS that legacy VFIO containers on this iommufd use.
 *
 * @ioas_id: the IOAS
 *
 * Errors: none of its own.
 * Since: 0.1
 * Source: drivers/iommu/iommufd/vfio_compat.c.
 */
int iommuctl_vfio_ioas_set(struct iommuctl *ctx, int iommufd, uint32_t ioas_id);

/*
 * Clears the IOAS that legacy VFIO containers on this iommufd use.
 *
 * Errors: none of its own.
 * Since: 0.1
 * Source: drivers/iommu/iommufd/vfio_compat.c.
 */
int iommuctl_vfio_ioas_clear(struct iommuctl *ctx, int iommufd);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
