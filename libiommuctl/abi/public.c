// SPDX-License-Identifier: MIT
/*
 * The thin calls pass the caller's values and structures to the kernel unchanged, so those of the
 * public headers must be the kernel's. Grouped by the file that does so.
 */
#include <stddef.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/vfio.h>
#include <iommuctl/virtio_iommu.h>
#include <iommuctl/virtio_iommu_fault.h>

#include "abi/amd.h"
#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/tegra241_cmdqv.h"
#include "abi/vfio.h"
#include "abi/vfio_migration.h"
#include "abi/vfio_pci.h"
#include "abi/virtio_iommu.h"
#include "abi/vtd.h"

/* iommufd/fault_queue.c */
_Static_assert(IOMMUCTL_PGFAULT_FLAGS_PASID_VALID == ABI_PGFAULT_FLAGS_PASID_VALID, "");
_Static_assert(IOMMUCTL_PGFAULT_FLAGS_LAST_PAGE == ABI_PGFAULT_FLAGS_LAST_PAGE, "");
_Static_assert(IOMMUCTL_PGFAULT_PERM_READ == ABI_PGFAULT_PERM_READ, "");
_Static_assert(IOMMUCTL_PGFAULT_PERM_WRITE == ABI_PGFAULT_PERM_WRITE, "");
_Static_assert(IOMMUCTL_PGFAULT_PERM_EXEC == ABI_PGFAULT_PERM_EXEC, "");
_Static_assert(IOMMUCTL_PGFAULT_PERM_PRIV == ABI_PGFAULT_PERM_PRIV, "");
_Static_assert(IOMMUCTL_PAGE_RESP_SUCCESS == ABI_PAGE_RESP_SUCCESS, "");
_Static_assert(IOMMUCTL_PAGE_RESP_INVALID == ABI_PAGE_RESP_INVALID, "");
_Static_assert(sizeof(struct iommuctl_pgfault) == sizeof(struct abi_hwpt_pgfault), "");
_Static_assert(
	offsetof(struct iommuctl_pgfault, dev_id) == offsetof(struct abi_hwpt_pgfault, dev_id), "");
_Static_assert(
	offsetof(struct iommuctl_pgfault, pasid) == offsetof(struct abi_hwpt_pgfault, pasid), "");
_Static_assert(
	offsetof(struct iommuctl_pgfault, grpid) == offsetof(struct abi_hwpt_pgfault, grpid), "");
_Static_assert(
	offsetof(struct iommuctl_pgfault, perm) == offsetof(struct abi_hwpt_pgfault, perm), "");
_Static_assert(
	offsetof(struct iommuctl_pgfault, addr) == offsetof(struct abi_hwpt_pgfault, addr), "");
_Static_assert(
	offsetof(struct iommuctl_pgfault, length) == offsetof(struct abi_hwpt_pgfault, length), "");
_Static_assert(
	offsetof(struct iommuctl_pgfault, cookie) == offsetof(struct abi_hwpt_pgfault, cookie), "");
_Static_assert(sizeof(struct iommuctl_page_response) == sizeof(struct abi_hwpt_page_response), "");
_Static_assert(offsetof(struct iommuctl_page_response, code) ==
		       offsetof(struct abi_hwpt_page_response, code),
	"");

/* iommufd/hw_info.c */
_Static_assert(IOMMUCTL_HW_INFO_TYPE_NONE == ABI_HW_INFO_TYPE_NONE, "");
_Static_assert(IOMMUCTL_HW_INFO_TYPE_DEFAULT == ABI_HW_INFO_TYPE_DEFAULT, "");
_Static_assert(IOMMUCTL_HW_INFO_TYPE_INTEL_VTD == ABI_HW_INFO_TYPE_INTEL_VTD, "");
_Static_assert(IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3 == ABI_HW_INFO_TYPE_ARM_SMMUV3, "");
_Static_assert(IOMMUCTL_HW_INFO_TYPE_TEGRA241_CMDQV == ABI_HW_INFO_TYPE_TEGRA241_CMDQV, "");
_Static_assert(IOMMUCTL_HW_INFO_TYPE_AMD == ABI_HW_INFO_TYPE_AMD, "");
_Static_assert(IOMMUCTL_HW_CAP_DIRTY_TRACKING == ABI_HW_CAP_DIRTY_TRACKING, "");
_Static_assert(IOMMUCTL_HW_CAP_PCI_PASID_EXEC == ABI_HW_CAP_PCI_PASID_EXEC, "");
_Static_assert(IOMMUCTL_HW_CAP_PCI_PASID_PRIV == ABI_HW_CAP_PCI_PASID_PRIV, "");
_Static_assert(IOMMUCTL_HW_CAP_PCI_ATS_NOT_SUPPORTED == ABI_HW_CAP_PCI_ATS_NOT_SUPPORTED, "");
_Static_assert(IOMMUCTL_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI ==
		       ABI_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI,
	"");
