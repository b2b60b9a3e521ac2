/* SPDX-License-Identifier: MIT */
/* The SMMUs in the device tree. */
#ifndef KVM_SMMU_TREE_H
#define KVM_SMMU_TREE_H

#include "passthrough.h"
#include "smmus.h"
#include "tree.h"

/* Within a bus node: which SMMU it is behind, and its functions. */
void smmu_tree_put_bus(struct tree *tree, const struct smmus *all,
	const struct passthrough *passthrough, unsigned int bus);

/* Within the root node: the SMMUs, and the MSI window. */
void smmu_tree_add(
	struct tree *tree, const struct smmus *all, const struct passthrough *passthrough);

#endif
