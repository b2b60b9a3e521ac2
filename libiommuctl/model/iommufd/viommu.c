// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/machine.h"
#include "model/mock/mock.h"

#include <errno.h>
#include <stdlib.h>

#include "abi/iommufd.h"

/*
 * On Arm, a guest's writes must reach memory as the CPUs see it: by a coherent device, or by S2FWB.
 * VT-d has no vIOMMUs. AMD has a type, whose objects are not modelled.
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
		if (smmu->no_nesting || (!smmu->s2fwb && device->config.no_canwbs))
			return false;
		return type == ABI_VIOMMU_TYPE_ARM_SMMUV3 ||
		       (type == ABI_VIOMMU_TYPE_TEGRA241_CMDQV && smmu->cmdqv);
	}
}

static bool is_of_amd(const struct model_iommufd *iommufd, const struct model_viommu *viommu)
{
	return viommu->smmu != MODEL_MOCK_IOMMU &&
	       iommufd->model->config.smmus[viommu->smmu].kind == IOMMUCTL_MODEL_IOMMU_AMD;
}

/* The IOMMU driver's part; AMD's has none. */
static int init_by_driver(struct model_iommufd *iommufd, struct model_viommu *viommu,
	const struct abi_viommu_alloc *args)
{
	if (viommu->smmu == MODEL_MOCK_IOMMU)
		return model_mock_viommu_init(iommufd, viommu, args);
	if (args->type == ABI_VIOMMU_TYPE_TEGRA241_CMDQV && !is_of_amd(iommufd, viommu))
		return model_cmdqv_init(iommufd, viommu, args);
	return 0;
}

static void release(struct model_iommufd *iommufd, struct model_viommu *viommu)
{
	model_cmdqv_free(iommufd, viommu);
	model_shown_free(viommu->shown);
	free(viommu);
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
	err = init_by_driver(iommufd, made, args);
	if (err) {
		model_object_remove(iommufd, &made->object);
		release(iommufd, made);
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

	viommu->parent->hwpt.object.users--;
	release(iommufd, viommu);
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
	err = model_cmdqv_check_vdevice(iommufd, viommu, args->virt_id);
	if (err)
		return err;
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
