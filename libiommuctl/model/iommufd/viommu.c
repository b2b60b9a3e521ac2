// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/machine.h"
#include "model/mock/mock.h"

#include <errno.h>
#include <stdlib.h>

#include "abi/iommufd.h"

/*
 * On Arm, what a guest writes must reach memory as the CPUs see it: by the device's path, or by
 * S2FWB. VT-d has no vIOMMUs. AMD has one of any type, of which there is nothing to be had.
 */
static bool may_have_viommu(const struct model_device *device, uint32_t type)
{
	const struct iommuctl_model_smmu *smmu;

	if (device->is_mock)
		return type == ABI_VIOMMU_TYPE_SELFTEST;
	smmu = &device->model->config.smmus[device->config.smmu];
	switch (smmu->kind) {
	case IOMMUCTL_MODEL_IOMMU_VTD: return false;
	case IOMMUCTL_MODEL_IOMMU_AMD: return true;
	default:
		return type == ABI_VIOMMU_TYPE_ARM_SMMUV3 && !smmu->no_nesting &&
		       (smmu->s2fwb || !device->config.no_canwbs);
	}
}

static bool is_of_amd(const struct model_iommufd *iommufd, const struct model_viommu *viommu)
{
	return viommu->smmu != MODEL_MOCK_IOMMU &&
	       iommufd->model->config.smmus[viommu->smmu].kind == IOMMUCTL_MODEL_IOMMU_AMD;
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
	if (!may_have_viommu(device, args->type))
		return -EOPNOTSUPP;
	parent = model_object_find(iommufd, args->hwpt_id, &model_hwpt_paging_kind);
	if (!parent)
		return -ENOENT;
	if (!parent->nest_parent || (!device->is_mock && parent->smmu != device->config.smmu))
		return -EINVAL;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	err = model_object_add(iommufd, &made->object, &model_viommu_kind);
	if (err) {
		free(made);
		return err;
	}
	made->smmu = device->config.smmu;
	err = device->is_mock ? model_mock_viommu_init(iommufd, made, args) : 0;
	if (err) {
		model_object_remove(iommufd, &made->object);
		free(made);
		return err;
	}
	made->parent = parent;
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
	model_mock_viommu_free(viommu);
	free(viommu);
}

static int viommu_hwpt_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *object, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt)
{
	struct model_viommu *viommu = (void *)object;

	if (viommu->smmu == MODEL_MOCK_IOMMU && device->is_mock)
		return model_mock_nested_alloc(iommufd, viommu, viommu->parent, args, hwpt);
	if (is_of_amd(iommufd, viommu))
		return viommu->smmu == device->config.smmu ? -EOPNOTSUPP : -EINVAL;
	return model_hwpt_nested_alloc(iommufd, device, object, args, hwpt);
}

static int viommu_invalidate(struct model_iommufd *iommufd, struct model_object *object,
	const struct abi_hwpt_invalidate *args, uint32_t *done)
{
	struct model_viommu *viommu = (void *)object;

	if (viommu->smmu == MODEL_MOCK_IOMMU)
		return model_mock_viommu_invalidate(viommu, args, done);
	if (is_of_amd(iommufd, viommu))
		return -EOPNOTSUPP;
	return model_viommu_invalidate(iommufd, object, args, done);
}

const struct model_kind model_viommu_kind = {
	.free = viommu_free,
	.hwpt_alloc = viommu_hwpt_alloc,
	.invalidate = viommu_invalidate,
};

struct model_device *model_viommu_find_device(const struct model_viommu *viommu, uint64_t vsid)
{
	const struct model_vdevice *vdevice = viommu->vdevices;

	while (vdevice && vdevice->vsid != vsid)
		vdevice = vdevice->next;
	return vdevice ? vdevice->device : NULL;
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
	if (device->vdevice || model_viommu_find_device(viommu, args->virt_id))
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
	made->next = viommu->vdevices;
	viommu->vdevices = made;
	device->vdevice = made;
	viommu->object.users++;
	args->out_vdevice_id = made->object.id;
	return 0;
}

static void vdevice_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_vdevice *vdevice = (void *)object;
	struct model_vdevice **link = &vdevice->viommu->vdevices;

	(void)iommufd;
	while (*link != vdevice)
		link = &(*link)->next;
	*link = vdevice->next;
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

/* IOMMU_HW_QUEUE_ALLOC: of all types that there are here, the mock's has some. */
int model_hw_queue_alloc(struct model_iommufd *iommufd, void *arg)
{
	struct abi_hw_queue_alloc *args = arg;
	struct model_viommu *viommu;
	uint64_t last;

	if (args->flags || args->type == ABI_HW_QUEUE_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (args->length == 0)
		return -EINVAL;
	if (__builtin_add_overflow(args->nesting_parent_iova, args->length - 1, &last))
		return -EOVERFLOW;
	viommu = model_object_find(iommufd, args->viommu_id, &model_viommu_kind);
	if (!viommu)
		return -ENOENT;
	if (viommu->smmu != MODEL_MOCK_IOMMU || args->type != ABI_HW_QUEUE_TYPE_SELFTEST)
		return -EOPNOTSUPP;
	return model_mock_hw_queue_alloc(iommufd, viommu, args);
}