_Static_assert(IOMMUCTL_HW_INFO_VTD_ERRATA_772415_SPR17 == ABI_HW_INFO_VTD_ERRATA_772415_SPR17, "");
_Static_assert(
	sizeof(struct iommuctl_hw_info_arm_smmuv3) == sizeof(struct abi_hw_info_arm_smmuv3), "");
_Static_assert(offsetof(struct iommuctl_hw_info_arm_smmuv3, idr) ==
		       offsetof(struct abi_hw_info_arm_smmuv3, idr),
	"");
_Static_assert(offsetof(struct iommuctl_hw_info_arm_smmuv3, aidr) ==
		       offsetof(struct abi_hw_info_arm_smmuv3, aidr),
	"");
_Static_assert(sizeof(struct iommuctl_hw_info_vtd) == sizeof(struct abi_hw_info_vtd), "");
_Static_assert(
	offsetof(struct iommuctl_hw_info_vtd, cap_reg) == offsetof(struct abi_hw_info_vtd, cap_reg),
	"");
_Static_assert(offsetof(struct iommuctl_hw_info_vtd, ecap_reg) ==
		       offsetof(struct abi_hw_info_vtd, ecap_reg),
	"");
_Static_assert(
	sizeof(struct iommuctl_hw_info_tegra241_cmdqv) == sizeof(struct abi_hw_info_tegra241_cmdqv),
	"");
_Static_assert(offsetof(struct iommuctl_hw_info_tegra241_cmdqv, log2vsids) ==
		       offsetof(struct abi_hw_info_tegra241_cmdqv, log2vsids),
	"");
_Static_assert(sizeof(struct iommuctl_hw_info_amd) == sizeof(struct abi_hw_info_amd), "");
_Static_assert(
	offsetof(struct iommuctl_hw_info_amd, efr2) == offsetof(struct abi_hw_info_amd, efr2), "");

/* iommufd/hwpt.c */
_Static_assert(IOMMUCTL_HWPT_ALLOC_NEST_PARENT == ABI_HWPT_ALLOC_NEST_PARENT, "");
_Static_assert(IOMMUCTL_HWPT_ALLOC_DIRTY_TRACKING == ABI_HWPT_ALLOC_DIRTY_TRACKING, "");
_Static_assert(IOMMUCTL_HWPT_FAULT_ID_VALID == ABI_HWPT_FAULT_ID_VALID, "");
_Static_assert(IOMMUCTL_HWPT_ALLOC_PASID == ABI_HWPT_ALLOC_PASID, "");
_Static_assert(IOMMUCTL_HWPT_DATA_NONE == ABI_HWPT_DATA_NONE, "");
_Static_assert(IOMMUCTL_HWPT_DATA_VTD_S1 == ABI_HWPT_DATA_VTD_S1, "");
_Static_assert(IOMMUCTL_HWPT_DATA_ARM_SMMUV3 == ABI_HWPT_DATA_ARM_SMMUV3, "");
_Static_assert(IOMMUCTL_HWPT_DATA_AMD_GUEST == ABI_HWPT_DATA_AMD_GUEST, "");
_Static_assert(IOMMUCTL_VTD_S1_SRE == ABI_VTD_S1_SRE, "");
_Static_assert(IOMMUCTL_VTD_S1_EAFE == ABI_VTD_S1_EAFE, "");
_Static_assert(IOMMUCTL_VTD_S1_WPE == ABI_VTD_S1_WPE, "");
_Static_assert(IOMMUCTL_HWPT_DIRTY_TRACKING_ENABLE == ABI_HWPT_DIRTY_TRACKING_ENABLE, "");
_Static_assert(IOMMUCTL_HWPT_GET_DIRTY_BITMAP_NO_CLEAR == ABI_HWPT_GET_DIRTY_BITMAP_NO_CLEAR, "");
_Static_assert(sizeof(struct iommuctl_hwpt_arm_smmuv3) == sizeof(struct abi_hwpt_arm_smmuv3), "");
_Static_assert(sizeof(struct iommuctl_hwpt_amd_guest) == sizeof(struct abi_hwpt_amd_guest), "");
_Static_assert(sizeof(struct iommuctl_hwpt_vtd_s1) == sizeof(struct abi_hwpt_vtd_s1), "");
_Static_assert(offsetof(struct iommuctl_hwpt_vtd_s1, pgtbl_addr) ==
		       offsetof(struct abi_hwpt_vtd_s1, pgtbl_addr),
	"");
