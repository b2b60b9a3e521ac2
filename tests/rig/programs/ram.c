// SPDX-License-Identifier: MIT
#include "ram.h"

#include <errno.h>
#include <sys/mman.h>

#include <iommuctl/iommufd.h>

int ram_new(struct iommuctl *ctx, int iommufd, struct iommuctl_guest_range *range, uint32_t *ioas)
{
	uint64_t ipa = range->ipa;
	int err;

	range->host = mmap(
		NULL, range->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (range->host == MAP_FAILED)
		return -errno;
	err = iommuctl_ioas_alloc(ctx, iommufd, ioas);
	return err ? err
		   : iommuctl_ioas_map(ctx, iommufd,
			&(struct iommuctl_ioas_map_args){
				.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
					IOMMUCTL_IOAS_MAP_WRITEABLE,
				.ioas_id = *ioas, .host = range->host, .length = range->size },
			&ipa);
}
