// SPDX-License-Identifier: MIT
/* Rules of PASIDs, which an IOMMU group has besides its own attachment, and which must match it. */
#include <errno.h>
#include <inttypes.h>

#include "document/problem.h"
#include "job/sequence.h"

static bool takes_pasids(const struct document_object *table)
{
	return table->collection == JOB_HWPTS && ((const struct job_hwpt *)table)->pasid;
}

static bool are_in_a_group(const struct sequence *sequence, const struct document_object *one,
	const struct document_object *other)
{
	struct platform_facts first, second;

	return one == other ||
	       (sequence_facts(sequence, one, &first) && sequence_facts(sequence, other, &second) &&
		       first.group == second.group);
}

int sequence_check_pasids(struct sequence *sequence, const struct document_object *device,
	const struct document_object *table)
{
	char label[96];

	for (size_t i = 0; i < sequence->pasid_count && !takes_pasids(table); i++) {
		const struct sequence_pasid *pasid = &sequence->pasids[i];

		if (are_in_a_group(sequence, pasid->device, device))
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

		if (table && !takes_pasids(table) && are_in_a_group(sequence, device, other))
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

int sequence_attach_pasid(struct sequence *sequence, const struct job_attach *attach)
{
	const struct document_object *device = attach->device.target;
	const struct document_object *table =
		attach->hwpt.target ? attach->hwpt.target : attach->ioas.target;
	struct sequence_pasid *pasid;
	int err;

	err = check_table(sequence, table);
	if (!err)
		err = check_beside(sequence, device);
	if (err)
		return err;
	if (sequence->step && sequence->step->expect)
		return SEQUENCE_FAILS;
	pasid = find(sequence, device, attach->pasid);
	if (!pasid)
		pasid = &sequence->pasids[sequence->pasid_count++];
	*pasid = (struct sequence_pasid){ device, attach->pasid, table };
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
		if (sequence->pasids[i].table == table)
			return &sequence->pasids[i];
	}
	return NULL;
}
