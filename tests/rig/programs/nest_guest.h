/* SPDX-License-Identifier: MIT */
/* A guest with two edu devices and stage-1 tables, for programs that put them into a nest. */
#ifndef RIG_NEST_GUEST_H
#define RIG_NEST_GUEST_H

#include <iommuctl/iommuctl.h>

#include "edu.h"
#include "vmm.h"

#define DEVICES VMM_DEVICES

#define PAGE      GUEST_PAGE
#define IPA       UINT64_C(0x40000000)
#define SIZE      UINT64_C(0x100000)
#define CDS(n)    (IPA + 0x10000 + (n) * PAGE)
#define TABLES(n) (IPA + 0x20000 + (n) * UINT64_C(0x10000))
#define DATA(n)   (IPA + 0x80000 + (n) * PAGE)
#define RESULT    (IPA + 0x90000)

struct nest_guest {
	struct vmm vmm;
	struct edu edus[DEVICES];
	unsigned int checks;
	unsigned int differ;
};

/*
 * Opens the devices at @paths, and makes memory in which each page DATA(n) holds its own address
 * and the CD at CDS(n) leads from IOVA 0 to DATA(n + 1), and from the page behind to RESULT.
 */
void nest_guest_start(struct nest_guest *guest, char **paths);

uint64_t *nest_guest_at(struct nest_guest *guest, uint64_t ipa);

void nest_guest_expect(
	struct nest_guest *guest, const char *what, uint64_t wanted, uint64_t got);

/* What @device finds by its STE: in DATA(0) by IPA, or by IOVA 0; 0 if it gets nowhere. */
uint64_t nest_guest_by_ipa(struct nest_guest *guest, unsigned int device);
uint64_t nest_guest_by_stage1(struct nest_guest *guest, unsigned int device);

/* Tells what came of it all, and ends it: the exit status. */
int nest_guest_end(struct nest_guest *guest, const char *program, int err);

#endif
