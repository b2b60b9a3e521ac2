// SPDX-License-Identifier: MIT
/* The action that makes a device interrupt. */
#include <errno.h>
#include <inttypes.h>
#include <sys/eventfd.h>

#include "job/actions/action.h"
#include "job/live/live.h"
#include "job/live/stimulus.h"
#include "job/schema/schema.h"
#include "output/text.h"

struct trigger_arguments {
	struct document_ref irq;
	bool delivered;
	uint64_t timeout_ms;
};

static const struct schema_key keys[] = {
	{ "irq", SCHEMA_REF, MEMBER(trigger_arguments, irq), .required = true,
		.collection = JOB_IRQS, .help = "The interrupt." },
	{ "delivered", SCHEMA_BOOL, MEMBER(trigger_arguments, delivered), .fallback = true,
		.help = "Whether it must arrive." },
	{ "timeout-ms", SCHEMA_NUMBER, MEMBER(trigger_arguments, timeout_ms), .max = 600000,
		.fallback = 1000, .help = "Milliseconds to wait for it." },
	{ NULL },
};

static void describe(const void *arguments, char *text, size_t size)
{
	const struct trigger_arguments *trigger = arguments;

	text_append(text, size, "irqs.%s: %s", trigger->irq.name,
		trigger->delivered ? "the eventfd fires" : "nothing arrives");
}

/* VFIO masks INTx as it fires. */
static int unmask_intx(struct live *live, const struct job_irq *irq)
{
	const struct iommuctl_vfio_irq_set_args unmask = {
		.flags = IOMMUCTL_VFIO_IRQ_SET_DATA_NONE | IOMMUCTL_VFIO_IRQ_SET_ACTION_UNMASK,
		.index = IOMMUCTL_VFIO_PCI_INTX_IRQ_INDEX,
		.count = 1,
	};

	if (irq->index != JOB_IRQ_INTX)
		return 0;
	return iommuctl_vfio_irqs_set(
		live->ctx, live_object(live, irq->device.target)->fd, &unmask, NULL);
}

/*
 * Makes the device interrupt: 1 if @fd then fires, 0 if it does not in time, or an error, recorded.
 */
static int raise_and_wait(struct live *live, const struct trigger_arguments *trigger,
	struct stimulus *stimulus, int fd)
{
	const struct job_irq *irq = (const struct job_irq *)trigger->irq.target;
	int ready, err;

	err = stimulus->driver->raise_irq(stimulus, (uint32_t)irq->vector);
	if (err == -EPROTO)
		return live_fail_with(live, irq->device.target, err, "trigger-msi",
			"the %s device does not raise the interrupt", stimulus->driver->name);
	if (err)
		return live_fail(live, irq->device.target, err);
	ready = live_wait_readable(live, fd, trigger->timeout_ms);
	if (stimulus->driver->clear_irq)
		err = stimulus->driver->clear_irq(stimulus, (uint32_t)irq->vector);
	if (!err)
		err = unmask_intx(live, irq);
	if (err)
		return live_fail(live, irq->device.target, err);
	if (ready < 0)
		return live_fail_wait(live, &irq->object, ready);
	return ready;
}

static int run(struct live *live, const struct job_step *step)
{
	const struct trigger_arguments *trigger = step->arguments;
	const struct job_irq *irq = (const struct job_irq *)trigger->irq.target;
	struct stimulus *stimulus;
	eventfd_t count;
	int fd, ready, err;

	err = live_stimulus(live, irq->device.target, &stimulus);
	if (err)
		return err;
	if (irq->vector >= stimulus->driver->vectors)
		return live_fail_with(live, &irq->object, -EOPNOTSUPP, "trigger-msi",
			"the %s driver raises %u vector%s", stimulus->driver->name,
			stimulus->driver->vectors, stimulus->driver->vectors == 1 ? "" : "s");
	if (irq->index == JOB_IRQ_INTX && !stimulus->driver->has_intx)
		return live_fail_with(live, &irq->object, -EOPNOTSUPP, "trigger-msi",
			"the %s driver interrupts by MSI or MSI-X, not by INTx",
			stimulus->driver->name);
	fd = live_object(live, &irq->object)->fd;
	eventfd_read(fd, &count);
	ready = raise_and_wait(live, trigger, stimulus, fd);
	if (ready < 0)
		return ready;
	if (!ready == !trigger->delivered)
		return 0;
	if (ready)
		live_unmet(live, &irq->object, "the interrupt arrived; it was expected not to");
	else
		live_unmet(live, &irq->object, "no interrupt arrived within %" PRIu64 " ms",
			trigger->timeout_ms);
	return live_expected(live, trigger->delivered ? "an interrupt" : "no interrupt");
}

const struct job_action action_trigger_msi = {
	{ "trigger-msi", sizeof(struct trigger_arguments), keys,
		.help = "Makes a device interrupt, and checks whether the eventfd fires." },
	.describe = describe,
	.run = run,
};
