// SPDX-License-Identifier: MIT
#include "array.h"
#include "model/iommufd/iommufd.h"
#include "model/machine.h"
#include "model/user.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "abi/vfio.h"
#include "abi/vfio_pci.h"
#include "model/vfio/pci.h"

static int bus_access(void *data, uint64_t iova, void *buffer, size_t size, bool write)
{
	struct model_device *device = data;
	int err = model_device_dma(device, -1, iova, buffer, size, write);

	if (err == -EAGAIN)
		device->engine_grpid = device->last_grpid;
	return err;
}

static void bus_interrupt(void *data)
{
	model_irqs_raise(data);
}

int model_device_init(struct iommuctl_model *model, unsigned int index,
	const struct iommuctl_model_device *config)
{
	struct model_device *device = &model->devices[index];

	*device = (struct model_device){ .model = model, .config = *config, .index = index };
	device->edu.bus = (struct model_bus){
		.access = bus_access,
		.interrupt = bus_interrupt,
		.data = device,
	};
	device->edu.memory_bar = config->memory_bar;
	model_irqs_init(device);
	model_edu_reset(&device->edu);
	return model_bars_init(device);
}

struct model_device *model_group_next(
	const struct model_device *device, const struct model_device *after)
{
	struct iommuctl_model *model = device->model;
	const int group = device->config.group;

	if (device->is_mock)
		return after ? NULL : (struct model_device *)device;
	for (size_t i = after ? after->index + 1 : 0; i < model->config.device_count; i++) {
		struct model_device *at = &model->devices[i];

		if (at == device || (group && at->config.group == group))
			return at;
	}
	return NULL;
}

/* It is freed with its file. */
const struct model_kind model_device_kind = { .attach = NULL };

/* Whoever binds the first device of a group owns the others. */
static bool is_owned_by_another(const struct model_device *device, const struct model_iommufd *by)
{
	const struct model_device *at = NULL;

	while ((at = model_group_next(device, at)))
		if (at->iommufd && at->iommufd != by)
			return true;
	return false;
}

/* The device's own registers stay as they were: it cannot be reset. */
static void enable(struct model_device *device)
{
	unsigned char *command = &device->edu.config[PCI_COMMAND];

	command[0] = (unsigned char)((command[0] & ~PCI_COMMAND_MASTER) | PCI_COMMAND_MEMORY);
	memcpy(device->saved_config, device->edu.config, sizeof(device->saved_config));
	command[1] &= (unsigned char)~(PCI_COMMAND_INTX_DISABLE >> 8);
}

/* The kernel keeps a group in which firmware uses a device's DMA. */
static bool is_kept_by_firmware(const struct model_device *device)
{
	const struct model_device *at = NULL;

	while ((at = model_group_next(device, at)))
		if (at->config.direct_size)
			return true;
	return false;
}

static int bind_to(struct model_device_file *file, struct model_iommufd *iommufd)
{
	struct model_device *device = file->device;
	int err;

	if (device->bound)
		return -EINVAL;
	if (is_owned_by_another(device, iommufd))
		return -EPERM;
	if (is_kept_by_firmware(device))
		return -EINVAL;
	err = model_object_add(iommufd, &device->object, &model_device_kind);
	if (err)
		return err;
	device->object.users = 1;
	device->iommufd = iommufd;
	device->bound = file;
	iommufd->references++;
	enable(device);
	return 0;
}

static int find_iommufd(struct iommuctl_model *model, int fd, struct model_iommufd **iommufd)
{
	const struct model_file *file = model_file_find(model, fd);

	if (!file && fcntl(fd, F_GETFD) < 0)
		return -EBADF;
	if (!file || file->kind != &model_iommufd_file)
		return -EBADFD;
	*iommufd = file->object;
	return 0;
}

static int check_token(struct model_device *device, const struct abi_vfio_device_bind_iommufd *args)
{
	unsigned char token[16];

	if (!(args->flags & ABI_VFIO_DEVICE_BIND_FLAG_TOKEN))
		return model_vf_token_check(device, NULL);
	if (model_copy_in(token, args->token_uuid_ptr, sizeof(token)))
		return -EFAULT;
	return model_vf_token_check(device, token);
}

