/* SPDX-License-Identifier: MIT */
/* A VMM with two devices of the model, guest memory with tables in it, and a nest. */
#ifndef TEST_NEST_FIXTURE_H
#define TEST_NEST_FIXTURE_H

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/model.h>

#include "array.h"
#include "queue.h"
#include "transport.h"
#include "vmm.h"

#define PAGE	  GUEST_PAGE
#define RAM	  UINT64_C(0x40000000)
#define RAM_SIZE  (UINT64_C(4) << 20)
#define CDS	  (RAM + 0x100000)
#define OTHER_CDS (RAM + 0x110000)
#define STREAMS	  (RAM + 0x120000)
#define QUEUE	  (RAM + 0x180000)
#define TABLES	  (RAM + 0x200000)
#define OTHER	  (RAM + 0x280000)
#define PAGES	  (RAM + 0x300000)
#define IOVA	  UINT64_C(0x10000) /* leads to PAGES, or with the other CDs to the page after it */
#define VSID	  UINT32_C(0x42)
#define VSID_2	  UINT32_C(0x17)
#define MARK	  UINT32_C(0xfeed)
#define MARK_2	  UINT32_C(0xbeef)

#define STE_VALID  GUEST_STE_ABORT
#define STE_BYPASS GUEST_STE_BYPASS
#define STE_S1	   GUEST_STE_S1(CDS)
#define STE_OTHER  GUEST_STE_S1(OTHER_CDS)
#define STE_ABORT  GUEST_STE_ABORT

typedef uint64_t ste_words[IOMMUCTL_SMMUV3_STE_WORDS];

#define VMM_FAULT ENOSPC /* no nest call fails with it on its own */

static const uint8_t guest_mair[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS] = { 0xff, 0x04 };

/* An ASID for each context. */
static inline uint16_t asid_of(const struct iommuctl_stage1 *stage1)
{
	return (uint16_t)(stage1->config.table_ipa / PAGE);
}

static inline struct iommuctl_smmuv3_cd make_cd(const struct iommuctl_stage1 *stage1)
{
	return iommuctl_cd_for_stage1(&stage1->regime, asid_of(stage1));
}

/* IOVA leads to @ipa by the CD at @cds. */
static inline struct iommuctl_stage1 make_context(
	struct vmm *vmm, uint64_t tables, uint64_t cds, uint64_t ipa)
{
	struct iommuctl_stage1 stage1 = guest_make_tables(&vmm->ram, tables, 0x80000);

	guest_map(&stage1, IOVA, ipa, PAGE);
	guest_put_context(&vmm->ram, cds, &stage1, asid_of(&stage1));
	return stage1;
}

static inline void vmm_put_ste_at(struct vmm *vmm, uint64_t ipa, uint64_t word0)
{
	guest_put_words(&vmm->ram, ipa, (const ste_words){ word0 }, IOMMUCTL_SMMUV3_STE_WORDS);
}

/* In the linear table at STREAMS, of 256 entries. */
static inline void vmm_put_ste(struct vmm *vmm, uint32_t vsid, uint64_t word0)
{
	vmm_put_ste_at(vmm, STREAMS + vsid * GUEST_STE_SIZE, word0);
}

static inline int use_streams(struct vmm *vmm)
{
	return iommuctl_nest_set_stream_table(vmm->nest, &vmm->ram.memory, STREAMS, 8);
}

/* The nest performs what the relay does not issue. */
static inline void vmm_start_queue(struct vmm *vmm, struct guest_queue *queue, uint32_t log2size)
{
	*queue = (struct guest_queue){ .command = iommuctl_nest_command, .data = vmm->nest };
	guest_queue_start(
		queue, &vmm->ram.memory, iommuctl_nest_get_relay(vmm->nest), QUEUE | log2size);
}

/* The call @nth fails with VMM_FAULT; 0: none does. */
static inline void vmm_open_failing(
	struct vmm *vmm, const struct iommuctl_model_config *config, uint64_t nth)
{
	vmm_open_model_failing(vmm, config, nth, VMM_FAULT);
	vmm_make_ram(vmm, RAM, RAM_SIZE);
	*(uint32_t *)guest_at(&vmm->ram, PAGES) = htole32(MARK);
	*(uint32_t *)guest_at(&vmm->ram, PAGES + PAGE) = htole32(MARK_2);
	vmm->stage1 = make_context(vmm, TABLES, CDS, PAGES);
	make_context(vmm, OTHER, OTHER_CDS, PAGES + PAGE);
}

static inline void vmm_open(struct vmm *vmm, const struct iommuctl_model_config *config)
{
	vmm_open_failing(vmm, config, 0);
}

static const struct iommuctl_nest_config plain_nest = { .event_depth = 8 };

static inline int vmm_make_nest(struct vmm *vmm)
{
	return vmm_new_nest(vmm, plain_nest);
}

/* With a nest and device 0 in it. */
static inline void vmm_start(struct vmm *vmm, const struct iommuctl_model_config *model)
{
	vmm_open(vmm, model);
	cr_assert_eq(vmm_make_nest(vmm), 0);
	cr_assert_eq(vmm_add(vmm, 0, VSID), 0);
}

/* How many objects and attachments are alive. */
static inline size_t vmm_alive(const struct vmm *vmm, enum iommuctl_ledger_kind kind)
{
	const struct iommuctl_ledger_entry *entries;
	size_t alive = 0, count;

	entries = iommuctl_transport_ledger_get_entries(vmm->ledger, &count);
	for (size_t i = 0; i < count; i++)
		alive += entries[i].kind == kind;
	return alive;
}

/* What exists without a nest: two devices and an IOAS. */
#define OBJECTS_OF_VMM 3
#define FILES_OF_VMM   3

static inline void vmm_expect_no_nest(const struct vmm *vmm)
{
	cr_expect_eq(vmm_alive(vmm, IOMMUCTL_LEDGER_OBJECT), OBJECTS_OF_VMM, "%zu objects",
		vmm_alive(vmm, IOMMUCTL_LEDGER_OBJECT));
	cr_expect_eq(vmm_alive(vmm, IOMMUCTL_LEDGER_ATTACH), 0);
	cr_expect_eq(vmm_alive(vmm, IOMMUCTL_LEDGER_FILE), FILES_OF_VMM);
}

static inline void vmm_end_nest(struct vmm *vmm)
{
	iommuctl_nest_free(vmm->nest);
	vmm->nest = NULL;
}

static inline void vmm_stop(struct vmm *vmm)
{
	vmm_end_nest(vmm);
	vmm_expect_no_nest(vmm);
	vmm_close_model(vmm);
}

/* The mark that DMA finds, or -EIO. */
static inline int64_t dma_with(struct vmm *vmm, unsigned int device, int ssid, uint64_t iova)
{
	uint32_t mark = 0;
	int err = iommuctl_model_dma(vmm->model,
		&(struct iommuctl_model_access){ .device = device,
			.ssid = ssid,
			.iova = iova,
			.buffer = &mark,
			.size = sizeof(mark) });

	return err ? err : (int64_t)le32toh(mark);
}

static inline int64_t dma(struct vmm *vmm, unsigned int device, uint64_t iova)
{
	return dma_with(vmm, device, -1, iova);
}

#endif