_Static_assert(offsetof(struct iommuctl_hwpt_vtd_s1, addr_width) ==
		       offsetof(struct abi_hwpt_vtd_s1, addr_width),
	"");

/* iommufd/invalidate.c */
_Static_assert(IOMMUCTL_HWPT_INVALIDATE_DATA_VTD_S1 == ABI_HWPT_INVALIDATE_DATA_VTD_S1, "");
_Static_assert(
	IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 == ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3, "");
_Static_assert(IOMMUCTL_VTD_INV_FLAGS_LEAF == ABI_VTD_INV_FLAGS_LEAF, "");
_Static_assert(sizeof(struct iommuctl_viommu_arm_smmuv3_invalidate) ==
		       sizeof(struct abi_viommu_arm_smmuv3_invalidate),
	"");
_Static_assert(
	sizeof(struct iommuctl_hwpt_vtd_s1_invalidate) == sizeof(struct abi_hwpt_vtd_s1_invalidate),
	"");
_Static_assert(offsetof(struct iommuctl_hwpt_vtd_s1_invalidate, npages) ==
		       offsetof(struct abi_hwpt_vtd_s1_invalidate, npages),
	"");
_Static_assert(offsetof(struct iommuctl_hwpt_vtd_s1_invalidate, flags) ==
		       offsetof(struct abi_hwpt_vtd_s1_invalidate, flags),
	"");

/* iommufd/ioas.c */
_Static_assert(sizeof(struct iommuctl_iova_range) == sizeof(struct abi_iova_range), "");
_Static_assert(
	offsetof(struct iommuctl_iova_range, last) == offsetof(struct abi_iova_range, last), "");

/* iommufd/map.c */
_Static_assert(IOMMUCTL_IOAS_MAP_FIXED_IOVA == ABI_IOAS_MAP_FIXED_IOVA, "");
_Static_assert(IOMMUCTL_IOAS_MAP_WRITEABLE == ABI_IOAS_MAP_WRITEABLE, "");
_Static_assert(IOMMUCTL_IOAS_MAP_READABLE == ABI_IOAS_MAP_READABLE, "");

/* iommufd/option.c */
_Static_assert(IOMMUCTL_OPTION_RLIMIT_MODE == ABI_OPTION_RLIMIT_MODE, "");
_Static_assert(IOMMUCTL_OPTION_HUGE_PAGES == ABI_OPTION_HUGE_PAGES, "");

/* iommufd/veventq.c */
_Static_assert(IOMMUCTL_VEVENTQ_TYPE_DEFAULT == ABI_VEVENTQ_TYPE_DEFAULT, "");
_Static_assert(IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3 == ABI_VEVENTQ_TYPE_ARM_SMMUV3, "");
_Static_assert(IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV == ABI_VEVENTQ_TYPE_TEGRA241_CMDQV, "");
_Static_assert(IOMMUCTL_VEVENTQ_FLAG_LOST_EVENTS == ABI_VEVENTQ_FLAG_LOST_EVENTS, "");

/* iommufd/viommu.c */
_Static_assert(IOMMUCTL_VIOMMU_TYPE_DEFAULT == ABI_VIOMMU_TYPE_DEFAULT, "");
_Static_assert(IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3 == ABI_VIOMMU_TYPE_ARM_SMMUV3, "");
_Static_assert(IOMMUCTL_VIOMMU_TYPE_TEGRA241_CMDQV == ABI_VIOMMU_TYPE_TEGRA241_CMDQV, "");
_Static_assert(IOMMUCTL_HW_QUEUE_TYPE_DEFAULT == ABI_HW_QUEUE_TYPE_DEFAULT, "");
_Static_assert(IOMMUCTL_HW_QUEUE_TYPE_TEGRA241_CMDQV == ABI_HW_QUEUE_TYPE_TEGRA241_CMDQV, "");
_Static_assert(
	sizeof(struct iommuctl_viommu_tegra241_cmdqv) == sizeof(struct abi_viommu_tegra241_cmdqv),
	"");
