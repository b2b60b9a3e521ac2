// SPDX-License-Identifier: MIT
#include "model/vfio/vfio.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <iommuctl/transport.h>

#include "abi/vfio.h"
#include "model/vfio/pci.h"

#define REGION_SHIFT 40
#define REGION_MASK  ((UINT64_C(1) << REGION_SHIFT) - 1)

static bool is_memory_enabled(const struct model_device *device)
{
	return device->edu.config[PCI_COMMAND] & PCI_COMMAND_MEMORY;
}

/* The kernel goes by the largest piece that is aligned. */
static size_t next_piece(uint64_t offset, size_t size)
{
	size_t piece = 8;

	while (piece > size || offset % piece)
		piece /= 2;
	return piece;
}

static void bar_piece(struct model_edu *edu, uint64_t offset, void *buffer, size_t size, bool write)
{
	uint64_t value = 0;

	if (write) {
		memcpy(&value, buffer, size);
		model_edu_write(edu, offset, le64toh(value), size);
	} else {
		value = htole64(model_edu_read(edu, offset, size));
		memcpy(buffer, &value, size);
	}
}

static ssize_t access_bar(struct model_device *device, unsigned char *buffer, size_t size,
	uint64_t offset, bool write)
{
	size_t piece;

	if (offset >= MODEL_EDU_BAR_SIZE)
		return -EINVAL;
	if (!is_memory_enabled(device))
		return -EIO;
	if (size > MODEL_EDU_BAR_SIZE - offset)
		size = (size_t)(MODEL_EDU_BAR_SIZE - offset);
	for (size_t done = 0; done < size; done += piece) {
		piece = next_piece(offset + done, size - done);
		bar_piece(&device->edu, offset + done, buffer + done, piece, write);
	}
	model_irqs_update(device);
	return (ssize_t)size;
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
	model_irqs_update(device);
	return (ssize_t)size;
}

static ssize_t access_region(
	struct model_device *device, void *buffer, size_t size, uint64_t position, bool write)
{
	const uint64_t offset = position & REGION_MASK;

	if (size == 0)
		return 0;
	switch (position >> REGION_SHIFT) {
	case ABI_VFIO_PCI_BAR0_REGION_INDEX: return access_bar(device, buffer, size, offset, write);
	case ABI_VFIO_PCI_CONFIG_REGION_INDEX:
		return access_config(device, buffer, size, offset, write);
	default: return -EINVAL;
	}
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
	const struct model_device_file *file = object;
	const uint64_t start = offset & REGION_MASK;

	(void)prot;
	(void)address;
	if (file->device->bound != file || !(flags & MAP_SHARED))
		return -EINVAL;
	if (offset >> REGION_SHIFT != ABI_VFIO_PCI_BAR0_REGION_INDEX)
		return -EINVAL;
	if (start > MODEL_EDU_BAR_SIZE || length > MODEL_EDU_BAR_SIZE - start)
		return -EINVAL;
	return -ENODEV;
}
