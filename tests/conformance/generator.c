// SPDX-License-Identifier: MIT
#include "generator.h"

#include <stddef.h>

static const struct operation operations[] = {
	{ "dma", operation_dma, 130 },
	{ "dma-copy", operation_dma_copy, 80 },
	{ "invalidate", operation_invalidate, 110 },
	{ "attach", operation_attach, 90 },
	{ "tables-edit", operation_tables_edit, 90 },
	{ "hwpt-nested", operation_hwpt_nested, 60 },
	{ "events", operation_events, 60 },
	{ "destroy", operation_destroy, 45 },
	{ "ioas-map", operation_ioas_map, 45 },
	{ "ioas-unmap", operation_ioas_unmap, 25 },
	{ "ioas-copy", operation_ioas_copy, 20 },
	{ "ioas-map-file", operation_ioas_map_file, 15 },
	{ "ioas-alloc", operation_ioas_alloc, 8 },
	{ "ioas-ranges", operation_ioas_ranges, 10 },
	{ "ioas-allow", operation_ioas_allow, 5 },
	{ "option", operation_option, 6 },
	{ "vfio-ioas", operation_vfio_ioas, 3 },
	{ "change-process", operation_change_process, 2 },
	{ "cd-write", operation_cd_write, 25 },
	{ "cd-restore", operation_cd_restore, 35 },
	{ "cd-corrupt", operation_cd_corrupt, 6 },
	{ "tables-build", operation_tables_build, 25 },
	{ "tables-corrupt", operation_tables_corrupt, 18 },
	{ "data-write", operation_data_write, 10 },
	{ "hwpt-paging", operation_hwpt_paging, 12 },
	{ "hwpt-parent", operation_hwpt_parent, 14 },
	{ "viommu", operation_viommu, 14 },
	{ "vdevice", operation_vdevice, 22 },
	{ "veventq", operation_veventq, 14 },
	{ "fault-queue", operation_fault_queue, 3 },
	{ "faults", operation_faults, 3 },
	{ "close-queue", operation_close_queue, 5 },
	{ "hw-queue", operation_hw_queue, 2 },
	{ "dirty-tracking", operation_dirty_tracking, 2 },
	{ "dirty-bitmap", operation_dirty_bitmap, 2 },
	{ "hw-info", operation_hw_info, 5 },
	{ "bind", operation_bind, 24 },
	{ "close-device", operation_close_device, 4 },
	{ "command", operation_command, 10 },
	{ "detach", operation_detach, 10 },
	{ "attach-pasid", operation_attach_pasid, 2 },
	{ "detach-pasid", operation_detach_pasid, 2 },
	{ "irq-set", operation_irq_set, 14 },
	{ "irq-raise", operation_irq_raise, 24 },
	{ "irq-read", operation_irq_read, 14 },
	{ "device-info", operation_device_info, 2 },
	{ "region-info", operation_region_info, 2 },
	{ "irq-info", operation_irq_info, 2 },
	{ "reset", operation_reset, 2 },
};

/* How a guest is set up; the second device comes at the end and not always. */
static const struct step {
	operation_function *run;
	unsigned int choice;
} set_up[] = {
	{ operation_bind, 0 },
	{ operation_command, 0 },
	{ operation_ioas_alloc, 0 },
	{ operation_ioas_map, GUEST_DATA },
	{ operation_ioas_map, GUEST_TABLES },
	{ operation_hwpt_parent, 0 },
	{ operation_viommu, 0 },
	{ operation_veventq, 0 },
	{ operation_vdevice, 0 },
	{ operation_hwpt_nested, 0 },
	{ operation_attach, 0 },
	{ operation_dma_copy, 0 },
	{ operation_irq_set, 0 },
	{ operation_bind, 1 },
	{ operation_command, 1 },
	{ operation_vdevice, 1 },
	{ operation_attach, 1 },
	{ operation_dma_copy, 1 },
	{ operation_irq_set, 1 },
};
#define SET_UP_STEPS	 (sizeof(set_up) / sizeof(set_up[0]))
#define SET_UP_FIRST	 13
#define SET_UP_DEVIATION 4 /* percent */

#define OPERATION_COUNT (sizeof(operations) / sizeof(operations[0]))

static const struct operation *pick(struct dice *dice)
{
	uint64_t total = 0, roll;
	size_t i;

	for (i = 0; i < OPERATION_COUNT; i++)
		total += operations[i].weight;
	roll = dice_below(dice, total);
	for (i = 0; roll >= operations[i].weight; i++)
		roll -= operations[i].weight;
	return &operations[i];
}

static const struct operation *find(operation_function *run)
{
	const struct operation *operation = operations;

	while (operation->run != run)
		operation++;
	return operation;
}

/* How much of the set-up this sequence has: mostly the first device, or both; or none. */
static unsigned int set_up_length(uint64_t seed)
{
	struct dice dice = dice_new(seed, UINT64_MAX - 1);
	const uint64_t roll = dice_below(&dice, 100);

	return roll < 60 ? SET_UP_STEPS : roll < 95 ? SET_UP_FIRST : 0;
}

const struct operation *generator_operation(uint64_t seed, unsigned int index, struct dice *dice)
{
	*dice = dice_new(seed, index);
	if (index < set_up_length(seed) && !dice_chance(dice, SET_UP_DEVIATION)) {
		dice->plain = true;
		dice->choice = set_up[index].choice;
		return find(set_up[index].run);
	}
	return pick(dice);
}
