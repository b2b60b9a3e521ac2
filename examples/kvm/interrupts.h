/* SPDX-License-Identifier: MIT */
/*
 * Routes a function's interrupts to the guest: the device's vector signals an eventfd (VFIO), which
 * becomes a message to the guest's ITS (KVM_IRQFD). A vector that the guest masks keeps its
 * eventfd, but has no route: what comes meanwhile is pending.
 */
#ifndef KVM_INTERRUPTS_H
#define KVM_INTERRUPTS_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/vfio.h>

#include "irq_routes.h"
#include "msi.h"

/* The two ends of the route. */
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
	bool reported; /* a failure: once is enough, as a guest can cause it at will */
	int eventfds[MAX_VECTORS];
	bool routed[MAX_VECTORS];
};

/* Applies what the guest has programmed; what is unchanged is left alone. Failures are reported. */
void interrupts_update(struct interrupts *interrupts, const struct interrupt_ends *ends,
	const struct msi *msi, const struct config_space *space);

/* Disables all. */
void interrupts_stop(struct interrupts *interrupts, const struct interrupt_ends *ends);

/* The masked vectors that have fired, a bit each. */
uint64_t interrupts_get_pending(const struct interrupts *interrupts);

#endif
