/* SPDX-License-Identifier: MIT */
/* A guest on the model that only has its SMMU's registers, and what its VMM is asked to do. */
#ifndef TEST_VSMMUV3_GUEST_H
#define TEST_VSMMUV3_GUEST_H

#include <iommuctl/vsmmuv3.h>

#include "nest_fixture.h"

#define IDR0	    0x00
#define IDR1	    0x04
#define AIDR	    0x1c
#define CR0	    0x20
#define CR0ACK	    0x24
#define CR1	    0x28
#define CR2	    0x2c
#define GBPA	    0x44
#define IRQ_CTRL    0x50
#define IRQ_CTRLACK 0x54
#define GERROR	    0x60
#define GERRORN	    0x64
#define GERROR_CFG0 0x68
#define GERROR_CFG1 0x70
#define GERROR_CFG2 0x74
#define STRTAB_BASE 0x80
#define STRTAB_CFG  0x88
#define CMDQ_BASE   0x90
#define CMDQ_PROD   0x98
#define CMDQ_CONS   0x9c
#define EVENTQ_BASE 0xa0
#define EVENTQ_CFG0 0xb0
#define EVENTQ_CFG1 0xb8
#define EVENTQ_CFG2 0xbc
#define EVENTQ_PROD 0x100a8
#define EVENTQ_CONS 0x100ac

#define SMMUEN	       UINT32_C(1)
#define EVENTQEN       UINT32_C(4)
#define CMDQEN	       UINT32_C(8)
#define ATSCHK	       UINT32_C(16)
#define CMDQ_ERR       UINT32_C(1)
#define EVENTQ_ABT_ERR UINT32_C(4)
#define ABORT	       (UINT32_C(1) << 20)
#define UPDATE	       (UINT32_C(1) << 31)
#define OVERFLOWN      (UINT32_C(1) << 31)
#define MSI	       (UINT32_C(1) << 13)
#define SEV	       (UINT32_C(1) << 14)

#define QUEUE_LOG2  5
#define EVENTQ	    (RAM + 0x190000)
#define EVENTQ_LOG2 3
#define NOWHERE	    UINT64_C(0x70000000)

struct guest_smmu {
	struct vmm vmm;
	struct iommuctl_vsmmuv3 *smmu;
	uint32_t prod;

	/* What the VMM was asked to do. */
	unsigned int edges[IOMMUCTL_VSMMUV3_INTERRUPTS];
	unsigned int wakes;
	unsigned int msis;
	uint64_t msi_address;
	uint32_t msi_data;
	uint64_t cons_then; /* CMDQ_CONS, when it was asked last */
};

static inline uint32_t rd(const struct guest_smmu *guest, uint64_t offset)
{
	return (uint32_t)iommuctl_vsmmuv3_read(guest->smmu, offset, 4);
}

static inline int try_wr(struct guest_smmu *guest, uint64_t offset, uint32_t value)
{
	return iommuctl_vsmmuv3_write(guest->smmu, offset, 4, value);
}

static inline void wr(struct guest_smmu *guest, uint64_t offset, uint32_t value)
{
	cr_assert_eq(try_wr(guest, offset, value), 0, "0x%llx", (unsigned long long)offset);
}

static inline uint64_t rd64(const struct guest_smmu *guest, uint64_t offset)
{
	return iommuctl_vsmmuv3_read(guest->smmu, offset, 8);
}

static inline void wr64(struct guest_smmu *guest, uint64_t offset, uint64_t value)
{
	cr_assert_eq(iommuctl_vsmmuv3_write(guest->smmu, offset, 8, value), 0);
}

static inline void take_edge(enum iommuctl_vsmmuv3_interrupt interrupt, void *data)
{
	struct guest_smmu *guest = data;

	guest->edges[interrupt]++;
	guest->cons_then = rd(guest, CMDQ_CONS);
}

