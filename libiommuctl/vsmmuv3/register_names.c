// SPDX-License-Identifier: MIT
/* The registers' names in Arm IHI 0070, chapter 6, without SMMU_. */
#include "vsmmuv3/register_names.h"

#include <stddef.h>

#include "vsmmuv3/registers.h"

static const char *const names[VSMMUV3_REGISTERS] = {
	[VSMMUV3_IDR0] = "IDR0",
	[VSMMUV3_IDR1] = "IDR1",
	[VSMMUV3_IDR2] = "IDR2",
	[VSMMUV3_IDR3] = "IDR3",
	[VSMMUV3_IDR4] = "IDR4",
	[VSMMUV3_IDR5] = "IDR5",
	[VSMMUV3_IIDR] = "IIDR",
	[VSMMUV3_AIDR] = "AIDR",
	[VSMMUV3_CR0] = "CR0",
	[VSMMUV3_CR0ACK] = "CR0ACK",
	[VSMMUV3_CR1] = "CR1",
	[VSMMUV3_CR2] = "CR2",
	[VSMMUV3_GBPA] = "GBPA",
	[VSMMUV3_IRQ_CTRL] = "IRQ_CTRL",
	[VSMMUV3_IRQ_CTRLACK] = "IRQ_CTRLACK",
	[VSMMUV3_GERROR] = "GERROR",
	[VSMMUV3_GERRORN] = "GERRORN",
	[VSMMUV3_GERROR_IRQ_CFG0] = "GERROR_IRQ_CFG0",
	[VSMMUV3_GERROR_IRQ_CFG1] = "GERROR_IRQ_CFG1",
	[VSMMUV3_GERROR_IRQ_CFG2] = "GERROR_IRQ_CFG2",
	[VSMMUV3_STRTAB_BASE] = "STRTAB_BASE",
	[VSMMUV3_STRTAB_BASE_CFG] = "STRTAB_BASE_CFG",
	[VSMMUV3_CMDQ_BASE] = "CMDQ_BASE",
	[VSMMUV3_CMDQ_PROD] = "CMDQ_PROD",
	[VSMMUV3_CMDQ_CONS] = "CMDQ_CONS",
	[VSMMUV3_EVENTQ_BASE] = "EVENTQ_BASE",
	[VSMMUV3_EVENTQ_IRQ_CFG0] = "EVENTQ_IRQ_CFG0",
	[VSMMUV3_EVENTQ_IRQ_CFG1] = "EVENTQ_IRQ_CFG1",
	[VSMMUV3_EVENTQ_IRQ_CFG2] = "EVENTQ_IRQ_CFG2",
	[VSMMUV3_EVENTQ_PROD] = "EVENTQ_PROD",
	[VSMMUV3_EVENTQ_CONS] = "EVENTQ_CONS",
};

const char *vsmmuv3_register_name(uint64_t offset)
{
	for (unsigned int i = 0; i < VSMMUV3_REGISTERS; i++) {
		const struct vsmmuv3_register *row = &vsmmuv3_registers[i];

		if (offset >= row->offset && offset - row->offset < row->width)
			return names[i];
	}
	return NULL;
}
