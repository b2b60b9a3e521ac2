/* SPDX-License-Identifier: MIT */
/* The device tree, which describes the machine to the guest. */
#ifndef KVM_DEVICE_TREE_H
#define KVM_DEVICE_TREE_H

#include <stdbool.h>

#include "load.h"
#include "passthrough.h"
#include "smmus.h"
#include "vm.h"

/* What differs between guests. append is the command line. */
struct device_tree_contents {
	const char *append;
	const struct passthrough *passthrough;
	const struct smmus *smmus;
	bool has_virtio_iommu;
};

/* Writes the tree to places->fdt. Errors are reported. */
int device_tree_write(const struct vm *vm, const struct load_places *places,
	const struct device_tree_contents *contents);

#endif
