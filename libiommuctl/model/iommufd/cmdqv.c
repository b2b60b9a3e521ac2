// SPDX-License-Identifier: MIT
/*
 * vIOMMUs of an SMMUv3 with a Tegra241 CMDQV: what its driver allows. Nothing reads the queues.
 *
 * Source: drivers/iommu/arm/arm-smmu-v3/tegra241-cmdqv.c of Linux 7.3.
 */
#include "model/iommufd/iommufd.h"
#include "model/machine.h"
#include "model/user.h"

#include <errno.h>

#include "abi/tegra241_cmdqv.h"

#define PAGE0_LENGTH (UINT64_C(64) << 10)
#define VSID_MAX     UINT64_C(0xfffff)

static const struct iommuctl_model_smmu *config_of(
	const struct model_iommufd *iommufd, const struct model_viommu *viommu)
{
	return &iommufd->model->config.smmus[viommu->smmu];
}

/* Interface 0 is the kernel's own. */
int model_cmdqv_init(struct model_iommufd *iommufd, struct model_viommu *viommu,
	const struct abi_viommu_alloc *args)
{
	unsigned int *used = &iommufd->model->vintfs[viommu->smmu];
	struct abi_viommu_tegra241_cmdqv data;
	int err;

	if (args->data_len < sizeof(data))
		return -EINVAL;
	err = model_check_rest(args->data_uptr + sizeof(data), args->data_len - sizeof(data));
	if (err)
		return err;
	err = model_copy_in(&data, args->data_uptr, sizeof(data));
	if (err)
		return err;
	if (*used + 1 >= config_of(iommufd, viommu)->cmdqv_interfaces)
		return -ENOSPC;
	err = model_shown_new(iommufd, PAGE0_LENGTH, &viommu->shown);
	if (err)
		return err;
	++*used;
	viommu->has_vintf = true;
	data.out_vintf_mmap_offset = viommu->shown->offset;
	data.out_vintf_mmap_length = PAGE0_LENGTH;
	return model_copy_out(args->data_uptr, &data, sizeof(data));
}

void model_cmdqv_free(struct model_iommufd *iommufd, const struct model_viommu *viommu)
{
	if (viommu->has_vintf)
		iommufd->model->vintfs[viommu->smmu]--;
}

/* Each vDEVICE takes one of the register pairs that translate a vSID to a StreamID. */
int model_cmdqv_check_vdevice(
	const struct model_iommufd *iommufd, const struct model_viommu *viommu, uint64_t vsid)
{
	unsigned int used = 0;

	if (!viommu->has_vintf)
		return 0;
	if (vsid > VSID_MAX)
		return -EINVAL;
	for (const struct model_vdevice *at = viommu->vdevices; at; at = at->next)
		used++;
	return used < config_of(iommufd, viommu)->cmdqv_vsids ? 0 : -ENOSPC;
}
