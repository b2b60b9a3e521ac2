/* SPDX-License-Identifier: MIT */
/* The guest's accesses to an attached function. The caller holds the lock. */
#ifndef KVM_FUNCTION_ACCESS_H
#define KVM_FUNCTION_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "function.h"

/* Configuration space; size is 1, 2 or 4, and the offset a multiple of it. */
uint32_t function_config_read(struct function *function, uint32_t offset, uint32_t size);

/* True if the guest asks for a function reset, which is left to the caller. */
bool function_config_write(
	struct function *function, uint32_t offset, uint32_t size, uint32_t value);

/* An access within a BAR; size is at most 8. What the device does not answer reads as all ones. */
uint64_t function_bar_read(const struct function *function, const struct msi_range *access);

/* True if it was for MSI-X, and interrupts need an update. */
bool function_bar_write(struct function *function, const struct msi_range *access, uint64_t value);

#endif
