// SPDX-License-Identifier: MIT
#include <errno.h>

#include "stage1/edit.h"
#include "stage1/guest_memory.h"

/*
 * An edit takes two passes over the same code. The first changes nothing: it meets every error and
 * counts the new tables. The second writes. A new table is linked when it is complete, so a walk
 * sees the old entry or the new table.
 */
struct pass {
	const struct iommuctl_stage1 *stage1;
	const struct stage1_layout *layout;
	const struct stage1_edit *edit;
	uint64_t tables_used;
	uint64_t visits_left;
	bool commit;
};

/*
 * A table to edit. One that only the second pass will create has no address in the first; its
 * entries follow from @parent, the entry that it will replace: parts of a leaf, or 0.
 */
struct table {
	unsigned int level;
	bool exists;
	uint64_t ipa;
	uint64_t parent;
};

static int edit_table(struct pass *pass, const struct table *table, uint64_t iova, uint64_t last);

static uint64_t entry_ipa(const struct pass *pass, const struct table *table, uint64_t iova)
{
	uint32_t index = stage1_table_index(pass->layout, table->level, iova);

	return table->ipa + index * STAGE1_DESCRIPTOR_BYTES;
}

/* The part of the leaf @leaf for @iova, one level below; 0 if @leaf is 0. */
static uint64_t part_of_leaf(
	const struct stage1_layout *layout, unsigned int level, uint64_t leaf, uint64_t iova)
{
	uint64_t offset = iova & (stage1_entry_span(layout, level - 1) - 1) &
			  ~(stage1_entry_span(layout, level) - 1);

	if (!leaf)
		return 0;
	return (leaf & ~STAGE1_ADDRESS) | stage1_leaf_type(level) |
	       stage1_leaf_address(layout, level - 1, leaf) | offset;
}

static int load_entry(
	const struct pass *pass, const struct table *table, uint64_t iova, uint64_t *entry)
{
	if (table->exists)
		return guest_memory_load64(
			pass->stage1->memory, entry_ipa(pass, table, iova), entry);

	*entry = part_of_leaf(pass->layout, table->level, table->parent, iova);
	return 0;
}

static uint64_t output_of(const struct stage1_edit *edit, uint64_t iova)
{
	return edit->ipa + (iova - edit->iova);
}

/* Whether one entry at this level can express the edit of [iova, last]. */
static bool fits_one_entry(
	const struct pass *pass, unsigned int level, uint64_t iova, uint64_t last)
{
	const struct stage1_edit *edit = pass->edit;
	uint64_t mask = stage1_entry_span(pass->layout, level) - 1;

	if ((iova & mask) || last != (iova | mask))
		return false;
	if (!edit->moves)
		return true;
	if (edit->no_blocks && level != STAGE1_LAST_LEVEL)
		return false;
	return stage1_level_has_leaves(pass->layout, level) && !(output_of(edit, iova) & mask);
}

static int edit_leaf(
	const struct pass *pass, const struct table *table, uint64_t iova, uint64_t leaf)
{
	const struct stage1_edit *edit = pass->edit;

	if (!pass->commit)
		return 0;

	leaf = (leaf & ~edit->clear) | edit->set;
	if (edit->moves)
		leaf |= output_of(edit, iova) | stage1_leaf_type(table->level);
	return guest_memory_store64(pass->stage1->memory, entry_ipa(pass, table, iova), leaf);
}

static int fill_table(const struct pass *pass, const struct table *table, uint64_t iova)
{
	uint64_t span = stage1_entry_span(pass->layout, table->level);
	uint32_t entries = stage1_table_entries(pass->layout, table->level);
	uint64_t first = iova & ~(entries * span - 1);
	int err = 0;

	for (uint32_t i = 0; i < entries && !err; i++) {
		uint64_t part =
			part_of_leaf(pass->layout, table->level, table->parent, first + i * span);

		err = guest_memory_store64(
			pass->stage1->memory, table->ipa + i * STAGE1_DESCRIPTOR_BYTES, part);
	}
	return err;
}

