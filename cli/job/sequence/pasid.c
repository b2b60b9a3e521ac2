// SPDX-License-Identifier: MIT
/* Rules of PASIDs, which an IOMMU group has besides its own attachment, and which must match it. */
#include <errno.h>
#include <inttypes.h>

#include "document/problem.h"
#include "job/sequence/sequence.h"

static bool takes_pasids(const struct document_object *table)
{
	return table->collection == JOB_HWPTS && ((const struct job_hwpt *)table)->pasid;
}

int sequence_check_pasids(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table)
{
	char label[96];

	for (size_t i = 0; i < sequence->pasid_count && !takes_pasids(table); i++) {
		const struct sequence_pasid *pasid = &sequence->pasids[i];

		if (sequence_is_certain(sequence, pasid->device) &&
			sequence_are_grouped(sequence, pasid->device, device))
			return sequence_refuse(sequence, -EINVAL,
				"PASID %" PRIu64 " of devices.%s is attached, but %s lacks "
				"\"pasid\": true",
				pasid->pasid, pasid->device->name,
				document_object_label(table, label, sizeof(label)));
	}
	return 0;
}

static int check_table(struct sequence *sequence, const struct document_object *table)
{
	char label[96];

	if (takes_pasids(table))
		return 0;
	if (table->collection == JOB_IOAS)
		return sequence_refuse(sequence, -EINVAL,
			"a HWPT that the kernel makes for an IOAS cannot have PASIDs: name a HWPT "
			"with \"pasid\": true");
	if (((const struct job_hwpt *)table)->ste)
		return sequence_refuse(sequence, -EINVAL,
			"hwpts.%s is nested: its PASIDs are CDs in the guest's table", table->name);
	return sequence_refuse(sequence, -EINVAL, "%s lacks \"pasid\": true",
		document_object_label(table, label, sizeof(label)));
}

static int check_beside(struct sequence *sequence, const struct document_object *device)
{
	char label[96];

	for (size_t i = 0; i < sequence->job->objects[JOB_DEVICES].count; i++) {
		const struct document_object *other =
			document_object_at(sequence->job->document, JOB_DEVICES, i);
		const struct document_object *table = sequence->attached[i];

		if (table && !takes_pasids(table) && sequence_is_at(sequence, other, table) &&
			sequence_are_grouped(sequence, device, other))
			return sequence_refuse(sequence, -EINVAL,
				"devices.%s itself is attached to %s, which lacks \"pasid\": true",
				other->name, document_object_label(table, label, sizeof(label)));
	}
	return 0;
}

static struct sequence_pasid *find(
	const struct sequence *sequence, const struct document_object *device, uint64_t pasid)
{
	for (size_t i = 0; i < sequence->pasid_count; i++) {
		if (sequence->pasids[i].device == device && sequence->pasids[i].pasid == pasid)
			return &sequence->pasids[i];
	}
	return NULL;
}

/* What another device of the group has attached by the same PASID; NULL: that is not known. */
static const struct sequence_pasid *find_of_group(
	const struct sequence *sequence, const struct document_object *device, uint64_t pasid)
{
	for (size_t i = 0; i < sequence->pasid_count; i++) {
		const struct sequence_pasid *other = &sequence->pasids[i];

		if (other->pasid == pasid && other->device != device && !other->adrift &&
			sequence_is_certain(sequence, other->device) &&
			sequence_are_grouped(sequence, other->device, device))
			return other;
	}
	return NULL;
}

