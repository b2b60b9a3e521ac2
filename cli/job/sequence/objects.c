// SPDX-License-Identifier: MIT
/* Making and destroying: what the kernel refuses because objects exist already, or still. */
#include <errno.h>
#include <inttypes.h>

#include "array.h"
#include "job/sequence/sequence.h"
#include "document/value.h"

static int make_ioas(struct sequence *sequence, const struct document_object *object)
{
	const struct job_ioas *ioas = (const struct job_ioas *)object;
	const struct job_ioas_map *map = ioas->map.items;
	int err = 0;

	iova_map_free(&sequence->maps[object->index]);
	if (sequence->job->mapped && sequence->job->mapped[object->index])
		iova_map_borrow(
			&sequence->maps[object->index], sequence->job->mapped[object->index]);
	sequence->allowed[object->index] = NULL;
	if (ioas->allow.items)
		err = sequence_allow(sequence, ioas, &ioas->allow);
	for (size_t i = 0; !err && i < ioas->map.count; i++)
		err = sequence_map(sequence, ioas, &map[i]);
	return err;
}

static int make_fault_queue(struct sequence *sequence, const struct document_object *object)
{
	sequence->faults[object->index] = ((const struct job_fault_queue *)object)->taken;
	return 0;
}

static bool is_nesting_parent_of_an_smmu(const struct job *job, const struct document_object *hwpt)
{
	const struct job_viommu *viommus = job->objects[JOB_VIOMMUS].items;

	for (size_t i = 0; i < job->objects[JOB_VIOMMUS].count; i++) {
		if (viommus[i].hwpt.target == hwpt &&
			(viommus[i].type == IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3 ||
				job_is_vintf(&viommus[i].object)))
			return true;
	}
	return false;
}

/* What an IOAS maps or allows, its nesting parents translate. */
static int check_ipa_bits(struct sequence *sequence, const struct job_hwpt *hwpt)
{
	const struct iova_map *map = &sequence->maps[hwpt->ioas.target->index];
	const struct document_list *allowed = sequence->allowed[hwpt->ioas.target->index];
	const struct job_range *ranges = allowed ? allowed->items : NULL;
	struct platform_facts facts;

	if (!sequence_facts(sequence, hwpt->device.target, &facts))
		return 0;
	if (map->count && map->spans[map->count - 1].last >> facts.ipa_bits)
		return sequence_refuse(sequence, -EADDRINUSE,
			"ioas.%s maps 0x%" PRIx64 ", beyond the %u address bits of stage 2 here",
			hwpt->ioas.name, map->spans[map->count - 1].last, facts.ipa_bits);
	for (size_t i = 0; allowed && i < allowed->count; i++) {
		if (ranges[i].last >> facts.ipa_bits)
			return sequence_refuse(sequence, -EADDRINUSE,
				"ioas.%s allows 0x%" PRIx64
				", beyond the %u address bits of stage 2 here",
				hwpt->ioas.name, ranges[i].last, facts.ipa_bits);
	}
	return 0;
}

static int make_paging_hwpt(struct sequence *sequence, const struct job_hwpt *hwpt)
{
	if (hwpt->nest_parent && hwpt->dirty_tracking &&
		is_nesting_parent_of_an_smmu(sequence->job, &hwpt->object))
		return sequence_refuse(sequence, -EOPNOTSUPP,
			"a nesting parent of an SMMUv3 cannot track dirty pages");
	if (hwpt->nest_parent && hwpt->fault_queue.target)
		return sequence_refuse(
			sequence, -EOPNOTSUPP, "a nesting parent cannot report page faults");
	if (hwpt->nest_parent && hwpt->pasid &&
		is_nesting_parent_of_an_smmu(sequence->job, &hwpt->object))
		return sequence_refuse(
			sequence, -EOPNOTSUPP, "a nesting parent of an SMMUv3 cannot have PASIDs");
	return hwpt->nest_parent ? check_ipa_bits(sequence, hwpt) : 0;
}

/* Whether the two are known to be behind different SMMUs. */
static bool are_apart(const struct sequence *sequence, const struct document_object *one,
	const struct document_object *other)
{
	struct platform_facts first, second;

	return sequence_facts(sequence, one, &first) && sequence_facts(sequence, other, &second) &&
	       first.smmu != second.smmu;
}

