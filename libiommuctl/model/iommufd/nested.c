// SPDX-License-Identifier: MIT
/* Nested HWPTs of a vIOMMU on an SMMUv3. */
#include "model/iommufd/iommufd.h"
#include "model/user.h"
#include "model/vfio/vfio.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include <iommuctl/smmuv3_ste.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"

#define STE_EATS (UINT64_C(3) << 28)

static int check_arguments(const struct model_device *device, const struct model_viommu *viommu,
	const struct abi_hwpt_alloc *args)
{
	if (viommu->smmu != device->config.smmu)
		return -EINVAL;
	if (args->flags & ~(uint32_t)ABI_HWPT_FAULT_ID_VALID || args->data_len == 0)
		return -EOPNOTSUPP;
	if (args->data_type != ABI_HWPT_DATA_ARM_SMMUV3)
		return -EINVAL;
	return args->data_len == sizeof(struct abi_hwpt_arm_smmuv3) ? 0 : -EINVAL;
}

static int read_ste(const struct abi_hwpt_alloc *args, uint64_t nested[2])
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { 0 };
	struct abi_hwpt_arm_smmuv3 data;
	int err;

	err = model_copy_in(&data, args->data_uptr, sizeof(data));
	if (err)
		return err;
	words[0] = le64toh(data.ste[0]);
	words[1] = le64toh(data.ste[1]);
	err = iommuctl_smmuv3_ste_nested(words, nested, NULL);
	if (err == 0)
		nested[1] &= ~STE_EATS;
	return err;
}

int model_hwpt_nested_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *parent, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt)
{
	struct model_viommu *viommu = (struct model_viommu *)(void *)parent;
	struct model_hwpt_nested *made;
	int err;

	err = check_arguments(device, viommu, args);
	if (err)
		return err;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	err = read_ste(args, made->ste);
	if (err == 0)
		err = model_object_add(iommufd, &made->hwpt.object, &model_hwpt_nested_kind);
	if (err) {
		free(made);
		return err;
	}
	made->viommu = viommu;
	made->hwpt.paging = viommu->parent;
	viommu->object.users++;
	*hwpt = &made->hwpt;
	return 0;
}

static void hwpt_nested_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_hwpt_nested *nested = (void *)object;

	(void)iommufd;
	nested->viommu->object.users--;
	model_hwpt_release_fault(&nested->hwpt);
	free(nested);
}

static int hwpt_nested_invalidate(struct model_iommufd *iommufd, struct model_object *object,
	const struct abi_hwpt_invalidate *args, uint32_t *done)
{
	(void)iommufd;
	(void)object;
	(void)args;
	(void)done;
	return -EOPNOTSUPP;
}

const struct model_kind model_hwpt_nested_kind = {
	.free = hwpt_nested_free,
	.attach = model_attach_to_hwpt,
	.invalidate = hwpt_nested_invalidate,
};
