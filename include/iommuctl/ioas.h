/* SPDX-License-Identifier: MIT */
/*
 * IOASes of iommufd: address spaces for devices, and what is mapped in them.
 *
 * Common: iommufd.h
 * Source: drivers/iommu/iommufd/ioas.c, io_pagetable.c and pages.c of Linux 7.3.
 */
#ifndef IOMMUCTL_IOAS_H
#define IOMMUCTL_IOAS_H

#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Creates an IOAS: an address space for devices, empty at first.
 *
 * @ioas_id: out: its id
 *
 * Errors: none of its own.
 * Since: 0.1
 */
int iommuctl_ioas_alloc(struct iommuctl *ctx, int iommufd, uint32_t *ioas_id);

/*
 * Flags of mappings.
 *
 * @IOMMUCTL_IOAS_MAP_WRITEABLE: devices may write
 * @IOMMUCTL_IOAS_MAP_READABLE: devices may read
 *
 * Since: 0.1
 */
#define IOMMUCTL_IOAS_MAP_FIXED_IOVA (1 << 0) /* at *iova; else the kernel chooses */
#define IOMMUCTL_IOAS_MAP_WRITEABLE  (1 << 1)
#define IOMMUCTL_IOAS_MAP_READABLE   (1 << 2)

/* Memory of this process to map. Since: 0.1 */
struct iommuctl_ioas_map_args {
	uint32_t flags;	  /* IOMMUCTL_IOAS_MAP_… */
	uint32_t ioas_id; /* the IOAS that gets it */
	void *host;	  /* aligned as iommuctl_ioas_get_iova_ranges() says */
	uint64_t length;  /* bytes, aligned in the same way */
};

/*
 * Maps and pins memory of this process.
 *
 * It is pinned at once if the IOAS has a HWPT. Otherwise iommuctl_hwpt_alloc() for the IOAS, or
 * attaching a device to it, pins all of its memory, and fails if that is not possible.
 *
 * @args: what to map
 * @iova: in with FIXED_IOVA: where to map; out: the place of the mapping
 *
 * Errors:
 *   -EINVAL: neither READABLE nor WRITEABLE, length 0, misaligned, over a reserved region, or
 *     read-only where a VT-d nesting parent forbids it (erratum 772415)
 *   -EEXIST: over a mapping
 *   -EOVERFLOW: beyond the address space
 *   -ENOSPC: no IOVA left
 *   -EFAULT: memory that cannot be pinned: it is not mapped with this access; it is the VMA of a
 *     BAR, for which iommuctl_ioas_map_file() takes a dma-buf; or, for WRITEABLE since Linux 6.5, a
 *     MAP_SHARED VMA of a file on a disk file system, unlike a memfd
 *   -EOPNOTSUPP: also memory that is a file on a DAX file system
 * Since: 0.1
 */
int iommuctl_ioas_map(struct iommuctl *ctx, int iommufd, const struct iommuctl_ioas_map_args *args,
	uint64_t *iova);

/* Memory of a file to map. Since: 0.1 */
struct iommuctl_ioas_map_file_args {
	uint32_t flags;	  /* IOMMUCTL_IOAS_MAP_… */
	uint32_t ioas_id; /* the IOAS that gets it */
	int file;	  /* a memfd, or a VFIO dma-buf of one range */
	uint64_t start;	  /* in the file, aligned as iommuctl_ioas_get_iova_ranges() says */
	uint64_t length;  /* bytes, aligned in the same way */
};

/*
 * Maps and pins memory of a file, as iommuctl_ioas_map() does of this process.
 *
 * @args: what to map
 * @iova: in with FIXED_IOVA: where to map; out: the place of the mapping
 *
 * Ownership: the file stays the caller's, and may be closed afterwards.
 * Errors:
 *   -EBADF: also the file is not open
 *   -EINVAL: also past the end, or a file that is neither
 *   -EOPNOTSUPP: also a dma-buf of another kind
 *   -ENODEV: a dma-buf that is revoked, as its device does not decode memory
 *   others: those of iommuctl_ioas_map()
 * Since: 0.1
 */
int iommuctl_ioas_map_file(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_ioas_map_file_args *args, uint64_t *iova);

/*
 * The arguments of iommuctl_ioas_copy().
 *
 * @dst_ioas_id: the IOAS that gets the mapping
 * @src_ioas_id: the IOAS that has the memory
 *
 * Since: 0.1
 */
struct iommuctl_ioas_copy_args {
	uint32_t flags; /* IOMMUCTL_IOAS_MAP_… */
	uint32_t dst_ioas_id;
	uint32_t src_ioas_id;
	uint64_t length;   /* bytes */
	uint64_t src_iova; /* the first address in the source */
};

