// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/ioas/ioas.h"
#include "model/iommufd/registers.h"
#include "model/machine.h"
#include "model/mock/mock.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "abi/iommufd.h"

/* A HWPT that is not a nesting parent gets a stage 1 with as many input bits as the CPUs have. */
#define STAGE1_IOVA_BITS 48
#define PAGE_SIZE	 4096

static bool lookup(const struct model_stage2 *stage2, uint64_t ipa, struct model_target *target)
{
	const struct model_hwpt_paging *hwpt =
		(const void *)((const char *)stage2 - offsetof(struct model_hwpt_paging, stage2));
	const struct model_ioas *ioas = hwpt->ioas;
	const size_t at = model_ioas_area_at(ioas, ipa);
	const struct model_area *area;
	const struct model_pages *pages;
	uint64_t skipped;

	if (at == ioas->area_count || ioas->areas[at].iova > ipa || ioas->areas[at].pages->revoked)
		return false;
	area = &ioas->areas[at];
	pages = area->pages;
	skipped = ipa - area->iova;
	/* Only a nesting parent has stage-2 tables: stage-1 tables have no write-only. */
	*target = (struct model_target){
		.span = area->length - skipped,
		.readable = area->readable || !hwpt->nest_parent,
		.writable = area->writable,
	};
	if (pages->host) {
		target->host = pages->host + area->offset + skipped;
	} else {
		target->registers = &pages->dma_buf->registers;
		target->offset = pages->dma_buf->offset + pages->base + area->offset + skipped;
	}
	return true;
}

/* The lowest free VMID; 0 is never used. */
static int take_vmid(struct iommuctl_model *model, unsigned int smmu, uint16_t *vmid)
{
	uint64_t *in_use = model->vmids[smmu];

	in_use[0] |= 1;
	for (unsigned int i = 0; i < MODEL_VMIDS / 64; i++) {
		if (in_use[i] == UINT64_MAX)
			continue;
		*vmid = (uint16_t)(i * 64 + (unsigned int)__builtin_ctzll(~in_use[i]));
		in_use[i] |= UINT64_C(1) << (*vmid % 64);
		return 0;
	}
	return -ENOSPC;
}

static void give_vmid_back(struct iommuctl_model *model, unsigned int smmu, uint16_t vmid)
{
	if (smmu == MODEL_MOCK_IOMMU)
		return;
	model_smmu_invalidate_vmid(model->smmus[smmu], vmid);
	model->vmids[smmu][vmid / 64] &= ~(UINT64_C(1) << (vmid % 64));
}

/* On Arm a nesting parent takes no PASIDs, and does not track dirty pages. */
static bool may_nest_on_arm(const struct iommuctl_model_smmu *smmu, uint32_t flags)
{
	return flags == ABI_HWPT_ALLOC_NEST_PARENT && !smmu->no_nesting;
}

static bool may_nest(const struct iommuctl_model_smmu *smmu, uint32_t flags)
{
	switch (smmu->kind) {
	case IOMMUCTL_MODEL_IOMMU_VTD: return model_vtd_cap(smmu).nest;
	case IOMMUCTL_MODEL_IOMMU_AMD: return !smmu->no_nesting;
	default: return may_nest_on_arm(smmu, flags);
	}
}

/* On AMD a HWPT for PASIDs also takes page requests, which the model lacks. */
static uint32_t flags_taken(const struct iommuctl_model_smmu *smmu)
{
	const struct iommuctl_amd_efr efr = model_amd_efr(smmu);
	uint32_t taken = ABI_HWPT_ALLOC_NEST_PARENT | ABI_HWPT_FAULT_ID_VALID;

	if (model_tracks(smmu))
		taken |= ABI_HWPT_ALLOC_DIRTY_TRACKING;
	if (smmu->kind != IOMMUCTL_MODEL_IOMMU_AMD ||
		(efr.gtsup && efr.giosup && efr.pprsup && efr.ephsup))
		taken |= ABI_HWPT_ALLOC_PASID;
	return taken;
}

/* A nesting parent takes no faults. */
static int check_flags(const struct iommuctl_model_smmu *smmu, uint32_t flags)
{
	if (flags & ~flags_taken(smmu))
		return -EOPNOTSUPP;
	if (!(flags & ABI_HWPT_ALLOC_NEST_PARENT))
		return 0;
	return flags & ABI_HWPT_FAULT_ID_VALID || !may_nest(smmu, flags) ? -EOPNOTSUPP : 0;
}

static bool has_stage1(const struct iommuctl_model_smmu *smmu, uint32_t flags)
{
	if (smmu->kind == IOMMUCTL_MODEL_IOMMU_VTD &&
		(smmu->no_scalable_mode || flags & ABI_HWPT_ALLOC_DIRTY_TRACKING))
		return false;
	return !(flags & ABI_HWPT_ALLOC_NEST_PARENT);
}

static unsigned int iova_bits(const struct iommuctl_model_smmu *smmu, uint32_t flags)
{
	return has_stage1(smmu, flags) ? STAGE1_IOVA_BITS : smmu->oas_bits;
}

