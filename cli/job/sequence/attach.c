// SPDX-License-Identifier: MIT
/* Rules of attaching: what an STE needs, and what a group of devices shares. */
#include <errno.h>
#include <inttypes.h>

#include "job/ranges.h"
#include "job/sequence/sequence.h"

static bool has_stage1(const struct job_hwpt *hwpt)
{
	struct iommuctl_smmuv3_ste ste;

	if (hwpt->mock)
		return true;
	iommuctl_smmuv3_ste_decode(hwpt->ste->encoded, &ste);
	return ste.v && ste.config == IOMMUCTL_SMMUV3_CONFIG_S1;
}

const struct document_object *sequence_next_in_group(
	const struct sequence *sequence, const struct platform_facts *facts, size_t *index)
{
	while (*index < sequence->job->objects[JOB_DEVICES].count) {
		const struct document_object *device =
			document_object_at(sequence->job->document, JOB_DEVICES, (*index)++);
		struct platform_facts other;

		if (sequence_has(sequence, device) && sequence_facts(sequence, device, &other) &&
			other.group == facts->group)
			return device;
	}
	return NULL;
}

/* A device's first attachment joins those of its group; a later one moves them all. */
static int check_group(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table)
{
	const struct document_object *member;
	struct platform_facts facts;
	char label[96];
	size_t i = 0;

	if (!sequence_facts(sequence, device, &facts))
		return 0;
	while ((member = sequence_next_in_group(sequence, &facts, &i))) {
		const struct document_object *other = sequence->attached[member->index];

		if (other && other != table && sequence_is_at(sequence, member, other) &&
			!sequence->attached[device->index])
			return sequence_refuse(sequence, -EINVAL,
				"devices.%s is in the same IOMMU group and attached to %s",
				member->name, document_object_label(other, label, sizeof(label)));
	}
	return 0;
}

/* What is reserved for a device is so from when it comes to an IOAS from elsewhere. */
static void note_table(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table)
{
	const struct document_object *from = sequence->attached[device->index];

	if (!from || sequence_ioas_of(from) != sequence_ioas_of(table))
		sequence->unreserved[device->index] = false;
	sequence->attached[device->index] = table;
	sequence->adrift[device->index] = false;
}

/*
 * The kernel answers the faults of a device that leaves its table. Whose faults a queue has is only
 * known with one device, and without PASIDs.
 */
static void forget_faults(struct sequence *sequence)
{
	/* Before the steps, only a session has faults, and moves that were before them. */
	if (!sequence->step || sequence->pasid_count ||
		sequence->job->objects[JOB_DEVICES].count != 1)
		return;
	for (size_t i = 0; i < sequence->job->objects[JOB_FAULT_QUEUES].count; i++)
		sequence->faults[i] = 0;
}

static void attach_group(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table)
{
	const struct document_object *member;
	struct platform_facts facts;
	size_t i = 0;

	if (sequence->attached[device->index]) {
		sequence_drift(sequence, device);
		forget_faults(sequence);
	}
	note_table(sequence, device, table);
	if (!sequence_facts(sequence, device, &facts))
		return;
	while ((member = sequence_next_in_group(sequence, &facts, &i))) {
		if (sequence->attached[member->index])
			note_table(sequence, member, table);
	}
}

/*
 * A move within an IOAS that fails takes away what it has reserved, for all of the group. Who else
 * may be of it is not known.
 */
static void forget_reserved(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table)
{
	const struct document_object *from = sequence->attached[device->index];

	if (!from || (!sequence->adrift[device->index] &&
			     sequence_ioas_of(from) != sequence_ioas_of(table)))
		return;
	for (size_t i = 0; i < sequence->job->objects[JOB_DEVICES].count; i++) {
		if (sequence_may_be_grouped(sequence, device,
			    document_object_at(sequence->job->document, JOB_DEVICES, i)))
			sequence->unreserved[i] = true;
	}
}

