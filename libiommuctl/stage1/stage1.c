// SPDX-License-Identifier: MIT
/* Builds and edits a guest's stage-1 tables. */
#include <errno.h>

#include <iommuctl/stage1.h>

#include "stage1/edit.h"
#include "stage1/guest_memory.h"
#include "stage1/layout.h"
#include "stage1/regime.h"

#define ALL_PERMISSIONS                                                                            \
	(IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE | IOMMUCTL_STAGE1_EXEC |                     \
		IOMMUCTL_STAGE1_PRIVILEGED)

static bool reaches_beyond(uint64_t last, unsigned int bits)
{
	return last >> bits;
}

static int config_to_layout(
	const struct iommuctl_stage1_config *config, struct stage1_layout *layout)
{
	if (!config->granule || (config->granule & (config->granule - 1)))
		return -EINVAL;

	return stage1_layout_init(
		layout, __builtin_ctz(config->granule), config->input_bits, config->output_bits);
}

int iommuctl_stage1_init(struct iommuctl_stage1 *stage1, const struct iommuctl_guest_memory *memory,
	const struct iommuctl_stage1_config *config)
{
	struct iommuctl_stage1_regime regime;
	struct stage1_layout layout;
	uint64_t last;
	int err;

	if (!stage1 || !memory || !config)
		return -EINVAL;
	err = config_to_layout(config, &layout);
	if (err)
		return err;
	err = stage1_regime_from_layout(&layout, config->table_ipa, &regime);
	if (err)
		return err;

	if ((config->table_ipa | config->table_size) & (config->granule - 1))
		return -EINVAL;
	if (!config->table_size)
		return -ENOSPC;
	if (__builtin_add_overflow(config->table_ipa, config->table_size - 1, &last) ||
		reaches_beyond(last, config->output_bits))
		return -ERANGE;
	if (!iommuctl_guest_memory_at(memory, config->table_ipa, config->table_size))
		return -EFAULT;
	err = guest_memory_zero(memory, config->table_ipa, config->granule);
	if (err)
		return err;

	*stage1 = (struct iommuctl_stage1){
		.memory = memory,
		.config = *config,
		.regime = regime,
		.tables_used = 1,
	};
	return 0;
}

/* Checks [address, address + size) against the granule and @bits. */
static int range_end(const struct iommuctl_stage1 *stage1, uint64_t address, uint64_t size,
	unsigned int bits, uint64_t *last)
{
	uint64_t end;

	if (!size || ((address | size) & (stage1->config.granule - 1)))
		return -EINVAL;
	if (__builtin_add_overflow(address, size - 1, &end) || reaches_beyond(end, bits))
		return -ERANGE;

	*last = end;
	return 0;
}

static int attributes_to_bits(const struct iommuctl_stage1_attributes *attributes, uint64_t *bits)
{
	uint8_t permissions;
	uint64_t value;

	if (!attributes)
		return -EINVAL;
	permissions = attributes->permissions;
	if ((permissions & ~ALL_PERMISSIONS) || !(permissions & IOMMUCTL_STAGE1_READ))
		return -EINVAL;
	if (attributes->attr_index > STAGE1_ATTR_INDEX_MAX)
		return -EINVAL;
	if (attributes->shareability != IOMMUCTL_STAGE1_NON_SHAREABLE &&
		attributes->shareability != IOMMUCTL_STAGE1_OUTER_SHAREABLE &&
		attributes->shareability != IOMMUCTL_STAGE1_INNER_SHAREABLE)
		return -EINVAL;

	value = (uint64_t)attributes->attr_index << STAGE1_ATTR_INDEX_SHIFT |
		(uint64_t)attributes->shareability << STAGE1_SH_SHIFT;
	if (!(permissions & IOMMUCTL_STAGE1_PRIVILEGED))
		value |= STAGE1_AP_UNPRIVILEGED;
	if (!(permissions & IOMMUCTL_STAGE1_WRITE))
		value |= STAGE1_AP_READ_ONLY;
	if (!(permissions & IOMMUCTL_STAGE1_EXEC))
		value |= STAGE1_PXN | STAGE1_UXN;
	else if (permissions & IOMMUCTL_STAGE1_PRIVILEGED)
		value |= STAGE1_UXN;
	if (attributes->access_flag)
		value |= STAGE1_AF;
	if (attributes->not_global)
		value |= STAGE1_NG;

	*bits = value;
	return 0;
}

/* Completes @edit with the range, checks it, and performs it. */
static int edit_range(
	struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size, struct stage1_edit *edit)
{
	const struct iommuctl_stage1_config *config;
	struct stage1_layout layout;
	uint64_t last_output;
	int err;

	if (!stage1 || !stage1->memory || !stage1->tables_used)
		return -EINVAL;
	config = &stage1->config;
	err = config_to_layout(config, &layout);
	if (err)
		return err;
	edit->iova = iova;
	err = range_end(stage1, iova, size, config->input_bits, &edit->last);
	if (err)
		return err;
	if (edit->moves) {
		err = range_end(stage1, edit->ipa, size, config->output_bits, &last_output);
		if (err)
			return err;
	}
	return stage1_edit(stage1, &layout, edit);
}

int iommuctl_stage1_map(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t ipa, uint64_t size,
	const struct iommuctl_stage1_attributes *attributes, uint32_t flags)
{
	struct stage1_edit edit = {
		.ipa = ipa,
		.maps = true,
		.moves = true,
		.no_blocks = flags & IOMMUCTL_STAGE1_NO_BLOCKS,
	};
	int err = attributes_to_bits(attributes, &edit.set);

	if (err)
		return err;
	if (flags & ~IOMMUCTL_STAGE1_NO_BLOCKS)
		return -EINVAL;

	return edit_range(stage1, iova, size, &edit);
}

int iommuctl_stage1_unmap(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size)
{
	struct stage1_edit edit = { .clear = UINT64_MAX };

	return edit_range(stage1, iova, size, &edit);
}

int iommuctl_stage1_remap(
	struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t ipa, uint64_t size)
{
	struct stage1_edit edit = { .ipa = ipa, .clear = STAGE1_ADDRESS, .moves = true };

	return edit_range(stage1, iova, size, &edit);
}

int iommuctl_stage1_protect(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size,
	const struct iommuctl_stage1_attributes *attributes)
{
	struct stage1_edit edit = {
		.clear = ~(STAGE1_ADDRESS | STAGE1_TABLE_OR_PAGE | STAGE1_VALID),
	};
	int err = attributes_to_bits(attributes, &edit.set);

	if (err)
		return err;

	return edit_range(stage1, iova, size, &edit);
}

int iommuctl_stage1_set_access_flag(
	struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t size, bool access_flag)
{
	struct stage1_edit edit = { .clear = STAGE1_AF, .set = access_flag ? STAGE1_AF : 0 };

	return edit_range(stage1, iova, size, &edit);
}
