/* SPDX-License-Identifier: MIT */
/* The two halves of interrupts: irq.c delivers them, set_irqs.c sets them up. */
#ifndef LIBIOMMUCTL_MODEL_VFIO_IRQ_H
#define LIBIOMMUCTL_MODEL_VFIO_IRQ_H

#include "model/vfio/vfio.h"

/* A SET_IRQS that fits its index: at most one interrupt, with its data. */
struct model_irq_request {
	uint32_t index;
	uint32_t data;	/* ABI_VFIO_IRQ_SET_DATA_* */
	uint32_t count; /* 0 or 1 */
	int32_t fd;	/* DATA_EVENTFD */
	bool on;	/* DATA_NONE, or DATA_BOOL with 1 */
};

typedef int model_irq_action(struct model_device *device, const struct model_irq_request *request);
model_irq_action model_irq_intx_trigger, model_irq_intx_mask, model_irq_intx_unmask;

/* Closes the eventfd *@fd, if there is one. */
void model_irq_drop(int *fd);
void model_irq_signal(struct model_device *device, unsigned int index);
/* Disables the index that the device delivers by. */
void model_irq_disable(struct model_device *device);

#endif