/*
 * Maps the memory of one IOAS in another as well, without pinning it again.
 *
 * Memory that is not pinned yet, as the source has no HWPT, is pinned if the destination has one.
 *
 * @args: what to copy, and where to
 * @iova: in with FIXED_IOVA: where to map; out: the place of the mapping
 *
 * Errors:
 *   -ENOENT: the source has a hole
 *   -EPERM: WRITEABLE where the source is not
 *   -EINVAL: also memory of a file that iommuctl_ioas_map_file() refuses
 *   others: those of iommuctl_ioas_map()
 * Since: 0.1
 */
int iommuctl_ioas_copy(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_ioas_copy_args *args, uint64_t *iova);

/*
 * Unmaps every mapping that lies wholly inside a range.
 *
 * It works upwards; if it fails with -ENOENT, -EBUSY or -EDEADLK, the mappings below the one that
 * it failed at are gone.
 *
 * @ioas_id: the IOAS
 * @iova: the first address
 * @length: bytes; UINT64_MAX with an @iova of 0 means all
 * @unmapped: out, may be NULL: the bytes that were mapped there
 *
 * Errors:
 *   -ENOENT: nothing is mapped there (unmapping all of an empty IOAS succeeds), or the range would
 *     split a mapping
 *   -EBUSY: a HW queue locks it, or another thread maps or unmaps it
 *   -EINVAL: @length 0
 *   -EOVERFLOW: beyond the address space
 *   -EDEADLK: a driver does not let go of it
 * Since: 0.1
 */
int iommuctl_ioas_unmap(struct iommuctl *ctx, int iommufd, uint32_t ioas_id, uint64_t iova,
	uint64_t length, uint64_t *unmapped);

/*
 * A range of IOVAs.
 *
 * @start: its first address
 *
 * Since: 0.1
 */
struct iommuctl_iova_range {
	uint64_t start;
	uint64_t last; /* inclusive */
};

/*
 * Lists the IOVAs that may be mapped.
 *
 * They change as devices attach and detach.
 *
 * @ioas_id: the IOAS
 * @ranges: out: the ranges
 * @count: in: the room in @ranges; out: how many ranges there are
 * @alignment: out, may be NULL: bytes, what IOVAs and lengths must be a multiple of
 *
 * Errors:
 *   -EMSGSIZE: @ranges is too small: *@count and *@alignment are still written, and @ranges is
 *     filled
 * Since: 0.1
 */
int iommuctl_ioas_get_iova_ranges(struct iommuctl *ctx, int iommufd, uint32_t ioas_id,
	struct iommuctl_iova_range *ranges, uint32_t *count, uint64_t *alignment);

/*
 * Keeps ranges mappable permanently, replacing those of an earlier call.
 *
 * A device with reserved regions in them can then not be attached.
 *
 * @ioas_id: the IOAS
 * @ranges: the ranges
 * @count: how many there are
 *
 * Errors:
 *   -EADDRINUSE: a reserved region lies in them already
 *   -EINVAL: start not below last, or overlapping ranges
 * Since: 0.1
 */
int iommuctl_ioas_allow_iovas(struct iommuctl *ctx, int iommufd, uint32_t ioas_id,
	const struct iommuctl_iova_range *ranges, uint32_t count);

/*
 * Charges all pinned memory of the iommufd to the calling process, for live updates.
 *
 * Errors:
 *   -EINVAL: a mapping is not from a file, or from a dma-buf
 *   -EBUSY: a map or unmap is under way
 *   -ENOMEM: also the new process's RLIMIT_MEMLOCK
 * Since: 0.1
 */
int iommuctl_ioas_change_process(struct iommuctl *ctx, int iommufd);

/*
 * Finds the physical address behind an IOVA, for devices without IOMMU.
 *
 * @ioas_id: the IOAS
 * @iova: the IOVA
 * @length: in: the most bytes to look at; out: how many of them are contiguous
 * @physical: out: the physical address
 *
 * Errors:
 *   -EPERM: no CAP_SYS_RAWIO
 *   -ENOENT: not mapped
 *   -EINVAL: *@length 0, or a dma-buf that is revoked
 *   -EOVERFLOW: @iova beyond the address space
 *   -EOPNOTSUPP: the IOAS serves an IOMMU or no device yet, or no CONFIG_VFIO_NOIOMMU
 * Since: 0.1
 */
int iommuctl_ioas_get_noiommu_pa(struct iommuctl *ctx, int iommufd, uint32_t ioas_id, uint64_t iova,
	uint64_t *length, uint64_t *physical);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
