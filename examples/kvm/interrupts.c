// SPDX-License-Identifier: MIT
/* Routes a function's interrupts to the guest. */
#include "interrupts.h"

#include <errno.h>
#include <linux/kvm.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "report.h"

static uint32_t vfio_index(enum msi_kind kind)
{
	return kind == MSI_X ? IOMMUCTL_VFIO_PCI_MSIX_IRQ_INDEX : IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX;
}

static bool has_fired(const struct interrupts *interrupts, unsigned int vector)
{
	struct pollfd waiting = { .fd = interrupts->eventfds[vector], .events = POLLIN };

	return poll(&waiting, 1, 0) == 1;
}

static int set_irqfd(const struct interrupts *interrupts, const struct interrupt_ends *ends,
	unsigned int vector, uint32_t flags)
{
	const struct kvm_irqfd irqfd = {
		.fd = (uint32_t)interrupts->eventfds[vector],
		.gsi = ends->first_gsi + vector,
		.flags = flags,
	};

	return vm_ioctl(ends->routes->vm->fd, KVM_IRQFD, "KVM_IRQFD of a function", &irqfd);
}

/* KVM takes only what comes from now on: what is pending is signalled again. */
static int unmask(
	struct interrupts *interrupts, const struct interrupt_ends *ends, unsigned int vector)
{
	const uint64_t one = 1;
	uint64_t fired = 0;
	int err;

	if (read(interrupts->eventfds[vector], &fired, sizeof(fired)) < 0)
		fired = 0;
	err = set_irqfd(interrupts, ends, vector, 0);
	interrupts->routed[vector] = !err;
	if (fired && write(interrupts->eventfds[vector], &one, sizeof(one)) < 0)
		err = -errno;
	return err;
}

static void mask(
	struct interrupts *interrupts, const struct interrupt_ends *ends, unsigned int vector)
{
	set_irqfd(interrupts, ends, vector, KVM_IRQFD_FLAG_DEASSIGN);
	interrupts->routed[vector] = false;
}

static void update_vector(struct interrupts *interrupts, const struct interrupt_ends *ends,
	unsigned int vector, struct msi_vector wanted)
{
	if (wanted.masked) {
		if (interrupts->routed[vector])
			mask(interrupts, ends, vector);
		return;
	}
	if (irq_routes_set(ends->routes, ends->first_gsi + vector, ends->its_device, wanted.data))
		return;
	if (!interrupts->routed[vector])
		unmask(interrupts, ends, vector);
}

static void close_eventfds(struct interrupts *interrupts, unsigned int count)
{
	while (count)
		close(interrupts->eventfds[--count]);
}

static int open_eventfds(struct interrupts *interrupts, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		interrupts->eventfds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		interrupts->routed[i] = false;
		if (interrupts->eventfds[i] < 0) {
			int error = errno;

			close_eventfds(interrupts, i);
			return -error;
		}
	}
	return 0;
}

/*
 * Takes all vectors at once: it is unknown which ones the guest will use, and some hosts cannot add
 * any later.
 */
static void start(struct interrupts *interrupts, const struct interrupt_ends *ends)
{
	int err = open_eventfds(interrupts, interrupts->count);

	if (err) {
		if (!interrupts->reported)
			report_error(ends->name, -err, "raise the limit of open files");
		interrupts->reported = true;
		return;
	}
	err = iommuctl_vfio_irqs_enable(ends->ctx, ends->device, vfio_index(interrupts->kind), 0,
		interrupts->eventfds, interrupts->count);
	if (err) {
		if (!interrupts->reported)
			report_library(ends->ctx, ends->name, -err);
		interrupts->reported = true;
		close_eventfds(interrupts, interrupts->count);
		return;
	}
	interrupts->works = true;
}

static void finish(struct interrupts *interrupts, const struct interrupt_ends *ends)
{
	int err;

	for (unsigned int i = 0; i < interrupts->count; i++) {
		if (interrupts->routed[i])
			mask(interrupts, ends, i);
	}
	err = iommuctl_vfio_irqs_disable(ends->ctx, ends->device, vfio_index(interrupts->kind));
	if (err)
		report_library(ends->ctx, ends->name, -err);
	close_eventfds(interrupts, interrupts->count);
}

void interrupts_stop(struct interrupts *interrupts, const struct interrupt_ends *ends)
{
	if (interrupts->works)
		finish(interrupts, ends);
	interrupts->works = false;
	interrupts->kind = MSI_OFF;
	interrupts->count = 0;
}

void interrupts_update(struct interrupts *interrupts, const struct interrupt_ends *ends,
	const struct msi *msi, const struct config_space *space)
{
	const enum msi_kind kind = msi_get_kind(msi, space);
	const unsigned int count = msi_get_count(msi, space);

	if (kind != interrupts->kind || count != interrupts->count) {
		interrupts_stop(interrupts, ends);
		interrupts->kind = kind;
		interrupts->count = count;
		if (kind != MSI_OFF)
			start(interrupts, ends);
	}
	if (!interrupts->works)
		return;
	for (unsigned int i = 0; i < count; i++)
		update_vector(interrupts, ends, i, msi_get_vector(msi, space, i));
}

uint64_t interrupts_get_pending(const struct interrupts *interrupts)
{
	uint64_t pending = 0;

	if (!interrupts->works)
		return 0;
	for (unsigned int i = 0; i < interrupts->count; i++) {
		if (!interrupts->routed[i] && has_fired(interrupts, i))
			pending |= UINT64_C(1) << i;
	}
	return pending;
}
