// SPDX-License-Identifier: MIT
/* Where each of KVM's GSIs leads. */
#include "irq_routes.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

/* GITS_TRANSLATER, where devices write (Arm IHI 0069, 12.19.11). */
#define ITS_DOORBELL (GIC_ITS_BASE + UINT64_C(0x10040))

#define MOST_ENTRIES (IRQ_ROUTES_SPIS + IRQ_ROUTES_MESSAGES)

int irq_routes_init(struct irq_routes *routes, const struct vm *vm)
{
	*routes = (struct irq_routes){ .vm = vm };
	routes->table = calloc(
		1, sizeof(*routes->table) + MOST_ENTRIES * sizeof(routes->table->entries[0]));
	return routes->table ? 0 : report_error("interrupt routes", ENOMEM, NULL);
}

void irq_routes_free(struct irq_routes *routes)
{
	free(routes->table);
	routes->table = NULL;
}

static void add(struct irq_routes *routes, const struct kvm_irq_routing_entry *entry)
{
	routes->table->entries[routes->table->nr++] = *entry;
}

static void add_message(struct irq_routes *routes, unsigned int index)
{
	const struct irq_message *message = &routes->messages[index];
	const struct kvm_irq_routing_entry entry = {
		.gsi = IRQ_ROUTES_SPIS + index,
		.type = KVM_IRQ_ROUTING_MSI,
		.flags = KVM_MSI_VALID_DEVID,
		.u.msi.address_lo = (uint32_t)ITS_DOORBELL,
		.u.msi.address_hi = (uint32_t)(ITS_DOORBELL >> 32),
		.u.msi.data = message->data,
		.u.msi.devid = message->its_device,
	};

	if (message->used)
		add(routes, &entry);
}

/* KVM only takes all routes at once. */
static int commit(struct irq_routes *routes)
{
	routes->table->nr = 0;
	for (unsigned int i = 0; i < IRQ_ROUTES_SPIS; i++) {
		const struct kvm_irq_routing_entry entry = {
			.gsi = i,
			.type = KVM_IRQ_ROUTING_IRQCHIP,
			.u.irqchip.pin = i,
		};

		add(routes, &entry);
	}
	for (unsigned int i = 0; i < IRQ_ROUTES_MESSAGES; i++)
		add_message(routes, i);
	return vm_ioctl(routes->vm->fd, KVM_SET_GSI_ROUTING, "KVM_SET_GSI_ROUTING", routes->table);
}

int irq_routes_set(struct irq_routes *routes, unsigned int gsi, uint32_t its_device, uint32_t data)
{
	struct irq_message *message = &routes->messages[gsi - IRQ_ROUTES_SPIS];

	if (message->used && message->its_device == its_device && message->data == data)
		return 0;
	*message = (struct irq_message){ true, its_device, data };
	return commit(routes);
}
