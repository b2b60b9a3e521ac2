/* SPDX-License-Identifier: MIT */
/* The capabilities that a guest sees. */
#ifndef KVM_CAPABILITY_LIST_H
#define KVM_CAPABILITY_LIST_H

#include <stdint.h>

#include "config_space.h"

/*
 * Links the capabilities that a guest sees, hides the others, and notes where MSI, MSI-X and PCI Express
 * are. What lies between a hidden capability and the next one is hidden with it: its end is not known.
 */
void capability_list_filter(struct config_space *space, const uint8_t *image);

#endif
