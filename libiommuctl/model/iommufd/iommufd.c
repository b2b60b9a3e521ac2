// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "array.h"
#include "model/machine.h"
#include "model/user.h"

#include <errno.h>
#include <linux/ioctl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/iommufd.h"
#include "abi/iommufd_test.h"

int model_iommufd_open(struct iommuctl_model *model)
{
	struct model_iommufd *iommufd = calloc(1, sizeof(*iommufd));
	int fd;

	if (!iommufd)
		return -ENOMEM;
	iommufd->model = model;
	iommufd->references = 1;
	iommufd->free_id = 1;
	iommufd->tombstone.kind = &model_tombstone_kind;
	fd = model_file_open(model, &model_iommufd_file, iommufd);
	if (fd < 0) {
		free(iommufd);
		return fd;
	}
	iommufd->next = model->iommufds;
	model->iommufds = iommufd;
	return fd;
}

/* Users go before what they use, so each round frees more objects. */
static void destroy_all(struct model_iommufd *iommufd)
{
	bool destroyed;

	do {
		destroyed = false;
		for (uint32_t id = 0; id < iommufd->room; id++) {
			struct model_object *object = model_object_any(iommufd, id);

			if (!object || object->users > 0)
				continue;
			model_object_destroy(iommufd, object);
			destroyed = true;
		}
	} while (destroyed);
}

void model_iommufd_put(struct model_iommufd *iommufd)
{
	struct model_iommufd **link = &iommufd->model->iommufds;

	if (--iommufd->references > 0)
		return;
	while (*link != iommufd)
		link = &(*link)->next;
	*link = iommufd->next;
	destroy_all(iommufd);
	free(iommufd->objects);
	free(iommufd);
}

/* The kernel was not built for devices without an IOMMU. */
static int noiommu_get_pa(struct model_iommufd *iommufd, void *arg)
{
	(void)iommufd;
	(void)arg;
	return -EOPNOTSUPP;
}

#define END(type, member) (offsetof(type, member) + sizeof(((type *)NULL)->member))
#define IOCTL(request, function, type, last)                                                       \
	[_IOC_NR(request) - _IOC_NR(ABI_DESTROY)] = { request, function, sizeof(type),             \
		END(type, last) }

/* minimum: the size of the struct in the first kernel that had the ioctl. */
static const struct ioctl_entry {
	unsigned long request;
	model_ioctl *function;
	size_t size;
	size_t minimum;
} ioctls[] = {
	IOCTL(ABI_DESTROY, model_destroy, struct abi_destroy, id),
	IOCTL(ABI_IOAS_ALLOC, model_ioas_alloc, struct abi_ioas_alloc, out_ioas_id),
	IOCTL(ABI_IOAS_ALLOW_IOVAS, model_ioas_allow_iovas, struct abi_ioas_allow_iovas,
		allowed_iovas),
	IOCTL(ABI_IOAS_COPY, model_ioas_copy, struct abi_ioas_copy, src_iova),
	IOCTL(ABI_IOAS_IOVA_RANGES, model_ioas_iova_ranges, struct abi_ioas_iova_ranges,
		out_iova_alignment),
	IOCTL(ABI_IOAS_MAP, model_ioas_map, struct abi_ioas_map, iova),
	IOCTL(ABI_IOAS_UNMAP, model_ioas_unmap, struct abi_ioas_unmap, length),
	IOCTL(ABI_OPTION, model_option, struct abi_option, val64),
	IOCTL(ABI_VFIO_IOAS, model_vfio_ioas, struct abi_vfio_ioas, reserved),
	IOCTL(ABI_HWPT_ALLOC, model_hwpt_alloc, struct abi_hwpt_alloc, reserved),
	IOCTL(ABI_GET_HW_INFO, model_get_hw_info, struct abi_hw_info, reserved),
	IOCTL(ABI_HWPT_SET_DIRTY_TRACKING, model_hwpt_set_dirty_tracking,
		struct abi_hwpt_set_dirty_tracking, reserved),
	IOCTL(ABI_HWPT_GET_DIRTY_BITMAP, model_hwpt_get_dirty_bitmap,
		struct abi_hwpt_get_dirty_bitmap, data),
	IOCTL(ABI_HWPT_INVALIDATE, model_hwpt_invalidate, struct abi_hwpt_invalidate, reserved),
	IOCTL(ABI_FAULT_QUEUE_ALLOC, model_fault_queue_alloc, struct abi_fault_alloc, out_fault_fd),
	IOCTL(ABI_IOAS_MAP_FILE, model_ioas_map_file, struct abi_ioas_map_file, iova),
	IOCTL(ABI_VIOMMU_ALLOC, model_viommu_alloc, struct abi_viommu_alloc, out_viommu_id),
	IOCTL(ABI_VDEVICE_ALLOC, model_vdevice_alloc, struct abi_vdevice_alloc, virt_id),
	IOCTL(ABI_IOAS_CHANGE_PROCESS, model_ioas_change_process, struct abi_ioas_change_process,
		reserved),
	IOCTL(ABI_VEVENTQ_ALLOC, model_veventq_alloc, struct abi_veventq_alloc, out_veventq_fd),
	IOCTL(ABI_HW_QUEUE_ALLOC, model_hw_queue_alloc, struct abi_hw_queue_alloc, length),
	IOCTL(ABI_IOAS_NOIOMMU_GET_PA, noiommu_get_pa, struct abi_ioas_noiommu_get_pa, out_phys),
};

