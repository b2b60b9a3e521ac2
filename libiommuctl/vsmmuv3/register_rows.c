// SPDX-License-Identifier: MIT
/* Arm IHI 0070, chapter 6: a row for each register. Offsets without a row read as zero. */
#include "vsmmuv3/vsmmuv3_private.h"

#define QUEUE_BASE    (UINT64_C(1) << 62 | QUEUE_BASE_ADDR | QUEUE_BASE_LOG2SIZE) /* RA or WA */
#define STRTAB_BASE   (UINT64_C(1) << 62 | UINT64_C(0x00ffffffffffffc0))
#define STRTAB_CFG    (STRTAB_CFG_FORMAT | 0x3f)
#define CR1_BITS      0xfff
#define CR2_BITS      CR2_RECINVSID /* PTM goes with IDR0.BTM, E2H with Hyp */
#define GBPA_BITS     (GBPA_UPDATE | GBPA_ABORT | 0x000f3f1f)
#define GBPA_INCOMING 0x00001000 /* SHCFG */
#define MSI_ADDR      UINT64_C(0x00fffffffffffffc)
#define MSI_DATA      0xffffffff
#define MSI_ATTR      0x3f
#define GERROR_BITS   0x1fd
#define CR0_BITS      (CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN | CR0_ATSCHK)

const struct vsmmuv3_register vsmmuv3_registers[VSMMUV3_REGISTERS] = {
	[VSMMUV3_IDR0] = { 0x00000, 4 },
	[VSMMUV3_IDR1] = { 0x00004, 4 },
	[VSMMUV3_IDR2] = { 0x00008, 4 },
	[VSMMUV3_IDR3] = { 0x0000c, 4 },
	[VSMMUV3_IDR4] = { 0x00010, 4 },
	[VSMMUV3_IDR5] = { 0x00014, 4 },
	[VSMMUV3_IIDR] = { 0x00018, 4 },
	[VSMMUV3_AIDR] = { 0x0001c, 4 },
	[VSMMUV3_CR0] = { 0x00020, 4, 0, CR0_BITS, .frozen = vsmmuv3_frozen_cr0,
		.write = vsmmuv3_write_cr0, .works = true },
	[VSMMUV3_CR0ACK] = { 0x00024, 4 },
	[VSMMUV3_CR1] = { 0x00028, 4, 0, CR1_BITS, .frozen = vsmmuv3_frozen_cr1 },
	[VSMMUV3_CR2] = { 0x0002c, 4, 0, CR2_BITS, .frozen = vsmmuv3_frozen_by_smmuen },
	[VSMMUV3_GBPA] = { 0x00044, 4, GBPA_INCOMING, GBPA_BITS, .write = vsmmuv3_write_gbpa,
		.works = true },
	[VSMMUV3_IRQ_CTRL] = { 0x00050, 4, 0, IRQ_CTRL_GERROR | IRQ_CTRL_EVENTQ,
		.write = vsmmuv3_write_irq_ctrl },
	[VSMMUV3_IRQ_CTRLACK] = { 0x00054, 4 },
	[VSMMUV3_GERROR] = { 0x00060, 4 },
	[VSMMUV3_GERRORN] = { 0x00064, 4, 0, GERROR_BITS, .write = vsmmuv3_write_gerrorn,
		.works = true },
	[VSMMUV3_GERROR_IRQ_CFG0] = { 0x00068, 8, 0, MSI_ADDR, IDR0_MSI,
		.frozen = vsmmuv3_frozen_by_gerror_irqen },
	[VSMMUV3_GERROR_IRQ_CFG1] = { 0x00070, 4, 0, MSI_DATA, IDR0_MSI,
		.frozen = vsmmuv3_frozen_by_gerror_irqen },
	[VSMMUV3_GERROR_IRQ_CFG2] = { 0x00074, 4, 0, MSI_ATTR, IDR0_MSI,
		.frozen = vsmmuv3_frozen_by_gerror_irqen },
	[VSMMUV3_STRTAB_BASE] = { 0x00080, 8, 0, STRTAB_BASE, .frozen = vsmmuv3_frozen_by_smmuen },
	[VSMMUV3_STRTAB_BASE_CFG] = { 0x00088, 4, 0, STRTAB_CFG,
		.frozen = vsmmuv3_frozen_strtab_cfg },
	[VSMMUV3_CMDQ_BASE] = { 0x00090, 8, 0, QUEUE_BASE, .frozen = vsmmuv3_frozen_by_cmdqen },
	[VSMMUV3_CMDQ_PROD] = { 0x00098, 4, 0, QUEUE_INDEX, .works = true },
	[VSMMUV3_CMDQ_CONS] = { 0x0009c, 4, 0, CMDQ_CONS_ERR | QUEUE_INDEX,
		.frozen = vsmmuv3_frozen_by_cmdqen, .read = vsmmuv3_read_cmdq_cons,
		.write = vsmmuv3_write_cmdq_cons },
	[VSMMUV3_EVENTQ_BASE] = { 0x000a0, 8, 0, QUEUE_BASE, .frozen = vsmmuv3_frozen_by_eventqen },
	[VSMMUV3_EVENTQ_IRQ_CFG0] = { 0x000b0, 8, 0, MSI_ADDR, IDR0_MSI,
		.frozen = vsmmuv3_frozen_by_eventq_irqen },
	[VSMMUV3_EVENTQ_IRQ_CFG1] = { 0x000b8, 4, 0, MSI_DATA, IDR0_MSI,
		.frozen = vsmmuv3_frozen_by_eventq_irqen },
	[VSMMUV3_EVENTQ_IRQ_CFG2] = { 0x000bc, 4, 0, MSI_ATTR, IDR0_MSI,
		.frozen = vsmmuv3_frozen_by_eventq_irqen },
	[VSMMUV3_EVENTQ_PROD] = { 0x100a8, 4, 0, EVENTQ_OVERFLOW | QUEUE_INDEX,
		.frozen = vsmmuv3_frozen_by_eventqen },
	[VSMMUV3_EVENTQ_CONS] = { 0x100ac, 4, 0, EVENTQ_OVERFLOW | QUEUE_INDEX },
};
