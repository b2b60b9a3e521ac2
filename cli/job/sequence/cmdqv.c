// SPDX-License-Identifier: MIT
/* What the Tegra241 CMDQV driver refuses. */
#include <errno.h>
#include <inttypes.h>

#include "job/check/check.h"
#include "job/sequence/sequence.h"
#include "document/value.h"

#define VSID_MAX	 UINT64_C(0xfffff)
#define QUEUE_LENGTH_MIN 32

/* False if the SMMU of @device is unknown or has no CMDQV. */
static bool find_cmdqv(const struct sequence *sequence, const struct document_object *device,
	struct platform_facts *facts)
{
	return sequence_facts(sequence, device, facts) && facts->cmdqv_queues;
}

int sequence_make_vintf(struct sequence *sequence, const struct job_viommu *viommu)
{
	const struct job_viommu *others = sequence->job->objects[JOB_VIOMMUS].items;
	struct platform_facts facts, other;
	unsigned int used = 1;

	if (!job_is_vintf(&viommu->object) ||
		!find_cmdqv(sequence, viommu->device.target, &facts) || !facts.cmdqv_interfaces)
		return 0;
	for (size_t i = 0; i < sequence->job->objects[JOB_VIOMMUS].count; i++)
		used += sequence_is_certain(sequence, &others[i].object) &&
			job_is_vintf(&others[i].object) &&
			find_cmdqv(sequence, others[i].device.target, &other) &&
			other.smmu == facts.smmu;
	if (used < facts.cmdqv_interfaces)
		return 0;
	return sequence_refuse(sequence, -ENOSPC,
		"the kernel and other vIOMMUs use all %u interfaces of this machine's CMDQV",
		facts.cmdqv_interfaces);
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
		count += sequence_is_certain(sequence, &others[i].object) &&
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
		if (sequence_is_certain(sequence, &queues[i].object) &&
			queues[i].viommu.target == viommu && queues[i].index == index)
			return &queues[i];
	}
	return NULL;
}

/* Whether it is doubtful which queues @viommu has. */
static bool has_doubtful_queue(
	const struct sequence *sequence, const struct document_object *viommu)
{
	const struct job_hw_queue *queues = sequence->job->objects[JOB_HW_QUEUES].items;

	for (size_t i = 0; i < sequence->job->objects[JOB_HW_QUEUES].count; i++) {
		const struct document_object *queue = &queues[i].object;

		if (queues[i].viommu.target == viommu && sequence_has(sequence, queue) &&
			!sequence_is_certain(sequence, queue))
			return true;
	}
	return false;
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
	if (!queue->index || find_queue(sequence, queue->viommu.target, queue->index - 1) ||
		has_doubtful_queue(sequence, queue->viommu.target))
		return 0;
	return sequence_refuse(sequence, -EIO,
		"viommus.%s has no queue with index %" PRIu64 " at this point: make queues from "
		"index 0 upwards",
		queue->viommu.name, queue->index - 1);
}

#define PAGE_MASK ((uint64_t)JOB_PAGE - 1)

/* The kernel holds whole pages of what it reads. */
static int check_mapped(struct sequence *sequence, const struct job_hw_queue *queue)
{
	const struct job_viommu *viommu = (const struct job_viommu *)queue->viommu.target;
	const struct document_object *ioas =
		((const struct job_hwpt *)viommu->hwpt.target)->ioas.target;
	const uint64_t first = queue->ipa & ~PAGE_MASK;
	uint64_t last;

	if (!ioas || !sequence_is_certain(sequence, ioas))
		return 0;
	if (__builtin_add_overflow(queue->ipa, queue->size - 1, &last))
		return sequence_refuse(sequence, -EOVERFLOW, "it ends beyond 64 bits of address");
	last |= PAGE_MASK;
	if (!iova_map_covers(&sequence->maps[ioas->index], first, last, 0))
		return sequence_refuse(sequence, -ENOENT,
			"ioas.%s does not map all of 0x%" PRIx64 "-0x%" PRIx64
			", which the queue is in",
			ioas->name, first, last);
	if (iova_map_covers(&sequence->maps[ioas->index], first, last, JOB_PROT_READ))
		return 0;
	return sequence_refuse(sequence, -EPERM,
		"ioas.%s does not map all of 0x%" PRIx64 "-0x%" PRIx64 " to be read", ioas->name,
		first, last);
}

/*
 * A queue is aligned to its size in physical addresses. Of these a kernel's are only known within a
 * page, and a machine that is described has them as in the nesting parent.
 */
static int check_alignment(struct sequence *sequence, const struct job_hw_queue *queue)
{
	const struct job_viommu *viommu = (const struct job_viommu *)queue->viommu.target;
	struct platform_facts facts;
	uint64_t beyond = queue->ipa & (queue->size - 1);
	char bytes[VALUE_TEXT_SIZE];

	if (!find_cmdqv(sequence, viommu->device.target, &facts))
		beyond &= PAGE_MASK;
	if (!beyond)
		return 0;
	return sequence_refuse(sequence, -EINVAL,
		"ipa 0x%" PRIx64 " is no multiple of its size, %s", queue->ipa,
		value_print_size(queue->size, bytes));
}

/* What the kernel's mock has, steps are for finding out. */
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
	err = check_mapped(sequence, queue);
	if (!err)
		err = check_place(sequence, queue);
	if (err)
		return err;
	if (queue->size & (queue->size - 1) || queue->size < QUEUE_LENGTH_MIN)
		return sequence_refuse(sequence, -EINVAL,
			"size is %s: it must be a power of two of at least 32 bytes",
			value_print_size(queue->size, bytes));
	return check_alignment(sequence, queue);
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