static int read_bind(uint64_t user, struct abi_vfio_device_bind_iommufd *args)
{
	uint32_t argsz;
	size_t size;
	int err;

	err = model_copy_in(&argsz, user, sizeof(argsz));
	if (err)
		return err;
	if (argsz < offsetof(struct abi_vfio_device_bind_iommufd, token_uuid_ptr))
		return -EINVAL;
	size = argsz < sizeof(*args) ? argsz : sizeof(*args);
	err = model_check_rest(user + size, argsz - size);
	return err ? err : model_copy_in(args, user, size);
}

/* VFIO_DEVICE_BIND_IOMMUFD */
static int device_bind(struct model_device_file *file, void *arg)
{
	struct abi_vfio_device_bind_iommufd args = { .argsz = 0 };
	struct model_iommufd *iommufd;
	int err;

	err = read_bind((uintptr_t)arg, &args);
	if (err)
		return err;
	if (args.iommufd < 0 || args.flags & ~(uint32_t)ABI_VFIO_DEVICE_BIND_FLAG_TOKEN)
		return -EINVAL;
	if (file->device->bound == file)
		return -EINVAL;
	err = check_token(file->device, &args);
	if (err == 0)
		err = find_iommufd(file->device->model, args.iommufd, &iommufd);
	if (err == 0)
		err = bind_to(file, iommufd);
	if (err == 0)
		((struct abi_vfio_device_bind_iommufd *)arg)->out_devid = file->device->object.id;
	return err;
}

/* What the kernel knows of a group's doorbell goes with the last bound device. */
static void forget_doorbell(struct model_device *device)
{
	struct model_device *at = NULL;

	while ((at = model_group_next(device, at)))
		if (at->iommufd)
			return;
	while ((at = model_group_next(device, at)))
		at->msi_required = false;
}

static void unbind(struct model_device *device)
{
	struct model_iommufd *iommufd = device->iommufd;

	model_device_dma_bufs_release(device);
	model_ioeventfds_release(device);
	device->low_power = false;
	model_irqs_release(device);
	memcpy(device->edu.config, device->saved_config, sizeof(device->saved_config));
	model_device_detach_all(device);
	if (device->vdevice)
		model_vdevice_bury(iommufd, device->vdevice);
	model_object_remove(iommufd, &device->object);
	device->iommufd = NULL;
	device->bound = NULL;
	forget_doorbell(device);
	model_iommufd_put(iommufd);
}

/*
 * A driver that the device was only unbound from gets it back once nobody has it open, and then has
 * a new token for the VFs.
 */
static void come_back(struct model_device *device)
{
	if (device->files || !device->requested || !device->returns)
		return;
	device->requested = false;
	device->vf_token.known = false;
}

void model_device_unplug(struct model_device *device, bool returns)
{
	device->requested = true;
	device->returns = returns;
	model_irqs_request(device);
	come_back(device);
}

void model_device_file_put(struct model_device_file *file)
{
	struct model_device *device = file->device;

	if (--file->users > 0)
		return;
	if (device->bound == file)
		unbind(device);
	free(file);
	device->files--;
	come_back(device);
}

static void device_close(void *file)
{
	model_device_file_put(file);
}

/* VFIO_DEVICE_ATTACH_IOMMUFD_PT */
static int device_attach(struct model_device *device, void *arg)
{
	const size_t without_pasid = offsetof(struct abi_vfio_device_attach_iommufd_pt, pasid);
	struct abi_vfio_device_attach_iommufd_pt args = { .argsz = 0 };
	int err;

	err = model_copy_in(&args, (uintptr_t)arg, without_pasid);
	if (err)
		return err;
	if (args.argsz < without_pasid || args.flags & ~(uint32_t)ABI_VFIO_DEVICE_ATTACH_PASID)
		return -EINVAL;
	if (args.flags & ABI_VFIO_DEVICE_ATTACH_PASID) {
		if (args.argsz < sizeof(args))
			return -EINVAL;
		err = model_copy_in(&args, (uintptr_t)arg, sizeof(args));
		if (err == 0)
			err = model_device_attach_pasid(device, args.pasid, &args.pt_id);
	} else {
		err = model_device_attach(device, &args.pt_id);
	}
	if (err == 0)
		((struct abi_vfio_device_attach_iommufd_pt *)arg)->pt_id = args.pt_id;
	return err;
}

