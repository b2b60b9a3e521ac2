/* SPDX-License-Identifier: MIT */
/* The DMA of an edu device that a VMM (support/vmm.h) has bound. */
#ifndef RIG_EDU_H
#define RIG_EDU_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/vfio.h>

struct edu {
	struct iommuctl *ctx;
	int fd;
	struct iommuctl_vfio_region_info bar0;
};

/* The device that is open as @fd. 0 or -errno. */
int edu_start(struct edu *edu, struct iommuctl *ctx, int fd);

/*
 * Reads @size bytes, 4096 at most, at @iova into the buffer of the device; or writes them from there.
 * 0 or -errno; what the IOMMU refuses is not to be noticed here.
 */
int edu_read(const struct edu *edu, uint64_t iova, size_t size);
int edu_write(const struct edu *edu, uint64_t iova, size_t size);

/* The same in two steps, so that several devices can be at it: each begins, then each is awaited. */
int edu_begin_read(const struct edu *edu, uint64_t iova, size_t size);
int edu_begin_write(const struct edu *edu, uint64_t iova, size_t size);
int edu_await(const struct edu *edu);

#endif
