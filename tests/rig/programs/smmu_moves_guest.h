/* SPDX-License-Identifier: MIT */
/*
 * The guest of smmu_moves: the driver of its SMMU and of two edu devices, which copy pages of guest
 * memory. All that it knows is in guest memory, so that it continues wherever that is mapped.
 */
#ifndef RIG_SMMU_MOVES_GUEST_H
#define RIG_SMMU_MOVES_GUEST_H

#include <iommuctl/vsmmuv3.h>

#include "edu.h"
#include "vmm.h"

#define CMDQ_PROD   0x98
#define CMDQ_CONS   0x9c
#define GERROR	    0x60
#define GERRORN	    0x64
#define EVENTQ_PROD 0x100a8

#define IPA	UINT64_C(0x40000000)
#define SOURCE	(IPA + 0x100000)
#define NOWHERE UINT64_C(0x70000000) /* no IOVA of the guest */

/* What the guest is doing, one after the other, when it must continue elsewhere. */
enum moment {
	COMMANDS_LEFT = 1, /* the SMMU has not carried out all that is in the queue */
	DATA_IN_DEVICES,   /* pages were read, and not written yet */
	FAULT_WAITS,	   /* the physical SMMU has an event that the guest does not know of */
	QUEUE_STOPPED,	   /* by a command that there is not, which the guest has not noticed */
	MOMENTS = QUEUE_STOPPED,
};

/* The parts of a round, in which each device copies a page. */
enum step {
	STEP_MAP,  /* gives both IOVAs of each device other pages, and tells the SMMU */
	STEP_SYNC, /* looks whether the SMMU has done it, time and again */
	STEP_READ,
	STEP_WRITE,
};

/* At STATE in guest memory. */
struct driver {
	uint64_t rounds;
	uint64_t round; /* the one under way */
	enum step step;
	uint32_t looks; /* of STEP_SYNC in this round */
	uint32_t cmdq_prod;
	uint32_t eventq_cons;
	uint32_t interrupts; /* bit n is that of enum iommuctl_vsmmuv3_interrupt; the VMM sets it */
	uint32_t events;
	uint32_t errors; /* commands that there are not */
	struct iommuctl_stage1 stage1[VMM_DEVICES];
};

struct moving_guest {
	struct guest_ram *ram;
	struct driver *driver;
	struct iommuctl_vsmmuv3 *smmu;
	struct edu edus[VMM_DEVICES];
};

/* The StreamID of a device. */
uint32_t moving_guest_sid(unsigned int device);

/* Bytes of memory of a guest that copies @pages. */
uint64_t moving_guest_memory(uint64_t pages);

/* The round that has a moment. */
uint64_t moving_guest_round(const struct driver *driver, enum moment moment);

/* Finds the driver in guest memory: at the start, and wherever it continues. */
void moving_guest_find(struct moving_guest *guest, struct guest_ram *ram);

/* The guest's boot: pages to copy, tables, queues; its SMMU is enabled. */
void moving_guest_boot(struct moving_guest *guest, uint64_t pages);

/* One step of the guest. 0 or -errno: of a device, or ETIMEDOUT of the SMMU. */
int moving_guest_step(struct moving_guest *guest);

uint32_t moving_guest_commands_left(const struct moving_guest *guest);

/* How many pages are not as they should be at the end. */
uint64_t moving_guest_wrong_pages(const struct moving_guest *guest);

#endif
