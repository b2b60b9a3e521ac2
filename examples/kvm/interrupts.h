/* SPDX-License-Identifier: MIT */
/*
 * Interrupts of a function on their way: the device's vector signals an eventfd (VFIO), and the eventfd
 * becomes a message to the guest's ITS (KVM_IRQFD). A vector that the guest masks keeps its eventfd, but
 * leads nowhere: what comes meanwhile is pending.
 */
#ifndef KVM_INTERRUPTS_H
#define KVM_INTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/vfio.h>

#include "irq_routes.h"
#include "msi.h"

/* The two ends of the way. */
struct interrupt_ends {
	const char *name; /* of the function */
	struct iommuctl *ctx;
	int device;
	struct irq_routes *routes;
	unsigned int first_gsi; /* of MAX_VECTORS */
	uint32_t its_device;
};

struct interrupts {
	enum msi_kind kind; /* as the guest has enabled it */
	unsigned int count;
	bool works;
	bool reported; /* a failure: once is enough, as a guest can ask for it at will */
	int eventfds[MAX_VECTORS];
	bool routed[MAX_VECTORS];
};

/* Does what the guest has programmed; what is so already is left alone. Failures are reported. */
void interrupts_update(struct interrupts *interrupts, const struct interrupt_ends *ends,
	const struct msi *msi, const struct config_space *space);

/* Disables all. */
void interrupts_stop(struct interrupts *interrupts, const struct interrupt_ends *ends);

/* Bits of masked vectors that have fired. */
uint64_t interrupts_get_pending(const struct interrupts *interrupts);

#endif
