/* SPDX-License-Identifier: MIT */
/*
 * The guest fixture: memory, and what the SMMU driver of a guest builds in it. Nothing here knows a
 * kernel or a device: vmm.h has the other side, queue.h the guest's command queue.
 *
 *	struct guest_ram ram;
 *	struct iommuctl_stage1 stage1;
 *
 *	guest_ram_open(&ram, 0x40000000, 0x100000);
 *	stage1 = guest_make_tables(&ram, 0x40010000, 0x8000);
 *	guest_map(&stage1, 0x10000, 0x40080000, GUEST_PAGE);
 *	guest_put_context(&ram, 0x40002000, &stage1, 7);
 *	guest_put_words(&ram, 0x40000000 + vsid * 64, (const uint64_t[8]){ GUEST_STE_S1(0x40002000) }, 8);
 *
 * An impossible request is a bug of the test, which aborts.
 */
#ifndef TESTS_SUPPORT_GUEST_H
#define TESTS_SUPPORT_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/cd_table.h>
#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_ste.h>
#include <iommuctl/stage1.h>

#define GUEST_PAGE UINT64_C(0x1000)

/* STEs, as their first word says it; the other seven are 0. */
#define GUEST_STE_ABORT	  UINT64_C(1)
#define GUEST_STE_BYPASS  (GUEST_STE_ABORT | UINT64_C(4) << 1)
#define GUEST_STE_S1(cds) (GUEST_STE_ABORT | UINT64_C(5) << 1 | (cds))
#define GUEST_STE_SIZE	  UINT64_C(64)

/* One range of memory, all zeroes at first. */
struct guest_ram {
	struct iommuctl_guest_range range;
	struct iommuctl_guest_memory memory;
};

void guest_ram_open(struct guest_ram *ram, uint64_t ipa, uint64_t size);
void guest_ram_close(struct guest_ram *ram);

/* Where this process has @ipa. */
void *guest_at(const struct guest_ram *ram, uint64_t ipa);

/* Writes @words as a guest does: little-endian. */
void guest_put_words(
	const struct guest_ram *ram, uint64_t ipa, const uint64_t *words, size_t count);

void guest_put_ste(
	const struct guest_ram *ram, uint64_t ipa, const struct iommuctl_smmuv3_ste *ste);
void guest_put_cd(const struct guest_ram *ram, uint64_t ipa, const struct iommuctl_smmuv3_cd *cd);

/* For reading and writing by all, in one ASID. */
extern const struct iommuctl_stage1_attributes guest_read_write;

/* Tables of 4K pages for IOVAs of 39 bits, in @size bytes at @ipa. */
struct iommuctl_stage1 guest_make_tables(const struct guest_ram *ram, uint64_t ipa, uint64_t size);

/* Maps page by page, as Linux does where it uses no blocks. */
void guest_map(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t ipa, uint64_t size);

/* Writes the CD that leads to @stage1. */
void guest_put_context(const struct guest_ram *ram, uint64_t ipa,
	const struct iommuctl_stage1 *stage1, uint16_t asid);

#endif
