// SPDX-License-Identifier: MIT
/* Checks of memory, mappings and iommufd objects, one by one and against each other. */
#include <errno.h>
#include <stdlib.h>

#include "job/check/check.h"
#include "job/check/overlap.h"
#include "job/encode.h"
#include "document/value.h"
#include "mock/mock.h"

static int check_memory_overlaps(const struct job *job, struct document_problem *problem)
{
	const struct job_memory *memory = job->objects[JOB_MEMORY].items;
	const size_t count = job->objects[JOB_MEMORY].count;
	struct overlap_span *spans = calloc(count + 1, sizeof(*spans));
	size_t earlier, later, used = 0;
	bool found;

	if (!spans)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (!memory[i].object.doubtful)
			spans[used++] = (struct overlap_span){ memory[i].ipa,
				memory[i].ipa + memory[i].size - 1, i };
	}
	found = overlap_find(spans, used, &earlier, &later);
	free(spans);
	if (!found)
		return 0;
	return document_problem_set(problem, job->document, memory[later].object.path,
		"overlaps memory.%s", memory[earlier].object.name);
}

static int check_memory(
	const struct job *job, const struct job_memory *memory, struct document_problem *problem)
{
	if ((memory->size | memory->ipa) % JOB_PAGE)
		return document_problem_set(problem, job->document, memory->object.path,
			"size and ipa must be multiples of 4K");
	if (memory->ipa + memory->size > UINT64_C(1) << 52)
		return document_problem_set(problem, job->document, memory->object.path,
			"ends beyond the 52-bit address space");
	return 0;
}

int job_check_ioas_map(const struct job *job, const struct job_ioas_map *map,
	const struct document_path *path, struct document_problem *problem)
{
	const struct job_memory *memory = (const struct job_memory *)map->memory.target;
	char bytes[VALUE_TEXT_SIZE];
	uint64_t end;

	if (map->offset >= memory->size || map->length > memory->size - map->offset)
		return document_problem_set(problem, job->document, path,
			"offset and length reach beyond the end of memory.%s, which has %s",
			memory->object.name, value_print_size(memory->size, bytes));
	if ((map->offset | map->length) % JOB_PAGE)
		return document_problem_set(
			problem, job->document, path, "offset and length must be multiples of 4K");
	if (map->iova != DOCUMENT_UNSET && map->iova % JOB_PAGE)
		return document_problem_set(
			problem, job->document, path, "iova must be a multiple of 4K");
	if (__builtin_add_overflow(job_ioas_map_iova(map), job_ioas_map_length(map) - 1, &end))
		return document_problem_set(
			problem, job->document, path, "ends beyond the 64-bit address space");
	return 0;
}

static int check_ioas_overlaps(const struct job *job, const struct job_ioas *ioas,
	const struct document_path *list, struct document_problem *problem)
{
	const struct job_ioas_map *map = ioas->map.items;
	struct overlap_span *spans = calloc(ioas->map.count + 1, sizeof(*spans));
	struct document_path path = { .parent = list };
	size_t earlier;
	bool found;

	if (!spans)
		return -ENOMEM;
	for (size_t i = 0; i < ioas->map.count; i++) {
		uint64_t iova = job_ioas_map_iova(&map[i]);

		spans[i] =
			(struct overlap_span){ iova, iova + (job_ioas_map_length(&map[i]) - 1), i };
	}
	found = overlap_find(spans, ioas->map.count, &earlier, &path.index);
	free(spans);
	return found ? document_problem_set(
			       problem, job->document, &path, "overlaps map[%zu]", earlier)
		     : 0;
}

static int check_ioas(
	const struct job *job, const struct job_ioas *ioas, struct document_problem *problem)
{
	const struct job_ioas_map *map = ioas->map.items;
	struct document_path list = { .parent = ioas->object.path, .key = "map" };
	int err = 0;

	for (size_t i = 0; i < ioas->map.count; i++) {
		struct document_path path = { .parent = &list, .index = i };

		if (!document_note_error(&err, job_check_ioas_map(job, &map[i], &path, problem)))
			break;
	}
	return err ? err : check_ioas_overlaps(job, ioas, &list, problem);
}

static int check_ste(
	const struct job *job, const struct job_hwpt *hwpt, struct document_problem *problem)
{
	const struct document_path path = { .parent = hwpt->object.path, .key = "ste" };
	struct job_ste *ste = hwpt->ste;
	uint64_t nested[IOMMUCTL_SMMUV3_NESTED_WORDS];
	struct iommuctl_smmuv3_refusal refusal;
	char text[192];
	int err;

	if (ste->words.count && (ste->cd_table.target || ste->fields.count))
		return document_problem_set(
			problem, job->document, &path, "words exclude cd-table and fields");
	err = encode_ste(ste, &refusal);
	if (err) {
		iommuctl_smmuv3_refusal_print(&refusal, text, sizeof(text));
		return document_problem_set(problem, job->document, &path, "STE: %s", text);
	}
	if (ste->unchecked || !iommuctl_smmuv3_ste_nested(ste->encoded, nested, &refusal))
		return 0;
	iommuctl_smmuv3_refusal_print(&refusal, text, sizeof(text));
	return document_problem_set(problem, job->document, &path,
		"IOMMU_HWPT_ALLOC would fail with EIO: STE %s; \"unchecked\": true leaves that to "
		"the kernel",
		text);
}

