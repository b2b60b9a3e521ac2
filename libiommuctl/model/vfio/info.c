// SPDX-License-Identifier: MIT
/* A device's regions, interrupts and features. */
#include "model/vfio/vfio.h"
#include "model/user.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "abi/vfio.h"

#define REGION_SHIFT 40

/* VFIO_DEVICE_GET_INFO */
int model_device_get_info(struct model_device *device, void *arg)
{
	struct abi_vfio_device_info info = { .argsz = 0 };
	size_t size = offsetof(struct abi_vfio_device_info, cap_offset);
	int err;

	err = model_copy_in(&info, (uintptr_t)arg, size);
	if (err)
		return err;
	if (info.argsz < size)
		return -EINVAL;
	size = info.argsz < sizeof(info) ? info.argsz : sizeof(info);
	info.flags = ABI_VFIO_DEVICE_FLAGS_PCI;
	if (device->config.resets)
		info.flags |= ABI_VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = ABI_VFIO_PCI_NUM_REGIONS;
	info.num_irqs = ABI_VFIO_PCI_NUM_IRQS;
	return model_copy_out((uintptr_t)arg, &info, size);
}

/*
 * VFIO_DEVICE_GET_REGION_INFO: the device has BARs, its configuration space and no ROM. Memory
 * cannot stand in for registers, so their BAR cannot be mapped, unlike on a real kernel.
 */
int model_device_get_region_info(struct model_device *device, void *arg)
{
	struct abi_vfio_region_info info;
	int err;

	err = model_copy_in(&info, (uintptr_t)arg, sizeof(info));
	if (err)
		return err;
	if (info.argsz < sizeof(info) || info.index >= ABI_VFIO_PCI_VGA_REGION_INDEX)
		return -EINVAL;
	info.offset = (uint64_t)info.index << REGION_SHIFT;
	info.flags = 0;
	info.size = info.index == ABI_VFIO_PCI_CONFIG_REGION_INDEX
			    ? MODEL_EDU_CONFIG_SIZE
			    : model_bar_size(device, info.index);
	if (info.size)
		info.flags = ABI_VFIO_REGION_INFO_FLAG_READ | ABI_VFIO_REGION_INFO_FLAG_WRITE;
	if (model_bar_memory(device, info.index))
		info.flags |= ABI_VFIO_REGION_INFO_FLAG_MMAP;
	return model_copy_out((uintptr_t)arg, &info, sizeof(info));
}

/* VFIO_DEVICE_GET_IRQ_INFO */
int model_device_get_irq_info(struct model_device *device, void *arg)
{
	struct abi_vfio_irq_info info;
	int err;

	(void)device;
	err = model_copy_in(&info, (uintptr_t)arg, sizeof(info));
	if (err)
		return err;
	if (info.argsz < sizeof(info) || info.index >= ABI_VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	info.flags = ABI_VFIO_IRQ_INFO_EVENTFD;
	info.count = model_irqs_count(info.index);
	if (info.index == ABI_VFIO_PCI_INTX_IRQ_INDEX)
		info.flags |= ABI_VFIO_IRQ_INFO_MASKABLE | ABI_VFIO_IRQ_INFO_AUTOMASKED;
	else
		info.flags |= ABI_VFIO_IRQ_INFO_NORESIZE;
	return model_copy_out((uintptr_t)arg, &info, sizeof(info));
}

#define FEATURE_BITS                                                                               \
	((uint32_t)(ABI_VFIO_DEVICE_FEATURE_MASK | ABI_VFIO_DEVICE_FEATURE_GET |                   \
		    ABI_VFIO_DEVICE_FEATURE_SET | ABI_VFIO_DEVICE_FEATURE_PROBE))

/* 1 if the feature is to be read or written; 0 if only probed. */
static int check_feature(
	const struct abi_vfio_device_feature *args, uint32_t supported, size_t data_size)
{
	const uint32_t both = ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_SET;

	if (args->flags & both & ~supported)
		return -EINVAL;
	if (args->flags & ABI_VFIO_DEVICE_FEATURE_PROBE)
		return 0;
	return args->flags & both && args->argsz - sizeof(*args) >= data_size ? 1 : -EINVAL;
}

/* Other devices do not wake it up. */
static int enter_low_power(struct model_device *device)
{
	model_device_dma_bufs_revoke(device);
	if (device->low_power)
		return -EINVAL;
	device->low_power = true;
	return 0;
}

static void exit_low_power(struct model_device *device)
{
	device->low_power = false;
	model_device_dma_bufs_follow(device);
}

/* Only its owner wakes the device up here, so the eventfd stays silent. */
static int enter_with_wakeup(struct model_device *device, uint64_t data)
{
	struct abi_vfio_device_low_power_entry_with_wakeup entry;
	int fd;

	if (model_copy_in(&entry, data, sizeof(entry)))
		return -EFAULT;
	if (entry.wakeup_eventfd < 0)
		return -EINVAL;
	fd = model_eventfd_take(device->model, entry.wakeup_eventfd);
	if (fd < 0)
		return fd;
	close(fd);
	return enter_low_power(device);
}

static int do_feature(
	struct model_device *device, const struct abi_vfio_device_feature *args, uint64_t data)
{
	const uint32_t get = ABI_VFIO_DEVICE_FEATURE_GET, set = ABI_VFIO_DEVICE_FEATURE_SET;
	int err;

	switch (args->flags & ABI_VFIO_DEVICE_FEATURE_MASK) {
	case ABI_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN:
		if (!model_has_vfs(device))
			return -ENOTTY;
		err = check_feature(args, set, sizeof(device->vf_token.uuid));
		return err == 1 ? model_vf_token_set(device, data) : err;
	case ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY:
		err = check_feature(args, set, 0);
		return err == 1 ? enter_low_power(device) : err;
	case ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP:
		err = check_feature(
			args, set, sizeof(struct abi_vfio_device_low_power_entry_with_wakeup));
		return err == 1 ? enter_with_wakeup(device, data) : err;
	case ABI_VFIO_DEVICE_FEATURE_LOW_POWER_EXIT:
		err = check_feature(args, set, 0);
		if (err != 1)
			return err;
		exit_low_power(device);
		return 0;
	case ABI_VFIO_DEVICE_FEATURE_DMA_BUF:
		err = check_feature(args, get, sizeof(struct abi_vfio_device_feature_dma_buf));
		return err == 1 ? model_device_get_dma_buf(device, data) : err;
	case ABI_VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2:
		return -EINVAL; /* as for devices that do not migrate */
	default: return -ENOTTY;
	}
}

/* VFIO_DEVICE_FEATURE */
int model_device_feature(struct model_device *device, void *arg)
{
	const uint32_t both = ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_SET;
	struct abi_vfio_device_feature args;
	int err;

	err = model_copy_in(&args, (uintptr_t)arg, sizeof(args));
	if (err)
		return err;
	if (args.argsz < sizeof(args) || args.flags & ~FEATURE_BITS)
		return -EINVAL;
	if (!(args.flags & ABI_VFIO_DEVICE_FEATURE_PROBE) && (args.flags & both) == both)
		return -EINVAL;
	return do_feature(device, &args, (uintptr_t)arg + sizeof(args));
}
