// SPDX-License-Identifier: MIT
/* Lays the guest's tables out once in memory of our own, so that any failure shows here. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/check/check.h"
#include "job/encode.h"
#include "job/check/overlap.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "job/live/tables.h"
#include "document/value.h"

/* What a region of guest memory is used for. */
struct region {
	struct document_object *object;
	uint64_t ipa;
	uint64_t size;
};

#define REGIONS_MAX (UINT64_C(256) << 20)

static int region_of(const struct job *job, struct document_object *object, struct region *region,
	struct document_problem *problem)
{
	char bytes[VALUE_TEXT_SIZE];

	*region = (struct region){ .object = object };
	if (object->collection == JOB_STAGE1) {
		region->ipa = ((const struct job_stage1 *)object)->at;
		region->size = ((const struct job_stage1 *)object)->size;
	} else {
		const struct job_cd_table *table = (const struct job_cd_table *)object;

		region->ipa = table->at;
		if (tables_cd_table_size(table, &region->size))
			return document_problem_set(problem, job->document, object->path,
				"has more contexts than s1cdmax %" PRIu64 " allows",
				table->s1cdmax);
	}
	if (!region->size || region->size > JOB_TABLES_SIZE_MAX)
		return document_problem_set(problem, job->document, object->path,
			"takes %s of tables; at most 64M are allowed",
			value_print_size(region->size, bytes));
	if (!job_memory_at(job, region->ipa, region->size) && !job_memory_is_doubtful(job))
		return document_problem_set(problem, job->document, object->path,
			"no memory holds %s at IPA 0x%" PRIx64,
			value_print_size(region->size, bytes), region->ipa);
	return 0;
}

/* Appends the region of @object to the @count others, none of which it may overlap. */
static int add_region(const struct job *job, struct document_object *object, struct region *regions,
	size_t count, struct document_problem *problem)
{
	struct region *region = &regions[count];
	int err = region_of(job, object, region, problem);
	char label[96];

	for (size_t i = 0; !err && i < count; i++) {
		if (region->ipa < regions[i].ipa + regions[i].size &&
			regions[i].ipa < region->ipa + region->size)
			err = document_problem_set(problem, job->document, object->path,
				"overlaps %s in guest memory",
				document_object_label(regions[i].object, label, sizeof(label)));
	}
	return err;
}

static int collect_regions(const struct job *job, struct region *regions, size_t *count,
	struct document_problem *problem)
{
	static const enum job_collection collections[] = { JOB_STAGE1, JOB_CD_TABLES };
	uint64_t total = 0;
	int err = 0;

	*count = 0;
	for (size_t c = 0; c < 2; c++) {
		for (size_t i = 0; i < job->objects[collections[c]].count; i++) {
			struct document_object *object =
				document_object_at(job->document, collections[c], i);
			struct region *region = &regions[*count];
			int wrong;

			if (object->doubtful)
				continue;
			wrong = add_region(job, object, regions, *count, problem);
			object->doubtful |= wrong != 0;
			if (!document_note_error(&err, wrong))
				return err;
			total += wrong ? 0 : region->size;
			*count += !wrong;
		}
	}
	if (total > REGIONS_MAX) {
		*count = 0;
		err = document_problem_set(
			problem, job->document, NULL, "all tables together take more than 256M");
	}
	return err;
}

/* The error in the region of a stage 1, or in one of its mappings. */
static int explain_stage1(const struct job *job, const struct job_stage1 *stage1,
	const struct job_leaf *wrong, int error, struct document_problem *problem)
{
	const struct document_path list = { .parent = stage1->object.path, .key = "map" };
	const struct job_leaf *leaves = stage1->map.items;
	const struct document_path place = { .parent = &list,
		.index = wrong ? (size_t)(wrong - leaves) : 0 };
	const char *reason = "cannot be laid out";

	switch (error) {
	case -EINVAL:
		reason = wrong ? "iova, ipa and size must be multiples of the granule, and prot "
				 "must have \"r\""
			       : "at and size must be multiples of the granule, and pa-bits one of "
				 "32, 36, 40, 42, 44, 48";
		break;
	case -ERANGE: reason = "an address does not fit va-bits or pa-bits"; break;
	case -EEXIST: reason = "overlaps an earlier mapping"; break;
	case -ENOSPC: reason = "the tables need more than \"size\" bytes"; break;
	}
	return document_problem_set(
		problem, job->document, wrong ? &place : stage1->object.path, "%s", reason);
}