static void describe(
	const struct model_device *device, uint32_t flags, struct model_hwpt_paging *made)
{
	const struct iommuctl_model_smmu *config;

	made->smmu = device->config.smmu;
	made->nest_parent = flags & ABI_HWPT_ALLOC_NEST_PARENT;
	made->hwpt.pasid_compat = flags & ABI_HWPT_ALLOC_PASID;
	made->is_mock = device->is_mock;
	if (made->is_mock) {
		made->first_iova = ABI_MOCK_APERTURE_START;
		made->last_iova = ABI_MOCK_APERTURE_LAST;
		made->page_size = MODEL_MOCK_PAGE_SIZE;
		return;
	}
	config = &device->model->config.smmus[made->smmu];
	made->last_iova = (UINT64_C(1) << iova_bits(config, flags)) - 1;
	made->page_size = PAGE_SIZE;
	made->writable_alone = made->nest_parent && config->kind == IOMMUCTL_MODEL_IOMMU_VTD;
	made->enforces_coherency = !device->config.no_canwbs;
}

int model_hwpt_paging_new(struct model_iommufd *iommufd, struct model_ioas *ioas,
	struct model_device *device, uint32_t flags, struct model_hwpt_paging **hwpt)
{
	struct iommuctl_model *model = iommufd->model;
	const unsigned int smmu = device->config.smmu;
	struct model_hwpt_paging *made;
	int err = 0;

	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->stage2.lookup = lookup;
	made->hwpt.paging = made;
	made->ioas = ioas;
	describe(device, flags, made);
	if (flags & ABI_HWPT_ALLOC_DIRTY_TRACKING)
		err = model_dirty_new(made);
	if (err)
		goto free_made;
	err = made->is_mock ? 0 : take_vmid(model, smmu, &made->stage2.vmid);
	if (err)
		goto free_made;
	err = model_ioas_add_hwpt(ioas, made);
	if (err)
		goto give_back;
	err = model_object_add(iommufd, &made->hwpt.object, &model_hwpt_paging_kind);
	if (err)
		goto remove;
	ioas->object.users++;
	*hwpt = made;
	return 0;
remove:
	model_ioas_remove_hwpt(ioas, made);
give_back:
	give_vmid_back(model, smmu, made->stage2.vmid);
free_made:
	model_dirty_free(made->dirty);
	free(made);
	return err;
}

void model_hwpt_release_fault(struct model_hwpt *hwpt)
{
	if (hwpt->fault)
		hwpt->fault->queue.object.users--;
}

static void hwpt_paging_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_hwpt_paging *paging = (void *)object;

	model_ioas_remove_hwpt(paging->ioas, paging);
	give_vmid_back(iommufd->model, paging->smmu, paging->stage2.vmid);
	paging->ioas->object.users--;
	model_hwpt_release_fault(&paging->hwpt);
	model_dirty_free(paging->dirty);
	free(paging);
}

/* Elsewhere only a vIOMMU can be a parent, whatever the flags and the data are. */
static int nest_on_paging(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *object, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt)
{
	const struct iommuctl_model *model = iommufd->model;

	if (device->is_mock)
		return model_mock_nested_alloc(iommufd, NULL, (void *)object, args, hwpt);
	if (model->config.smmus[device->config.smmu].kind == IOMMUCTL_MODEL_IOMMU_VTD)
		return model_hwpt_vtd_alloc(iommufd, device, object, args, hwpt);
	return -EOPNOTSUPP;
}

const struct model_kind model_hwpt_paging_kind = {
	.free = hwpt_paging_free,
	.attach = model_attach_to_hwpt,
	.hwpt_alloc = nest_on_paging,
};

static int check_paging(const struct model_device *device, const struct abi_hwpt_alloc *args)
{
	if (device->is_mock)
		return model_mock_check_paging(device, args);
	if (args->data_len)
		return -EOPNOTSUPP;
	return check_flags(&device->model->config.smmus[device->config.smmu], args->flags);
}

int model_ioas_hwpt_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *ioas, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt)
{
	struct model_hwpt_paging *paging;
	int err;

	err = check_paging(device, args);
	if (err)
		return err;
	err = model_hwpt_paging_new(iommufd, (void *)ioas, device, args->flags, &paging);
	if (err)
		return err;
	*hwpt = &paging->hwpt;
	return 0;
}

static int hwpt_new(
	struct model_iommufd *iommufd, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt)
{
	struct model_device *device = model_device_find(iommufd, args->dev_id);
	struct model_object *parent = model_object_any(iommufd, args->pt_id);

	if (!device)
		return -ENOENT;
	if (!parent || !parent->kind->hwpt_alloc)
		return -EINVAL;
	return parent->kind->hwpt_alloc(iommufd, device, parent, args, hwpt);
}

/* IOMMU_HWPT_ALLOC */
int model_hwpt_alloc(struct model_iommufd *iommufd, void *arg)
{
	struct abi_hwpt_alloc *args = arg;
	struct model_fault_queue *queue;
	struct model_hwpt *hwpt;
	int err;

	if (args->reserved)
		return -EOPNOTSUPP;
	if ((args->data_type == ABI_HWPT_DATA_NONE) != (args->data_len == 0))
		return -EINVAL;
	err = hwpt_new(iommufd, args, &hwpt);
	if (err)
		return err;
	if (args->flags & ABI_HWPT_FAULT_ID_VALID) {
		queue = model_object_find(iommufd, args->fault_id, &model_fault_queue_kind);
		if (!queue) {
			model_object_destroy(iommufd, &hwpt->object);
			return -ENOENT;
		}
		queue->queue.object.users++;
		hwpt->fault = queue;
	}
	args->out_hwpt_id = hwpt->object.id;
	return 0;
}
