// SPDX-License-Identifier: MIT
/* HWPTs of the mock: paging ones, and nested ones with a TLB of four words. */
#include "model/mock/mock.h"
#include "array.h"
#include "model/user.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define PAGING_FLAGS                                                                               \
	((uint32_t)(ABI_HWPT_ALLOC_DIRTY_TRACKING | ABI_HWPT_ALLOC_NEST_PARENT |                   \
		    ABI_HWPT_FAULT_ID_VALID | ABI_HWPT_ALLOC_PASID))

static int read_data(const struct abi_hwpt_alloc *args, struct abi_hwpt_selftest *data)
{
	const size_t minimum = offsetof(struct abi_hwpt_selftest, pagetable_type);

	*data = (struct abi_hwpt_selftest){ 0 };
	if (args->data_len < minimum || args->data_len > sizeof(*data))
		return -EINVAL;
	return model_copy_in(data, args->data_uptr, args->data_len);
}

int model_mock_check_paging(const struct model_device *device, const struct abi_hwpt_alloc *args)
{
	const struct model_mock_device *mock = model_mock_of(device);
	struct abi_hwpt_selftest data = { 0 };
	int err;

	if (args->flags & ~PAGING_FLAGS)
		return -EOPNOTSUPP;
	if (args->flags & ABI_HWPT_ALLOC_DIRTY_TRACKING &&
		mock->flags & ABI_MOCK_FLAGS_DEVICE_NO_DIRTY)
		return -EOPNOTSUPP;
	if (args->flags & ABI_HWPT_FAULT_ID_VALID && args->flags & ABI_HWPT_ALLOC_NEST_PARENT)
		return -EOPNOTSUPP;
	if (!args->data_len)
		return 0;
	if (args->data_type != ABI_HWPT_DATA_SELFTEST)
		return -EOPNOTSUPP;
	err = read_data(args, &data);
	if (err)
		return err;
	return data.pagetable_type ? -EOPNOTSUPP : 0;
}

static int check_nested(const struct model_viommu *viommu, const struct model_hwpt_paging *parent,
	const struct abi_hwpt_alloc *args)
{
	const uint32_t known = ABI_HWPT_FAULT_ID_VALID | ABI_HWPT_ALLOC_PASID;

	if (args->flags & ~known || !args->data_len)
		return -EOPNOTSUPP;
	if (!viommu && (parent->is_auto || !parent->nest_parent || !parent->is_mock))
		return -EINVAL;
	return args->data_type == ABI_HWPT_DATA_SELFTEST ? 0 : -EOPNOTSUPP;
}

static struct model_object *base_of(const struct model_hwpt_mock *nested)
{
	return nested->viommu ? &nested->viommu->object : &nested->hwpt.paging->hwpt.object;
}

int model_mock_nested_alloc(struct model_iommufd *iommufd, struct model_viommu *viommu,
	struct model_hwpt_paging *parent, const struct abi_hwpt_alloc *args,
	struct model_hwpt **hwpt)
{
	struct abi_hwpt_selftest data;
	struct model_hwpt_mock *made;
	int err = check_nested(viommu, parent, args);

	if (err)
		return err;
	err = read_data(args, &data);
	if (err)
		return err;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	err = model_object_add(iommufd, &made->hwpt.object, &model_hwpt_mock_kind);
	if (err) {
		free(made);
		return err;
	}
	made->viommu = viommu;
	made->hwpt.paging = parent;
	made->hwpt.pasid_compat = args->flags & ABI_HWPT_ALLOC_PASID;
	for (size_t i = 0; i < ARRAY_SIZE(made->iotlb); i++)
		made->iotlb[i] = data.iotlb;
	base_of(made)->users++;
	*hwpt = &made->hwpt;
	return 0;
}

static void hwpt_mock_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_hwpt_mock *nested = (void *)object;

	(void)iommufd;
	base_of(nested)->users--;
	model_hwpt_release_fault(&nested->hwpt);
	free(nested);
}

static int read_entry(const struct abi_hwpt_invalidate *args, uint32_t index,
	struct abi_hwpt_invalidate_selftest *entry)
{
	const uint64_t user = args->data_uptr + (uint64_t)args->entry_len * index;

	if (args->entry_len != sizeof(*entry))
		return -EINVAL;
	return model_copy_in(entry, user, sizeof(*entry));
}

static int carry_out(
	struct model_hwpt_mock *nested, const struct abi_hwpt_invalidate_selftest *entry)
{
	const bool all = entry->flags & ABI_TEST_INVALIDATE_FLAG_ALL;

	if (entry->flags & ~(uint32_t)ABI_TEST_INVALIDATE_FLAG_ALL)
		return -EOPNOTSUPP;
	if (entry->iotlb_id >= ARRAY_SIZE(nested->iotlb))
		return -EINVAL;
	for (uint32_t i = 0; i < ARRAY_SIZE(nested->iotlb); i++)
		if (all || i == entry->iotlb_id)
			nested->iotlb[i] = 0;
	return 0;
}

/* One by one: entries before a refused one are done, and counted correctly. */
static int hwpt_mock_invalidate(struct model_iommufd *iommufd, struct model_object *object,
	const struct abi_hwpt_invalidate *args, uint32_t *done)
{
	(void)iommufd;
	if (args->data_type != ABI_HWPT_INVALIDATE_DATA_SELFTEST)
		return -EINVAL;
	for (; *done < args->entry_num; ++*done) {
		struct abi_hwpt_invalidate_selftest entry;
		int err = read_entry(args, *done, &entry);

		if (err)
			return err;
		err = carry_out((void *)object, &entry);
		if (err)
			return err;
	}
	return 0;
}

const struct model_kind model_hwpt_mock_kind = {
	.free = hwpt_mock_free,
	.attach = model_attach_to_hwpt,
	.invalidate = hwpt_mock_invalidate,
};