void sequence_detach(struct sequence *sequence, const struct document_object *device)
{
	if (sequence->attached[device->index])
		forget_faults(sequence);
	sequence->attached[device->index] = NULL;
	sequence->adrift[device->index] = false;
	sequence->unreserved[device->index] = false;
}

static int need_vdevice(struct sequence *sequence, const struct document_object *device,
	const struct job_hwpt *hwpt)
{
	if (sequence_vdevice(sequence, device, hwpt->viommu.target))
		return 0;
	return sequence_refuse(sequence, -ENOENT,
		"devices.%s has no vDEVICE in viommus.%s at this point, but stage 1 needs one",
		device->name, hwpt->viommu.name);
}

/* The driver wants one of all devices of the group, whether they are open or not. */
static int need_vdevices(struct sequence *sequence, const struct document_object *device,
	const struct job_hwpt *hwpt)
{
	int err;

	if (!has_stage1(hwpt))
		return 0;
	/* It joins its group if that is there, and needs no vDEVICE then that it has had. */
	if (job_next_vdevice(sequence->job, device, hwpt->viommu.target, NULL) &&
		(!sequence->attached[device->index] || sequence->adrift[device->index]) &&
		sequence_is_group_at(sequence, device, &hwpt->object) != SEQUENCE_NO)
		return 0;
	err = need_vdevice(sequence, device, hwpt);
	for (size_t i = 0; !err && i < sequence->job->objects[JOB_DEVICES].count; i++) {
		const struct document_object *member =
			document_object_at(sequence->job->document, JOB_DEVICES, i);

		if (!member->doubtful && sequence_are_grouped(sequence, device, member))
			err = need_vdevice(sequence, member, hwpt);
	}
	return err;
}

const struct document_object *sequence_ioas_of(const struct document_object *table)
{
	if (table->collection == JOB_IOAS)
		return table;
	return job_paging_hwpt((const struct job_hwpt *)table)->ioas.target;
}

/* Allowed IOVAs cannot be reserved. */
static int check_allowed(struct sequence *sequence, const struct document_object *ioas,
	const struct platform_window *window)
{
	const struct document_list *allowed = sequence->allowed[ioas->index];
	struct job_range msi = { window->start, window->start + window->size - 1 };
	const struct document_list windows = { &msi, 1 };

	if (!allowed || !ranges_find_common(&windows, allowed))
		return 0;
	return sequence_refuse(sequence, -EADDRINUSE,
		"ioas.%s allows IOVAs in this machine's MSI window, 0x%" PRIx64 "-0x%" PRIx64,
		ioas->name, msi.start, msi.last);
}

static int check_allowed_of(struct sequence *sequence, const struct document_object *device,
	const struct document_object *ioas)
{
	struct platform_window window;

	return sequence_reserves(sequence, device, ioas, &window)
		       ? check_allowed(sequence, ioas, &window)
		       : 0;
}

/* What is allowed must be in all HWPTs as well. */
static int check_narrower(struct sequence *sequence, const struct document_object *ioas,
	const struct job_range *range)
{
	unsigned int bits;
	const struct job_hwpt *hwpt = sequence_narrower(sequence, ioas, range->last, &bits);

	if (!hwpt)
		return 0;
	return sequence_refuse(sequence, -EADDRINUSE,
		"0x%" PRIx64 "-0x%" PRIx64
		" are not all in the %u bits of address of hwpts.%s, a stage 2 of this machine",
		range->start, range->last, bits, hwpt->object.name);
}

static int check_ranges(struct sequence *sequence, const struct document_list *ranges)
{
	const struct job_range *range = ranges->items;

	for (size_t i = 0; i < ranges->count; i++) {
		struct document_list before = { ranges->items, i };

		if (range[i].start >= range[i].last)
			return sequence_refuse(sequence, -EINVAL,
				"the range from 0x%" PRIx64 " to 0x%" PRIx64 " must end above its "
				"start",
				range[i].start, range[i].last);
		if (ranges_find_common(&(struct document_list){ (void *)&range[i], 1 }, &before))
			return sequence_refuse(sequence, -EINVAL,
				"the range from 0x%" PRIx64 " to 0x%" PRIx64 " overlaps an earlier "
				"one",
				range[i].start, range[i].last);
	}
	return 0;
}

