/* SPDX-License-Identifier: MIT */
/*
 * Where each of KVM's GSIs leads, for eventfds that become interrupts (KVM_IRQFD). The first ones
 * are the SPIs, as KVM sets them up; after them come messages to the ITS.
 */
#ifndef KVM_IRQ_ROUTES_H
#define KVM_IRQ_ROUTES_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"
#include "vm.h"

#define IRQ_ROUTES_SPIS	    (GIC_INTERRUPTS - GIC_FIRST_SPI)
#define IRQ_ROUTES_MESSAGES 1024u

struct irq_message {
	bool used;
	uint32_t its_device;
	uint32_t data;
};

struct kvm_irq_routing;

struct irq_routes {
	const struct vm *vm;
	struct kvm_irq_routing *table;
	struct irq_message messages[IRQ_ROUTES_MESSAGES];
};

/* Errors are reported. */
int irq_routes_init(struct irq_routes *routes, const struct vm *vm);
void irq_routes_free(struct irq_routes *routes);

/*
 * Makes a GSI, counted from IRQ_ROUTES_SPIS, send a message of an ITS device. Errors are reported.
 */
int irq_routes_set(struct irq_routes *routes, unsigned int gsi, uint32_t its_device, uint32_t data);

#endif