static int make_nested_hwpt(struct sequence *sequence, const struct job_hwpt *hwpt)
{
	const struct job_viommu *viommu = (const struct job_viommu *)hwpt->viommu.target;
	struct iommuctl_smmuv3_ste ste;
	struct platform_facts facts;

	if (are_apart(sequence, hwpt->device.target, viommu->device.target))
		return sequence_refuse(sequence, -EINVAL,
			"devices.%s is behind another SMMU than viommus.%s", hwpt->device.name,
			viommu->object.name);
	if (!hwpt->ste || hwpt->ste->unchecked ||
		!sequence_facts(sequence, hwpt->device.target, &facts))
		return 0;
	iommuctl_smmuv3_ste_decode(hwpt->ste->encoded, &ste);
	if (!ste.v || ste.config != IOMMUCTL_SMMUV3_CONFIG_S1 || ste.s1cdmax <= facts.ssid_bits)
		return 0;
	return sequence_problem(sequence,
		"s1cdmax is %u, but the SMMU of devices.%s on this machine has %u SubstreamID "
		"bits: a C_BAD_STE; \"unchecked\": true allows it",
		ste.s1cdmax, hwpt->device.name, facts.ssid_bits);
}

static int make_vtd_hwpt(struct sequence *sequence, const struct job_hwpt *hwpt)
{
	const struct job_hwpt *parent = (const struct job_hwpt *)hwpt->parent.target;

	if (!parent->nest_parent)
		return sequence_refuse(sequence, -EINVAL,
			"hwpts.%s is not a nesting parent: it lacks \"nest-parent\": true",
			parent->object.name);
	return 0;
}

static int make_hwpt(struct sequence *sequence, const struct document_object *object)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)object;

	if (hwpt->ioas.target)
		return make_paging_hwpt(sequence, hwpt);
	return hwpt->parent.target ? make_vtd_hwpt(sequence, hwpt)
				   : make_nested_hwpt(sequence, hwpt);
}

static int make_viommu(struct sequence *sequence, const struct document_object *object)
{
	const struct job_viommu *viommu = (const struct job_viommu *)object;
	const struct job_hwpt *parent = (const struct job_hwpt *)viommu->hwpt.target;

	if (!parent->nest_parent)
		return sequence_refuse(sequence, -EINVAL,
			"hwpts.%s is not a nesting parent: it lacks \"nest-parent\": true",
			parent->object.name);
	if (are_apart(sequence, viommu->device.target, parent->device.target))
		return sequence_refuse(sequence, -EINVAL,
			"devices.%s is behind another SMMU than hwpts.%s", viommu->device.name,
			parent->object.name);
	return sequence_make_vintf(sequence, viommu);
}

static int make_vdevice(struct sequence *sequence, const struct document_object *object)
{
	const struct job_vdevice *vdevice = (const struct job_vdevice *)object;
	const struct job_vdevice *others = sequence->job->objects[JOB_VDEVICES].items;
	const struct job_viommu *viommu = (const struct job_viommu *)vdevice->viommu.target;
	const struct job_vdevice *own = sequence_vdevice(sequence, vdevice->device.target, NULL);

	if (own && sequence_is_certain(sequence, &own->object))
		return sequence_refuse(sequence, -EEXIST, "devices.%s already has vdevices.%s",
			vdevice->device.name, own->object.name);
	if (are_apart(sequence, vdevice->device.target, viommu->device.target))
		return sequence_refuse(sequence, -EINVAL,
			"devices.%s is behind another SMMU than viommus.%s", vdevice->device.name,
			viommu->object.name);
	for (size_t i = 0; i < sequence->job->objects[JOB_VDEVICES].count; i++) {
		if (sequence_is_certain(sequence, &others[i].object) &&
			others[i].viommu.target == &viommu->object &&
			others[i].vsid == vdevice->vsid)
			return sequence_refuse(sequence, -EEXIST,
				"vdevices.%s already has vsid 0x%" PRIx64, others[i].object.name,
				vdevice->vsid);
	}
	return sequence_make_vintf_vdevice(sequence, vdevice);
}

static int make_veventq(struct sequence *sequence, const struct document_object *object)
{
	const struct job_veventq *queue = (const struct job_veventq *)object;
	const struct job_veventq *others = sequence->job->objects[JOB_VEVENTQS].items;

	for (size_t i = 0; i < sequence->job->objects[JOB_VEVENTQS].count; i++) {
		if (sequence_is_certain(sequence, &others[i].object) &&
			others[i].viommu.target == queue->viommu.target &&
			others[i].type == queue->type)
			return sequence_refuse(sequence, -EEXIST,
				"viommus.%s already has veventqs.%s, the only one of its type",
				queue->viommu.name, others[i].object.name);
	}
	return 0;
}

typedef int make_function(struct sequence *sequence, const struct document_object *object);

