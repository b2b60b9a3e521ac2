/* SPDX-License-Identifier: MIT */
/* Which capabilities a guest sees. */
#ifndef KVM_CAPABILITY_LIST_H
#define KVM_CAPABILITY_LIST_H

#include <stdint.h>

#include "config_space.h"

/*
 * Links the capabilities that a guest sees, hides the others, and notes where MSI, MSI-X and PCI
 * Express are. A hidden capability is hidden up to the next one, as its length is unknown.
 */
void capability_list_filter(struct config_space *space, const uint8_t *image);

#endif
