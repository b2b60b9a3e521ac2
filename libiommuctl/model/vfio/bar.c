// SPDX-License-Identifier: MIT
/* The BARs of a device: BAR 0 is the registers of edu, and of some devices BAR 2 is memory. */
#include "model/vfio/vfio.h"
#include "model/mapping.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/vfio.h"
#include "model/vfio/pci.h"

#define REGISTERS_BAR ABI_VFIO_PCI_BAR0_REGION_INDEX
#define MEMORY_BAR    ABI_VFIO_PCI_BAR2_REGION_INDEX

int model_bars_init(struct model_device *device)
{
	void *mapped = MAP_FAILED;
	int fd;

	if (!device->config.memory_bar)
		return 0;
	fd = memfd_create("model-bar", MFD_CLOEXEC);
	if (fd >= 0 && ftruncate(fd, MODEL_MEMORY_BAR_SIZE) == 0)
		mapped = mmap(
			NULL, MODEL_MEMORY_BAR_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mapped == MAP_FAILED) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	device->memory = mapped;
	device->memory_fd = fd;
	return 0;
}

void model_bars_free(struct model_device *device)
{
	if (!device->memory)
		return;
	munmap(device->memory, MODEL_MEMORY_BAR_SIZE);
	close(device->memory_fd);
}

uint64_t model_bar_size(const struct model_device *device, uint64_t index)
{
	switch (index) {
	case REGISTERS_BAR: return MODEL_EDU_BAR_SIZE;
	case MEMORY_BAR: return device->memory ? MODEL_MEMORY_BAR_SIZE : 0;
	default: return 0;
	}
}

unsigned char *model_bar_memory(const struct model_device *device, uint64_t index)
{
	return index == MEMORY_BAR ? device->memory : NULL;
}

bool model_bars_are_on(const struct model_device *device)
{
	return device->edu.config[PCI_COMMAND] & PCI_COMMAND_MEMORY;
}

/* The kernel accesses the largest aligned piece at a time. */
static size_t next_piece(uint64_t offset, size_t size)
{
	size_t piece = 8;

	while (piece > size || offset % piece)
		piece /= 2;
	return piece;
}

static void access_piece(
	struct model_edu *edu, uint64_t offset, void *buffer, size_t size, bool write)
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

void model_bar_access_registers(
	void *object, uint64_t offset, void *buffer, size_t size, bool write)
{
	struct model_device *device = object;
	unsigned char *bytes = buffer;
	size_t piece;

	for (size_t done = 0; done < size; done += piece) {
		piece = next_piece(offset + done, size - done);
		access_piece(&device->edu, offset + done, bytes + done, piece, write);
	}
	model_irqs_update(device);
}

void model_bar_access(
	struct model_device *device, const struct model_bar_range *range, void *buffer, bool write)
{
	unsigned char *memory = model_bar_memory(device, range->index);

	if (!memory)
		model_bar_access_registers(device, range->offset, buffer, range->size, write);
	else if (write)
		memcpy(memory + range->offset, buffer, range->size);
	else
		memcpy(buffer, memory + range->offset, range->size);
}

static void unmapped(void *file)
{
	model_device_file_put(file);
}

int model_bar_mmap(struct model_device_file *file, const struct model_bar_range *range, int prot,
	void **address)
{
	struct model_device *device = file->device;
	const struct model_mapping what = {
		.length = range->size,
		.is_bar = true,
		.end = unmapped,
		.object = file,
	};
	int err;

	if (!model_bar_memory(device, range->index))
		return -EINVAL;
	if (range->offset > MODEL_MEMORY_BAR_SIZE ||
		range->size > MODEL_MEMORY_BAR_SIZE - range->offset)
		return -EINVAL;
	err = model_mapping_new(device->model, &what,
		&(struct model_mapping_source){ device->memory_fd, range->offset, prot }, address);
	if (err)
		return err;
	file->users++;
	return 0;
}
