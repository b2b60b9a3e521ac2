/* SPDX-License-Identifier: MIT */
/* The guest's console: what the guest writes goes to standard output; nothing is received. */
#ifndef KVM_PL011_H
#define KVM_PL011_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "vm.h"

struct pl011 {
	const struct vm *vm;
	pthread_mutex_t lock;
	uint32_t integer_divisor;
	uint32_t fraction_divisor;
	uint32_t line_control;
	uint32_t control;
	uint32_t fifo_levels;
	uint32_t interrupt_mask;
	uint32_t interrupts;
};

void pl011_init(struct pl011 *pl011, const struct vm *vm);
bool pl011_read(void *device, uint64_t offset, unsigned int size, uint64_t *value);
bool pl011_write(void *device, uint64_t offset, unsigned int size, uint64_t value);

#endif
