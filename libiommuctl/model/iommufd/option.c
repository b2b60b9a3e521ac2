// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/ioas/ioas.h"

#include <errno.h>

#include "abi/iommufd.h"

/* The caller has every capability. */
static int rlimit_mode(struct model_iommufd *iommufd, struct abi_option *args)
{
	if (args->object_id)
		return -EOPNOTSUPP;
	switch (args->op) {
	case ABI_OPTION_OP_GET: args->val64 = iommufd->rlimit_mode; return 0;
	case ABI_OPTION_OP_SET:
		if (iommufd->used > 0)
			return -EBUSY;
		if (args->val64 > 1)
			return -EINVAL;
		iommufd->rlimit_mode = args->val64;
		return 0;
	default: return -EOPNOTSUPP;
	}
}

static int huge_pages(struct model_iommufd *iommufd, struct abi_option *args)
{
	struct model_ioas *ioas = model_object_find(iommufd, args->object_id, &model_ioas_kind);

	if (!ioas)
		return -ENOENT;
	switch (args->op) {
	case ABI_OPTION_OP_GET: args->val64 = !ioas->no_huge_pages; return 0;
	case ABI_OPTION_OP_SET:
		if (args->val64 > 1)
			return -EINVAL;
		return model_ioas_set_huge_pages(ioas, args->val64);
	default: return -EOPNOTSUPP;
	}
}

/* IOMMU_OPTION */
int model_option(struct model_iommufd *iommufd, void *arg)
{
	struct abi_option *args = arg;

	if (args->reserved)
		return -EOPNOTSUPP;
	switch (args->option_id) {
	case ABI_OPTION_RLIMIT_MODE: return rlimit_mode(iommufd, args);
	case ABI_OPTION_HUGE_PAGES: return huge_pages(iommufd, args);
	default: return -EOPNOTSUPP;
	}
}