_Static_assert(offsetof(struct iommuctl_viommu_tegra241_cmdqv, vintf_mmap_length) ==
		       offsetof(struct abi_viommu_tegra241_cmdqv, out_vintf_mmap_length),
	"");

/* vfio/device_info.c */
_Static_assert(IOMMUCTL_VFIO_DEVICE_FLAGS_RESET == ABI_VFIO_DEVICE_FLAGS_RESET, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FLAGS_PCI == ABI_VFIO_DEVICE_FLAGS_PCI, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FLAGS_PLATFORM == ABI_VFIO_DEVICE_FLAGS_PLATFORM, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FLAGS_AMBA == ABI_VFIO_DEVICE_FLAGS_AMBA, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FLAGS_CCW == ABI_VFIO_DEVICE_FLAGS_CCW, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FLAGS_AP == ABI_VFIO_DEVICE_FLAGS_AP, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FLAGS_FSL_MC == ABI_VFIO_DEVICE_FLAGS_FSL_MC, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FLAGS_CAPS == ABI_VFIO_DEVICE_FLAGS_CAPS, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FLAGS_CDX == ABI_VFIO_DEVICE_FLAGS_CDX, "");
_Static_assert(IOMMUCTL_VFIO_PCI_ATOMIC_COMP32 == ABI_VFIO_PCI_ATOMIC_COMP32, "");
_Static_assert(IOMMUCTL_VFIO_PCI_ATOMIC_COMP64 == ABI_VFIO_PCI_ATOMIC_COMP64, "");
_Static_assert(IOMMUCTL_VFIO_PCI_ATOMIC_COMP128 == ABI_VFIO_PCI_ATOMIC_COMP128, "");

/* vfio/feature.c */
_Static_assert(
	IOMMUCTL_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN == ABI_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FEATURE_DMA_BUF == ABI_VFIO_DEVICE_FEATURE_DMA_BUF, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FEATURE_GET == ABI_VFIO_DEVICE_FEATURE_GET, "");
_Static_assert(IOMMUCTL_VFIO_DEVICE_FEATURE_SET == ABI_VFIO_DEVICE_FEATURE_SET, "");
_Static_assert(sizeof(struct iommuctl_vfio_region_area) == sizeof(struct abi_vfio_region_dma_range),
	"areas are copied as they are");
_Static_assert(offsetof(struct iommuctl_vfio_region_area, size) ==
		       offsetof(struct abi_vfio_region_dma_range, length),
	"areas are copied as they are");

