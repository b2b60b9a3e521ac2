// SPDX-License-Identifier: MIT
#include "array.h"
#include "model/vfio/vfio.h"
#include "model/iommufd/iommufd.h"
#include "model/user.h"

#include <errno.h>
#include <stddef.h>

#include "abi/vfio.h"
#include "model/vfio/irq.h"

#define DATA_BITS                                                                                  \
	((uint32_t)(ABI_VFIO_IRQ_SET_DATA_NONE | ABI_VFIO_IRQ_SET_DATA_BOOL |                      \
		    ABI_VFIO_IRQ_SET_DATA_EVENTFD))
#define ACTION_BITS                                                                                \
	((uint32_t)(ABI_VFIO_IRQ_SET_ACTION_MASK | ABI_VFIO_IRQ_SET_ACTION_UNMASK |                \
		    ABI_VFIO_IRQ_SET_ACTION_TRIGGER))

unsigned int model_irqs_count(unsigned int index)
{
	return index < ABI_VFIO_PCI_NUM_IRQS && index != ABI_VFIO_PCI_MSIX_IRQ_INDEX;
}

static bool is_msi(const struct model_device *device)
{
	return device->irqs.delivery == ABI_VFIO_PCI_MSI_IRQ_INDEX;
}

/*
 * A no longer handled interrupt has no address. One that is not handled yet waits, and is delivered
 * once it is.
 */
static int set_msi_trigger(struct model_device *device, int fd)
{
	struct model_irqs *irqs = &device->irqs;
	int *trigger = &irqs->triggers[ABI_VFIO_PCI_MSI_IRQ_INDEX];
	int copy;

	if (*trigger >= 0) {
		model_irq_drop(trigger);
		irqs->msi_address = 0;
	}
	if (fd < 0)
		return 0;
	copy = model_eventfd_take(device->model, fd);
	if (copy < 0)
		return copy;
	*trigger = copy;
	irqs->msi_address = model_msi_window(device).doorbell;
	if (irqs->msi_pending)
		model_irq_signal(device, ABI_VFIO_PCI_MSI_IRQ_INDEX);
	irqs->msi_unclaimed = irqs->msi_pending = false;
	return 0;
}

/*
 * The kernel maps the doorbell into what the device is attached to. If there is nothing, it fails
 * without freeing the vector that it has allocated, so it keeps failing.
 */
static int enable_msi(struct model_device *device)
{
	const struct model_msi_window msi = model_msi_window(device);
	struct model_hwpt_paging *paging = model_paging_of(device->streaming);

	if (!paging && msi.translated)
		device->irqs.msi_spent = true;
	if (device->irqs.msi_spent)
		return -ENOSPC;
	if (msi.translated)
		paging->msi_mapped = true;
	device->msi_required = true;
	device->irqs.delivery = ABI_VFIO_PCI_MSI_IRQ_INDEX;
	device->irqs.msi_address = msi.doorbell;
	device->irqs.msi_unclaimed = true;
	device->irqs.msi_pending = false;
	return 0;
}

static int set_msi(struct model_device *device, const struct model_irq_request *request)
{
	const bool was_enabled = is_msi(device);
	int err;

	if (request->count == 0)
		return was_enabled ? 0 : -ERANGE;
	err = was_enabled ? 0 : enable_msi(device);
	if (err)
		return err;
	err = set_msi_trigger(device, request->fd);
	if (err && !was_enabled)
		model_irq_disable(device);
	return err;
}

static int msi_trigger(struct model_device *device, const struct model_irq_request *request)
{
	if (is_msi(device) && request->count == 0 && request->data == ABI_VFIO_IRQ_SET_DATA_NONE) {
		model_irq_disable(device);
		return 0;
	}
	if (!is_msi(device) && device->irqs.delivery != MODEL_IRQ_INDEXES)
		return -EINVAL;
	if (request->data == ABI_VFIO_IRQ_SET_DATA_EVENTFD)
		return set_msi(device, request);
	if (!is_msi(device))
		return -EINVAL;
	if (request->count && request->on)
		model_irq_signal(device, ABI_VFIO_PCI_MSI_IRQ_INDEX);
	return 0;
}

