// SPDX-License-Identifier: MIT
/* vIOMMUs of the mock: the pages they show, and their devices' caches. */
#include "model/mock/mock.h"
#include "array.h"
#include "model/user.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define SHOWN_LENGTH (2 * UINT64_C(4096))

int model_mock_viommu_init(struct model_iommufd *iommufd, struct model_viommu *viommu,
	const struct abi_viommu_alloc *args)
{
	const size_t minimum = offsetof(struct abi_viommu_selftest, out_mmap_offset);
	struct abi_viommu_selftest data = { 0 };
	int err;

	if (!args->data_len)
		return 0;
	if (args->data_len < minimum || args->data_len > sizeof(data))
		return -EINVAL;
	err = model_copy_in(&data, args->data_uptr, args->data_len);
	if (err)
		return err;
	err = model_shown_new(iommufd, SHOWN_LENGTH, &viommu->shown);
	if (err)
		return err;
	if (pwrite(viommu->shown->fd, &data.in_data, sizeof(data.in_data), 0) !=
		sizeof(data.in_data))
		return -ENOMEM;
	data.out_data = data.in_data;
	data.out_mmap_length = SHOWN_LENGTH;
	data.out_mmap_offset = viommu->shown->offset;
	return model_copy_out(args->data_uptr, &data, args->data_len);
}

/* All entries are copied before the first is checked. */
static int read_entries(
	const struct abi_hwpt_invalidate *args, struct abi_viommu_invalidate_selftest *entries)
{
	const size_t known = sizeof(*entries);

	if (args->entry_len == known)
		return model_copy_in(entries, args->data_uptr, known * args->entry_num);
	for (uint32_t i = 0; i < args->entry_num; i++) {
		const uint64_t user = args->data_uptr + (uint64_t)args->entry_len * i;
		const size_t size = args->entry_len < known ? args->entry_len : known;
		int err = model_check_rest(user + size, args->entry_len - size);

		if (err)
			return err;
		err = model_copy_in(&entries[i], user, size);
		if (err)
			return err;
	}
	return 0;
}

static int carry_out(
	const struct model_viommu *viommu, const struct abi_viommu_invalidate_selftest *entry)
{
	const bool all = entry->flags & ABI_TEST_INVALIDATE_FLAG_ALL;
	struct model_mock_device *mock;
	struct model_device *device;

	if (entry->flags & ~(uint32_t)ABI_TEST_INVALIDATE_FLAG_ALL)
		return -EOPNOTSUPP;
	if (entry->cache_id >= ARRAY_SIZE(mock->cache))
		return -EINVAL;
	device = model_viommu_find_device(viommu, entry->vdev_id);
	if (!device)
		return -EINVAL;
	mock = model_mock_of(device);
	for (uint32_t i = 0; i < ARRAY_SIZE(mock->cache); i++)
		if (all || i == entry->cache_id)
			mock->cache[i] = 0;
	return 0;
}

int model_mock_viommu_invalidate(
	struct model_viommu *viommu, const struct abi_hwpt_invalidate *args, uint32_t *done)
{
	struct abi_viommu_invalidate_selftest *entries;
	int err;

	if (args->data_type != ABI_VIOMMU_INVALIDATE_DATA_SELFTEST)
		return -EINVAL;
	if (args->entry_num == 0)
		return 0;
	entries = calloc(args->entry_num, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	err = read_entries(args, entries);
	if (err)
		goto free;
	for (; *done < args->entry_num; ++*done) {
		err = carry_out(viommu, &entries[*done]);
		if (err)
			goto free;
	}
free:
	free(entries);
	return err;
}
