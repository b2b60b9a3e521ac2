// SPDX-License-Identifier: MIT
/* Nested HWPTs of VT-d: allocated on a nesting parent itself, and invalidated directly. */
#include "model/iommufd/iommufd.h"
#include "model/iommufd/registers.h"
#include "model/machine.h"
#include "model/user.h"

#include <errno.h>
#include <stdlib.h>

#include <iommuctl/vtd_pasid.h>

#include "abi/iommufd.h"
#include "abi/vtd.h"

#define PAGE_BITS 12
#define PAGE_MASK ((UINT64_C(1) << PAGE_BITS) - 1)
#define RESERVED  UINT64_C(0xf62) /* of the word of FSPTPTR */

static const struct iommuctl_model_smmu *unit_of(const struct model_device *device)
{
	return &device->model->config.smmus[device->config.smmu];
}

static bool can_nest(const struct model_device *device)
{
	return model_vtd_cap(unit_of(device)).nest;
}

/* In the kernel's order: its own checks, then the driver's. */
static int check_arguments(const struct model_device *device,
	const struct model_hwpt_paging *parent, const struct abi_hwpt_alloc *args)
{
	const uint32_t known = ABI_HWPT_FAULT_ID_VALID | ABI_HWPT_ALLOC_PASID;

	if (args->flags & ~known || !args->data_len)
		return -EOPNOTSUPP;
	if (parent->is_auto || !parent->nest_parent)
		return -EINVAL;
	if (!can_nest(device) || args->data_type != ABI_HWPT_DATA_VTD_S1)
		return -EOPNOTSUPP;
	return args->data_len != sizeof(struct abi_hwpt_vtd_s1) ? -EINVAL : 0;
}

int model_hwpt_vtd_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *object, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt)
{
	struct model_hwpt_paging *parent = (struct model_hwpt_paging *)(void *)object;
	struct model_hwpt_vtd *made;
	int err;

	err = check_arguments(device, parent, args);
	if (err)
		return err;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	err = model_copy_in(&made->data, args->data_uptr, sizeof(made->data));
	if (err == 0)
		err = model_object_add(iommufd, &made->hwpt.object, &model_hwpt_vtd_kind);
	if (err) {
		free(made);
		return err;
	}
	made->hwpt.paging = parent;
	made->hwpt.pasid_compat = args->flags & ABI_HWPT_ALLOC_PASID;
	parent->hwpt.object.users++;
	*hwpt = &made->hwpt;
	return 0;
}

const struct model_hwpt_vtd *model_hwpt_vtd_of(const struct model_hwpt *hwpt)
{
	return hwpt && hwpt->object.kind == &model_hwpt_vtd_kind ? (const void *)hwpt : NULL;
}

/* An id of its own; another iommufd has another VMID. */
uint16_t model_hwpt_vtd_did(const struct model_hwpt_vtd *vtd)
{
	return (uint16_t)vtd->hwpt.object.id;
}

int model_hwpt_vtd_check(const struct model_device *device, const struct model_hwpt_vtd *hwpt)
{
	const struct iommuctl_vtd_cap cap = model_vtd_cap(unit_of(device));
	const struct iommuctl_hwpt_vtd_s1 *data = &hwpt->data;

	if (data->addr_width != 48 && !(data->addr_width == 57 && cap.fs5lp))
		return -EINVAL;
	if (data->flags & ABI_VTD_S1_SRE && !cap.srs)
		return -EINVAL;
	return data->flags & ABI_VTD_S1_EAFE && !cap.eafs ? -EINVAL : 0;
}

