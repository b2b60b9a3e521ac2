/* SPDX-License-Identifier: MIT */
/* The edu device, as a driver in userspace uses it. */
#ifndef CONFORMANCE_EDU_H
#define CONFORMANCE_EDU_H

#include <stdbool.h>
#include <stdint.h>

#include "subject.h"

#define EDU_BUFFER_SIZE	   4096
#define EDU_COMMAND_MEMORY 0x2 /* of the PCI command register */
#define EDU_COMMAND_MASTER 0x4

/* @offset and @size stay inside the device's buffer: it does not check them itself. */
struct edu_dma {
	uint64_t iova;
	uint32_t offset;
	uint32_t size;
	bool to_ram;
	bool interrupt; /* when it is done */
};

int edu_set_command(struct subject *subject, const struct subject_device *device, uint16_t value);

/* Runs to its end; whether it was let through cannot be seen here. */
int edu_run_dma(
	struct subject *subject, const struct subject_device *device, const struct edu_dma *dma);

/* Raises the interrupt and takes it back. */
int edu_interrupt(struct subject *subject, const struct subject_device *device);

#endif
