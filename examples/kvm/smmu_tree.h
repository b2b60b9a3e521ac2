/* SPDX-License-Identifier: MIT */
/* What the device tree has of SMMUs. */
#ifndef KVM_SMMU_TREE_H
#define KVM_SMMU_TREE_H

#include "passthrough.h"
#include "smmus.h"
#include "tree.h"

/* Within the node of a bus: which SMMU it is behind, and its functions. */
void smmu_tree_put_bus(struct tree *tree, const struct smmus *all,
	const struct passthrough *passthrough, unsigned int bus);

/* Within the root: the SMMUs, and the window for MSIs. */
void smmu_tree_add(
	struct tree *tree, const struct smmus *all, const struct passthrough *passthrough);

#endif