/* The error interrupt, which is never raised here, and the request. */
static int single_trigger(struct model_device *device, const struct model_irq_request *request)
{
	int *trigger = &device->irqs.triggers[request->index];
	int copy = -1;

	if (request->data == ABI_VFIO_IRQ_SET_DATA_NONE) {
		if (*trigger < 0)
			return -EINVAL;
		if (request->count)
			model_irq_signal(device, request->index);
		else
			model_irq_drop(trigger);
		return 0;
	}
	if (request->count == 0)
		return -EINVAL;
	if (request->data == ABI_VFIO_IRQ_SET_DATA_BOOL) {
		if (request->on)
			model_irq_signal(device, request->index);
		return 0;
	}
	if (request->fd < -1)
		return -EINVAL;
	if (request->fd >= 0)
		copy = model_eventfd_take(device->model, request->fd);
	if (request->fd >= 0 && copy < 0)
		return copy;
	model_irq_drop(trigger);
	*trigger = copy;
	return 0;
}

static model_irq_action *find_action(uint32_t index, uint32_t action)
{
	static const struct {
		uint32_t index;
		uint32_t action;
		model_irq_action *function;
	} actions[] = {
		{ ABI_VFIO_PCI_INTX_IRQ_INDEX, ABI_VFIO_IRQ_SET_ACTION_MASK, model_irq_intx_mask },
		{ ABI_VFIO_PCI_INTX_IRQ_INDEX, ABI_VFIO_IRQ_SET_ACTION_UNMASK,
			model_irq_intx_unmask },
		{ ABI_VFIO_PCI_INTX_IRQ_INDEX, ABI_VFIO_IRQ_SET_ACTION_TRIGGER,
			model_irq_intx_trigger },
		{ ABI_VFIO_PCI_MSI_IRQ_INDEX, ABI_VFIO_IRQ_SET_ACTION_TRIGGER, msi_trigger },
		{ ABI_VFIO_PCI_ERR_IRQ_INDEX, ABI_VFIO_IRQ_SET_ACTION_TRIGGER, single_trigger },
		{ ABI_VFIO_PCI_REQ_IRQ_INDEX, ABI_VFIO_IRQ_SET_ACTION_TRIGGER, single_trigger },
	};

	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (actions[i].index == index && actions[i].action == action)
			return actions[i].function;
	return NULL;
}

static int check(const struct abi_vfio_irq_set *set)
{
	const unsigned int count = model_irqs_count(set->index);

	if (set->argsz < sizeof(*set) || set->count >= UINT32_MAX - set->start ||
		set->flags & ~(DATA_BITS | ACTION_BITS))
		return -EINVAL;
	return set->start >= count || set->start + set->count > count ? -EINVAL : 0;
}

static int read_data(
	const struct abi_vfio_irq_set *set, uint64_t user, struct model_irq_request *request)
{
	uint8_t on = 1;
	size_t size;
	void *to;

	switch (request->data) {
	case ABI_VFIO_IRQ_SET_DATA_NONE:
		size = 0;
		to = NULL;
		break;
	case ABI_VFIO_IRQ_SET_DATA_BOOL:
		size = sizeof(on);
		to = &on;
		break;
	case ABI_VFIO_IRQ_SET_DATA_EVENTFD:
		size = sizeof(request->fd);
		to = &request->fd;
		break;
	default: return -EINVAL;
	}
	size *= request->count;
	if (set->argsz - sizeof(*set) < size)
		return -EINVAL;
	if (model_copy_in(to, user, size))
		return -EFAULT;
	request->on = on;
	return 0;
}

/* VFIO_DEVICE_SET_IRQS */
int model_irqs_set(struct model_device *device, void *arg)
{
	struct model_irq_request request;
	model_irq_action *function;
	struct abi_vfio_irq_set set;
	int err;

	err = model_copy_in(&set, (uintptr_t)arg, sizeof(set));
	if (err)
		return err;
	err = check(&set);
	if (err)
		return err;
	request = (struct model_irq_request){
		.index = set.index,
		.data = set.flags & DATA_BITS,
		.count = set.count,
		.fd = -1,
	};
	err = read_data(&set, (uintptr_t)arg + sizeof(set), &request);
	if (err)
		return err;
	function = find_action(set.index, set.flags & ACTION_BITS);
	err = function ? function(device, &request) : -ENOTTY;
	/* The kernel repeats the request, so none is too early. */
	if (!err && set.index == ABI_VFIO_PCI_REQ_IRQ_INDEX &&
		request.data == ABI_VFIO_IRQ_SET_DATA_EVENTFD)
		model_irqs_request(device);
	model_irqs_update(device);
	return err;
}
