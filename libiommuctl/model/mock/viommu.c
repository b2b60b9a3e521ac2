// SPDX-License-Identifier: MIT
/* vIOMMUs of the mock's: what they show by mmap, and the caches of their devices. */
#include "model/mock/mock.h"
#include "array.h"
#include "model/ioas/ioas.h"
#include "model/machine.h"
#include "model/mapping.h"
#include "model/user.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_SIZE    4096
#define SHOWN_PAGES  2
#define SHOWN_LENGTH ((uint64_t)SHOWN_PAGES * PAGE_SIZE)
#define FIRST_OFFSET PAGE_SIZE

static struct model_viommu *shown_at(const struct model_iommufd *iommufd, uint64_t offset)
{
	for (uint32_t id = 0; id < iommufd->room; id++) {
		struct model_viommu *viommu = model_object_find(iommufd, id, &model_viommu_kind);

		if (viommu && viommu->pages && viommu->pages->offset == offset)
			return viommu;
	}
	return NULL;
}

/* The lowest free one. */
static uint64_t choose_offset(const struct model_iommufd *iommufd)
{
	uint64_t offset = FIRST_OFFSET;

	while (shown_at(iommufd, offset))
		offset += SHOWN_LENGTH;
	return offset;
}

static int make_pages(
	const struct model_iommufd *iommufd, uint32_t value, struct model_mock_pages **pages)
{
	struct model_mock_pages *made = malloc(sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->offset = choose_offset(iommufd);
	made->fd = memfd_create("model-viommu", MFD_CLOEXEC);
	if (made->fd < 0 || ftruncate(made->fd, (off_t)SHOWN_LENGTH) ||
		pwrite(made->fd, &value, sizeof(value), 0) != sizeof(value)) {
		if (made->fd >= 0)
			close(made->fd);
		free(made);
		return -ENOMEM;
	}
	*pages = made;
	return 0;
}

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
	if (!err)
		err = make_pages(iommufd, data.in_data, &viommu->pages);
	if (err)
		return err;
	data.out_data = data.in_data;
	data.out_mmap_length = SHOWN_LENGTH;
	data.out_mmap_offset = viommu->pages->offset;
	err = model_copy_out(args->data_uptr, &data, args->data_len);
	if (err)
		model_mock_viommu_free(viommu);
	return err;
}

void model_mock_viommu_free(struct model_viommu *viommu)
{
	if (viommu->pages)
		close(viommu->pages->fd);
	free(viommu->pages);
}

/* What is mapped kept its vIOMMU from being destroyed, and its iommufd open. */
static void unmapped(void *object)
{
	struct model_viommu *viommu = object;

	viommu->object.users--;
	model_iommufd_put(viommu->parent->ioas->iommufd);
}

int model_mock_mmap(
	struct model_iommufd *iommufd, uint64_t offset, size_t length, int prot, void **address)
{
	struct model_viommu *viommu = shown_at(iommufd, offset);
	const struct model_mapping what = { .length = length, .end = unmapped, .object = viommu };
	int err;

	if (!viommu || (length + PAGE_SIZE - 1) / PAGE_SIZE != SHOWN_PAGES)
		return -ENXIO;
	err = model_mapping_new(iommufd->model, &what,
		&(struct model_mapping_source){ .fd = viommu->pages->fd, .prot = prot }, address);
	if (err)
		return err;
	viommu->object.users++;
	iommufd->references++;
	return 0;
}

/* All are copied before the first is looked at. */
static int read_entries(
	const struct abi_hwpt_invalidate *args, struct abi_viommu_invalidate_selftest *entries)
{
	const size_t known = sizeof(*entries);
	int err = 0;

	if (args->entry_len == known)
		return model_copy_in(entries, args->data_uptr, known * args->entry_num);
	for (uint32_t i = 0; !err && i < args->entry_num; i++) {
		const uint64_t user = args->data_uptr + (uint64_t)args->entry_len * i;
		const size_t size = args->entry_len < known ? args->entry_len : known;

		err = model_check_rest(user + size, args->entry_len - size);
		if (!err)
			err = model_copy_in(&entries[i], user, size);
	}
	return err;
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
	while (!err && *done < args->entry_num) {
		err = carry_out(viommu, &entries[*done]);
		if (!err)
			++*done;
	}
	free(entries);
	return err;
}
