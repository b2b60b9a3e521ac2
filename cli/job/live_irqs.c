// SPDX-License-Identifier: MIT
/* How interrupts are made and unmade. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "job/live_makers.h"

/* Which kind of interrupt @irq is, where that is left to the device. */
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

int live_make_irq(struct live *live, const struct document_object *object)
{
	const struct job_irq *irq = (const struct job_irq *)object;
	struct live_object *state = live_object(live, object);
	int device = live_object(live, irq->device.target)->fd;
	uint32_t index;
	int err;

	err = irq_index(live, irq, &index);
	if (err)
		return live_fail(live, object, err);
	state->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (state->fd < 0)
		return live_fail_with(live, object, -errno, "eventfd", "%s", strerror(errno));
	err = iommuctl_vfio_irqs_enable(
		live->ctx, device, index, (uint32_t)irq->vector, &state->fd, 1);
	if (err) {
		live_fail(live, object, err);
		close(state->fd);
	}
	return err;
}

static bool is_last_vector(const struct live *live, const struct job_irq *irq)
{
	const struct job_irq *irqs = live->job->objects[JOB_IRQS].items;

	for (size_t i = 0; i < live->job->objects[JOB_IRQS].count; i++) {
		if (&irqs[i] != irq && live->objects[JOB_IRQS][i].made &&
			irqs[i].device.target == irq->device.target && irqs[i].index == irq->index)
			return false;
	}
	return true;
}

int live_unmake_irq(struct live *live, const struct document_object *object)
{
	const struct job_irq *irq = (const struct job_irq *)object;
	int device = live_object(live, irq->device.target)->fd;
	const int none = -1;
	uint32_t index;
	int err;

	err = irq_index(live, irq, &index);
	/* Disabling an index ends all of its vectors. */
	if (!err && is_last_vector(live, irq))
		err = iommuctl_vfio_irqs_disable(live->ctx, device, index);
	else if (!err)
		err = iommuctl_vfio_irqs_enable(
			live->ctx, device, index, (uint32_t)irq->vector, &none, 1);
	if (err)
		live_fail(live, object, err);
	close(live_object(live, object)->fd);
	return err;
}