static const struct ioctl_entry mock_ioctl = {
	ABI_TEST_CMD,
	model_mock_command,
	sizeof(struct abi_test_cmd),
	END(struct abi_test_cmd, last),
};

/* Large enough and aligned for each of the structs above. */
union argument {
	struct abi_hwpt_alloc hwpt_alloc;
	struct abi_hwpt_get_dirty_bitmap dirty_bitmap;
	struct abi_ioas_noiommu_get_pa noiommu_get_pa;
	struct abi_ioas_copy copy;
	struct abi_test_cmd mock;
	unsigned char bytes[64];
};

static const struct ioctl_entry *find_ioctl(unsigned long request)
{
	/* Below iommufd's first number this wraps, and is too large. */
	size_t index = (size_t)_IOC_NR(request) - _IOC_NR(ABI_DESTROY);

	if (request == ABI_TEST_CMD)
		return &mock_ioctl;
	return index < ARRAY_SIZE(ioctls) ? &ioctls[index] : NULL;
}

int model_check_rest(uint64_t rest, uint64_t size)
{
	const uint64_t step = 4096;

	while (size > 0) {
		const unsigned char *bytes = model_user_pointer(rest);
		uint64_t chunk = step - rest % step;

		if (chunk > size)
			chunk = size;
		if (!model_user_mapped(rest, chunk, false))
			return -EFAULT;
		for (uint64_t i = 0; i < chunk; i++)
			if (bytes[i])
				return -E2BIG;
		rest += chunk;
		size -= chunk;
	}
	return 0;
}

static int iommufd_ioctl(void *iommufd, unsigned long request, void *arg)
{
	const struct ioctl_entry *entry = find_ioctl(request);
	const uint64_t user = (uintptr_t)arg;
	union argument argument = { .bytes = { 0 } };
	uint32_t user_size;
	size_t size;
	int err;

	if (!entry)
		return -ENOTTY;
	err = model_copy_in(&user_size, user, sizeof(user_size));
	if (err)
		return err;
	if (entry->request != request)
		return -ENOTTY;
	if (user_size < entry->minimum)
		return -EINVAL;
	size = user_size < entry->size ? user_size : entry->size;
	err = model_check_rest(user + size, user_size - size);
	if (err)
		return err;
	err = model_copy_in(&argument, user, size);
	if (err)
		return err;
	err = entry->function(iommufd, &argument);
	memcpy(arg, &argument, size);
	return err;
}

static int iommufd_mmap(
	void *iommufd, uint64_t offset, size_t length, int prot, int flags, void **address)
{
	if (!(flags & MAP_SHARED))
		return -EINVAL;
	if (prot & PROT_EXEC)
		return -EPERM;
	return model_shown_mmap(iommufd, offset, length, prot, address);
}

static void iommufd_close(void *iommufd)
{
	model_iommufd_put(iommufd);
}

const struct model_file_kind model_iommufd_file = {
	.ioctl = iommufd_ioctl,
	.mmap = iommufd_mmap,
	.close = iommufd_close,
};