static int explain_cd_table(const struct job *job, const struct job_cd_table *table,
	const struct job_context *wrong, int error, struct document_problem *problem)
{
	const struct document_path list = { .parent = table->object.path, .key = "contexts" };
	const struct job_context *contexts = table->contexts.items;
	const struct document_path place = { .parent = &list,
		.index = wrong ? (size_t)(wrong - contexts) : 0 };
	const char *reason = "cannot be laid out";

	switch (error) {
	case -EINVAL: reason = "\"at\" is not aligned to the size of the table"; break;
	case -ERANGE:
		reason = wrong ? "s1cdmax does not allow the SSID"
			       : "ends beyond the 52-bit "
				 "address space";
		break;
	case -ENOSPC: reason = "\"size\" is too small for the table"; break;
	}
	return document_problem_set(
		problem, job->document, wrong ? &place : table->object.path, "%s", reason);
}

static int check_ssids(
	const struct job *job, const struct job_cd_table *table, struct document_problem *problem)
{
	const struct job_context *contexts = table->contexts.items;
	struct overlap_span *spans = calloc(table->contexts.count + 1, sizeof(*spans));
	const struct document_path list = { .parent = table->object.path, .key = "contexts" };
	struct document_path path = { .parent = &list };
	size_t earlier;
	bool found;

	if (!spans)
		return -ENOMEM;
	for (size_t i = 0; i < table->contexts.count; i++)
		spans[i] = (struct overlap_span){ contexts[i].ssid, contexts[i].ssid, i };
	found = overlap_find(spans, table->contexts.count, &earlier, &path.index);
	free(spans);
	if (!found)
		return 0;
	return document_problem_set(problem, job->document, &path,
		"SSID %" PRIu64 " already has contexts[%zu]", contexts[earlier].ssid, earlier);
}

static int build_stage1(const struct job *job, struct tables *tables, struct job_stage1 *stage1,
	struct document_problem *problem)
{
	const struct job_leaf *wrong;
	int err = tables_build_stage1(tables, stage1, &wrong);

	return err ? explain_stage1(job, stage1, wrong, err, problem) : 0;
}

static int encode_contexts(const struct job *job, const struct tables *tables,
	const struct job_cd_table *cd_table, struct document_problem *problem)
{
	const struct document_path list = { .parent = cd_table->object.path, .key = "contexts" };
	struct document_path path = { .parent = &list };
	struct job_context *contexts = cd_table->contexts.items;
	struct iommuctl_smmuv3_refusal refusal;
	char text[192];
	int err = 0;

	for (; err != -ENOMEM && path.index < cd_table->contexts.count; path.index++) {
		struct job_context *context = &contexts[path.index];

		if (!encode_cd(context, &tables->stage1[context->stage1.target->index].regime,
			    &refusal))
			continue;
		iommuctl_smmuv3_refusal_print(&refusal, text, sizeof(text));
		document_note_error(
			&err, document_problem_set(problem, job->document, &path, "CD: %s", text));
	}
	return err;
}

static int build_cd_table(const struct job *job, struct tables *tables,
	struct job_cd_table *cd_table, struct document_problem *problem)
{
	const struct job_context *wrong;
	int err = check_ssids(job, cd_table, problem);

	if (err != -ENOMEM)
		document_note_error(&err, encode_contexts(job, tables, cd_table, problem));
	if (err)
		return err;
	err = tables_build_cd_table(tables, cd_table, &wrong);
	return err ? explain_cd_table(job, cd_table, wrong, err, problem) : 0;
}

