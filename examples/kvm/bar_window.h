/* SPDX-License-Identifier: MIT */
/*
 * Where BARs answer. A guest can write any address into a BAR; host bridges let through what is in
 * their windows. So a BAR answers if the function decodes memory and all of the BAR is in the windows:
 * never over memory or the devices of the machine, and not where it wraps around. Of two that overlap,
 * the one that was there first answers, and the other one once that has gone.
 */
#ifndef KVM_BAR_WINDOW_H
#define KVM_BAR_WINDOW_H

#include <stddef.h>
#include <stdint.h>

#include "function.h"

/* Behind the slot of memory: this many for each BAR of each function. */
#define BAR_FIRST_SLOT 1u

/* Does what the guest has programmed. */
void bar_window_update(struct function *functions, size_t count, const struct vm *vm);

/* Who answers there, and with which bytes of which BAR; NULL where nobody does. */
struct function *bar_window_find(struct function *functions, size_t count, uint64_t address,
	unsigned int size, struct msi_range *access);

#endif
