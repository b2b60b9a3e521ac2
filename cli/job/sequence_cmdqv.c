// SPDX-License-Identifier: MIT
/* What the Tegra241 CMDQV driver refuses. */
#include <errno.h>
#include <inttypes.h>

#include "job/sequence.h"
#include "document/value.h"

#define VSID_MAX	 UINT64_C(0xfffff)
#define QUEUE_LENGTH_MIN 32

/* False if the SMMU of @device is unknown or has no CMDQV. */
static bool find_cmdqv(const struct sequence *sequence, const struct document_object *device,
	struct platform_facts *facts)
{
	return sequence_facts(sequence, device, facts) && facts->cmdqv_queues;
}

int sequence_make_vintf_vdevice(struct sequence *sequence, const struct job_vdevice *vdevice)
{
	const struct job_vdevice *others = sequence->job->objects[JOB_VDEVICES].items;
	struct platform_facts facts;
	size_t count = 0;

	if (!job_is_vintf(vdevice->viommu.target))
		return 0;
	if (vdevice->vsid > VSID_MAX)
		return sequence_refuse(sequence, -EINVAL,
			"vsid 0x%" PRIx64 " has more than the 20 bits that a CMDQV supports",
			vdevice->vsid);
	for (size_t i = 0; i < sequence->job->objects[JOB_VDEVICES].count; i++)
		count += sequence->exists[JOB_VDEVICES][i] &&
			 others[i].viommu.target == vdevice->viommu.target;
	if (!find_cmdqv(sequence, vdevice->device.target, &facts) || count < facts.cmdqv_vsids)
		return 0;
	return sequence_refuse(sequence, -ENOSPC,
		"viommus.%s already has %u vDEVICEs, the most that this machine's CMDQV supports",
		vdevice->viommu.name, facts.cmdqv_vsids);
}

/* The queue with @index in @viommu at this point; NULL: none. */
static const struct job_hw_queue *find_queue(
	const struct sequence *sequence, const struct document_object *viommu, uint64_t index)
{
	const struct job_hw_queue *queues = sequence->job->objects[JOB_HW_QUEUES].items;

	for (size_t i = 0; i < sequence->job->objects[JOB_HW_QUEUES].count; i++) {
		if (sequence->exists[JOB_HW_QUEUES][i] && queues[i].viommu.target == viommu &&
			queues[i].index == index)
			return &queues[i];
	}
	return NULL;
}

static int check_place(struct sequence *sequence, const struct job_hw_queue *queue)
{
	const struct job_viommu *viommu = (const struct job_viommu *)queue->viommu.target;
	const struct job_hw_queue *other = find_queue(sequence, queue->viommu.target, queue->index);
	struct platform_facts facts;

	if (find_cmdqv(sequence, viommu->device.target, &facts) &&
		queue->index >= facts.cmdqv_queues)
		return sequence_refuse(sequence, -EINVAL,
			"a vIOMMU of this machine's CMDQV has %u queues, from index 0",
			facts.cmdqv_queues);
	if (other)
		return sequence_refuse(sequence, -EEXIST, "hw-queues.%s already has index %" PRIu64,
			other->object.name, queue->index);
	if (!queue->index || find_queue(sequence, queue->viommu.target, queue->index - 1))
		return 0;
	return sequence_refuse(sequence, -EIO,
		"viommus.%s has no queue with index %" PRIu64 " at this point: make queues from "
		"index 0 upwards",
		queue->viommu.name, queue->index - 1);
}

/* The mock's limits are for steps to find out. */
int sequence_make_hw_queue(struct sequence *sequence, const struct document_object *object)
{
	const struct job_hw_queue *queue = (const struct job_hw_queue *)object;
	const struct job_viommu *viommu = (const struct job_viommu *)queue->viommu.target;
	char bytes[VALUE_TEXT_SIZE];
	int err;

	if (viommu->type == IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3)
		return sequence_refuse(sequence, -EOPNOTSUPP,
			"viommus.%s is of type arm-smmuv3, which has no HW queues: use type "
			"tegra241-cmdqv, on an SMMU that has a CMDQV",
			queue->viommu.name);
	if (!job_is_vintf(queue->viommu.target))
		return 0;
	err = check_place(sequence, queue);
	if (err)
		return err;
	if (queue->size & (queue->size - 1) || queue->size < QUEUE_LENGTH_MIN)
		return sequence_refuse(sequence, -EINVAL,
			"size is %s: it must be a power of two of at least 32 bytes",
			value_print_size(queue->size, bytes));
	return 0;
}

int sequence_destroy_hw_queue(struct sequence *sequence, const struct document_object *object)
{
	const struct job_hw_queue *queue = (const struct job_hw_queue *)object;
	const struct job_hw_queue *after;

	if (object->collection != JOB_HW_QUEUES || !job_is_vintf(queue->viommu.target))
		return 0;
	after = find_queue(sequence, queue->viommu.target, queue->index + 1);
	if (!after)
		return 0;
	return sequence_refuse(sequence, -EBUSY,
		"hw-queues.%s has a higher index: destroy queues from the highest index downwards",
		after->object.name);
}
