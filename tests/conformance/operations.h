/* SPDX-License-Identifier: MIT */
/*
 * The operations that sequences are made of. Each chooses its arguments, mostly valid ones, says them,
 * acts, and says what came of it.
 */
#ifndef CONFORMANCE_OPERATIONS_H
#define CONFORMANCE_OPERATIONS_H

#include <stddef.h>

#include "dice.h"
#include "subject.h"

typedef void operation_function(struct subject *subject, struct dice *dice);

struct operation {
	const char *name;
	operation_function *run;
	unsigned int weight;
};

/* operations_ioas.c */
operation_function operation_ioas_alloc, operation_ioas_map, operation_ioas_map_file,
	operation_ioas_copy, operation_ioas_unmap, operation_ioas_ranges, operation_ioas_allow,
	operation_option, operation_vfio_ioas, operation_change_process;

/* operations_objects.c */
operation_function operation_hwpt_paging, operation_hwpt_parent, operation_hwpt_nested,
	operation_viommu, operation_vdevice, operation_veventq, operation_fault_queue,
	operation_hw_queue, operation_dirty_tracking, operation_dirty_bitmap, operation_destroy,
	operation_hw_info;

/* operations_device.c */
operation_function operation_bind, operation_close_device, operation_command, operation_attach,
	operation_detach, operation_attach_pasid, operation_detach_pasid, operation_dma,
	operation_dma_copy, operation_irq_set, operation_irq_raise, operation_irq_read,
	operation_device_info, operation_region_info, operation_irq_info, operation_reset;

/* operations_guest.c */
operation_function operation_tables_edit, operation_tables_build, operation_tables_corrupt,
	operation_cd_write, operation_cd_restore, operation_cd_corrupt, operation_data_write;

/* operations_mock.c */
operation_function operation_mock_ioas, operation_mock_reserve, operation_mock_new,
	operation_mock_replace, operation_mock_pasid_attach, operation_mock_pasid_replace,
	operation_mock_pasid_detach, operation_mock_pasid_check, operation_mock_destroy;

/* operations_mock_objects.c */
operation_function operation_mock_hwpt_paging, operation_mock_hwpt_parent,
	operation_mock_hwpt_nested, operation_mock_viommu, operation_mock_vdevice,
	operation_mock_veventq, operation_mock_hw_queue, operation_mock_map, operation_mock_unmap,
	operation_mock_close;

/* operations_mock_queues.c */
operation_function operation_mock_invalidate_hwpt, operation_mock_invalidate_viommu,
	operation_mock_iotlb, operation_mock_cache, operation_mock_raise_fault,
	operation_mock_faults, operation_mock_respond, operation_mock_raise_event,
	operation_mock_events;

/* operations_mock_memory.c */
operation_function operation_mock_tracking, operation_mock_dirty, operation_mock_bitmap,
	operation_mock_access, operation_mock_access_replace, operation_mock_access_rw,
	operation_mock_access_pin, operation_mock_access_unpin, operation_mock_dma_buf,
	operation_mock_dma_buf_map, operation_mock_dma_buf_revoke, operation_mock_translates;

/* operations_queues.c */
operation_function operation_invalidate, operation_events, operation_faults, operation_close_queue;

#endif
