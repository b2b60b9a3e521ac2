// SPDX-License-Identifier: MIT
/* The steps that do what a guest does to its own SMMU: tables, CDs and invalidations. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/live.h"
#include "document/value.h"
#include "output/text.h"

static int change_leaf(struct live *live, const struct job_step_map *map, const char *operation,
	int (*change)(struct iommuctl_stage1 *stage1, const struct job_leaf *leaf))
{
	const struct document_object *object = map->stage1.target;
	int err = live_need(live, object);

	if (err)
		return err;
	err = change(&live->tables.stage1[object->index], &map->leaf);
	if (err)
		return live_fail_with(live, object, err, operation, "IOVA 0x%" PRIx64 ": %s",
			map->leaf.iova, strerror(-err));
	return 0;
}

int live_step_map(struct live *live, const struct job_step *step)
{
	return change_leaf(live, step->map, "map", tables_map_leaf);
}

int live_step_remap(struct live *live, const struct job_step *step)
{
	return change_leaf(live, step->remap, "remap", tables_remap_leaf);
}

static int unmap_ioas(struct live *live, const struct job_step_unmap *unmap)
{
	const struct document_object *ioas = unmap->ioas.target;
	uint64_t unmapped = 0, removed;
	char asked[VALUE_TEXT_SIZE], gone[VALUE_TEXT_SIZE];
	int err = live_need(live, ioas);

	if (err)
		return err;
	err = iommuctl_ioas_unmap(live->ctx, live->iommufd, live_object(live, ioas)->id, unmap->iova,
		unmap->size, &unmapped);
	iova_map_remove(&live->maps[ioas->index], unmap->iova, unmap->iova + (unmap->size - 1), &removed);
	if (err)
		return live_fail(live, ioas, err);
	if (unmapped != unmap->size)
		text_append(live->seen, sizeof(live->seen),
			"ioas.%s: IOVA 0x%" PRIx64 ", %s, of which %s were mapped", ioas->name,
			unmap->iova, value_print_size(unmap->size, asked),
			value_print_size(unmapped, gone));
	return 0;
}

static int unmap_stage1(struct live *live, const struct job_step_unmap *unmap)
{
	const struct document_object *stage1 = unmap->stage1.target;
	int err = live_need(live, stage1);

	if (err)
		return err;
	err = iommuctl_stage1_unmap(
		&live->tables.stage1[stage1->index], unmap->iova, unmap->size);
	if (err)
		return live_fail_with(live, stage1, err, "unmap", "IOVA 0x%" PRIx64 ": %s",
			unmap->iova, strerror(-err));
	return 0;
}

int live_step_unmap(struct live *live, const struct job_step *step)
{
	if (step->unmap->ioas.target)
		return unmap_ioas(live, step->unmap);
	return unmap_stage1(live, step->unmap);
}

int live_step_set_cd(struct live *live, const struct job_step *step)
{
	const struct job_step_set_cd *set = step->set_cd;
	const struct document_object *object = set->cd_table.target;
	struct iommuctl_smmuv3_refusal refusal = { 0 };
	int err = live_need(live, object);

	if (!err && set->context.stage1.target)
		err = live_need(live, set->context.stage1.target);
	if (err)
		return err;
	err = tables_set_cd(&live->tables, (const struct job_cd_table *)object, &set->context,
		&set->words, &refusal);
	if (err && refusal.field)
		return live_fail_refused(live, object, err, "set-cd", &refusal);
	if (err)
		return live_fail_with(live, object, err, "set-cd", "%s", strerror(-err));
	return 0;
}

/* Ends at the first command that has no encoding, which is the one at *@refused then. */
static int encode_commands(const struct document_list *list,
	struct iommuctl_viommu_arm_smmuv3_invalidate *entries,
	struct iommuctl_smmuv3_refusal *refusal, size_t *refused)
{
	const struct job_command *commands = list->items;
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

	for (size_t i = 0; i < list->count; i++) {
		int err = tables_encode_command(&commands[i], words, refusal);

		*refused = i;
		if (err)
			return err;
		iommuctl_smmuv3_words_to_le(&entries[i], words, IOMMUCTL_SMMUV3_CMD_WORDS);
	}
	return 0;
}

/* Hands @entries to the kernel; looks at how many it has handled once they end as @step expects. */
static int invalidate(struct live *live, const struct job_step *step,
	const struct iommuctl_viommu_arm_smmuv3_invalidate *entries)
{
	const struct job_step_invalidate *wanted = step->invalidate;
	const struct document_object *viommu = wanted->viommu.target;
	const uint32_t count = (uint32_t)wanted->commands.count;
	const char *errno_expected = step->expect ? step->expect->errno_name : "";
	uint64_t due = wanted->done;
	uint32_t done = count;
	int err;

	err = iommuctl_hwpt_invalidate(live->ctx, live->iommufd, live_object(live, viommu)->id,
		IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3, entries, sizeof(*entries), &done);
	if (err)
		live_fail(live, viommu, err);
	/* What the kernel has handled ends before the command that it takes offence at. */
	if (err && done < count)
		live_fail_command(live, done);
	/* What is not said of a success is that it is one of all commands. */
	if (!err && due == DOCUMENT_UNSET)
		due = count;
	if (-err != errno_from_name(errno_expected) || due == DOCUMENT_UNSET || due == done)
		return err;
	live_unmet(live, viommu, "the kernel has handled %u of %u commands; %" PRIu64
		" were expected", done, count, due);
	return live_expected(live, "%" PRIu64 " commands handled", due);
}

int live_step_invalidate(struct live *live, const struct job_step *step)
{
	const struct document_list *commands = &step->invalidate->commands;
	const struct document_object *viommu = step->invalidate->viommu.target;
	struct iommuctl_viommu_arm_smmuv3_invalidate *entries;
	struct iommuctl_smmuv3_refusal refusal;
	size_t refused = 0;
	int err = live_need(live, viommu);

	if (err)
		return err;
	entries = calloc(commands->count + 1, sizeof(*entries));
	if (!entries)
		return live_fail_with(live, viommu, -ENOMEM, "invalidate", "out of memory");
	err = encode_commands(commands, entries, &refusal, &refused);
	if (err) {
		live_fail_refused(live, viommu, err, "invalidate", &refusal);
		live_fail_command(live, refused);
	} else {
		err = invalidate(live, step, entries);
	}
	free(entries);
	return err;
}