/* A CD table needs the stage-1 tables of its contexts, so those are built first. */
static bool needs_doubtful(const struct document_object *object)
{
	const struct job_cd_table *table = (const struct job_cd_table *)object;
	const struct job_context *contexts = table->contexts.items;

	for (size_t i = 0; object->collection == JOB_CD_TABLES && i < table->contexts.count; i++) {
		if (contexts[i].stage1.target->doubtful)
			return true;
	}
	return false;
}

/* Each is laid out in its own memory, in the order of @regions. */
static int build(const struct job *job, struct tables *tables, const struct region *regions,
	const struct iommuctl_guest_memory *memories, size_t count,
	struct document_problem *problem)
{
	int err = 0;

	for (size_t i = 0; err != -ENOMEM && i < count; i++) {
		struct document_object *object = regions[i].object;
		int wrong;

		if (object->doubtful || needs_doubtful(object))
			continue;
		tables->memory = &memories[i];
		if (object->collection == JOB_STAGE1)
			wrong = build_stage1(job, tables, (struct job_stage1 *)object, problem);
		else
			wrong = build_cd_table(job, tables, (struct job_cd_table *)object, problem);
		object->doubtful |= wrong != 0;
		document_note_error(&err, wrong);
	}
	return err;
}

/* Whether @path is that of a list or a collection of the job, or of an unknown key. */
static bool is_of_a_whole_list(const char *path)
{
	const struct schema_key *key = schema_job.keys;

	if (!*path || path[strcspn(path, ".[")])
		return false;
	while (key->name && strcmp(key->name, path) != 0)
		key++;
	return !key->name || key->type == SCHEMA_ARRAY || key->type == SCHEMA_NAMED;
}

/* Operations build on each other: if many of them are unknown, the sequence is not checked. */
static bool knows_operations(const struct document_problem *problem)
{
	if (document_problem_is_full(problem))
		return false;
	for (; problem && problem->line; problem = problem->next) {
		if (is_of_a_whole_list(problem->path))
			return false;
	}
	return true;
}

static int build_and_go_through(const struct job *job, const struct platform *platform,
	const struct region *regions, const struct iommuctl_guest_memory *memories, size_t count,
	struct document_problem *problem)
{
	struct tables tables;
	int err;

	err = tables_init(&tables, job, NULL);
	if (!err)
		err = build(job, &tables, regions, memories, count, problem);
	job_spread_doubt(job);
	if (err != -ENOMEM && knows_operations(problem))
		document_note_error(&err, sequence_check(job, platform, &tables, problem));
	tables_free(&tables);
	return err;
}

static int build_all(const struct job *job, const struct platform *platform,
	const struct region *regions, size_t count, struct document_problem *problem)
{
	struct iommuctl_guest_range *ranges = calloc(count + 1, sizeof(*ranges));
	struct iommuctl_guest_memory *memories = calloc(count + 1, sizeof(*memories));
	int err = ranges && memories ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < count; i++) {
		ranges[i] = (struct iommuctl_guest_range){
			regions[i].ipa,
			regions[i].size,
			calloc(1, regions[i].size),
		};
		memories[i] = (struct iommuctl_guest_memory){ &ranges[i], 1 };
		if (!ranges[i].host)
			err = -ENOMEM;
	}
	if (!err)
		err = build_and_go_through(job, platform, regions, memories, count, problem);
	for (size_t i = 0; ranges && i < count; i++)
		free(ranges[i].host);
	free(ranges);
	free(memories);
	return err;
}

int job_check_for(
	const struct job *job, const struct platform *platform, struct document_problem *problem)
{
	size_t count = job->objects[JOB_STAGE1].count + job->objects[JOB_CD_TABLES].count;
	struct region *regions = calloc(count + 1, sizeof(*regions));
	int err = 0;

	if (!regions)
		return -ENOMEM;
	if (document_note_error(&err, collect_regions(job, regions, &count, problem)))
		document_note_error(&err, build_all(job, platform, regions, count, problem));
	free(regions);
	return err;
}
