/* SPDX-License-Identifier: MIT */
/* An edu device that is bound to an iommufd, and its DMA. */
#ifndef RIG_EDU_H
#define RIG_EDU_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/vfio.h>

struct edu {
	struct iommuctl *ctx;
	int fd;
	uint32_t dev_id;
	struct iommuctl_vfio_region_info bar0;
};

/* Opens and binds the device at @path, and has it master the bus. 0 or -errno. */
int edu_open(struct edu *edu, struct iommuctl *ctx, int iommufd, const char *path);

/* The same of a device that is open as @fd. */
int edu_bind(struct edu *edu, struct iommuctl *ctx, int iommufd, int fd);

/*
 * Reads @size bytes, 4096 at most, at @iova into the buffer of the device; or writes them from there.
 * 0 or -errno; what the IOMMU refuses is not to be noticed here.
 */
int edu_read(const struct edu *edu, uint64_t iova, size_t size);
int edu_write(const struct edu *edu, uint64_t iova, size_t size);

#endif