static inline void take_msi(uint64_t address, uint32_t msi_data, void *data)
{
	struct guest_smmu *guest = data;

	guest->msis++;
	guest->msi_address = address;
	guest->msi_data = msi_data;
	guest->cons_then = rd(guest, CMDQ_CONS);
}

static inline void take_event(void *data)
{
	struct guest_smmu *guest = data;

	guest->wakes++;
	guest->cons_then = rd(guest, CMDQ_CONS);
}

static const struct iommuctl_vsmmuv3_ops guest_ops = { take_edge, take_msi, take_event };

/* The physical SMMU's, plus MSIs and events. */
static inline struct iommuctl_vsmmuv3_identity guest_identity(const struct vmm *vmm)
{
	struct iommuctl_hw_info_arm_smmuv3 data;
	struct iommuctl_vsmmuv3_identity identity;
	struct iommuctl_hw_info info;

	cr_assert_eq(iommuctl_device_get_hw_info(
			     vmm->ctx, vmm->iommufd, vmm->dev_ids[0], &data, sizeof(data), &info),
		0);
	memcpy(identity.idr, data.idr, sizeof(identity.idr));
	identity.idr[0] |= MSI | SEV;
	identity.iidr = data.iidr;
	identity.aidr = data.aidr;
	return identity;
}

/* @config says what differs. */
static inline int guest_make_smmu(struct guest_smmu *guest, struct iommuctl_vsmmuv3_config config)
{
	const struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest->vmm);

	config.iommufd = guest->vmm.iommufd;
	config.ioas_id = guest->vmm.ioas;
	config.dev_id = guest->vmm.dev_ids[0];
	config.memory = &guest->vmm.ram.memory;
	if (!config.identity)
		config.identity = &identity;
	if (!config.ops)
		config.ops = &guest_ops;
	config.data = guest;
	return iommuctl_vsmmuv3_new(guest->vmm.ctx, &config, &guest->smmu);
}

static inline void guest_open(struct guest_smmu *guest, struct iommuctl_vsmmuv3_config config)
{
	*guest = (struct guest_smmu){ .prod = 0 };
	vmm_open(&guest->vmm, NULL);
	cr_assert_eq(guest_make_smmu(guest, config), 0);
}

static inline void guest_close(struct guest_smmu *guest)
{
	iommuctl_vsmmuv3_free(guest->smmu);
	vmm_expect_no_nest(&guest->vmm);
	vmm_close_model(&guest->vmm);
}

static inline void guest_enable_cmdq(struct guest_smmu *guest)
{
	wr64(guest, CMDQ_BASE, QUEUE | QUEUE_LOG2);
	wr(guest, CMDQ_PROD, 0);
	wr(guest, CMDQ_CONS, 0);
	guest->prod = 0;
	wr(guest, CR0, rd(guest, CR0) | CMDQEN);
}

/* One more command, which the SMMU does not know about yet. */
static inline void guest_put_words64(struct guest_smmu *guest, uint64_t word0, uint64_t word1)
{
	const uint32_t index = guest->prod & ((1u << QUEUE_LOG2) - 1);

	guest_put_words(
		&guest->vmm.ram, QUEUE + index * UINT64_C(16), (uint64_t[]){ word0, word1 }, 2);
	guest->prod = (guest->prod + 1) & ((2u << QUEUE_LOG2) - 1);
}

static inline void guest_put(struct guest_smmu *guest, struct iommuctl_smmuv3_cmd cmd)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

	cr_assert_eq(iommuctl_smmuv3_cmd_encode(&cmd, words, NULL), 0);
	guest_put_words64(guest, words[0], words[1]);
}

static inline void guest_put_opcode(struct guest_smmu *guest, uint8_t opcode)
{
	guest_put(guest, (struct iommuctl_smmuv3_cmd){ .opcode = opcode });
}

static inline int guest_go(struct guest_smmu *guest)
{
	return try_wr(guest, CMDQ_PROD, guest->prod);
}

#endif
