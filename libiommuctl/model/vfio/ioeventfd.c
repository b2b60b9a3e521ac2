// SPDX-License-Identifier: MIT
/*
 * Eventfds that write to a BAR. The kernel does so at once; here it happens with the next call, as
 * the model has no thread of its own, once for all signals by then.
 *
 * Source: drivers/vfio/pci/vfio_pci_rdwr.c of Linux 7.3.
 */
#include "model/machine.h"
#include "model/user.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "abi/vfio.h"
#include "abi/vfio_pci.h"

#define IOEVENTFDS_MAX 1000

struct model_ioeventfd {
	struct model_ioeventfd *next;
	struct model_bar_range range;
	uint64_t data;
	int fd; /* our own */
	bool signalled;
};

/* The link to an identical write; to the end of the list if there is none. */
static struct model_ioeventfd **find(
	struct model_device *device, const struct model_bar_range *range, uint64_t data)
{
	struct model_ioeventfd **link = &device->ioeventfds;

	while (*link &&
		((*link)->range.index != range->index || (*link)->range.offset != range->offset ||
			(*link)->range.size != range->size || (*link)->data != data))
		link = &(*link)->next;
	return link;
}

static void take_away(struct model_device *device, struct model_ioeventfd **link)
{
	struct model_ioeventfd *gone = *link;

	*link = gone->next;
	close(gone->fd);
	free(gone);
	device->ioeventfd_count--;
	device->model->ioeventfd_count--;
}

void model_ioeventfds_release(struct model_device *device)
{
	while (device->ioeventfds)
		take_away(device, &device->ioeventfds);
}

static int add(
	struct model_device *device, const struct model_bar_range *range, uint64_t data, int fd)
{
	struct model_ioeventfd *made;
	int copy;

	if (fd < 0)
		return -ENODEV;
	if (device->ioeventfd_count >= IOEVENTFDS_MAX)
		return -ENOSPC;
	made = malloc(sizeof(*made));
	if (!made)
		return -ENOMEM;
	copy = model_eventfd_take(device->model, fd);
	if (copy < 0) {
		free(made);
		return copy;
	}
	*made = (struct model_ioeventfd){
		.next = device->ioeventfds,
		.range = *range,
		.data = data,
		.fd = copy,
	};
	device->ioeventfds = made;
	device->ioeventfd_count++;
	device->model->ioeventfd_count++;
	return 0;
}

/* VFIO_DEVICE_IOEVENTFD */
int model_device_ioeventfd(struct model_device *device, void *arg)
{
	const size_t minimum = offsetof(struct abi_vfio_device_ioeventfd, reserved);
	struct abi_vfio_device_ioeventfd args;
	struct model_ioeventfd **link;
	struct model_bar_range range;
	uint64_t bar_size;

	if (model_copy_in(&args, (uintptr_t)arg, minimum))
		return -EFAULT;
	if (args.argsz < minimum || args.flags & ~(uint32_t)ABI_VFIO_DEVICE_IOEVENTFD_SIZE_MASK ||
		__builtin_popcount(args.flags) != 1 || args.fd < -1)
		return -EINVAL;
	range = model_bar_range_at(args.offset, args.flags);
	bar_size = model_bar_size(device, range.index);
	if (range.size > bar_size || range.offset > bar_size - range.size)
		return -EINVAL;
	link = find(device, &range, args.data);
	if (!*link)
		return add(device, &range, args.data, args.fd);
	if (args.fd != -1)
		return -EEXIST;
	take_away(device, link);
	return 0;
}

static bool is_signalled(const struct model_ioeventfd *ioeventfd)
{
	struct pollfd ready = { .fd = ioeventfd->fd, .events = POLLIN };

	return poll(&ready, 1, 0) == 1;
}

static void notice(struct model_device *device)
{
	for (struct model_ioeventfd *at = device->ioeventfds; at; at = at->next)
		at->signalled = is_signalled(at);
}

/* Another one with the same eventfd may have taken the signal. Writes to disabled BARs are lost. */
static void write_data(struct model_device *device, struct model_ioeventfd *ioeventfd)
{
	uint64_t data = htole64(ioeventfd->data), count;

	ioeventfd->signalled = false;
	if (is_signalled(ioeventfd) && read(ioeventfd->fd, &count, sizeof(count)) < 0)
		return;
	if (model_bars_are_on(device))
		model_bar_access(device, &ioeventfd->range, &data, true);
}

static void follow(struct model_device *device)
{
	for (struct model_ioeventfd *at = device->ioeventfds; at; at = at->next)
		if (at->signalled)
			write_data(device, at);
}

void model_ioeventfds_follow(struct iommuctl_model *model)
{
	if (!model->ioeventfd_count)
		return;
	for (size_t i = 0; i < model->config.device_count; i++)
		notice(&model->devices[i]);
	for (size_t i = 0; i < model->config.device_count; i++)
		follow(&model->devices[i]);
}
