/* SPDX-License-Identifier: MIT */
/* The device tree: what the guest is told about its machine. */
#ifndef KVM_DEVICE_TREE_H
#define KVM_DEVICE_TREE_H

#include "load.h"
#include "vm.h"

/* Writes the tree to places->fdt. append is the guest's command line. Errors are reported. */
int device_tree_write(const struct vm *vm, const struct load_places *places, const char *append);

#endif
