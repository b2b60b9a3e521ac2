/* SPDX-License-Identifier: MIT */
/* A guest whose SMMU runs: stream table, both queues, and a passed-through device with a stage 1. */
#ifndef TEST_VSMMUV3_RUNNING_H
#define TEST_VSMMUV3_RUNNING_H

#include <iommuctl/smmuv3_event.h>

#include "vsmmuv3_guest.h"

#define EVENT_BYTES    (IOMMUCTL_SMMUV3_EVENT_WORDS * UINT64_C(8))
#define EVENTQ_ENTRIES (1u << EVENTQ_LOG2)
#define IRQ_GERROR     UINT32_C(1)
#define IRQ_EVENTQ     UINT32_C(4)
#define RECINVSID      UINT32_C(2)
#define ALL_ENABLED    (SMMUEN | EVENTQEN | CMDQEN)

static inline void guest_add(struct guest_smmu *guest)
{
	cr_assert_eq(iommuctl_vsmmuv3_add_device(
			     guest->smmu, guest->vmm.devices[0], guest->vmm.dev_ids[0], VSID),
		0);
}

/* STEs are at STREAMS, in a linear table of 256. */
static inline void guest_enable(struct guest_smmu *guest)
{
	wr64(guest, STRTAB_BASE, STREAMS);
	wr(guest, STRTAB_CFG, 8);
	wr(guest, CR2, RECINVSID);
	wr64(guest, EVENTQ_BASE, EVENTQ | EVENTQ_LOG2);
	wr(guest, IRQ_CTRL, IRQ_GERROR | IRQ_EVENTQ);
	guest_enable_cmdq(guest);
	wr(guest, CR0, CMDQEN | EVENTQEN);
	wr(guest, CR0, ALL_ENABLED);
}

static inline struct iommuctl_smmuv3_event guest_event_at(
	const struct guest_smmu *guest, unsigned int index)
{
	const void *record =
		guest_at(&guest->vmm.ram, EVENTQ + index % EVENTQ_ENTRIES * EVENT_BYTES);
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];
	struct iommuctl_smmuv3_event event;

	iommuctl_smmuv3_words_from_le(words, record, IOMMUCTL_SMMUV3_EVENT_WORDS);
	iommuctl_smmuv3_event_decode(words, &event);
	return event;
}

/* @cmd and a CMD_SYNC, which are complete. */
static inline void guest_issue(struct guest_smmu *guest, struct iommuctl_smmuv3_cmd cmd)
{
	guest_put(guest, cmd);
	guest_put_opcode(guest, IOMMUCTL_SMMUV3_CMD_SYNC);
	cr_assert_eq(guest_go(guest), 0);
	cr_assert_eq(rd(guest, CMDQ_CONS), guest->prod);
}

static inline void guest_issue_opcode(struct guest_smmu *guest, uint8_t opcode)
{
	guest_issue(guest, (struct iommuctl_smmuv3_cmd){ .opcode = opcode });
}

#endif
