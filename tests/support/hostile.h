/* SPDX-License-Identifier: MIT */
/*
 * A guest that does anything with its SMMU: accesses to registers, words of memory that the SMMU
 * reads, DMA of its devices, passed through or emulated. Numbers, such as those of a fuzzer, decide
 * what it does next. Most values have an effect; a device may reach a page that nobody writes.
 *
 *	struct hostile guest = { .vmm = &vmm, .pick = pick, .data = &state };
 *
 *	must(hostile_open(&guest, (struct iommuctl_vsmmuv3_config){ .budget = 1000 }), "SMMU");
 *	hostile_access_register(&guest);
 *	hostile_write_memory(&guest);
 *	iova = hostile_pick_iova(&guest);
 *
 * Several threads may each have a copy, with numbers of its own.
 */
#ifndef TESTS_SUPPORT_HOSTILE_H
#define TESTS_SUPPORT_HOSTILE_H

#include <iommuctl/vsmmuv3_translate.h>

#include "vmm.h"

#define HOSTILE_RAM	 UINT64_C(0x40000000)
#define HOSTILE_RAM_SIZE UINT64_C(0xa0000)
#define HOSTILE_SID	 0x42

struct hostile {
	struct vmm *vmm; /* with its memory at HOSTILE_RAM */
	uint32_t (*pick)(void *data);
	void *data;

	struct iommuctl_vsmmuv3 *smmu;
};

/*
 * Makes the SMMU, with all features of the physical one and MSIs, and puts the devices of the VMM
 * behind it, with StreamIDs from HOSTILE_SID on. Returns what the library does.
 */
int hostile_open(struct hostile *guest, struct iommuctl_vsmmuv3_config config);

/*
 * Restores memory as hostile_open() leaves it: pages are mapped, and the queue is full of commands
 * without a write of CMDQ_PROD.
 */
void hostile_fill_memory(const struct hostile *guest);

/* Takes device @index out, or puts it back. Returns what the library does. */
int hostile_move_device(const struct hostile *guest, unsigned int index, bool in);

/* One access. Returns what iommuctl_vsmmuv3_write() does. */
int hostile_access_register(const struct hostile *guest);

/* A word or more, each at once. */
void hostile_write_memory(const struct hostile *guest);

/*
 * An access of a device that the VMM emulates, behind a StreamID of its own or of another one's.
 * Returns what iommuctl_vsmmuv3_translate() does.
 */
int hostile_translate(const struct hostile *guest);

/* For a DMA of a few bytes. */
uint64_t hostile_pick_iova(const struct hostile *guest);

#endif
