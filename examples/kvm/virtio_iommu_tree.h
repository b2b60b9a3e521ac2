/* SPDX-License-Identifier: MIT */
/* A virtio-iommu in the device tree. */
#ifndef KVM_VIRTIO_IOMMU_TREE_H
#define KVM_VIRTIO_IOMMU_TREE_H

#include "tree.h"

/* Within the root node: the device. */
void virtio_iommu_tree_add(struct tree *tree);

/* Within a bus node: it is behind the virtio-iommu. */
void virtio_iommu_tree_put_bus(struct tree *tree, unsigned int bus);

#endif
