/* SPDX-License-Identifier: MIT */
/* What the guest sees: memory, the registers of an SMMUv3, and a device behind it. */
#ifndef VMM_SKELETON_H
#define VMM_SKELETON_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/iommuctl.h>

struct iommuctl_model;

#define GUEST_IPA  UINT64_C(0x40000000)
#define GUEST_SIZE (UINT64_C(4) << 20)
#define DEVICE_SID 0x42 /* the device's StreamID */

/* The registers that matter here, by their offsets (Arm IHI 0070, 6.3). */
#define SMMU_CR0	     0x20
#define SMMU_CR0_SMMUEN	     (1u << 0)
#define SMMU_CR0_EVENTQEN    (1u << 2)
#define SMMU_CR0_CMDQEN	     (1u << 3)
#define SMMU_CR0ACK	     0x24
#define SMMU_GERROR	     0x60
#define SMMU_GERROR_CMDQ_ERR (1u << 0)
#define SMMU_GERRORN	     0x64
#define SMMU_STRTAB_BASE     0x80
#define SMMU_STRTAB_BASE_CFG 0x88
#define SMMU_CMDQ_BASE	     0x90
#define SMMU_CMDQ_PROD	     0x98
#define SMMU_CMDQ_CONS	     0x9c

struct vmm_smmu {
	uint32_t cr0;
	uint32_t gerror;
	uint32_t gerrorn;
	uint64_t strtab_base;
	uint32_t strtab_base_cfg;
	uint64_t cmdq_base;
	uint32_t cmdq_prod;
	uint32_t cmdq_cons;	   /* while the queue is disabled; else in @cmdq */
	struct iommuctl_cmdq cmdq; /* all zero while the queue is disabled */
	bool work_left;
	unsigned int syncs;
};

struct vmm {
	struct iommuctl *ctx;
	struct iommuctl_model *model; /* NULL: the kernel */
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
	struct vmm_smmu smmu;
};

/*
 * The guest writes a register. A write that is not allowed at present is ignored, as hardware may
 * do. Returns 0, or -errno if the VMM has to give up.
 */
int vmm_write(struct vmm *vmm, unsigned int reg, uint64_t value);

/* The guest reads a register; most offsets read as zero. */
uint64_t vmm_read(const struct vmm *vmm, unsigned int reg);

/*
 * Continues what a register write had no time for. The VMM's loop calls it between other work,
 * until *@more is false. Returns as vmm_write().
 */
int vmm_work(struct vmm *vmm, bool *more);

/*
 * Delivers events that arrive within @ms milliseconds to the guest: here, to stdout. Returns how
 * many, or -errno.
 */
int vmm_deliver_events(struct vmm *vmm, int ms);

/* The guest enables its device's MSI. */
int vmm_enable_msi(struct vmm *vmm);

/* Whether an MSI arrives within @ms milliseconds. A real VMM hands the eventfd to KVM. */
bool vmm_takes_msi(struct vmm *vmm, int ms);

extern const struct iommuctl_reserved_region vmm_msi_window;

/*
 * The model machine instead of the kernel. Both are NULL without vmm-skeleton-model.c, which no
 * product needs.
 */
int __attribute__((weak))
vmm_model_new(struct iommuctl_model **model, struct iommuctl_transport **transport);
void __attribute__((weak)) vmm_model_free(struct iommuctl_model *model);

/* Plays the guest, with its SMMU driver and its edu driver. */
int guest_run(struct vmm *vmm);

#endif
