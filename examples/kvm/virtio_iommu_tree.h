/* SPDX-License-Identifier: MIT */
/* What the device tree has of a virtio-iommu. */
#ifndef KVM_VIRTIO_IOMMU_TREE_H
#define KVM_VIRTIO_IOMMU_TREE_H

#include "tree.h"

/* Within the root: the device. */
void virtio_iommu_tree_add(struct tree *tree);

/* Within the node of a bus: it is behind the virtio-iommu. */
void virtio_iommu_tree_put_bus(struct tree *tree, unsigned int bus);

#endif
