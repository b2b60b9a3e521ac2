/* SPDX-License-Identifier: MIT */
/* The guest's memory, by guest physical address. */
#ifndef KVM_MEMORY_H
#define KVM_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "vm.h"

/* NULL if any byte of it is not memory. The guest may write while it is read. */
static inline void *memory_at(const struct vm *vm, uint64_t address, uint64_t size)
{
	if (address < RAM_BASE || address - RAM_BASE > vm->memory_size ||
		size > vm->memory_size - (address - RAM_BASE))
		return NULL;
	return vm->memory + (address - RAM_BASE);
}

#endif
