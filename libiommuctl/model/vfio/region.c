// SPDX-License-Identifier: MIT
/* Reads, writes and maps regions of a device. */
#include "model/vfio/vfio.h"

#include <errno.h>
#include <sys/mman.h>

#include <iommuctl/transport.h>

#include "abi/vfio.h"
#include "model/vfio/pci.h"

#define REGION_SHIFT 40
#define REGION_MASK  ((UINT64_C(1) << REGION_SHIFT) - 1)

struct model_bar_range model_bar_range_at(uint64_t position, size_t size)
{
	return (struct model_bar_range){
		.index = position >> REGION_SHIFT,
		.offset = position & REGION_MASK,
		.size = size,
	};
}

static ssize_t access_bar(
	struct model_device *device, struct model_bar_range range, void *buffer, bool write)
{
	const uint64_t bar_size = model_bar_size(device, range.index);

	if (range.offset >= bar_size)
		return -EINVAL;
	if (!model_bars_are_on(device))
		return -EIO;
	if (range.size > bar_size - range.offset)
		range.size = (size_t)(bar_size - range.offset);
	model_bar_access(device, &range, buffer, write);
	return (ssize_t)range.size;
}

static ssize_t access_config(struct model_device *device, unsigned char *buffer, size_t size,
	uint64_t offset, bool write)
{
	if (offset >= MODEL_EDU_CONFIG_SIZE || size > MODEL_EDU_CONFIG_SIZE - offset)
		return -EFAULT;
	if (write)
		model_edu_config_write(&device->edu, offset, buffer, size);
	else
		model_edu_config_read(&device->edu, offset, buffer, size);
	if (write && offset <= PCI_COMMAND && offset + size > PCI_COMMAND)
		model_device_dma_bufs_follow(device);
	model_irqs_update(device);
	return (ssize_t)size;
}

static ssize_t access_region(
	struct model_device *device, void *buffer, size_t size, uint64_t position, bool write)
{
	const struct model_bar_range range = model_bar_range_at(position, size);

	if (size == 0)
		return 0;
	if (range.index == ABI_VFIO_PCI_CONFIG_REGION_INDEX)
		return access_config(device, buffer, size, range.offset, write);
	return access_bar(device, range, buffer, write);
}

static ssize_t access_file(void *object, void *buffer, size_t size, int64_t offset, bool write)
{
	struct model_device_file *file = object;
	const bool is_stream = offset == IOMMUCTL_STREAM;
	ssize_t done;

	if (file->device->bound != file || (offset < 0 && !is_stream))
		return -EINVAL;
	if (size && !buffer)
		return -EFAULT;
	done = access_region(
		file->device, buffer, size, is_stream ? file->position : (uint64_t)offset, write);
	if (is_stream && done > 0)
		file->position += (uint64_t)done;
	return done;
}

ssize_t model_device_read(void *file, void *buffer, size_t size, int64_t offset)
{
	return access_file(file, buffer, size, offset, false);
}

ssize_t model_device_write(void *file, const void *buffer, size_t size, int64_t offset)
{
	/* This direction only reads the buffer. NOLINTNEXTLINE(performance-no-int-to-ptr) */
	return access_file(file, (void *)(uintptr_t)buffer, size, offset, true);
}

int model_device_mmap(
	void *object, uint64_t offset, size_t length, int prot, int flags, void **address)
{
	const struct model_bar_range range = model_bar_range_at(offset, length);
	struct model_device_file *file = object;

	if (file->device->bound != file || !(flags & MAP_SHARED))
		return -EINVAL;
	return model_bar_mmap(file, &range, prot, address);
}
