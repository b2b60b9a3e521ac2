// SPDX-License-Identifier: MIT
/* Making and unmaking interrupts. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "job/live/makers.h"

/* The kind of interrupt of @irq, which may depend on the device. */
static int irq_index(struct live *live, const struct job_irq *irq, uint32_t *index)
{
	struct iommuctl_vfio_irq_info msix;
	int err;

	*index = (uint32_t)irq->index;
	if (irq->index != JOB_IRQ_ANY_MSI)
		return 0;
	err = iommuctl_vfio_irqs_get_info(
		live->ctx, live_object(live, irq->device.target)->fd, JOB_IRQ_MSIX, &msix);
	*index = !err && msix.count ? JOB_IRQ_MSIX : JOB_IRQ_MSI;
	return err;
}

/* Whether no other interrupt of the kind of @irq is enabled. */
static bool is_alone(const struct live *live, const struct job_irq *irq)
{
	const struct job_irq *irqs = live->job->objects[JOB_IRQS].items;

	for (size_t i = 0; i < live->job->objects[JOB_IRQS].count; i++) {
		if (&irqs[i] != irq && live->objects[JOB_IRQS][i].made &&
			irqs[i].device.target == irq->device.target && irqs[i].index == irq->index)
			return false;
	}
	return true;
}

/* The number of vectors to enable for all irqs of @irq's kind in the job, limited by the device. */
static int count_vectors(
	struct live *live, const struct job_irq *irq, uint32_t index, uint32_t *count)
{
	const struct job_irq *irqs = live->job->objects[JOB_IRQS].items;
	struct iommuctl_vfio_irq_info info;
	uint64_t last = irq->vector;
	int err;

	for (size_t i = 0; i < live->job->objects[JOB_IRQS].count; i++) {
		if (irqs[i].device.target == irq->device.target && irqs[i].index == irq->index &&
			irqs[i].vector > last)
			last = irqs[i].vector;
	}
	*count = (uint32_t)last + 1;
	if (last == irq->vector)
		return 0;
	err = iommuctl_vfio_irqs_get_info(
		live->ctx, live_object(live, irq->device.target)->fd, index, &info);
	if (!err && info.count < *count)
		*count = info.count > irq->vector ? info.count : (uint32_t)irq->vector + 1;
	return err;
}

/*
 * Enabling the first vector fixes their number, as most interrupt controllers cannot add any later:
 * those without an eventfd wait for theirs.
 */
static int enable(struct live *live, const struct job_irq *irq, uint32_t index, int fd)
{
	const int device = live_object(live, irq->device.target)->fd;
	int fds[JOB_IRQ_VECTORS];
	uint32_t count;
	int err;

	if (!is_alone(live, irq))
		return iommuctl_vfio_irqs_enable(
			live->ctx, device, index, (uint32_t)irq->vector, &fd, 1);
	err = count_vectors(live, irq, index, &count);
	if (err)
		return err;
	for (uint32_t i = 0; i < count; i++)
		fds[i] = i == irq->vector ? fd : -1;
	return iommuctl_vfio_irqs_enable(live->ctx, device, index, 0, fds, count);
}

/* Explains that the number of vectors was fixed when the first was enabled. */
static void explain_late(struct live *live, const struct job_irq *irq, uint32_t index)
{
	struct iommuctl_vfio_irq_info info;

	if (is_alone(live, irq) ||
		iommuctl_vfio_irqs_get_info(
			live->ctx, live_object(live, irq->device.target)->fd, index, &info) ||
		!(info.flags & IOMMUCTL_VFIO_IRQ_INFO_NORESIZE) || irq->vector >= info.count)
		return;
	failure_explain(&live->failure,
		"other vectors of the device are enabled; higher ones cannot be added until they "
		"are disabled",
		"destroy its irqs, and create them again with the highest vector first");
}

int live_make_irq(struct live *live, const struct document_object *object)
{
	const struct job_irq *irq = (const struct job_irq *)object;
	struct live_object *state = live_object(live, object);
	uint32_t index;
	int err;

	err = irq_index(live, irq, &index);
	if (err)
		return live_fail(live, object, err);
	state->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (state->fd < 0)
		return live_fail_with(live, object, -errno, "eventfd", "%s", strerror(errno));
	err = enable(live, irq, index, state->fd);
	if (err) {
		live_fail(live, object, err);
		close(state->fd);
	}
	if (err == -EINVAL)
		explain_late(live, irq, index);
	return err;
}

int live_unmake_irq(struct live *live, const struct document_object *object)
{
	const struct job_irq *irq = (const struct job_irq *)object;
	int device = live_object(live, irq->device.target)->fd;
	const int none = -1;
	uint32_t index;
	int err;

	err = irq_index(live, irq, &index);
	/* Disabling an index disables all of its vectors. */
	if (!err && is_alone(live, irq))
		err = iommuctl_vfio_irqs_disable(live->ctx, device, index);
	else if (!err)
		err = iommuctl_vfio_irqs_enable(
			live->ctx, device, index, (uint32_t)irq->vector, &none, 1);
	if (err)
		live_fail(live, object, err);
	close(live_object(live, object)->fd);
	return err;
}
