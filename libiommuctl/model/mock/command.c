// SPDX-License-Identifier: MIT
/* The mock's ioctl: dispatches its commands, and implements the small ones. */
#include "model/mock/mock.h"
#include "array.h"
#include "model/ioas/ioas.h"
#include "model/user.h"

#include <errno.h>
#include <stdlib.h>

#define BITS_MAX  (UINT64_C(16) << 20 << 3)
#define LIMIT_MIN 12 /* of the memory for batches of pages */

static int add_reserved(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	struct model_range range = { .start = command->add_reserved.start };
	const uint64_t length = command->add_reserved.length;
	struct model_ioas *ioas;

	if (!length)
		return -EINVAL;
	if (__builtin_add_overflow(range.start, length - 1, &range.last))
		return -EOVERFLOW;
	ioas = model_object_find(iommufd, command->id, &model_ioas_kind);
	return ioas ? model_ioas_reserve(ioas, &range, NULL) : -ENOENT;
}

/* A paging HWPT of the mock. */
static int find_paging(
	const struct model_iommufd *iommufd, uint32_t id, struct model_hwpt_paging **hwpt)
{
	*hwpt = model_object_find(iommufd, id, &model_hwpt_paging_kind);
	if (!*hwpt)
		return -ENOENT;
	return (*hwpt)->is_mock ? 0 : -EINVAL;
}

static bool leads_to(const struct model_hwpt_paging *hwpt, uint64_t iova, uint64_t user)
{
	const struct model_ioas *ioas = hwpt->ioas;
	const size_t at = model_ioas_area_at(ioas, iova);
	const struct model_area *area = &ioas->areas[at];

	if (at == ioas->area_count || area->iova > iova || area->pages->revoked ||
		!area->pages->host)
		return false;
	return model_same_memory(
		area->pages->host + area->offset + (iova - area->iova), model_user_pointer(user));
}

static int check_map(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const uint64_t iova = command->check_map.iova, length = command->check_map.length;
	const uint64_t user = command->check_map.uptr;
	struct model_hwpt_paging *hwpt;
	uint64_t end;
	int err = find_paging(iommufd, command->id, &hwpt);

	if (err)
		return err;
	if ((iova | length | user) % MODEL_MOCK_PAGE_SIZE ||
		__builtin_add_overflow(user, length, &end))
		return -EINVAL;
	for (uint64_t done = 0; done < length; done += MODEL_MOCK_PAGE_SIZE) {
		if (!model_user_mapped(user + done, 1, false))
			return -EFAULT;
		if (!leads_to(hwpt, iova + done, user + done))
			return -EINVAL;
	}
	return 0;
}

static int check_iotlb(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const struct model_hwpt_mock *nested =
		model_object_find(iommufd, command->id, &model_hwpt_mock_kind);
	const uint32_t entry = command->check_iotlb.id;

	if (!nested)
		return model_object_find(iommufd, command->id, &model_hwpt_nested_kind) ||
				       model_object_find(iommufd, command->id, &model_hwpt_vtd_kind)
			       ? -EINVAL
			       : -ENOENT;
	if (entry >= ARRAY_SIZE(nested->iotlb) ||
		nested->iotlb[entry] != command->check_iotlb.iotlb)
		return -EINVAL;
	return 0;
}

static int find_device(
	const struct model_iommufd *iommufd, uint32_t id, struct model_mock_device **mock)
{
	struct model_device *device = model_device_find(iommufd, id);

	if (!device)
		return -ENOENT;
	*mock = model_mock_of(device);
	return *mock ? 0 : -EINVAL;
}

static int check_cache(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const uint32_t entry = command->check_dev_cache.id;
	struct model_mock_device *mock;
	int err = find_device(iommufd, command->id, &mock);

	if (err)
		return err;
	if (entry >= ARRAY_SIZE(mock->cache) ||
		mock->cache[entry] != command->check_dev_cache.cache)
		return -EINVAL;
	return 0;
}

static int raise_fault(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	struct abi_hwpt_pgfault fault = {
		.flags = ABI_PGFAULT_FLAGS_LAST_PAGE,
		.pasid = command->trigger_iopf.pasid,
		.grpid = command->trigger_iopf.grpid,
		.perm = command->trigger_iopf.perm,
		.addr = command->trigger_iopf.addr,
	};
	struct model_mock_device *mock;
	int err = find_device(iommufd, command->trigger_iopf.dev_id, &mock);

	if (err)
		return err;
	if (fault.pasid)
		fault.flags |= ABI_PGFAULT_FLAGS_PASID_VALID;
	fault.dev_id = mock->device.object.id;
	model_fault_add(&mock->device, &fault);
	return 0;
}