/* The kernel writes pgtbl_addr unmasked, and so sets the fields below the address too. */
bool model_hwpt_vtd_entry(const struct model_device *device, const struct model_hwpt_vtd *hwpt,
	struct iommuctl_hwpt_vtd_s1 *data)
{
	const struct iommuctl_vtd_cap cap = model_vtd_cap(unit_of(device));
	const struct iommuctl_hwpt_vtd_s1 *said = &hwpt->data;
	const struct iommuctl_vtd_pasid_entry entry = {
		.p = 1,
		.pgtt = IOMMUCTL_VTD_PGTT_FIRST_STAGE,
		.fspm = said->addr_width == 57 ? IOMMUCTL_VTD_FSPM_5 : IOMMUCTL_VTD_FSPM_4,
		.sre = said->flags & ABI_VTD_S1_SRE ? 1 : 0,
		.eafe = said->flags & ABI_VTD_S1_EAFE ? 1 : 0,
		.fsptptr = said->pgtbl_addr & ~PAGE_MASK,
	};
	uint64_t words[IOMMUCTL_VTD_PASID_WORDS];
	enum iommuctl_vtd_pasid_use use;

	iommuctl_vtd_pasid_encode(&entry, words, NULL);
	words[2] |= said->pgtbl_addr & PAGE_MASK;
	return !(words[2] & RESERVED) && !iommuctl_vtd_pasid_nested(words, &cap, &use, data, NULL);
}

static void forget_range(struct iommuctl_model *model, const struct model_hwpt_vtd *vtd,
	uint64_t first, uint64_t last)
{
	const struct model_hwpt_paging *parent = vtd->hwpt.paging;

	model_smmu_invalidate_vtd(model->smmus[parent->smmu], parent->stage2.vmid,
		model_hwpt_vtd_did(vtd), first, last);
}

void model_hwpt_vtd_forget(struct iommuctl_model *model, const struct model_hwpt_vtd *vtd)
{
	forget_range(model, vtd, 0, UINT64_MAX);
}

static void hwpt_vtd_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_hwpt_vtd *vtd = (void *)object;

	model_hwpt_vtd_forget(iommufd->model, vtd);
	vtd->hwpt.paging->hwpt.object.users--;
	model_hwpt_release_fault(&vtd->hwpt);
	free(vtd);
}

static int read_entry(const struct abi_hwpt_invalidate *args, uint32_t index,
	struct abi_hwpt_vtd_s1_invalidate *entry)
{
	const uint64_t user = args->data_uptr + (uint64_t)args->entry_len * index;

	if (args->entry_len != sizeof(*entry))
		return -EINVAL;
	return model_copy_in(entry, user, sizeof(*entry));
}

static int check_entry(const struct abi_hwpt_vtd_s1_invalidate *entry)
{
	if (entry->flags & ~(uint32_t)ABI_VTD_INV_FLAGS_LEAF || entry->reserved)
		return -EOPNOTSUPP;
	if (entry->addr % (UINT64_C(1) << PAGE_BITS))
		return -EINVAL;
	return entry->npages == UINT64_MAX && entry->addr ? -EINVAL : 0;
}

/* The kernel widens a range, even an empty one, to the power of two that contains both ends. */
static void carry_out(struct iommuctl_model *model, const struct model_hwpt_vtd *vtd,
	const struct abi_hwpt_vtd_s1_invalidate *entry)
{
	const uint64_t last = entry->addr + (entry->npages << PAGE_BITS) - 1;
	uint64_t span = (UINT64_C(1) << PAGE_BITS) - 1;

	while ((entry->addr ^ last) & ~span)
		span = span << 1 | 1;
	forget_range(model, vtd, entry->addr & ~span, entry->addr | span);
}

/* The TLB has no translations of tables: all entries are leaves. */
static int hwpt_vtd_invalidate(struct model_iommufd *iommufd, struct model_object *object,
	const struct abi_hwpt_invalidate *args, uint32_t *done)
{
	if (args->data_type != ABI_HWPT_INVALIDATE_DATA_VTD_S1)
		return -EINVAL;
	for (; *done < args->entry_num; ++*done) {
		struct abi_hwpt_vtd_s1_invalidate entry;
		int err = read_entry(args, *done, &entry);

		if (err == 0)
			err = check_entry(&entry);
		if (err)
			return err;
		carry_out(iommufd->model, (const void *)object, &entry);
	}
	return 0;
}

const struct model_kind model_hwpt_vtd_kind = {
	.free = hwpt_vtd_free,
	.attach = model_attach_to_hwpt,
	.invalidate = hwpt_vtd_invalidate,
};
