/* SPDX-License-Identifier: MIT */
/*
 * The whole public interface of libiommuctl.
 *
 * All headers are documented in one form, which README.md beside them in the source describes.
 */
#ifndef IOMMUCTL_IOMMUCTL_H
#define IOMMUCTL_IOMMUCTL_H

/* The core, and the thin calls of iommufd and VFIO. */
#include <iommuctl/context.h>
#include <iommuctl/fault_queue.h>
#include <iommuctl/hw_info.h>
#include <iommuctl/hwpt.h>
#include <iommuctl/ioas.h>
#include <iommuctl/iommufd.h>
#include <iommuctl/meter.h>
#include <iommuctl/transport.h>
#include <iommuctl/veventq.h>
#include <iommuctl/vfio.h>
#include <iommuctl/vfio_feature.h>
#include <iommuctl/vfio_irq.h>
#include <iommuctl/vfio_legacy.h>
#include <iommuctl/vfio_migration.h>
#include <iommuctl/vfio_pci.h>
#include <iommuctl/vfio_power.h>
#include <iommuctl/vfio_region.h>
#include <iommuctl/viommu.h>

/* Codecs of what the architectures define. */
#include <iommuctl/amd.h>
#include <iommuctl/amd_guest.h>
#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_cmdqv.h>
#include <iommuctl/smmuv3_event.h>
#include <iommuctl/smmuv3_field.h>
#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/smmuv3_ste.h>
#include <iommuctl/vtd.h>
#include <iommuctl/vtd_inv.h>
#include <iommuctl/vtd_pasid.h>

/* Guest objects: tables in guest memory, relays, events, MSIs, the nest and the guest's SMMU. */
#include <iommuctl/cd_table.h>
#include <iommuctl/event_tap.h>
#include <iommuctl/events.h>
#include <iommuctl/guest_memory.h>
#include <iommuctl/msi.h>
#include <iommuctl/nest.h>
#include <iommuctl/relay.h>
#include <iommuctl/stage1.h>
#include <iommuctl/stream_table.h>
#include <iommuctl/vsmmuv3.h>
#include <iommuctl/vsmmuv3_identity.h>
#include <iommuctl/vsmmuv3_record.h>
#include <iommuctl/vsmmuv3_state.h>
#include <iommuctl/vsmmuv3_translate.h>
#include <iommuctl/vtd_relay.h>
#include <iommuctl/vtd_stage1.h>

/* Other interfaces: the generic uAPI of 2018, and virtio-iommu. */
#include <iommuctl/generic.h>
#include <iommuctl/virtio_iommu.h>
#include <iommuctl/virtio_iommu_fault.h>

#endif
