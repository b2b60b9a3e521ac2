/* SPDX-License-Identifier: MIT */
/* Puts the kernel, its initrd and room for the device tree into the guest's memory. */
#ifndef KVM_LOAD_H
#define KVM_LOAD_H

#include <stdint.h>

#include "vm.h"

#define FDT_SIZE UINT64_C(0x10000)

/* Guest physical addresses; without an initrd, initrd_start is initrd_end. */
struct load_places {
	uint64_t entry;
	uint64_t initrd_start;
	uint64_t initrd_end;
	uint64_t fdt;
};

/* initrd may be NULL. Errors are reported. */
int load_kernel(
	const struct vm *vm, const char *kernel, const char *initrd, struct load_places *places);

#endif
