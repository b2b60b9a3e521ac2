// SPDX-License-Identifier: MIT
/*
 * A virtio-iommu in the device tree: the transport's node is also that of the IOMMU. The MSI window
 * needs no reserved-memory region: the guest's driver learns of it by PROBE.
 */
#include "virtio_iommu_tree.h"

#include "array.h"
#include "machine.h"

#define PHANDLE_VIRTIO_IOMMU 0x80u

/* Requester IDs are endpoint IDs. */
void virtio_iommu_tree_put_bus(struct tree *tree, unsigned int bus)
{
	const uint32_t map[] = { bus << 8, PHANDLE_VIRTIO_IOMMU, bus << 8, 1u << 8 };

	tree_put_cells(tree, "iommu-map", map, ARRAY_SIZE(map));
}

void virtio_iommu_tree_add(struct tree *tree)
{
	static const uint32_t interrupt[] = { INTERRUPT_SPI, VIRTIO_IOMMU_SPI, LEVEL_HIGH };

	tree_begin_at(tree, "iommu", VIRTIO_IOMMU_BASE);
	tree_put_string(tree, "compatible", "virtio,mmio");
	tree_put_cell(tree, "phandle", PHANDLE_VIRTIO_IOMMU);
	tree_put_cell(tree, "#iommu-cells", 1);
	tree_put_range(tree, "reg", VIRTIO_IOMMU_BASE, VIRTIO_IOMMU_SIZE);
	tree_put_cells(tree, "interrupts", interrupt, ARRAY_SIZE(interrupt));
	tree_put_empty(tree, "dma-coherent");
	tree_end(tree);
}