/* VFIO_DEVICE_DETACH_IOMMUFD_PT */
static int device_detach(struct model_device *device, void *arg)
{
	const size_t without_pasid = offsetof(struct abi_vfio_device_detach_iommufd_pt, pasid);
	struct abi_vfio_device_detach_iommufd_pt args = { .argsz = 0 };
	int err;

	err = model_copy_in(&args, (uintptr_t)arg, without_pasid);
	if (err)
		return err;
	if (args.argsz < without_pasid || args.flags & ~(uint32_t)ABI_VFIO_DEVICE_DETACH_PASID)
		return -EINVAL;
	if (!(args.flags & ABI_VFIO_DEVICE_DETACH_PASID)) {
		model_device_detach(device);
		return 0;
	}
	if (args.argsz < sizeof(args))
		return -EINVAL;
	err = model_copy_in(&args, (uintptr_t)arg, sizeof(args));
	if (err == 0)
		model_device_detach_pasid(device, args.pasid);
	return err;
}

void model_device_reset(struct model_device *device)
{
	unsigned char config[MODEL_EDU_CONFIG_SIZE];

	model_device_dma_bufs_revoke(device);
	memcpy(config, device->edu.config, sizeof(config));
	model_edu_reset(&device->edu);
	memcpy(device->edu.config, config, sizeof(config));
	model_device_dma_bufs_follow(device);
	model_irqs_update(device);
}

/* VFIO_DEVICE_RESET */
static int device_reset(struct model_device *device, void *arg)
{
	(void)arg;
	if (!device->config.resets)
		return -EINVAL;
	model_device_reset(device);
	return 0;
}

static int device_ioctl(void *object, unsigned long request, void *arg)
{
	static const struct {
		uint32_t request;
		model_device_ioctl_function *function;
	} ioctls[] = {
		{ ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, device_attach },
		{ ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT, device_detach },
		{ ABI_VFIO_DEVICE_FEATURE, model_device_feature },
		{ ABI_VFIO_DEVICE_GET_REGION_INFO, model_device_get_region_info },
		{ ABI_VFIO_DEVICE_GET_INFO, model_device_get_info },
		{ ABI_VFIO_DEVICE_GET_IRQ_INFO, model_device_get_irq_info },
		{ ABI_VFIO_DEVICE_SET_IRQS, model_irqs_set },
		{ ABI_VFIO_DEVICE_RESET, device_reset },
		{ ABI_VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, model_device_get_hot_reset_info },
		{ ABI_VFIO_DEVICE_PCI_HOT_RESET, model_device_hot_reset },
		{ ABI_VFIO_DEVICE_IOEVENTFD, model_device_ioeventfd },
	};
	struct model_device_file *file = object;

	if ((uint32_t)request == ABI_VFIO_DEVICE_BIND_IOMMUFD)
		return device_bind(file, arg);
	if (file->device->bound != file)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(ioctls); i++)
		if (ioctls[i].request == (uint32_t)request)
			return ioctls[i].function(file->device, arg);
	return -ENOTTY;
}

const struct model_file_kind model_device_file = {
	.ioctl = device_ioctl,
	.mmap = model_device_mmap,
	.read = model_device_read,
	.write = model_device_write,
	.close = device_close,
};

int model_device_open(struct iommuctl_model *model, unsigned int index)
{
	struct model_device_file *file;
	int fd;

	if (index >= model->config.device_count || model->devices[index].requested)
		return -ENOENT;
	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->device = &model->devices[index];
	file->users = 1;
	fd = model_file_open(model, &model_device_file, file);
	if (fd < 0)
		free(file);
	else
		file->device->files++;
	return fd;
}