/* vfio/irq.c */
_Static_assert(IOMMUCTL_VFIO_PCI_INTX_IRQ_INDEX == ABI_VFIO_PCI_INTX_IRQ_INDEX, "");
_Static_assert(IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX == ABI_VFIO_PCI_MSI_IRQ_INDEX, "");
_Static_assert(IOMMUCTL_VFIO_PCI_MSIX_IRQ_INDEX == ABI_VFIO_PCI_MSIX_IRQ_INDEX, "");
_Static_assert(IOMMUCTL_VFIO_PCI_ERR_IRQ_INDEX == ABI_VFIO_PCI_ERR_IRQ_INDEX, "");
_Static_assert(IOMMUCTL_VFIO_PCI_REQ_IRQ_INDEX == ABI_VFIO_PCI_REQ_IRQ_INDEX, "");
_Static_assert(IOMMUCTL_VFIO_PCI_NUM_IRQS == ABI_VFIO_PCI_NUM_IRQS, "");
_Static_assert(IOMMUCTL_VFIO_IRQ_INFO_EVENTFD == ABI_VFIO_IRQ_INFO_EVENTFD, "");
_Static_assert(IOMMUCTL_VFIO_IRQ_INFO_MASKABLE == ABI_VFIO_IRQ_INFO_MASKABLE, "");
_Static_assert(IOMMUCTL_VFIO_IRQ_INFO_AUTOMASKED == ABI_VFIO_IRQ_INFO_AUTOMASKED, "");
_Static_assert(IOMMUCTL_VFIO_IRQ_INFO_NORESIZE == ABI_VFIO_IRQ_INFO_NORESIZE, "");
_Static_assert(IOMMUCTL_VFIO_IRQ_SET_DATA_NONE == ABI_VFIO_IRQ_SET_DATA_NONE, "");
_Static_assert(IOMMUCTL_VFIO_IRQ_SET_DATA_BOOL == ABI_VFIO_IRQ_SET_DATA_BOOL, "");
_Static_assert(IOMMUCTL_VFIO_IRQ_SET_DATA_EVENTFD == ABI_VFIO_IRQ_SET_DATA_EVENTFD, "");
_Static_assert(IOMMUCTL_VFIO_IRQ_SET_ACTION_MASK == ABI_VFIO_IRQ_SET_ACTION_MASK, "");
_Static_assert(IOMMUCTL_VFIO_IRQ_SET_ACTION_UNMASK == ABI_VFIO_IRQ_SET_ACTION_UNMASK, "");
_Static_assert(IOMMUCTL_VFIO_IRQ_SET_ACTION_TRIGGER == ABI_VFIO_IRQ_SET_ACTION_TRIGGER, "");
_Static_assert(sizeof(int) == sizeof(int32_t), "eventfds go to the kernel as they are");

/* vfio/legacy.c */
_Static_assert(IOMMUCTL_VFIO_TYPE1_IOMMU == ABI_VFIO_TYPE1_IOMMU, "");
_Static_assert(IOMMUCTL_VFIO_TYPE1v2_IOMMU == ABI_VFIO_TYPE1v2_IOMMU, "");
_Static_assert(IOMMUCTL_VFIO_NOIOMMU_IOMMU == ABI_VFIO_NOIOMMU_IOMMU, "");
_Static_assert(IOMMUCTL_VFIO_GROUP_FLAGS_VIABLE == ABI_VFIO_GROUP_FLAGS_VIABLE, "");
_Static_assert(IOMMUCTL_VFIO_GROUP_FLAGS_CONTAINER_SET == ABI_VFIO_GROUP_FLAGS_CONTAINER_SET, "");

/* vfio/migration.c, vfio/dma_logging.c */
_Static_assert(IOMMUCTL_VFIO_MIGRATION_STOP_COPY == ABI_VFIO_MIGRATION_STOP_COPY, "");
_Static_assert(IOMMUCTL_VFIO_MIGRATION_P2P == ABI_VFIO_MIGRATION_P2P, "");
_Static_assert(IOMMUCTL_VFIO_MIGRATION_PRE_COPY == ABI_VFIO_MIGRATION_PRE_COPY, "");
_Static_assert((int)IOMMUCTL_VFIO_DEVICE_STATE_ERROR == ABI_VFIO_DEVICE_STATE_ERROR, "");
_Static_assert((int)IOMMUCTL_VFIO_DEVICE_STATE_STOP == ABI_VFIO_DEVICE_STATE_STOP, "");
_Static_assert((int)IOMMUCTL_VFIO_DEVICE_STATE_RUNNING == ABI_VFIO_DEVICE_STATE_RUNNING, "");
_Static_assert((int)IOMMUCTL_VFIO_DEVICE_STATE_STOP_COPY == ABI_VFIO_DEVICE_STATE_STOP_COPY, "");
_Static_assert((int)IOMMUCTL_VFIO_DEVICE_STATE_RESUMING == ABI_VFIO_DEVICE_STATE_RESUMING, "");
_Static_assert(
	(int)IOMMUCTL_VFIO_DEVICE_STATE_RUNNING_P2P == ABI_VFIO_DEVICE_STATE_RUNNING_P2P, "");
_Static_assert((int)IOMMUCTL_VFIO_DEVICE_STATE_PRE_COPY == ABI_VFIO_DEVICE_STATE_PRE_COPY, "");
_Static_assert(
	(int)IOMMUCTL_VFIO_DEVICE_STATE_PRE_COPY_P2P == ABI_VFIO_DEVICE_STATE_PRE_COPY_P2P, "");
