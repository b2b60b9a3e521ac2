// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/ioas/ioas.h"
#include "model/machine.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#include "abi/iommufd.h"

/* The kernel gives a HWPT that is no nesting parent a stage 1 with as many bits as its CPUs have.
 */
#define STAGE1_IOVA_BITS 48

static void *lookup(const struct model_stage2 *stage2, uint64_t ipa, uint64_t *span, bool *readable,
	bool *writable)
{
	const struct model_hwpt_paging *hwpt =
		(const void *)((const char *)stage2 - offsetof(struct model_hwpt_paging, stage2));
	const struct model_ioas *ioas = hwpt->ioas;
	const size_t at = model_ioas_area_at(ioas, ipa);
	const struct model_area *area;

	if (at == ioas->area_count || ioas->areas[at].iova > ipa)
		return NULL;
	area = &ioas->areas[at];
	*span = area->length - (ipa - area->iova);
	/* Only a nesting parent has tables of stage 2: those of stage 1 know nothing write-only. */
	*readable = area->readable || !hwpt->nest_parent;
	*writable = area->writable;
	return area->pages->host + area->offset + (ipa - area->iova);
}

/* The lowest free one; 0 is not given out. */
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
	model_smmu_invalidate_vmid(model->smmus[smmu], vmid);
	model->vmids[smmu][vmid / 64] &= ~(UINT64_C(1) << (vmid % 64));
}

/* No SMMU here updates dirty bits. A nesting parent takes neither PASIDs nor faults. */
static int check_flags(const struct iommuctl_model_smmu *smmu, uint32_t flags)
{
	if (flags & ~(uint32_t)(ABI_HWPT_ALLOC_NEST_PARENT | ABI_HWPT_FAULT_ID_VALID |
				ABI_HWPT_ALLOC_PASID))
		return -EOPNOTSUPP;
	if (flags & ABI_HWPT_ALLOC_NEST_PARENT &&
		(flags != ABI_HWPT_ALLOC_NEST_PARENT || smmu->no_nesting))
		return -EOPNOTSUPP;
	return 0;
}

static unsigned int iova_bits(const struct iommuctl_model_smmu *smmu, uint32_t flags)
{
	return flags & ABI_HWPT_ALLOC_NEST_PARENT ? smmu->oas_bits : STAGE1_IOVA_BITS;
}

int model_hwpt_paging_new(struct model_iommufd *iommufd, struct model_ioas *ioas,
	struct model_device *device, uint32_t flags, struct model_hwpt_paging **hwpt)
{
	struct iommuctl_model *model = iommufd->model;
	const unsigned int smmu = device->config.smmu;
	const struct iommuctl_model_smmu *config = &model->config.smmus[smmu];
	struct model_hwpt_paging *made;
	int err;

	err = check_flags(config, flags);
	if (err)
		return err;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->stage2.lookup = lookup;
	made->hwpt.paging = made;
	made->ioas = ioas;
	made->smmu = smmu;
	made->last_iova = (UINT64_C(1) << iova_bits(config, flags)) - 1;
	made->nest_parent = flags & ABI_HWPT_ALLOC_NEST_PARENT;
	made->pasid_compat = flags & ABI_HWPT_ALLOC_PASID;
	made->enforces_coherency = !device->config.no_canwbs;
	err = take_vmid(model, smmu, &made->stage2.vmid);
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
	free(paging);
}

/* On Arm a vIOMMU alone is a parent, whatever the flags and the data are. */
static int nest_on_paging(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *object, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt)
{
	(void)iommufd;
	(void)device;
	(void)object;
	(void)args;
	(void)hwpt;
	return -EOPNOTSUPP;
}

const struct model_kind model_hwpt_paging_kind = {
	.free = hwpt_paging_free,
	.attach = model_attach_to_hwpt,
	.hwpt_alloc = nest_on_paging,
};

int model_ioas_hwpt_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *ioas, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt)
{
	struct model_hwpt_paging *paging;
	int err;

	if (args->data_len)
		return -EOPNOTSUPP;
	err = model_hwpt_paging_new(iommufd, (void *)ioas, device, args->flags, &paging);
	if (err == 0)
		*hwpt = &paging->hwpt;
	return err;
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

/* IOMMU_HWPT_SET_DIRTY_TRACKING: no HWPT here has it. */
int model_hwpt_set_dirty_tracking(struct model_iommufd *iommufd, void *arg)
{
	const struct abi_hwpt_set_dirty_tracking *args = arg;

	if (args->flags & ~(uint32_t)ABI_HWPT_DIRTY_TRACKING_ENABLE)
		return -EOPNOTSUPP;
	if (!model_object_find(iommufd, args->hwpt_id, &model_hwpt_paging_kind))
		return -ENOENT;
	return -EOPNOTSUPP;
}

/* IOMMU_HWPT_GET_DIRTY_BITMAP: no HWPT here has one, but the range is looked at first. */
int model_hwpt_get_dirty_bitmap(struct model_iommufd *iommufd, void *arg)
{
	const struct abi_hwpt_get_dirty_bitmap *args = arg;
	const struct model_hwpt_paging *hwpt;
	uint64_t last;

	if (args->flags & ~(uint32_t)ABI_HWPT_GET_DIRTY_BITMAP_NO_CLEAR || args->reserved)
		return -EOPNOTSUPP;
	hwpt = model_object_find(iommufd, args->hwpt_id, &model_hwpt_paging_kind);
	if (!hwpt)
		return -ENOENT;
	if (args->length == 0)
		return -EINVAL;
	if (__builtin_add_overflow(args->iova, args->length - 1, &last))
		return -EOVERFLOW;
	if ((args->iova | (last + 1)) & (hwpt->ioas->alignment - 1))
		return -EINVAL;
	if (args->page_size == 0 || (args->iova | (last + 1)) & (args->page_size - 1))
		return -EINVAL;
	return -EOPNOTSUPP;
}
