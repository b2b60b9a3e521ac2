/* SPDX-License-Identifier: MIT */
/*
 * Decides where BARs answer. A guest can write any address into a BAR, but a host bridge forwards
 * only its windows. So a BAR answers only if the function decodes memory and the whole BAR lies in
 * the windows: never over memory or the machine's devices, and not where it wraps around. Of two
 * that overlap, the one placed first answers; the other one answers once the first is gone.
 */
#ifndef KVM_BAR_WINDOW_H
#define KVM_BAR_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "function.h"

/* After the memory slot: this many for each BAR of each function. */
#define BAR_FIRST_SLOT 1u

/* Applies what the guest has programmed. */
void bar_window_update(struct function *functions, size_t count, const struct vm *vm);

/* The function that answers there, and which bytes of which BAR; NULL if none does. */
struct function *bar_window_find(struct function *functions, size_t count, uint64_t address,
	unsigned int size, struct msi_range *access);

#endif
