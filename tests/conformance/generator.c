// SPDX-License-Identifier: MIT
#include "generator.h"

#include <stddef.h>

#include "array.h"

static const struct operation smmuv3_operations[] = {
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

/* A part of what a sequence begins with. */
struct step {
	operation_function *run;
	unsigned int choice;
};

/* How a guest is set up; the second device comes at the end and not always. */
static const struct step smmuv3_set_up[] = {
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
#define SET_UP_FIRST	 13
#define SET_UP_DEVIATION 4 /* percent */

static const struct operation mock_operations[] = {
	{ "ioas-alloc", operation_mock_ioas, 15 },
	{ "ioas-map", operation_ioas_map, 60 },
	{ "ioas-map-file", operation_ioas_map_file, 20 },
	{ "ioas-copy", operation_ioas_copy, 20 },
	{ "ioas-unmap", operation_ioas_unmap, 35 },
	{ "ioas-ranges", operation_ioas_ranges, 10 },
	{ "ioas-allow", operation_ioas_allow, 4 },
	{ "reserve", operation_mock_reserve, 4 },
	{ "mock", operation_mock_new, 30 },
	{ "replace", operation_mock_replace, 60 },
	{ "pasid-attach", operation_mock_pasid_attach, 40 },
	{ "pasid-replace", operation_mock_pasid_replace, 30 },
	{ "pasid-detach", operation_mock_pasid_detach, 20 },
	{ "pasid-check", operation_mock_pasid_check, 15 },
	{ "hwpt-paging", operation_mock_hwpt_paging, 40 },
	{ "hwpt-parent", operation_mock_hwpt_parent, 20 },
	{ "hwpt-nested", operation_mock_hwpt_nested, 40 },
	{ "viommu", operation_mock_viommu, 25 },
	{ "vdevice", operation_mock_vdevice, 40 },
	{ "veventq", operation_mock_veventq, 25 },
	{ "fault-queue", operation_fault_queue, 12 },
	{ "hw-queue", operation_mock_hw_queue, 30 },
	{ "map-pages", operation_mock_map, 12 },
	{ "unmap-pages", operation_mock_unmap, 10 },
	{ "invalidate-hwpt", operation_mock_invalidate_hwpt, 30 },
	{ "invalidate-viommu", operation_mock_invalidate_viommu, 40 },
	{ "iotlb", operation_mock_iotlb, 30 },
	{ "cache", operation_mock_cache, 40 },
	{ "raise-fault", operation_mock_raise_fault, 60 },
	{ "faults", operation_mock_faults, 35 },
	{ "respond", operation_mock_respond, 25 },
	{ "raise-event", operation_mock_raise_event, 50 },
	{ "events", operation_mock_events, 30 },
	{ "dirty-tracking", operation_mock_tracking, 20 },
	{ "dirty", operation_mock_dirty, 40 },
	{ "dirty-bitmap", operation_mock_bitmap, 40 },
	{ "access", operation_mock_access, 20 },
	{ "access-replace", operation_mock_access_replace, 8 },
	{ "access-rw", operation_mock_access_rw, 50 },
	{ "access-pin", operation_mock_access_pin, 40 },
	{ "access-unpin", operation_mock_access_unpin, 20 },
	{ "dma-buf", operation_mock_dma_buf, 6 },
	{ "dma-buf-map", operation_mock_dma_buf_map, 12 },
	{ "dma-buf-revoke", operation_mock_dma_buf_revoke, 6 },
	{ "translates", operation_mock_translates, 40 },
	{ "close-file", operation_mock_close, 12 },
	{ "hw-info", operation_hw_info, 5 },
	{ "destroy", operation_mock_destroy, 40 },
};

static const struct step mock_set_up[] = {
	{ operation_mock_ioas, 0 },
	{ operation_ioas_map, GUEST_DATA },
	{ operation_ioas_map, GUEST_TABLES },
	{ operation_mock_new, 0 },
	{ operation_fault_queue, 0 },
	{ operation_mock_hwpt_parent, 0 },
	{ operation_mock_viommu, 0 },
	{ operation_mock_veventq, 0 },
	{ operation_mock_vdevice, 0 },
	{ operation_mock_hwpt_nested, 0 },
	{ operation_mock_replace, 0 },
	{ operation_mock_hwpt_paging, 1 },
	{ operation_mock_replace, 1 },
	{ operation_mock_pasid_attach, 1 },
	{ operation_mock_access, 0 },
	{ operation_mock_hwpt_paging, 0 },
	{ operation_mock_tracking, 0 },
};

static const struct plan {
	const struct operation *operations;
	size_t operation_count;
	const struct step *set_up;
	unsigned int set_up_count;
	unsigned int set_up_first; /* so much of it, where it is not all */
} smmuv3_plan = { smmuv3_operations, ARRAY_SIZE(smmuv3_operations), smmuv3_set_up,
	ARRAY_SIZE(smmuv3_set_up), SET_UP_FIRST },
  mock_plan = { mock_operations, ARRAY_SIZE(mock_operations), mock_set_up, ARRAY_SIZE(mock_set_up),
	  4 };

static const struct operation *pick(const struct plan *plan, struct dice *dice)
{
	uint64_t total = 0, roll;
	size_t i;

	for (i = 0; i < plan->operation_count; i++)
		total += plan->operations[i].weight;
	roll = dice_below(dice, total);
	for (i = 0; roll >= plan->operations[i].weight; i++)
		roll -= plan->operations[i].weight;
	return &plan->operations[i];
}

static const struct operation *find(const struct plan *plan, operation_function *run)
{
	const struct operation *operation = plan->operations;

	while (operation->run != run)
		operation++;
	return operation;
}

/* How much of the set-up this sequence has: mostly the first device, or both; or none. */
static unsigned int set_up_length(const struct plan *plan, uint64_t seed)
{
	struct dice dice = dice_new(seed, UINT64_MAX - 1);
	const uint64_t roll = dice_below(&dice, 100);

	return roll < 60 ? plan->set_up_count : roll < 95 ? plan->set_up_first : 0;
}

const struct operation *generator_operation(
	bool mock, uint64_t seed, unsigned int index, struct dice *dice)
{
	const struct plan *plan = mock ? &mock_plan : &smmuv3_plan;

	*dice = dice_new(seed, index);
	if (index < set_up_length(plan, seed) && !dice_chance(dice, SET_UP_DEVIATION)) {
		dice->plain = true;
		dice->choice = plan->set_up[index].choice;
		return find(plan, plan->set_up[index].run);
	}
	return pick(plan, dice);
}