/* To a device without PASIDs the kernel attaches any, of any IOMMU: they have no effect. */
static int check_device(struct sequence *sequence, const struct document_object *device,
	uint64_t pasid, const struct document_object *table)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)table;
	struct platform_facts facts, other;

	if (!sequence_facts(sequence, device, &facts) || facts.iommu != PLATFORM_SMMUV3 ||
		!facts.ssid_bits)
		return 0;
	if (pasid >> facts.ssid_bits)
		return sequence_refuse(sequence, -EINVAL,
			"PASID %" PRIu64
			" is beyond the %u bits of the SMMU of devices.%s in this machine",
			pasid, facts.ssid_bits, device->name);
	if (!sequence_facts(sequence, hwpt->device.target, &other) || facts.smmu == other.smmu)
		return 0;
	return sequence_refuse(sequence, -EINVAL, "hwpts.%s is on another SMMU than devices.%s",
		table->name, device->name);
}

/* In the order of the kernel. */
static int check_pasid(struct sequence *sequence, const struct job_attach *attach, bool replaces,
	const struct document_object *table)
{
	const struct document_object *device = attach->device.target;
	const struct sequence_pasid *mate =
		replaces ? NULL : find_of_group(sequence, device, attach->pasid);
	char label[96];
	int err;

	if (mate && mate->table != table)
		return sequence_refuse(sequence, -EINVAL,
			"devices.%s is in the same IOMMU group and has this PASID attached to %s",
			mate->device->name,
			document_object_label(mate->table, label, sizeof(label)));
	/* It joins the others. */
	if (mate)
		return 0;
	err = check_table(sequence, table);
	if (!err)
		err = check_beside(sequence, device);
	return err ? err : check_device(sequence, device, attach->pasid, table);
}

/* With one device of a group, the same PASID of all of them moves. */
static void move_group(struct sequence *sequence, const struct sequence_pasid *moved,
	const struct document_object *table)
{
	for (size_t i = 0; i < sequence->pasid_count; i++) {
		struct sequence_pasid *other = &sequence->pasids[i];

		if (other == moved || other->pasid != moved->pasid)
			continue;
		if (sequence_are_grouped(sequence, other->device, moved->device))
			other->table = table;
		else if ((other->table == moved->table || other->adrift || moved->adrift) &&
			 sequence_may_be_grouped(sequence, other->device, moved->device))
			other->adrift = true;
	}
}

int sequence_attach_pasid(struct sequence *sequence, const struct job_attach *attach)
{
	const struct document_object *device = attach->device.target;
	const struct document_object *table =
		attach->hwpt.target ? attach->hwpt.target : attach->ioas.target;
	struct sequence_pasid *pasid = find(sequence, device, attach->pasid);
	int err = 0;

	if (!pasid || pasid->adrift || pasid->table != table)
		err = check_pasid(sequence, attach, pasid, table);
	if (err)
		return err;
	if (sequence->step && sequence->step->expect)
		return SEQUENCE_FAILS;
	if (pasid)
		move_group(sequence, pasid, table);
	else
		pasid = &sequence->pasids[sequence->pasid_count++];
	*pasid =
		(struct sequence_pasid){ .device = device, .pasid = attach->pasid, .table = table };
	return 0;
}

int sequence_detach_pasid(
	struct sequence *sequence, const struct document_object *device, uint64_t pasid)
{
	struct sequence_pasid *found = find(sequence, device, pasid);

	if (!found)
		return sequence_problem(sequence,
			"PASID %" PRIu64 " of devices.%s is not attached at this point: there is "
			"nothing to detach",
			pasid, device->name);
	*found = sequence->pasids[--sequence->pasid_count];
	return 0;
}

void sequence_forget_pasids(struct sequence *sequence, const struct document_object *device)
{
	for (size_t i = sequence->pasid_count; i-- > 0;) {
		if (sequence->pasids[i].device == device)
			sequence->pasids[i] = sequence->pasids[--sequence->pasid_count];
	}
}

const struct sequence_pasid *sequence_pasid_of(
	const struct sequence *sequence, const struct document_object *table)
{
	for (size_t i = 0; i < sequence->pasid_count; i++) {
		if (sequence->pasids[i].table == table && !sequence->pasids[i].adrift)
			return &sequence->pasids[i];
	}
	return NULL;
}
