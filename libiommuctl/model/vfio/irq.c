// SPDX-License-Identifier: MIT
#include "model/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "abi/vfio.h"
#include "model/vfio/irq.h"
#include "model/vfio/pci.h"

/* Only its name in /proc tells whether @fd is an eventfd. */
static bool is_eventfd(int fd)
{
	static const char expected[] = "anon_inode:[eventfd]";
	char path[32], target[sizeof(expected)];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, target, sizeof(target));
	return length == sizeof(expected) - 1 && memcmp(target, expected, (size_t)length) == 0;
}

int model_eventfd_take(struct iommuctl_model *model, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (copy < 0)
		return -errno;
	if (!is_eventfd(copy) || model_file_find(model, fd)) {
		close(copy);
		return -EINVAL;
	}
	return copy;
}

void model_irq_drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void model_irq_signal(struct model_device *device, unsigned int index)
{
	const int fd = device->irqs.triggers[index];
	const uint64_t one = 1;

	if (fd >= 0 && write(fd, &one, sizeof(one)) == sizeof(one))
		device->model->counters.interrupts++;
}

static void signal_intx(struct model_device *device)
{
	if (!device->irqs.disabled)
		model_irq_signal(device, ABI_VFIO_PCI_INTX_IRQ_INDEX);
}

static bool is_intx(const struct model_device *device)
{
	return device->irqs.delivery == ABI_VFIO_PCI_INTX_IRQ_INDEX;
}

static bool line_is_up(const struct model_device *device)
{
	return device->edu.irq_status && device->irqs.delivery != ABI_VFIO_PCI_MSI_IRQ_INDEX;
}

/* A still pending interrupt is sent again, and stays masked. */
static void unmask_intx(struct model_device *device)
{
	if (!is_intx(device) || !device->irqs.masked || device->irqs.disabled)
		return;
	if (line_is_up(device))
		signal_intx(device);
	else
		device->irqs.masked = false;
}

static void follow_command(struct model_device *device)
{
	const unsigned int high = device->edu.config[PCI_COMMAND + 1];
	const bool disabled = high & PCI_COMMAND_INTX_DISABLE >> 8;

	if (disabled == device->irqs.disabled)
		return;
	device->irqs.disabled = disabled;
	if (disabled)
		device->irqs.masked = true;
	else
		unmask_intx(device);
}

static void follow_unmask_eventfd(struct model_device *device)
{
	struct pollfd ready = { .fd = device->irqs.unmask, .events = POLLIN };
	uint64_t value;

	if (ready.fd < 0 || poll(&ready, 1, 0) != 1)
		return;
	if (read(ready.fd, &value, sizeof(value)) == sizeof(value))
		unmask_intx(device);
}

void model_irqs_update(struct model_device *device)
{
	follow_command(device);
	follow_unmask_eventfd(device);
	if (!is_intx(device) || device->irqs.masked || !line_is_up(device))
		return;
	device->irqs.masked = true;
	signal_intx(device);
}

void model_irqs_raise(struct model_device *device)
{
	unsigned char message[4] = { 0 };

	if (device->irqs.delivery == ABI_VFIO_PCI_MSI_IRQ_INDEX)
		model_device_dma(
			device, -1, device->irqs.msi_address, message, sizeof(message), true);
	else
		model_irqs_update(device);
}

void model_irqs_deliver(struct model_device *device)
{
	if (device->irqs.delivery != ABI_VFIO_PCI_MSI_IRQ_INDEX)
		return;
	if (device->irqs.msi_unclaimed)
		device->irqs.msi_pending = true;
	else
		model_irq_signal(device, ABI_VFIO_PCI_MSI_IRQ_INDEX);
}

void model_irqs_request(struct model_device *device)
{
	if (device->requested)
		model_irq_signal(device, ABI_VFIO_PCI_REQ_IRQ_INDEX);
}

void model_irqs_init(struct model_device *device)
{
	device->irqs.delivery = MODEL_IRQ_INDEXES;
	device->irqs.unmask = -1;
	for (size_t i = 0; i < MODEL_IRQ_INDEXES; i++)
		device->irqs.triggers[i] = -1;
}

void model_irq_disable(struct model_device *device)
{
	if (device->irqs.delivery < MODEL_IRQ_INDEXES)
		model_irq_drop(&device->irqs.triggers[device->irqs.delivery]);
	model_irq_drop(&device->irqs.unmask);
	device->irqs.delivery = MODEL_IRQ_INDEXES;
}

void model_irqs_release(struct model_device *device)
{
	model_irq_disable(device);
	for (size_t i = 0; i < MODEL_IRQ_INDEXES; i++)
		model_irq_drop(&device->irqs.triggers[i]);
	device->irqs.disabled = false;
}

static int set_intx_trigger(struct model_device *device, int fd)
{
	struct model_irqs *irqs = &device->irqs;
	int copy = fd < 0 ? -1 : model_eventfd_take(device->model, fd);

	if (fd >= 0 && copy < 0)
		return copy;
	model_irq_drop(&irqs->triggers[ABI_VFIO_PCI_INTX_IRQ_INDEX]);
	irqs->triggers[ABI_VFIO_PCI_INTX_IRQ_INDEX] = copy;
	if (!is_intx(device)) {
		irqs->delivery = ABI_VFIO_PCI_INTX_IRQ_INDEX;
		irqs->masked = irqs->disabled;
	}
	return 0;
}

int model_irq_intx_trigger(struct model_device *device, const struct model_irq_request *request)
{
	if (is_intx(device) && request->count == 0 && request->data == ABI_VFIO_IRQ_SET_DATA_NONE) {
		model_irq_disable(device);
		return 0;
	}
	if (!is_intx(device) && device->irqs.delivery != MODEL_IRQ_INDEXES)
		return -EINVAL;
	if (request->count != 1)
		return -EINVAL;
	if (request->data == ABI_VFIO_IRQ_SET_DATA_EVENTFD)
		return set_intx_trigger(device, request->fd);
	if (!is_intx(device))
		return -EINVAL;
	if (request->on)
		signal_intx(device);
	return 0;
}

int model_irq_intx_mask(struct model_device *device, const struct model_irq_request *request)
{
	if (!is_intx(device) || request->count != 1)
		return -EINVAL;
	if (request->data == ABI_VFIO_IRQ_SET_DATA_EVENTFD)
		return -ENOTTY;
	if (request->on)
		device->irqs.masked = true;
	return 0;
}

static int set_unmask_eventfd(struct model_device *device, int fd)
{
	int copy = fd < 0 ? -1 : model_eventfd_take(device->model, fd);

	if (fd >= 0 && copy < 0)
		return copy;
	if (copy >= 0 && device->irqs.unmask >= 0) {
		close(copy);
		return -EBUSY;
	}
	model_irq_drop(&device->irqs.unmask);
	device->irqs.unmask = copy;
	return 0;
}

int model_irq_intx_unmask(struct model_device *device, const struct model_irq_request *request)
{
	if (!is_intx(device) || request->count != 1)
		return -EINVAL;
	if (request->data == ABI_VFIO_IRQ_SET_DATA_EVENTFD)
		return set_unmask_eventfd(device, request->fd);
	if (request->on)
		unmask_intx(device);
	return 0;
}
