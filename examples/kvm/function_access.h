/* SPDX-License-Identifier: MIT */
/* Accesses of the guest to a function that is attached. The lock is the caller's. */
#ifndef KVM_FUNCTION_ACCESS_H
#define KVM_FUNCTION_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "function.h"

/* Configuration space; size is 1, 2 or 4, and the offset a multiple of it. */
uint32_t function_config_read(struct function *function, uint32_t offset, uint32_t size);

/* True where the guest asks for a reset of the function, which is left to the caller. */
bool function_config_write(
	struct function *function, uint32_t offset, uint32_t size, uint32_t value);

/* A BAR, inside of it; size is at most 8. What the device does not answer reads as all ones. */
uint64_t function_bar_read(const struct function *function, const struct msi_range *access);

/* True if it was for MSI-X, and interrupts are to be updated. */
bool function_bar_write(struct function *function, const struct msi_range *access, uint64_t value);

#endif