static make_function *const makings[JOB_COLLECTIONS] = {
	[JOB_MEMORY] = sequence_make_memory,
	[JOB_IOAS] = make_ioas,
	[JOB_FAULT_QUEUES] = make_fault_queue,
	[JOB_HWPTS] = make_hwpt,
	[JOB_VIOMMUS] = make_viommu,
	[JOB_VDEVICES] = make_vdevice,
	[JOB_VEVENTQS] = make_veventq,
	[JOB_HW_QUEUES] = sequence_make_hw_queue,
	[JOB_STAGE1] = sequence_make_stage1,
	[JOB_CD_TABLES] = sequence_make_cd_table,
	[JOB_IRQS] = sequence_make_irq,
};

int sequence_make(struct sequence *sequence, const struct document_object *object)
{
	const struct document_use *uses = document_uses_of(sequence->job->document, object);
	char label[96];
	int err = 0;

	if (sequence_has(sequence, object))
		return sequence_refuse(sequence, -EEXIST, "%s exists at this point",
			document_object_label(object, label, sizeof(label)));
	for (size_t i = 0; !err && i < object->use_count; i++)
		err = sequence_need(sequence, uses[i].ref->target);
	err = err ? err : sequence_foretell(sequence, object);
	if (!err && makings[object->collection])
		err = makings[object->collection](sequence, object);
	if (err)
		return err;
	/* It may fail, as expected, for a reason unknown here. */
	if (sequence->step && sequence->step->expect)
		return SEQUENCE_FAILS;
	sequence->exists[object->collection][object->index] = true;
	return 0;
}

/* What the kernel counts as a user of an object, besides attachments. */
static bool keeps_busy(const struct document_object *user, const struct document_object *object)
{
	return object->collection == JOB_IOAS || object->collection == JOB_HWPTS ||
	       object->collection == JOB_VIOMMUS || object->collection == JOB_FAULT_QUEUES ||
	       (object->collection == JOB_DEVICES && user->collection == JOB_VDEVICES);
}

static const struct document_object *find_user(
	const struct sequence *sequence, const struct document_object *object)
{
	static const enum job_collection users[] = { JOB_HWPTS, JOB_VIOMMUS, JOB_VDEVICES,
		JOB_VEVENTQS, JOB_HW_QUEUES };
	const struct job *job = sequence->job;

	for (size_t c = 0; c < ARRAY_SIZE(users); c++) {
		for (size_t i = 0; i < job->objects[users[c]].count; i++) {
			const struct document_object *user =
				document_object_at(job->document, users[c], i);

			if (!sequence_has(sequence, user) || !keeps_busy(user, object))
				continue;
			for (size_t u = 0; u < user->use_count; u++) {
				if (job->document->uses[user->first_use + u].ref->target == object)
					return user;
			}
		}
	}
	return NULL;
}

static bool is_mock(const struct document_object *object)
{
	return object->collection == JOB_DEVICES && ((const struct job_device *)object)->mock;
}

static void forget_device(struct sequence *sequence, const struct document_object *device)
{
	const struct job_irq *irqs = sequence->job->objects[JOB_IRQS].items;

	sequence_detach(sequence, device);
	sequence_forget_pasids(sequence, device);
	for (size_t i = 0; i < sequence->job->objects[JOB_IRQS].count; i++) {
		if (irqs[i].device.target == device)
			sequence->exists[JOB_IRQS][i] = false;
	}
}

int sequence_destroy(struct sequence *sequence, const struct document_object *object)
{
	const struct document_object *user;
	const struct sequence_pasid *pasid;
	char label[96];
	int err;

	for (size_t i = 0; i < sequence->job->objects[JOB_DEVICES].count; i++) {
		if (sequence->attached[i] == object && !sequence->adrift[i])
			return sequence_refuse(sequence, -EBUSY, "devices.%s is attached to it",
				document_object_at(sequence->job->document, JOB_DEVICES, i)->name);
	}
	pasid = sequence_pasid_of(sequence, object);
	if (pasid)
		return sequence_refuse(sequence, -EBUSY,
			"PASID %" PRIu64 " of devices.%s is attached to it", pasid->pasid,
			pasid->device->name);
	/* The fate of a vDEVICE without its device is for steps with a mock to find out. */
	user = is_mock(object) ? NULL : find_user(sequence, object);
	if (user && object->collection == JOB_DEVICES && !sequence->step->expect)
		return sequence_problem(sequence,
			"%s would be left without its device: destroy it first",
			document_object_label(user, label, sizeof(label)));
	if (user)
		return sequence_refuse(sequence, -EBUSY, "%s needs it, and still exists",
			document_object_label(user, label, sizeof(label)));
	err = sequence_destroy_hw_queue(sequence, object);
	if (err)
		return err;
	if (sequence->step->expect)
		return SEQUENCE_FAILS;
	sequence->exists[object->collection][object->index] = false;
	if (object->collection == JOB_DEVICES)
		forget_device(sequence, object);
	return 0;
}
