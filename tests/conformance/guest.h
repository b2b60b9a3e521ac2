/* SPDX-License-Identifier: MIT */
/* The memory of the guest: data, CDs and stage-1 tables, always the same for a seed. */
#ifndef CONFORMANCE_GUEST_H
#define CONFORMANCE_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/cd_table.h>
#include <iommuctl/stage1.h>

#include "dice.h"

#define GUEST_PAGE	   UINT64_C(0x1000)
#define GUEST_IPA	   UINT64_C(0x40000000)
#define GUEST_SIZE	   UINT64_C(0x80000)
#define GUEST_PAGES	   (GUEST_SIZE / GUEST_PAGE)
#define GUEST_DATA_SIZE	   UINT64_C(0x20000) /* at offset 0 */
#define GUEST_CDS	   GUEST_DATA_SIZE   /* offset of the CDs; then come the tables */
#define GUEST_CD_COUNT	   6
#define GUEST_TABLES_START (GUEST_CDS + GUEST_PAGE)
#define GUEST_TABLE_SETS   4

/* Where each set of tables maps pages of its granule onto data. */
#define GUEST_WINDOW UINT64_C(0x10000000)
/* The window that the kernel keeps for MSIs. */
#define MSI_WINDOW UINT64_C(0x8000000)
/* Offset of the register that MSIs are written to (IHI 0069, 12.20.3). */
#define GITS_TRANSLATER 0x40

/* The parts that are mapped apart from each other. */
enum guest_part {
	GUEST_DATA,
	GUEST_TABLES,
	GUEST_ALL,
	GUEST_PARTS,
};

struct guest {
	int memfd;
	unsigned char *room; /* in which @host lies, aligned */
	unsigned char *host;
	struct iommuctl_guest_range range;
	struct iommuctl_guest_memory memory;
	struct iommuctl_stage1 sets[GUEST_TABLE_SETS];
	unsigned char tables[GUEST_SIZE - GUEST_TABLES_START]; /* as the guest has written them */
};

/*
 * Memory of this process, of a file so that it can be mapped either way. With @contiguous it is one huge
 * page: where tables have a granule of 16K or 64K, QEMU's SMMU reads them as if they were contiguous
 * behind stage 2, and aligns the address of the first one there. 0 or -errno.
 */
int guest_create(struct guest *guest, bool contiguous);
void guest_free(struct guest *guest);

/* All bits but the top one of IPS, where an edit may be one of a CD: see guest_bound_memory(). */
#define GUEST_EDIT_MASK (~(UINT64_C(1) << 34))
/* QEMU's SMMU does not look at the bits of a TTB from 51 on. */
#define GUEST_TTB_BITS ((UINT64_C(1) << 51) - 1)
/* What a TTB may have flipped: it does not come to lie elsewhere in the guest. */
#define GUEST_TTB_MASK (GUEST_TTB_BITS & ~(GUEST_SIZE - GUEST_PAGE))

/* Fills all of it as @seed says. */
void guest_reset(struct guest *guest, uint64_t seed);

/* Builds the tables of @set anew. */
void guest_build_tables(struct guest *guest, unsigned int set);

/* The CD @index as it is at first: it stands for set @index % GUEST_TABLE_SETS. */
void guest_default_cd(const struct guest *guest, unsigned int index, struct iommuctl_smmuv3_cd *cd);
/*
 * To be called when a device has written. QEMU's SMMU ends the emulator when a CD has an IPS of 6 or 7, and
 * anything may be taken for a CD: clears the top bit of IPS wherever one can be. And clears what makes
 * a word of data a valid descriptor, also of what was written over tables: guest_bound_descriptor() looks at what the
 * guest writes there alone.
 */
void guest_bound_memory(struct guest *guest);
/* To be called when the guest has written to its tables, and means what it wrote. */
void guest_keep_tables(struct guest *guest);
/* @descriptor without what QEMU's SMMU and the architecture do not agree on: README.md, limits. */
uint64_t guest_bound_descriptor(unsigned int set, unsigned int level, uint64_t descriptor);
/* The same for the one at which a walk of @iova ends. */
void guest_bound_walk(struct guest *guest, unsigned int set, uint64_t iova);
/* With IPS lowered to what the emulator bears. 0 or -errno. */
int guest_write_cd(struct guest *guest, unsigned int index, struct iommuctl_smmuv3_cd *cd);
uint64_t guest_cd_ipa(unsigned int index);
uint16_t guest_asid(unsigned int set);

/* One of @count tables or CDs, half of the time the first: what meets gives more to see. */
unsigned int guest_pick(struct dice *dice, unsigned int count);

/* An IOVA in the window of @set, on a page that is likely to be mapped. */
uint64_t guest_window_iova(unsigned int set, struct dice *dice);
/* The IPA of data for a page of @set. */
uint64_t guest_data_ipa(unsigned int set, struct dice *dice);
uint64_t guest_granule(unsigned int set);

uint64_t guest_hash(const struct guest *guest, uint64_t size);

#endif
