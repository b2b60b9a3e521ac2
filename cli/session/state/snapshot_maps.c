// SPDX-License-Identifier: MIT
#include "session/state/snapshot_maps.h"

#include <string.h>

#include "job/schema/schema.h"
#include "output/text.h"

/* The letters of @prot, as in a job. */
static json_t *prot_to_json(const struct schema_choice *choices, uint64_t prot)
{
	char letters[8] = "";

	for (; choices->name; choices++) {
		if (prot & choices->value)
			strncat(letters, choices->name, 1);
	}
	return json_string(letters);
}

/* The memory that @span is of, which may be gone; NULL: it is not of the job's. */
static const struct job_memory *memory_of(const struct live *live, const struct iova_span *span)
{
	return job_memory_at(live->job, span->ipa, span->last - span->first + 1);
}

json_t *snapshot_ioas_map(const struct live *live, const struct job_ioas *ioas)
{
	const struct iova_map *map = &live->maps[ioas->object.index];
	json_t *list = json_array();

	for (size_t i = 0; i < map->count; i++) {
		const struct iova_span *span = &map->spans[i];
		const uint64_t length = span->last - span->first + 1;
		const struct job_memory *memory = memory_of(live, span);

		if (!memory)
			continue;
		json_array_append_new(list,
			json_pack("{s:s, s:o, s:o, s:o, s:o}", "memory", memory->object.name,
				"iova", hex_to_json(span->first), "offset",
				hex_to_json(span->ipa - memory->ipa), "length", hex_to_json(length),
				"prot", prot_to_json(schema_prot_choices, span->prot)));
	}
	return list;
}

size_t snapshot_ioas_left_out(const struct live *live, const struct job_ioas *ioas)
{
	const struct iova_map *map = &live->maps[ioas->object.index];
	size_t count = 0;

	for (size_t i = 0; i < map->count; i++)
		count += !memory_of(live, &map->spans[i]);
	return count;
}

/* Adjacent leaves with the same attributes become one entry. */
struct leaves {
	json_t *list;
	struct job_leaf open; /* size 0: none */
};

static void close_leaf(struct leaves *leaves)
{
	const struct job_leaf *leaf = &leaves->open;
	json_t *said;

	if (!leaf->size)
		return;
	said = json_pack("{s:o, s:o, s:o, s:o}", "iova", hex_to_json(leaf->iova), "ipa",
		hex_to_json(leaf->ipa), "size", hex_to_json(leaf->size), "prot",
		prot_to_json(schema_prot_choices, leaf->prot));
	if (leaf->attr == JOB_ATTR_DEVICE_NGNRE)
		json_object_set_new(said, "attr", json_string("device-nGnRE"));
	if (!leaf->access_flag)
		json_object_set_new(said, "access-flag", json_false());
	if (leaf->privileged)
		json_object_set_new(said, "privileged", json_true());
	json_array_append_new(leaves->list, said);
	leaves->open.size = 0;
}

static bool goes_on(const struct job_leaf *open, const struct job_leaf *leaf)
{
	return open->size && open->iova + open->size == leaf->iova &&
	       open->ipa + open->size == leaf->ipa && open->prot == leaf->prot &&
	       open->attr == leaf->attr && open->access_flag == leaf->access_flag &&
	       open->privileged == leaf->privileged;
}

static void add_leaf(struct leaves *leaves, uint64_t iova, const struct iommuctl_stage1_walk *walk)
{
	const uint8_t allowed = walk->unprivileged ? walk->unprivileged : walk->privileged;
	const struct job_leaf leaf = {
		.iova = iova,
		.ipa = walk->ipa & ~(walk->leaf_size - 1),
		.size = walk->leaf_size,
		.prot = (allowed & IOMMUCTL_STAGE1_READ ? JOB_PROT_READ : 0) |
			(allowed & IOMMUCTL_STAGE1_WRITE ? JOB_PROT_WRITE : 0) |
			(allowed & IOMMUCTL_STAGE1_EXEC ? JOB_PROT_EXEC : 0),
		.attr = walk->attr_index,
		.access_flag = walk->access_flag,
		.privileged = !walk->unprivileged,
	};

	if (goes_on(&leaves->open, &leaf)) {
		leaves->open.size += leaf.size;
		return;
	}
	close_leaf(leaves);
	leaves->open = leaf;
}

/* The end of the entry at which @walk has stopped. */
static uint64_t entry_size(const struct iommuctl_stage1 *stage1, unsigned int level)
{
	const unsigned int granule_bits = (unsigned int)__builtin_ctz(stage1->config.granule);

	return UINT64_C(1) << (granule_bits + (3 - level) * (granule_bits - 3));
}

json_t *snapshot_stage1_map(struct live *live, const struct job_stage1 *stage1)
{
	const struct iommuctl_stage1 *state = &live->tables.stage1[stage1->object.index];
	const uint64_t end = UINT64_C(1) << state->config.input_bits;
	struct platform_window window = { 0 };
	struct leaves leaves = { json_array() };
	struct iommuctl_stage1_walk walk;
	uint64_t iova = 0, size;

	if (stage1->msi_window.target)
		live->platform->find_msi_window(live->platform,
			&live->devices[stage1->msi_window.target->index].found, &window,
			&live->failure);
	while (iova < end) {
		if (iommuctl_stage1_walk(&live->guest, &state->regime, iova, 0, &walk))
			break;
		/* One without the access flag is a leaf as well. */
		size = walk.leaf_size ? walk.leaf_size : entry_size(state, walk.level);
		if (walk.leaf_size && iova - window.start >= window.size)
			add_leaf(&leaves, iova, &walk);
		iova = (iova & ~(size - 1)) + size;
	}
	close_leaf(&leaves);
	return leaves.list;
}