/* Takes the next granule of the region; only the second pass makes it a table. */
static int take_table(struct pass *pass, struct table *table, uint64_t iova)
{
	const struct iommuctl_stage1_config *config = &pass->stage1->config;

	if (pass->tables_used == config->table_size / config->granule)
		return -ENOSPC;

	table->exists = pass->commit;
	table->ipa = config->table_ipa + pass->tables_used * config->granule;
	pass->tables_used++;
	return table->exists ? fill_table(pass, table, iova) : 0;
}

static int edit_in_new_table(
	struct pass *pass, const struct table *table, uint64_t entry, uint64_t iova, uint64_t last)
{
	struct table next = { .level = table->level + 1, .parent = entry };
	int err = take_table(pass, &next, iova);

	if (err)
		return err;

	err = edit_table(pass, &next, iova, last);
	if (err || !pass->commit)
		return err;

	return guest_memory_store64(pass->stage1->memory, entry_ipa(pass, table, iova),
		next.ipa | STAGE1_TABLE_OR_PAGE | STAGE1_VALID);
}

/*
 * Anyone can write guest memory: only tables laid out here are followed. If all entries led to one
 * table, an edit could take as long as its range instead of its tables.
 */
static int edit_in_linked_table(
	struct pass *pass, const struct table *table, uint64_t entry, uint64_t iova, uint64_t last)
{
	const struct iommuctl_stage1_config *config = &pass->stage1->config;
	struct table next = {
		.level = table->level + 1,
		.exists = true,
		.ipa = stage1_table_address(pass->layout, entry),
	};

	if (next.ipa < config->table_ipa ||
		next.ipa - config->table_ipa >= pass->stage1->tables_used * config->granule)
		return -EFAULT;
	if (!pass->visits_left)
		return -EFAULT;

	pass->visits_left--;
	return edit_table(pass, &next, iova, last);
}

static int edit_entry(struct pass *pass, const struct table *table, uint64_t iova, uint64_t last)
{
	uint64_t entry;
	int err = load_entry(pass, table, iova, &entry);

	if (err)
		return err;

	switch (stage1_entry_kind(pass->layout, table->level, entry)) {
	case IOMMUCTL_STAGE1_TABLE: return edit_in_linked_table(pass, table, entry, iova, last);
	case IOMMUCTL_STAGE1_BLOCK:
	case IOMMUCTL_STAGE1_PAGE:
		if (pass->edit->maps)
			return -EEXIST;
		break;
	case IOMMUCTL_STAGE1_INVALID:
		if (!pass->edit->maps)
			return -ENOENT;
		entry = 0;
		break;
	}

	if (fits_one_entry(pass, table->level, iova, last))
		return edit_leaf(pass, table, iova, entry);
	return edit_in_new_table(pass, table, entry, iova, last);
}

static int edit_table(struct pass *pass, const struct table *table, uint64_t iova, uint64_t last)
{
	uint64_t mask = stage1_entry_span(pass->layout, table->level) - 1;

	for (;;) {
		uint64_t entry_last = iova | mask;
		int err = edit_entry(pass, table, iova, entry_last < last ? entry_last : last);

		if (err || entry_last >= last)
			return err;
		iova = entry_last + 1;
	}
}

static int run_pass(struct pass *pass, bool commit)
{
	const struct iommuctl_stage1 *stage1 = pass->stage1;
	const struct table root = {
		.level = pass->layout->start_level,
		.exists = true,
		.ipa = stage1->config.table_ipa,
	};

	pass->tables_used = stage1->tables_used;
	pass->visits_left = stage1->tables_used * STAGE1_VISITS_MAX - 1;
	pass->commit = commit;
	return edit_table(pass, &root, pass->edit->iova, pass->edit->last);
}

int stage1_edit(struct iommuctl_stage1 *stage1, const struct stage1_layout *layout,
	const struct stage1_edit *edit)
{
	struct pass pass = { .stage1 = stage1, .layout = layout, .edit = edit };
	int err = run_pass(&pass, false);

	if (err)
		return err;

	err = run_pass(&pass, true);
	stage1->tables_used = pass.tables_used;
	return err;
}