int sequence_allow(
	struct sequence *sequence, const struct job_ioas *ioas, const struct document_list *ranges)
{
	const struct document_list *before = sequence->allowed[ioas->object.index];
	int err = check_ranges(sequence, ranges);

	sequence->allowed[ioas->object.index] = ranges;
	for (size_t i = 0; !err && i < sequence->job->objects[JOB_DEVICES].count; i++)
		err = check_allowed_of(sequence,
			document_object_at(sequence->job->document, JOB_DEVICES, i), &ioas->object);
	for (size_t i = 0; !err && i < ranges->count; i++)
		err = check_narrower(
			sequence, &ioas->object, &((const struct job_range *)ranges->items)[i]);
	if (err || (sequence->step && sequence->step->expect))
		sequence->allowed[ioas->object.index] = before;
	return err;
}

static int check_msi_window(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table)
{
	const struct document_object *ioas = sequence_ioas_of(table);
	const struct document_object *from = sequence->attached[device->index];
	const struct iova_map *map;
	struct platform_facts facts;
	size_t at;

	if (!ioas || !sequence_is_certain(sequence, ioas) ||
		!sequence_facts(sequence, device, &facts))
		return 0;
	/* Within an IOAS, a move reserves nothing. */
	if (from && sequence_ioas_of(from) == ioas)
		return 0;
	map = &sequence->maps[ioas->index];
	at = iova_map_at(map, facts.msi_window.start);
	if (at < map->count &&
		map->spans[at].first < facts.msi_window.start + facts.msi_window.size)
		return sequence_refuse(sequence, -EADDRINUSE,
			"ioas.%s has a mapping at 0x%" PRIx64 ", in this machine's MSI window",
			ioas->name, map->spans[at].first);
	return check_allowed(sequence, ioas, &facts.msi_window);
}

static int check_smmu(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)table;
	struct platform_facts facts, other;

	if (table->collection != JOB_HWPTS || !sequence_facts(sequence, device, &facts) ||
		!sequence_facts(sequence, hwpt->device.target, &other) || facts.smmu == other.smmu)
		return 0;
	return sequence_refuse(sequence, -EINVAL, "hwpts.%s is on another SMMU than devices.%s",
		table->name, device->name);
}

/* What the driver of the IOMMU looks at, once a group goes to where none of it is. */
static int check_group_at_driver(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)table;
	int err;

	if (!sequence->attached[device->index] &&
		sequence_is_group_at(sequence, device, table) == SEQUENCE_YES)
		return 0;
	err = sequence_check_pasids(sequence, device, table);
	if (!err)
		err = check_smmu(sequence, device, table);
	if (!err && table->collection == JOB_HWPTS && hwpt->viommu.target)
		err = need_vdevices(sequence, device, hwpt);
	return err;
}

/* In the order of the kernel. */
int sequence_attach(struct sequence *sequence, const void *arguments)
{
	const struct job_attach *attach = arguments;
	const struct document_object *device = attach->device.target;
	const struct document_object *table =
		attach->hwpt.target ? attach->hwpt.target : attach->ioas.target;
	const bool expects = sequence->step && sequence->step->expect;
	int err;

	if (attach->pasid)
		return sequence_attach_pasid(sequence, attach);
	if (sequence_is_at(sequence, device, table))
		return expects ? SEQUENCE_FAILS : 0;
	err = check_group(sequence, device, table);
	if (!err)
		err = check_msi_window(sequence, device, table);
	if (!err)
		err = check_group_at_driver(sequence, device, table);
	if (expects)
		forget_reserved(sequence, device, table);
	else if (!err)
		attach_group(sequence, device, table);
	return !err && expects ? SEQUENCE_FAILS : err;
}