static int check_vtd_s1(
	const struct job *job, const struct job_hwpt *hwpt, struct document_problem *problem)
{
	const struct document_path path = { .parent = hwpt->object.path, .key = "vtd-s1" };
	const struct iommuctl_hwpt_vtd_s1 data = encode_vtd_s1(hwpt->vtd_s1);
	struct iommuctl_smmuv3_refusal refusal;

	if (hwpt->vtd_s1->unchecked || !iommuctl_vtd_s1_validate(&data, NULL, &refusal))
		return 0;
	return document_problem_set(problem, job->document, &path,
		"attaching it would fail with EINVAL: %s: %s; \"unchecked\": true leaves that to "
		"the kernel",
		refusal.field, refusal.reason);
}

/* What is wrong with the keys of a HWPT nested in a vIOMMU, or NULL. */
static const char *find_misfit_in_viommu(const struct job_hwpt *hwpt)
{
	const struct job_viommu *viommu = (const struct job_viommu *)hwpt->viommu.target;
	const bool is_mock = viommu->type == MOCK_VIOMMU_TYPE;

	if (!hwpt->ste && !hwpt->mock)
		return is_mock ? "\"mock\" is missing" : "\"ste\" is missing";
	if (hwpt->vtd_s1)
		return "VT-d has no vIOMMUs: a HWPT with vtd-s1 needs \"parent\"";
	if (!viommu->object.doubtful && (!hwpt->ste != is_mock || !hwpt->mock == is_mock))
		return is_mock ? "a HWPT nested in a vIOMMU of the mock has a \"mock\", not an "
				 "\"ste\""
			       : "a HWPT nested in a vIOMMU of an SMMUv3 has an \"ste\", not a "
				 "\"mock\"";
	if (hwpt->nest_parent || hwpt->dirty_tracking)
		return "nest-parent and dirty-tracking are for paging HWPTs";
	if (hwpt->pasid && hwpt->ste)
		return "a HWPT with an ste has no pasid: there, a PASID is a CD in the guest's table";
	return NULL;
}

/* What is wrong with the keys of a HWPT, or NULL. */
static const char *find_misfit(const struct job_hwpt *hwpt)
{
	if (hwpt->viommu.target)
		return find_misfit_in_viommu(hwpt);
	if (hwpt->ioas.target && hwpt->ste)
		return "a paging HWPT has no ste; a nested one needs \"viommu\"";
	if (hwpt->ioas.target && hwpt->mock)
		return "a paging HWPT has no mock; a nested one needs \"viommu\"";
	if (hwpt->ioas.target && hwpt->vtd_s1)
		return "a paging HWPT has no vtd-s1; a nested one needs \"parent\"";
	if (hwpt->parent.target && !hwpt->vtd_s1)
		return "\"vtd-s1\" is missing";
	if (hwpt->parent.target && (hwpt->ste || hwpt->mock))
		return "a HWPT with an ste or a mock needs \"viommu\"";
	if (hwpt->parent.target && (hwpt->nest_parent || hwpt->dirty_tracking))
		return "nest-parent and dirty-tracking are for paging HWPTs";
	return NULL;
}

static int check_hwpt(
	const struct job *job, const struct job_hwpt *hwpt, struct document_problem *problem)
{
	const char *misfit = find_misfit(hwpt);

	if (misfit)
		return document_problem_set(
			problem, job->document, hwpt->object.path, "%s", misfit);
	if (hwpt->vtd_s1)
		return check_vtd_s1(job, hwpt, problem);
	return hwpt->ste ? check_ste(job, hwpt, problem) : 0;
}

static int check_viommu(
	const struct job *job, const struct job_viommu *viommu, struct document_problem *problem)
{
	if (!viommu->mock || viommu->type == MOCK_VIOMMU_TYPE)
		return 0;
	return document_problem_set(problem, job->document, viommu->object.path,
		"\"mock\" is for vIOMMUs of the kernel's mock (\"type\": \"selftest\")");
}

static int check_veventq(
	const struct job *job, const struct job_veventq *queue, struct document_problem *problem)
{
	if (queue->type != IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV || queue->viommu.target->doubtful ||
		job_is_vintf(queue->viommu.target))
		return 0;
	return document_problem_set(problem, job->document, queue->object.path,
		"viommus.%s is not of type tegra241-cmdqv: no such event can come",
		queue->viommu.name);
}

static int check_object(const struct job *job, const struct document_object *object,
	struct document_problem *problem)
{
	switch (object->collection) {
	case JOB_MEMORY: return check_memory(job, (const struct job_memory *)object, problem);
	case JOB_IOAS: return check_ioas(job, (const struct job_ioas *)object, problem);
	case JOB_VIOMMUS: return check_viommu(job, (const struct job_viommu *)object, problem);
	case JOB_VEVENTQS: return check_veventq(job, (const struct job_veventq *)object, problem);
	case JOB_HWPTS: return check_hwpt(job, (const struct job_hwpt *)object, problem);
	default: return 0;
	}
}

int job_check_objects(const struct job *job, struct document_problem *problem)
{
	int err = 0;

	if (!document_note_error(&err, check_memory_overlaps(job, problem)) ||
		!document_note_error(&err, job_check_devices(job, problem)))
		return err;
	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		for (size_t i = 0; i < job->objects[collection].count; i++) {
			struct document_object *object =
				document_object_at(job->document, collection, i);
			int wrong = object->doubtful ? 0 : check_object(job, object, problem);

			object->doubtful |= wrong != 0;
			if (!document_note_error(&err, wrong))
				return err;
		}
	}
	return err;
}