_Static_assert(IOMMUCTL_VFIO_PRECOPY_INFO_REINIT == ABI_VFIO_PRECOPY_INFO_REINIT, "");
_Static_assert(sizeof(struct iommuctl_vfio_dma_range) ==
		       sizeof(struct abi_vfio_device_feature_dma_logging_range),
	"ranges go to the kernel as they are");

/* vfio/pci.c */
_Static_assert(IOMMUCTL_VFIO_PCI_HOT_RESET_FLAG_DEV_ID == ABI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID, "");
_Static_assert(
	IOMMUCTL_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED == ABI_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED,
	"");
_Static_assert(IOMMUCTL_VFIO_PCI_DEVID_OWNED == ABI_VFIO_PCI_DEVID_OWNED, "");
_Static_assert(IOMMUCTL_VFIO_PCI_DEVID_NOT_OWNED == (uint32_t)ABI_VFIO_PCI_DEVID_NOT_OWNED, "");
_Static_assert(ABI_VFIO_DEVICE_IOEVENTFD_32 == 4, "a size in bytes is its flag");

/* vfio/region_info.c */
_Static_assert(IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX == ABI_VFIO_PCI_BAR0_REGION_INDEX, "");
_Static_assert(IOMMUCTL_VFIO_PCI_ROM_REGION_INDEX == ABI_VFIO_PCI_ROM_REGION_INDEX, "");
_Static_assert(IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX == ABI_VFIO_PCI_CONFIG_REGION_INDEX, "");
_Static_assert(IOMMUCTL_VFIO_PCI_VGA_REGION_INDEX == ABI_VFIO_PCI_VGA_REGION_INDEX, "");
_Static_assert(IOMMUCTL_VFIO_PCI_NUM_REGIONS == ABI_VFIO_PCI_NUM_REGIONS, "");
_Static_assert(IOMMUCTL_VFIO_REGION_INFO_FLAG_READ == ABI_VFIO_REGION_INFO_FLAG_READ, "");
_Static_assert(IOMMUCTL_VFIO_REGION_INFO_FLAG_WRITE == ABI_VFIO_REGION_INFO_FLAG_WRITE, "");
_Static_assert(IOMMUCTL_VFIO_REGION_INFO_FLAG_MMAP == ABI_VFIO_REGION_INFO_FLAG_MMAP, "");
_Static_assert(IOMMUCTL_VFIO_REGION_INFO_FLAG_CAPS == ABI_VFIO_REGION_INFO_FLAG_CAPS, "");

/* relay/send.h */
_Static_assert(sizeof(uint64_t[IOMMUCTL_SMMUV3_CMD_WORDS]) ==
		       sizeof(struct abi_viommu_arm_smmuv3_invalidate),
	"commands go to the kernel as they are");

/* virtio/fault.c */
_Static_assert(IOMMUCTL_VIRTIO_IOMMU_FAULT_SIZE == sizeof(struct abi_virtio_iommu_fault), "");
_Static_assert((int)IOMMUCTL_VIRTIO_IOMMU_FAULT_UNKNOWN == ABI_VIRTIO_IOMMU_FAULT_R_UNKNOWN, "");
_Static_assert((int)IOMMUCTL_VIRTIO_IOMMU_FAULT_DOMAIN == ABI_VIRTIO_IOMMU_FAULT_R_DOMAIN, "");
_Static_assert((int)IOMMUCTL_VIRTIO_IOMMU_FAULT_MAPPING == ABI_VIRTIO_IOMMU_FAULT_R_MAPPING, "");
_Static_assert((int)IOMMUCTL_VIRTIO_IOMMU_READ == ABI_VIRTIO_IOMMU_FAULT_F_READ, "");
_Static_assert((int)IOMMUCTL_VIRTIO_IOMMU_WRITE == ABI_VIRTIO_IOMMU_FAULT_F_WRITE, "");
_Static_assert((int)IOMMUCTL_VIRTIO_IOMMU_EXEC == ABI_VIRTIO_IOMMU_FAULT_F_EXEC, "");
_Static_assert((int)IOMMUCTL_VIRTIO_IOMMU_ADDRESS == ABI_VIRTIO_IOMMU_FAULT_F_ADDRESS, "");

/* virtio/viommu.c */
_Static_assert(IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE == sizeof(struct abi_virtio_iommu_config), "");
