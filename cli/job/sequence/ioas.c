// SPDX-License-Identifier: MIT
/* Mapping in an IOAS: what the devices and HWPTs that use it keep from being mapped. */
#include <errno.h>
#include <inttypes.h>

#include "job/sequence/sequence.h"

bool sequence_reserves(const struct sequence *sequence, const struct document_object *device,
	const struct document_object *ioas, struct platform_window *window)
{
	const struct document_object *table = sequence->attached[device->index];
	struct platform_facts facts;

	if (!table || !sequence_is_at(sequence, device, table) ||
		sequence->unreserved[device->index] || sequence_ioas_of(table) != ioas ||
		!sequence_facts(sequence, device, &facts))
		return false;
	*window = facts.msi_window;
	return true;
}

const struct job_hwpt *sequence_narrower(const struct sequence *sequence,
	const struct document_object *ioas, uint64_t last, unsigned int *bits)
{
	const struct job_hwpt *hwpts = sequence->job->objects[JOB_HWPTS].items;
	struct platform_facts facts;

	for (size_t i = 0; i < sequence->job->objects[JOB_HWPTS].count; i++) {
		if (!sequence_is_certain(sequence, &hwpts[i].object) ||
			hwpts[i].ioas.target != ioas || !hwpts[i].nest_parent ||
			!sequence_facts(sequence, hwpts[i].device.target, &facts) ||
			!(last >> facts.ipa_bits))
			continue;
		*bits = facts.ipa_bits;
		return &hwpts[i];
	}
	return NULL;
}

int sequence_check_reserved(struct sequence *sequence, const struct document_object *ioas,
	uint64_t first, uint64_t last)
{
	const struct job_hwpt *hwpt;
	struct platform_window window;
	unsigned int bits;

	for (size_t i = 0; i < sequence->job->objects[JOB_DEVICES].count; i++) {
		const struct document_object *device =
			document_object_at(sequence->job->document, JOB_DEVICES, i);

		if (sequence_reserves(sequence, device, ioas, &window) &&
			first < window.start + window.size && window.start <= last)
			return sequence_refuse(sequence, -EINVAL,
				"it is in the MSI window of this machine, 0x%" PRIx64 "-0x%" PRIx64
				", which devices.%s keeps free in ioas.%s",
				window.start, window.start + window.size - 1, device->name,
				ioas->name);
	}
	hwpt = sequence_narrower(sequence, ioas, last, &bits);
	if (!hwpt)
		return 0;
	return sequence_refuse(sequence, -EINVAL,
		"it ends at 0x%" PRIx64
		", but hwpts.%s, a stage 2 of this machine, has %u address bits",
		last, hwpt->object.name, bits);
}

int sequence_map_span(
	struct sequence *sequence, const struct document_object *ioas, struct iova_span span)
{
	int err = sequence_check_reserved(sequence, ioas, span.first, span.last);

	if (err)
		return err;
	err = iova_map_add(&sequence->maps[ioas->index], span);
	if (err == -EEXIST)
		err = sequence_refuse(
			sequence, err, "ioas.%s already has a mapping there", ioas->name);
	return err;
}

int sequence_map(
	struct sequence *sequence, const struct job_ioas *ioas, const struct job_ioas_map *map)
{
	const uint64_t first = job_ioas_map_iova(map);
	const struct iova_span span = {
		.first = first,
		.last = first + job_ioas_map_length(map) - 1,
		.prot = map->prot,
		.most = map->prot | JOB_PROT_READ,
	};
	int err = sequence_need(sequence, map->memory.target);

	return err ? err : sequence_map_span(sequence, &ioas->object, span);
}
