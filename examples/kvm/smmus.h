/* SPDX-License-Identifier: MIT */
/*
 * All SMMUs of the guest, and the thread that serves them: it moves events to the guest, continues
 * work that register writes have left, and prints counters on SIGUSR2.
 */
#ifndef KVM_SMMUS_H
#define KVM_SMMUS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "machine.h"
#include "passthrough.h"
#include "smmu.h"
#include "watchers.h"

/*
 * A bus's SMMU has the number of the bus, and exists if the bus has functions. Zeroed: there is
 * none.
 */
struct smmus {
	bool any;
	struct smmu smmu[PCI_BUSES];
	bool present[PCI_BUSES];
	int left_over; /* eventfd */
	int signals;   /* signalfd */
	pthread_t thread;
	atomic_bool ending;
	struct function_iommu iommu;
	struct watchers watchers;
};

/*
 * Makes an SMMU for each bus that has functions, if the options ask for it; without SMMUs, the
 * functions below do nothing. SIGUSR2 is blocked from now on, in this thread and those that it
 * starts. Errors are reported, here and below.
 */
int smmus_create(struct smmus *all, const struct smmu_options *options,
	const struct passthrough *passthrough);
void smmus_destroy(struct smmus *all);

/* A life of the guest begins or ends: no vCPU runs, and no function is attached. */
int smmus_start(struct smmus *all, const struct vm *vm);
int smmus_stop(struct smmus *all);

/* Puts functions behind their SMMU, and takes them out. NULL: there are no SMMUs. */
const struct function_iommu *smmus_iommu(const struct smmus *all);

/* The registers of all SMMUs, one after the other. */
bool smmus_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool smmus_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

void smmus_print_counters(struct smmus *all);

#endif
