// SPDX-License-Identifier: MIT
/* The steps that do what a guest does to its own SMMU: tables, CDs and invalidations. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/live.h"

static int change_leaf(struct live *live, const struct job_step_map *map, const char *operation,
	int (*change)(struct iommuctl_stage1 *stage1, const struct job_leaf *leaf), char *detail,
	size_t size)
{
	const struct job_object *object = map->stage1.target;
	int err = live_need(live, object);

	snprintf(detail, size, "%s IOVA 0x%" PRIx64 " → IPA 0x%" PRIx64, object->name, map->leaf.iova,
		map->leaf.ipa);
	if (err)
		return err;
	err = change(&live->tables.stage1[object->index], &map->leaf);
	if (err)
		return live_fail_with(live, object, err, operation, "IOVA 0x%" PRIx64 ": %s",
			map->leaf.iova, strerror(-err));
	return 0;
}

int live_step_map(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	return change_leaf(live, step->map, "map", tables_map_leaf, detail, size);
}

int live_step_remap(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	return change_leaf(live, step->remap, "remap", tables_remap_leaf, detail, size);
}

int live_step_unmap(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	const struct job_step_unmap *unmap = step->unmap;
	const struct job_object *object = unmap->stage1.target ? unmap->stage1.target :
								 unmap->ioas.target;
	int err = live_need(live, object);

	snprintf(detail, size, "%s IOVA 0x%" PRIx64 ", 0x%" PRIx64 " bytes", object->name, unmap->iova,
		unmap->size);
	if (err)
		return err;
	if (unmap->ioas.target) {
		err = iommuctl_ioas_unmap(live->ctx, live->iommufd, live_object(live, object)->id,
			unmap->iova, unmap->size, NULL);
		return err ? live_fail(live, object, err) : 0;
	}
	err = iommuctl_stage1_unmap(
		&live->tables.stage1[object->index], unmap->iova, unmap->size);
	if (err)
		return live_fail_with(live, object, err, "unmap", "IOVA 0x%" PRIx64 ": %s",
			unmap->iova, strerror(-err));
	return 0;
}

int live_step_set_cd(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	const struct job_step_set_cd *set = step->set_cd;
	const struct job_object *object = set->cd_table.target;
	struct iommuctl_smmuv3_refusal refusal = { 0 };
	int err = live_need(live, object);

	snprintf(detail, size, "%s SSID 0x%" PRIx64, object->name, set->context.ssid);
	if (!err && set->context.stage1.target)
		err = live_need(live, set->context.stage1.target);
	if (err)
		return err;
	err = tables_set_cd(&live->tables, (const struct job_cd_table *)object, &set->context,
		&set->words, &refusal);
	if (err)
		return live_fail_with(live, object, err, "set-cd", "%s%s%s",
			refusal.field ? refusal.field : "", refusal.field ? ": " : "",
			refusal.field ? refusal.reason : strerror(-err));
	return 0;
}

static int encode_commands(const struct job_list *list,
	struct iommuctl_viommu_arm_smmuv3_invalidate *entries)
{
	const struct job_command *commands = list->items;
	struct iommuctl_smmuv3_refusal refusal;
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
	int err = 0;

	for (size_t i = 0; !err && i < list->count; i++) {
		err = tables_encode_command(&commands[i], words, &refusal);
		if (!err)
			iommuctl_smmuv3_words_to_le(&entries[i], words, IOMMUCTL_SMMUV3_CMD_WORDS);
	}
	return err;
}

static void describe_commands(const struct iommuctl_viommu_arm_smmuv3_invalidate *entries,
	size_t count, char *text, size_t size)
{
	struct iommuctl_smmuv3_cmd cmd;
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
	char first[160];

	if (!count)
		return;
	iommuctl_smmuv3_words_from_le(words, entries, IOMMUCTL_SMMUV3_CMD_WORDS);
	iommuctl_smmuv3_cmd_decode(words, &cmd);
	iommuctl_smmuv3_cmd_print(&cmd, first, sizeof(first));
	if (count == 1)
		snprintf(text, size, "%s", first);
	else
		snprintf(text, size, "%s and %zu more", first, count - 1);
}

int live_step_invalidate(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	const struct job_step_invalidate *invalidate = step->invalidate;
	const struct job_object *viommu = invalidate->viommu.target;
	struct iommuctl_viommu_arm_smmuv3_invalidate *entries;
	uint32_t count = (uint32_t)invalidate->commands.count, done = count;
	int err = live_need(live, viommu);

	if (err)
		return err;
	entries = calloc((size_t)count + 1, sizeof(*entries));
	if (!entries)
		return live_fail_with(live, viommu, -ENOMEM, "invalidate", "out of memory");
	err = encode_commands(&invalidate->commands, entries);
	if (err) {
		live_fail_with(live, viommu, err, "invalidate", "a command cannot be encoded");
		goto out;
	}
	describe_commands(entries, count, detail, size);
	err = iommuctl_hwpt_invalidate(live->ctx, live->iommufd, live_object(live, viommu)->id,
		IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3, entries, sizeof(*entries), &done);
	if (err)
		live_fail(live, viommu, err);
	if (err && !step->expect)
		goto out;
	if (invalidate->done != JOB_UNSET && invalidate->done != done)
		err = live_unmet(live, viommu, "the kernel has handled %u of %u commands; %" PRIu64
			" were expected", done, count, invalidate->done);
out:
	free(entries);
	return err;
}
