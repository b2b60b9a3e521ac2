// SPDX-License-Identifier: MIT
/* IOMMU groups: one device moves all that are attached, and which these are may be unknown. */
#include "job/sequence/sequence.h"

bool sequence_are_grouped(const struct sequence *sequence, const struct document_object *one,
	const struct document_object *other)
{
	struct platform_facts first, second;

	return one == other ||
	       (sequence_facts(sequence, one, &first) && sequence_facts(sequence, other, &second) &&
		       first.group == second.group);
}

bool sequence_may_be_grouped(const struct sequence *sequence, const struct document_object *one,
	const struct document_object *other)
{
	struct platform_facts first, second;

	if (one == other)
		return true;
	/* A mock device has a group of its own. */
	if (((const struct job_device *)one)->mock || ((const struct job_device *)other)->mock)
		return false;
	return !sequence_facts(sequence, one, &first) ||
	       !sequence_facts(sequence, other, &second) || first.group == second.group;
}

bool sequence_is_at(const struct sequence *sequence, const struct document_object *device,
	const struct document_object *table)
{
	return sequence->attached[device->index] == table && !sequence->adrift[device->index] &&
	       sequence_is_certain(sequence, device);
}

enum sequence_answer sequence_is_group_at(const struct sequence *sequence,
	const struct document_object *device, const struct document_object *table)
{
	enum sequence_answer answer = SEQUENCE_NO;

	for (size_t i = 0; i < sequence->job->objects[JOB_DEVICES].count; i++) {
		const struct document_object *other =
			document_object_at(sequence->job->document, JOB_DEVICES, i);
		const struct document_object *at = sequence->attached[i];

		if (other == device || !sequence_may_be_grouped(sequence, device, other))
			continue;
		if (at && (!table || sequence_is_at(sequence, other, table)) &&
			sequence_are_grouped(sequence, device, other))
			return SEQUENCE_YES;
		if ((sequence_has(sequence, other) && !sequence_is_certain(sequence, other)) ||
			(at && (!table || at == table || sequence->adrift[i])))
			answer = SEQUENCE_PERHAPS;
	}
	return answer;
}

void sequence_drift(struct sequence *sequence, const struct document_object *device)
{
	const struct document_object *from = sequence->attached[device->index];
	const bool unknown =
		sequence->adrift[device->index] || !sequence_is_certain(sequence, device);

	for (size_t i = 0; i < sequence->job->objects[JOB_DEVICES].count; i++) {
		const struct document_object *other =
			document_object_at(sequence->job->document, JOB_DEVICES, i);

		if (other != device && sequence->attached[i] &&
			(unknown || sequence->adrift[i] || sequence->attached[i] == from) &&
			sequence_may_be_grouped(sequence, device, other))
			sequence->adrift[i] = true;
	}
}
