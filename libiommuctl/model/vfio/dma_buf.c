// SPDX-License-Identifier: MIT
/*
 * BARs as dma-bufs: they end with the device's file, and are revoked while its BARs are off.
 *
 * Source: drivers/vfio/pci/vfio_pci_dmabuf.c of Linux 7.3.
 */
#include "model/ioas/ioas.h"
#include "model/user.h"

#include <errno.h>
#include <stdlib.h>

#include "abi/vfio.h"
#include "model/vfio/vfio.h"

#define PAGE_SIZE	 UINT64_C(4096)
#define RANGES_MAX	 (((size_t)4 << 20) / sizeof(struct abi_vfio_region_dma_range))
#define LENGTH_NEVER	 (UINT64_C(1) << 63) /* a bit that the kernel reserves */
#define PHYSICAL_ADDRESS UINT64_C(0x10000000)

/* Whole pages, and not too many in total. */
static int check_ranges(
	const struct abi_vfio_region_dma_range *ranges, uint32_t count, uint64_t *length)
{
	*length = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (!ranges[i].length || (ranges[i].offset | ranges[i].length) % PAGE_SIZE)
			return -EINVAL;
		if (__builtin_add_overflow(*length, ranges[i].length, length))
			return -EINVAL;
	}
	return *length & LENGTH_NEVER ? -EINVAL : 0;
}

/* The kernel adds physical addresses, so an offset beyond them all overflows. */
static int check_places(
	const struct abi_vfio_region_dma_range *ranges, uint32_t count, uint64_t bar_size)
{
	for (uint32_t i = 0; i < count; i++) {
		uint64_t start, end;

		if (__builtin_add_overflow(PHYSICAL_ADDRESS, ranges[i].offset, &start) ||
			__builtin_add_overflow(start, ranges[i].length, &end))
			return -EOVERFLOW;
		if (end > PHYSICAL_ADDRESS + bar_size)
			return -EINVAL;
	}
	return 0;
}

static void show(const struct model_device *device, uint32_t index, uint64_t offset,
	struct model_dma_buf *dma_buf)
{
	unsigned char *memory = model_bar_memory(device, index);

	dma_buf->offset = offset;
	if (memory)
		dma_buf->memory = memory + offset;
}

/* Exports the ranges: of more than one, only their number is kept. */
static int export(struct model_device *device, const struct abi_vfio_device_feature_dma_buf *args,
	const struct abi_vfio_region_dma_range *ranges)
{
	struct model_dma_buf *made;
	uint64_t length;
	int fd, err = check_ranges(ranges, args->nr_ranges, &length);

	if (err)
		return err;
	err = check_places(ranges, args->nr_ranges, model_bar_size(device, args->region_index));
	if (err)
		return err;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	*made = (struct model_dma_buf){
		.registers = { model_bar_access_registers, device },
		.length = length,
		.range_count = args->nr_ranges,
		.is_bar = true,
		.revoked = !model_bars_are_on(device),
	};
	show(device, args->region_index, ranges[0].offset, made);
	fd = model_dma_buf_open(device->model, made);
	if (fd < 0) {
		free(made);
		return fd;
	}
	made->device = device;
	made->next = device->dma_bufs;
	device->dma_bufs = made;
	return fd;
}

int model_device_get_dma_buf(struct model_device *device, uint64_t data)
{
	struct abi_vfio_device_feature_dma_buf args;
	struct abi_vfio_region_dma_range *ranges;
	size_t size;
	int result;

	if (model_copy_in(&args, data, sizeof(args)))
		return -EFAULT;
	if (args.nr_ranges == 0 || args.flags)
		return -EINVAL;
	if (!model_bar_size(device, args.region_index))
		return -ENODEV;
	if (args.nr_ranges > RANGES_MAX)
		return -ENOMEM;
	size = args.nr_ranges * sizeof(*ranges);
	ranges = malloc(size);
	if (!ranges)
		return -ENOMEM;
	result = model_copy_in(ranges, data + sizeof(args), size);
	if (!result)
		result = export(device, &args, ranges);
	free(ranges);
	return result;
}

static void move_all(struct model_device *device, bool revoked)
{
	for (struct model_dma_buf *at = device->dma_bufs; at; at = at->next)
		if (at->revoked != revoked)
			model_dma_buf_move(device->model, at, revoked);
}

void model_device_dma_bufs_revoke(struct model_device *device)
{
	move_all(device, true);
}

void model_device_dma_bufs_follow(struct model_device *device)
{
	move_all(device, !model_bars_are_on(device));
}

void model_device_dma_bufs_release(struct model_device *device)
{
	struct model_dma_buf *at;

	move_all(device, true);
	while ((at = device->dma_bufs)) {
		device->dma_bufs = at->next;
		at->device = NULL;
	}
}
