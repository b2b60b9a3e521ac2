// SPDX-License-Identifier: MIT
/* The IOAS of the VFIO compatibility interface. */
#include "model/ioas/ioas.h"
#include "model/iommufd/iommufd.h"

#include <errno.h>

#include "abi/iommufd.h"

/* IOMMU_VFIO_IOAS */
int model_vfio_ioas(struct model_iommufd *iommufd, void *arg)
{
	struct abi_vfio_ioas *args = arg;
	struct model_ioas *ioas;

	if (args->reserved)
		return -EOPNOTSUPP;
	switch (args->op) {
	case ABI_VFIO_IOAS_GET:
		if (!iommufd->vfio_ioas)
			return -ENODEV;
		args->ioas_id = iommufd->vfio_ioas->object.id;
		return 0;
	case ABI_VFIO_IOAS_SET:
		ioas = model_object_find(iommufd, args->ioas_id, &model_ioas_kind);
		if (!ioas)
			return -ENOENT;
		iommufd->vfio_ioas = ioas;
		return 0;
	case ABI_VFIO_IOAS_CLEAR: iommufd->vfio_ioas = NULL; return 0;
	default: return -EOPNOTSUPP;
	}
}
