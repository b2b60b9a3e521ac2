/* SPDX-License-Identifier: MIT */
/* What a VMM sets up for a guest with nested translation and one edu device. */
#ifndef BENCH_GUEST_H
#define BENCH_GUEST_H

#include <stdint.h>

#include <iommuctl/iommuctl.h>

#define GUEST_PAGE	   UINT64_C(4096)
#define GUEST_IPA	   UINT64_C(0x40000000)
#define GUEST_WINDOW	   UINT64_C(0x4000000000) /* IOVA of the guest's data, page by page */
#define GUEST_WINDOW_PAGES UINT64_C(512)
#define GUEST_ASID	   7

struct guest {
	struct iommuctl *ctx; /* the caller's */
	int iommufd;
	int device;
	uint32_t dev_id;
	uint32_t ioas;
	uint32_t parent;
	uint32_t viommu;
	uint32_t vdevice;
	uint32_t nested;
	struct iommuctl_guest_range range;
	struct iommuctl_guest_memory memory;
	struct iommuctl_stage1 stage1;
};

/*
 * Sets up all of it on the device at @path, which may then do DMA. Says on stderr what failed; -1.
 * The files are left to the end of @ctx's transport.
 */
int guest_start(struct guest *guest, struct iommuctl *ctx, const char *path);
void guest_stop(struct guest *guest);

#endif
