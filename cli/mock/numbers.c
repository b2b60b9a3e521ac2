// SPDX-License-Identifier: MIT
/* Checks the room's public numbers and layouts against the kernel's. */
#include <stddef.h>

#include "abi/iommufd.h"
#include "abi/iommufd_test.h"
#include "mock/mock.h"

#define SAME(ours, kernels) _Static_assert((ours) == (kernels), #ours " is not " #kernels)

SAME(MOCK_VIOMMU_TYPE, ABI_VIOMMU_TYPE_SELFTEST);
SAME(MOCK_VEVENTQ_TYPE, ABI_VEVENTQ_TYPE_SELFTEST);
SAME(MOCK_HW_QUEUE_TYPE, ABI_HW_QUEUE_TYPE_SELFTEST);
SAME(MOCK_HWPT_DATA, ABI_HWPT_DATA_SELFTEST);
SAME(MOCK_HWPT_INVALIDATE_DATA, ABI_HWPT_INVALIDATE_DATA_SELFTEST);
SAME(MOCK_VIOMMU_INVALIDATE_DATA, ABI_VIOMMU_INVALIDATE_DATA_SELFTEST);
SAME(MOCK_CACHE_ENTRIES, ABI_MOCK_DEV_CACHE_NUM);
SAME(MOCK_CACHE_ENTRIES, ABI_MOCK_NESTED_DOMAIN_IOTLB_NUM);
SAME(MOCK_CACHE_DEFAULT, ABI_TEST_DEV_CACHE_DEFAULT);
SAME(MOCK_NO_DIRTY_TRACKING, ABI_MOCK_FLAGS_DEVICE_NO_DIRTY);
SAME(MOCK_PASIDS, ABI_MOCK_FLAGS_DEVICE_PASID);
SAME(1, ABI_TEST_INVALIDATE_FLAG_ALL);

SAME(sizeof(struct mock_hwpt), sizeof(struct abi_hwpt_selftest));
SAME(offsetof(struct mock_hwpt, iotlb), offsetof(struct abi_hwpt_selftest, iotlb));
SAME(sizeof(struct mock_hwpt_invalidation), sizeof(struct abi_hwpt_invalidate_selftest));
SAME(offsetof(struct mock_hwpt_invalidation, entry),
	offsetof(struct abi_hwpt_invalidate_selftest, iotlb_id));
SAME(sizeof(struct mock_viommu_invalidation), sizeof(struct abi_viommu_invalidate_selftest));
SAME(offsetof(struct mock_viommu_invalidation, vsid),
	offsetof(struct abi_viommu_invalidate_selftest, vdev_id));
SAME(offsetof(struct mock_viommu_invalidation, entry),
	offsetof(struct abi_viommu_invalidate_selftest, cache_id));
SAME(sizeof(struct mock_event),
	sizeof(struct abi_vevent_header) + sizeof(struct abi_viommu_event_selftest));
SAME(sizeof(struct mock_viommu), sizeof(struct abi_viommu_selftest));
SAME(offsetof(struct mock_viommu, echo), offsetof(struct abi_viommu_selftest, out_data));
SAME(offsetof(struct mock_viommu, mmap_offset),
	offsetof(struct abi_viommu_selftest, out_mmap_offset));
