// SPDX-License-Identifier: MIT
/* The kernel's requests for a device back, and what has to go with the device. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "job/live/request.h"

/* Devices on other buses number their interrupts differently. */
static int has_request(struct live *live, int device, bool *has)
{
	struct iommuctl_vfio_device_info info;
	struct iommuctl_vfio_irq_info request = { .count = 0 };
	int err = iommuctl_vfio_device_get_info(live->ctx, device, &info);

	if (!err && info.flags & IOMMUCTL_VFIO_DEVICE_FLAGS_PCI &&
		info.num_irqs > IOMMUCTL_VFIO_PCI_REQ_IRQ_INDEX)
		err = iommuctl_vfio_irqs_get_info(
			live->ctx, device, IOMMUCTL_VFIO_PCI_REQ_IRQ_INDEX, &request);
	*has = request.count;
	return err;
}

int live_watch_device_request(struct live *live, const struct document_object *object)
{
	struct live_device *device = &live->devices[object->index];
	const struct live_object *state = live_object(live, object);
	bool has = false;
	int fd, err;

	/* There is one interrupt: whoever has it open as well may have set it. */
	if (device->handed_over || device->was_passed)
		return 0;
	/* A mock is not a VFIO device. */
	if (!live->takes_requests || !state->id || ((const struct job_device *)object)->mock)
		return 0;
	err = has_request(live, state->fd, &has);
	if (err)
		return live_fail(live, object, err);
	if (!has)
		return 0;
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return live_fail_with(live, object, -errno, "eventfd", "%s", strerror(errno));
	err = iommuctl_vfio_irqs_enable(
		live->ctx, state->fd, IOMMUCTL_VFIO_PCI_REQ_IRQ_INDEX, 0, &fd, 1);
	if (err) {
		live_fail(live, object, err);
		close(fd);
		return err;
	}
	device->takes_requests = true;
	device->request = fd;
	return 0;
}

void live_unwatch_device_request(struct live *live, const struct document_object *object)
{
	struct live_device *device = &live->devices[object->index];

	if (device->takes_requests)
		close(device->request);
	device->takes_requests = false;
}

bool live_poll_device_request(struct live_device *device)
{
	eventfd_t count;

	return device->takes_requests && !eventfd_read(device->request, &count);
}

/* Whether @entry cannot exist without @device. */
static bool goes_with(const struct live_entry *entry, const struct document_object *device)
{
	const struct job_vdevice *vdevice = (const struct job_vdevice *)entry->object;

	if (entry->is_attachment)
		return entry->object == device;
	return entry->object->collection == JOB_VDEVICES && vdevice->device.target == device;
}

int live_give_back(struct live *live, const struct document_object *device)
{
	int err, first = 0;

	live->failure = (struct failure){ 0 };
	live->undoing = true;
	for (size_t i = live->entry_count; i-- > 0;) {
		const struct live_entry entry = live->entries[i];

		if (!goes_with(&entry, device))
			continue;
		err = live_undo(live, &entry);
		first = first ? first : err;
	}
	/* Closing it removes whatever could not be undone. */
	err = live_unmake(live, device);
	first = first ? first : err;
	live->undoing = false;
	return first;
}
