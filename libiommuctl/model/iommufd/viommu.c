// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>

#include "abi/iommufd.h"

/* What a guest writes must reach memory as the CPUs see it: by the device's path, or by S2FWB. */
static bool may_nest(const struct model_device *device)
{
	const struct iommuctl_model_smmu *smmu = &device->model->config.smmus[device->config.smmu];

	return !smmu->no_nesting && (smmu->s2fwb || !device->config.no_canwbs);
}

/* IOMMU_VIOMMU_ALLOC */
int model_viommu_alloc(struct model_iommufd *iommufd, void *arg)
{
	struct abi_viommu_alloc *args = arg;
	const struct model_device *device;
	struct model_hwpt_paging *parent;
	struct model_viommu *made;
	int err;

	if (args->flags || args->type == ABI_VIOMMU_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	device = model_object_find(iommufd, args->dev_id, &model_device_kind);
	if (!device)
		return -ENOENT;
	if (!may_nest(device) || args->type != ABI_VIOMMU_TYPE_ARM_SMMUV3)
		return -EOPNOTSUPP;
	parent = model_object_find(iommufd, args->hwpt_id, &model_hwpt_paging_kind);
	if (!parent)
		return -ENOENT;
	if (!parent->nest_parent || parent->smmu != device->config.smmu)
		return -EINVAL;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	err = model_object_add(iommufd, &made->object, &model_viommu_kind);
	if (err) {
		free(made);
		return err;
	}
	made->parent = parent;
	made->smmu = device->config.smmu;
	parent->hwpt.object.users++;
	args->out_viommu_id = made->object.id;
	/* cppcheck-suppress memleak ; the table of objects has it */
	return 0;
}

static void viommu_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_viommu *viommu = (void *)object;

	(void)iommufd;
	viommu->parent->hwpt.object.users--;
	free(viommu);
}

const struct model_kind model_viommu_kind = {
	.free = viommu_free,
	.hwpt_alloc = model_hwpt_nested_alloc,
	.invalidate = model_viommu_invalidate,
};

struct model_device *model_viommu_find_device(
	const struct model_viommu *viommu, struct iommuctl_model *model, uint64_t vsid)
{
	for (size_t i = 0; i < model->config.device_count; i++) {
		const struct model_vdevice *vdevice = model->devices[i].vdevice;

		if (vdevice && vdevice->viommu == viommu && vdevice->vsid == vsid)
			return &model->devices[i];
	}
	return NULL;
}

/* IOMMU_VDEVICE_ALLOC */
int model_vdevice_alloc(struct model_iommufd *iommufd, void *arg)
{
	struct abi_vdevice_alloc *args = arg;
	struct model_device *device;
	struct model_vdevice *made;
	struct model_viommu *viommu;
	int err;

	viommu = model_object_find(iommufd, args->viommu_id, &model_viommu_kind);
	if (!viommu)
		return -ENOENT;
	device = model_object_find(iommufd, args->dev_id, &model_device_kind);
	if (!device)
		return -ENOENT;
	if (viommu->smmu != device->config.smmu)
		return -EINVAL;
	if (device->vdevice || model_viommu_find_device(viommu, device->model, args->virt_id))
		return -EEXIST;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	err = model_object_add(iommufd, &made->object, &model_vdevice_kind);
	if (err) {
		free(made);
		return err;
	}
	made->viommu = viommu;
	made->device = device;
	made->vsid = args->virt_id;
	device->vdevice = made;
	viommu->object.users++;
	args->out_vdevice_id = made->object.id;
	return 0;
}

static void vdevice_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_vdevice *vdevice = (void *)object;

	(void)iommufd;
	vdevice->device->vdevice = NULL;
	vdevice->viommu->object.users--;
	free(vdevice);
}

const struct model_kind model_vdevice_kind = { .free = vdevice_free };

void model_vdevice_bury(struct model_iommufd *iommufd, struct model_vdevice *vdevice)
{
	model_object_bury(iommufd, &vdevice->object);
	vdevice_free(iommufd, &vdevice->object);
}

/* IOMMU_HW_QUEUE_ALLOC: a vIOMMU of type ARM_SMMUV3 has none. */
int model_hw_queue_alloc(struct model_iommufd *iommufd, void *arg)
{
	const struct abi_hw_queue_alloc *args = arg;
	uint64_t last;

	if (args->flags || args->type == ABI_HW_QUEUE_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (args->length == 0)
		return -EINVAL;
	if (__builtin_add_overflow(args->nesting_parent_iova, args->length - 1, &last))
		return -EOVERFLOW;
	if (!model_object_find(iommufd, args->viommu_id, &model_viommu_kind))
		return -ENOENT;
	return -EOPNOTSUPP;
}