static int raise_event(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	struct abi_viommu_event_selftest event;
	struct model_mock_device *mock;
	int err = find_device(iommufd, command->trigger_vevent.dev_id, &mock);

	if (err)
		return err;
	if (!mock->viommu || !mock->vsid)
		return -ENOENT;
	event.virt_id = (uint32_t)mock->vsid;
	return model_veventq_add(mock->viommu, ABI_VEVENTQ_TYPE_SELFTEST, &event, sizeof(event));
}

static int set_dirty_bits(struct model_hwpt_paging *hwpt, struct abi_test_cmd *command)
{
	const uint64_t page_size = command->dirty.page_size;
	const uint64_t count = command->dirty.length / page_size;
	uint64_t dirty = 0;

	for (uint64_t i = 0; i < count; i++) {
		unsigned char byte;

		if (model_copy_in(&byte, command->dirty.uptr + i / 8, 1))
			return -EFAULT;
		if (!(byte >> i % 8 & 1))
			continue;
		model_dirty_add(hwpt, command->dirty.iova + i * page_size);
		dirty++;
	}
	command->dirty.out_nr_dirty = dirty;
	return 0;
}

static int set_dirty(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const uint64_t page_size = command->dirty.page_size, length = command->dirty.length;
	struct model_hwpt_paging *hwpt;
	int err;

	if (!page_size || !length || command->dirty.iova % page_size || length % page_size ||
		!command->dirty.uptr)
		return -EINVAL;
	if (length / page_size > BITS_MAX)
		return -EOVERFLOW;
	err = find_paging(iommufd, command->id, &hwpt);
	if (err)
		return err;
	return hwpt->tracking ? set_dirty_bits(hwpt, command) : -EINVAL;
}

/* No batch is that small here: the limit changes nothing. */
static int set_memory_limit(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	(void)iommufd;
	return command->memory_limit.limit < LIMIT_MIN ? -EINVAL : 0;
}

int model_mock_command(struct model_iommufd *iommufd, void *arg)
{
	static int (*const commands[])(struct model_iommufd * iommufd, struct abi_test_cmd *) = {
		[ABI_TEST_OP_ADD_RESERVED] = add_reserved,
		[ABI_TEST_OP_MOCK_DOMAIN] = model_mock_device_new,
		[ABI_TEST_OP_MD_CHECK_MAP] = check_map,
		[ABI_TEST_OP_CREATE_ACCESS] = model_mock_access_new,
		[ABI_TEST_OP_DESTROY_ACCESS_PAGES] = model_mock_access_unpin,
		[ABI_TEST_OP_ACCESS_PAGES] = model_mock_access_pin,
		[ABI_TEST_OP_ACCESS_RW] = model_mock_access_rw,
		[ABI_TEST_OP_SET_TEMP_MEMORY_LIMIT] = set_memory_limit,
		[ABI_TEST_OP_MOCK_DOMAIN_REPLACE] = model_mock_replace,
		[ABI_TEST_OP_ACCESS_REPLACE_IOAS] = model_mock_access_replace,
		[ABI_TEST_OP_MOCK_DOMAIN_FLAGS] = model_mock_device_new,
		[ABI_TEST_OP_DIRTY] = set_dirty,
		[ABI_TEST_OP_MD_CHECK_IOTLB] = check_iotlb,
		[ABI_TEST_OP_TRIGGER_IOPF] = raise_fault,
		[ABI_TEST_OP_DEV_CHECK_CACHE] = check_cache,
		[ABI_TEST_OP_TRIGGER_VEVENT] = raise_event,
		[ABI_TEST_OP_PASID_ATTACH] = model_mock_pasid_attach,
		[ABI_TEST_OP_PASID_REPLACE] = model_mock_pasid_replace,
		[ABI_TEST_OP_PASID_DETACH] = model_mock_pasid_detach,
		[ABI_TEST_OP_PASID_CHECK_HWPT] = model_mock_pasid_check,
		[ABI_TEST_OP_DMABUF_GET] = model_mock_dma_buf_new,
		[ABI_TEST_OP_DMABUF_REVOKE] = model_mock_dma_buf_revoke,
	};
	struct abi_test_cmd *command = arg;

	if (command->op >= ARRAY_SIZE(commands) || !commands[command->op])
		return -EOPNOTSUPP;
	return commands[command->op](iommufd, command);
}
