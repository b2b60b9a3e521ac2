// SPDX-License-Identifier: MIT
#include "job/live/vintf.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

int live_vintf_map(struct live *live, const struct document_object *viommu)
{
	struct live_object *state = live_object(live, viommu);
	int err;

	if (!job_is_vintf(viommu))
		return 0;
	err = iommuctl_iommufd_mmap(live->ctx, live->iommufd, state->mmap_offset,
		(size_t)state->mmap_length, &state->page0);
	if (err) {
		state->page0 = NULL;
		return live_fail(live, viommu, err);
	}
	/* A copy in a child would keep the vIOMMU busy while the child lives. */
	if (!madvise(state->page0, (size_t)state->mmap_length, MADV_DONTFORK))
		return 0;
	err = live_fail_with(live, viommu, -errno, "madvise", "%s", strerror(errno));
	iommuctl_munmap(live->ctx, state->page0, (size_t)state->mmap_length);
	state->page0 = NULL;
	return err;
}

int live_vintf_unmap(struct live *live, const struct document_object *viommu)
{
	struct live_object *state = live_object(live, viommu);
	int err;

	if (!state->page0)
		return 0;
	err = iommuctl_munmap(live->ctx, state->page0, (size_t)state->mmap_length);
	if (err)
		return live_fail(live, viommu, err);
	state->page0 = NULL;
	return 0;
}

json_t *live_mmap_to_json(const struct live_object *viommu)
{
	return json_pack("{s:I, s:I}", "offset", (json_int_t)viommu->mmap_offset, "length",
		(json_int_t)viommu->mmap_length);
}
