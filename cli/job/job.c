// SPDX-License-Identifier: MIT
#include "job/job.h"

void job_free(struct job *job)
{
	if (job)
		document_free(job->document);
}

bool job_has_mock_devices(const struct job *job)
{
	const struct job_device *devices = job->objects[JOB_DEVICES].items;

	for (size_t i = 0; i < job->objects[JOB_DEVICES].count; i++)
		if (devices[i].mock)
			return true;
	return false;
}

bool job_is_made_by_step(const struct job *job, const struct document_object *object)
{
	return object->path && job->made_by_step[object->collection][object->index];
}

const struct job_memory *job_memory_at(const struct job *job, uint64_t ipa, uint64_t size)
{
	const struct job_memory *memory = job->objects[JOB_MEMORY].items;

	for (size_t i = 0; i < job->objects[JOB_MEMORY].count; i++) {
		uint64_t offset = ipa - memory[i].ipa;

		if (ipa >= memory[i].ipa && offset <= memory[i].size &&
			size <= memory[i].size - offset)
			return &memory[i];
	}
	return NULL;
}

bool job_memory_is_doubtful(const struct job *job)
{
	const struct job_memory *memory = job->objects[JOB_MEMORY].items;
	bool doubtful = job->document->collections[JOB_MEMORY].unread;

	for (size_t i = 0; i < job->objects[JOB_MEMORY].count; i++)
		doubtful |= memory[i].object.doubtful;
	return doubtful;
}

const struct job_vdevice *job_next_vdevice(const struct job *job,
	const struct document_object *device, const struct document_object *viommu,
	const struct job_vdevice *last)
{
	const struct job_vdevice *all = job->objects[JOB_VDEVICES].items;
	size_t i = last ? (size_t)(last - all) + 1 : 0;

	/* A job without a document has no such place. */
	for (; i < job->objects[JOB_VDEVICES].count; i++) {
		if ((!device || all[i].device.target == device) &&
			(!viommu || all[i].viommu.target == viommu))
			return &all[i];
	}
	return NULL;
}

void job_spread_doubt(const struct job *job)
{
	bool changed;

	do {
		changed = false;
		for (size_t i = 0; i < job->document->use_count; i++) {
			struct document_use *use = &job->document->uses[i];
			const struct document_object *target = use->ref->target;

			if (!*use->doubtful && target->doubtful &&
				target->collection != JOB_DEVICES)
				changed = *use->doubtful = true;
		}
	} while (changed);
}

const struct job_hwpt *job_paging_hwpt(const struct job_hwpt *hwpt)
{
	const struct job_viommu *viommu = (const struct job_viommu *)hwpt->viommu.target;

	if (hwpt->parent.target)
		return (const struct job_hwpt *)hwpt->parent.target;
	return viommu ? (const struct job_hwpt *)viommu->hwpt.target : hwpt;
}

uint64_t job_ioas_map_iova(const struct job_ioas_map *map)
{
	const struct job_memory *memory = (const struct job_memory *)map->memory.target;

	return map->iova == DOCUMENT_UNSET ? memory->ipa + map->offset : map->iova;
}

uint64_t job_ioas_map_length(const struct job_ioas_map *map)
{
	const struct job_memory *memory = (const struct job_memory *)map->memory.target;

	return map->length ? map->length : memory->size - map->offset;
}
