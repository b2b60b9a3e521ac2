/* SPDX-License-Identifier: MIT */
/* What a guest finds: memory, the registers of an SMMUv3, and a device behind it. */
#ifndef VMM_SKELETON_H
#define VMM_SKELETON_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/iommuctl.h>

#define GUEST_IPA  UINT64_C(0x40000000)
#define GUEST_SIZE (UINT64_C(4) << 20)
#define DEVICE_SID 0x42 /* the device's StreamID */

/* The registers that matter here, by their offsets (Arm IHI 0070, 6.3). */
#define SMMU_CR0	     0x20
#define SMMU_CR0_SMMUEN	     1
#define SMMU_STRTAB_BASE     0x80
#define SMMU_STRTAB_BASE_CFG 0x88
#define SMMU_CMDQ_BASE	     0x90
#define SMMU_CMDQ_PROD	     0x98
#define SMMU_CMDQ_CONS	     0x9c

struct vmm {
	struct iommuctl *ctx;
	struct iommuctl_model *model;
	int iommufd;
	int device;
	uint32_t dev_id;
	uint32_t ioas;
	struct iommuctl_vfio_region_info bar0;
	struct iommuctl_vfio_region_info config;
	struct iommuctl_guest_range range;
	struct iommuctl_guest_memory memory;
	struct iommuctl_nest *nest;
	struct iommuctl_event_reader events;
	int irq; /* eventfd */
	struct iommuctl_cmdq cmdq;
	uint64_t strtab_base;
	uint32_t strtab_base_cfg;
	unsigned int syncs;
};

/* The guest writes a register. 0, or -errno where the VMM has to give up. */
int vmm_write(struct vmm *vmm, unsigned int reg, uint64_t value);

/* Events that come within @ms milliseconds go to the guest: here, to stdout. How many, or -errno.
 */
int vmm_deliver_events(struct vmm *vmm, int ms);

/* The guest enables its device's MSI. */
int vmm_enable_msi(struct vmm *vmm);

/* Whether one comes within @ms milliseconds. A real VMM hands the eventfd to KVM. */
bool vmm_takes_msi(struct vmm *vmm, int ms);

extern const struct iommuctl_reserved_region vmm_msi_window;

/* Plays the guest: its SMMU driver, and one for the edu device. */
int guest_run(struct vmm *vmm);

#endif
