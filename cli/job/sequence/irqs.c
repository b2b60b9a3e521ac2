// SPDX-License-Identifier: MIT
/* Making interrupts: what a device has, and what its MSIs need. */
#include <errno.h>
#include <inttypes.h>

#include "job/sequence/sequence.h"

static int check_irq_neighbour(
	struct sequence *sequence, const struct job_irq *irq, const struct job_irq *other)
{
	if (other->index != irq->index)
		return sequence_refuse(sequence, -EINVAL,
			"devices.%s already uses another kind of interrupt, in irqs.%s: only one "
			"can be used at a time",
			irq->device.name, other->object.name);
	/* The kernel takes it, and the last eventfd gets all interrupts. */
	if (other->vector == irq->vector)
		return sequence_problem(sequence,
			"irqs.%s already has this vector of devices.%s: one of them would never "
			"fire",
			other->object.name, irq->device.name);
	return 0;
}

static uint32_t vectors_of(const struct platform_facts *facts, const struct job_irq *irq)
{
	if (irq->index != JOB_IRQ_ANY_MSI)
		return facts->vectors[irq->index];
	return facts->vectors[JOB_IRQ_MSIX] ? facts->vectors[JOB_IRQ_MSIX]
					    : facts->vectors[JOB_IRQ_MSI];
}

/* Elsewhere an MSI needs no mapping. A machine that has vIOMMUs of an SMMU is behind SMMUs. */
static bool is_behind_smmu(const struct sequence *sequence, const struct document_object *device)
{
	const struct job_viommu *viommus = sequence->job->objects[JOB_VIOMMUS].items;
	struct platform_facts facts;

	if (sequence_facts(sequence, device, &facts))
		return facts.iommu == PLATFORM_SMMUV3;
	for (size_t i = 0; i < sequence->job->objects[JOB_VIOMMUS].count; i++) {
		if (viommus[i].type == IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3 ||
			job_is_vintf(&viommus[i].object))
			return true;
	}
	return false;
}

/* The doorbell is mapped in what the group of a device is attached to. */
static int check_doorbell(struct sequence *sequence, const struct job_irq *irq)
{
	const struct document_object *device = irq->device.target;

	if (irq->index == JOB_IRQ_INTX || !is_behind_smmu(sequence, device) ||
		sequence->attached[device->index] ||
		sequence_is_group_at(sequence, device, NULL) != SEQUENCE_NO)
		return 0;
	return sequence_refuse(sequence, -ENOSPC,
		"devices.%s is not attached to anything that could map the doorbell",
		irq->device.name);
}

int sequence_make_irq(struct sequence *sequence, const struct document_object *object)
{
	const struct job_irq *irq = (const struct job_irq *)object;
	const struct job_irq *others = sequence->job->objects[JOB_IRQS].items;
	struct platform_facts facts;
	int err = sequence_need_hardware(sequence, irq->device.target, "has no interrupts");

	for (size_t i = 0; !err && i < sequence->job->objects[JOB_IRQS].count; i++) {
		if (sequence_is_certain(sequence, &others[i].object) &&
			others[i].device.target == irq->device.target)
			err = check_irq_neighbour(sequence, irq, &others[i]);
	}
	if (err)
		return err;
	if (irq->index == JOB_IRQ_INTX && irq->vector)
		return sequence_refuse(sequence, -EINVAL, "INTx has only vector 0");
	if (sequence_facts(sequence, irq->device.target, &facts) &&
		irq->vector >= vectors_of(&facts, irq))
		return sequence_refuse(sequence, -EINVAL,
			"devices.%s on this machine has %" PRIu32 " vectors of this kind",
			irq->device.name, vectors_of(&facts, irq));
	return check_doorbell(sequence, irq);
}
