/* SPDX-License-Identifier: MIT */
/* The register file of an SMMUv3: the registers' offsets, and what a guest may write. */
#ifndef LIBIOMMUCTL_VSMMUV3_REGISTERS_H
#define LIBIOMMUCTL_VSMMUV3_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of their offsets. */
enum vsmmuv3_register_id {
	VSMMUV3_IDR0,
	VSMMUV3_IDR1,
	VSMMUV3_IDR2,
	VSMMUV3_IDR3,
	VSMMUV3_IDR4,
	VSMMUV3_IDR5,
	VSMMUV3_IIDR,
	VSMMUV3_AIDR,
	VSMMUV3_CR0,
	VSMMUV3_CR0ACK,
	VSMMUV3_CR1,
	VSMMUV3_CR2,
	VSMMUV3_GBPA,
	VSMMUV3_IRQ_CTRL,
	VSMMUV3_IRQ_CTRLACK,
	VSMMUV3_GERROR,
	VSMMUV3_GERRORN,
	VSMMUV3_GERROR_IRQ_CFG0,
	VSMMUV3_GERROR_IRQ_CFG1,
	VSMMUV3_GERROR_IRQ_CFG2,
	VSMMUV3_STRTAB_BASE,
	VSMMUV3_STRTAB_BASE_CFG,
	VSMMUV3_CMDQ_BASE,
	VSMMUV3_CMDQ_PROD,
	VSMMUV3_CMDQ_CONS,
	VSMMUV3_EVENTQ_BASE,
	VSMMUV3_EVENTQ_IRQ_CFG0,
	VSMMUV3_EVENTQ_IRQ_CFG1,
	VSMMUV3_EVENTQ_IRQ_CFG2,
	VSMMUV3_EVENTQ_PROD,
	VSMMUV3_EVENTQ_CONS,
	VSMMUV3_REGISTERS,
};

#define IDR0_S2P	       (1u << 0)
#define IDR0_BTM	       (1u << 5)
#define IDR0_HYP	       (1u << 9)
#define IDR0_ATS	       (1u << 10)
#define IDR0_MSI	       (1u << 13)
#define IDR0_SEV	       (1u << 14)
#define IDR0_ATOS	       (1u << 15)
#define IDR0_PRI	       (1u << 16)
#define IDR0_VMW	       (1u << 17)
#define IDR0_VMID16	       (1u << 18)
#define IDR0_VATOS	       (1u << 20)
#define IDR0_STALL_MODEL       (3u << 24)
#define IDR0_STALL_MODEL_SHIFT 24
#define IDR0_ST_LEVEL	       (3u << 27)

#define IDR1_SIDSIZE	   0x3fu
#define IDR1_PRIQS	   (31u << 11)
#define IDR1_EVENTQS_SHIFT 16
#define IDR1_CMDQS_SHIFT   21
#define IDR1_QUEUE_MASK	   31u
#define IDR1_PRESET	   (7u << 28) /* REL, QUEUES_PRESET, TABLES_PRESET */
#define IDR1_ECMDQ	   (1u << 31)

#define IDR3_HAD (1u << 2)

#define CR0_SMMUEN   (1u << 0)
#define CR0_EVENTQEN (1u << 2)
#define CR0_CMDQEN   (1u << 3)
#define CR0_ATSCHK   (1u << 4)

#define CR2_RECINVSID (1u << 1)

#define GBPA_ABORT  (1u << 20)
#define GBPA_UPDATE (1u << 31)

#define IRQ_CTRL_GERROR (1u << 0)
#define IRQ_CTRL_EVENTQ (1u << 2)

#define GERROR_CMDQ_ERR	      (1u << 0)
#define GERROR_EVENTQ_ABT_ERR (1u << 2)

#define STRTAB_CFG_FORMAT 0x307c0u /* FMT, SPLIT */

#define QUEUE_BASE_LOG2SIZE UINT64_C(0x1f)
#define QUEUE_BASE_ADDR	    UINT64_C(0x00ffffffffffffe0)
#define QUEUE_INDEX	    0xfffffu
#define CMDQ_CONS_ERR	    (0x7fu << 24)
#define EVENTQ_OVERFLOW	    (1u << 31) /* OVFLG of PROD, OVACKFLG of CONS */

struct iommuctl_vsmmuv3;

struct vsmmuv3_register {
	uint32_t offset;
	uint32_t width; /* bytes */
	uint64_t reset;
	uint64_t writable;
	uint32_t needs; /* bits of IDR0; without them the register is absent */
	bool works;	/* a write has an effect: vsmmuv3_work() */

	/* The bits that are read-only at present; NULL: none. */
	uint64_t (*frozen)(const struct iommuctl_vsmmuv3 *smmu);

	/* NULL: the value is just stored. Read-only bits are unchanged in it. */
	uint64_t (*read)(const struct iommuctl_vsmmuv3 *smmu);
	void (*write)(struct iommuctl_vsmmuv3 *smmu, uint64_t value);
};

extern const struct vsmmuv3_register vsmmuv3_registers[VSMMUV3_REGISTERS];

#endif
