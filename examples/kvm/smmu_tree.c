// SPDX-License-Identifier: MIT
/*
 * The SMMUs in the device tree: their nodes, which bus is behind which, and the MSI window.
 *
 * A passed-through function writes its MSIs where the host's kernel chose: into a window of the
 * guest's physical addresses that stage 2 maps to the interrupt controller. To the guest's SMMU
 * that is an address like any other, so the guest has to map the window onto itself. A
 * reserved-memory region asks for that if its addresses for an endpoint (iommu-addresses) are its
 * own (reg); the endpoint refers to it from a node of its own.
 */
#include "smmu_tree.h"

#include <stdio.h>

#include <iommuctl/msi.h>

#include "array.h"

/* One for each SMMU, and for each function. */
#define PHANDLE_SMMU	   0x100u
#define PHANDLE_MSI_WINDOW 0x200u
#define PHANDLE_FUNCTION   0x10000u

#define EDGE_RISING 1u

#define LONGEST_NAME 32

/* An endpoint's iommu-addresses: itself, an address on its bus, a size. */
#define ADDRESSES_CELLS 6

static bool maps_window(const struct function *function)
{
	return !function->no_msi_window;
}

static void put_interrupts(struct tree *tree, unsigned int number)
{
	static const char names[] = "eventq\0cmdq-sync\0gerror";
	static const enum iommuctl_vsmmuv3_interrupt interrupts[] = {
		IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ,
		IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC,
		IOMMUCTL_VSMMUV3_INTERRUPT_GERROR,
	};
	uint32_t cells[3 * ARRAY_SIZE(interrupts)];

	for (size_t i = 0; i < ARRAY_SIZE(interrupts); i++) {
		cells[3 * i] = INTERRUPT_SPI;
		cells[3 * i + 1] = smmu_spi(number, interrupts[i]);
		cells[3 * i + 2] = EDGE_RISING;
	}
	tree_put_cells(tree, "interrupts", cells, ARRAY_SIZE(cells));
	tree_put_bytes(tree, "interrupt-names", names, sizeof(names));
}

/* It sees the guest's caches, as all guest memory is cached. */
static void add_smmu(struct tree *tree, const struct smmu *smmu)
{
	const uint32_t msi_parent[] = { PHANDLE_ITS, smmu_its_device(smmu->number) };

	tree_begin_at(tree, "iommu", smmu_base(smmu->number));
	tree_put_string(tree, "compatible", "arm,smmu-v3");
	tree_put_cell(tree, "phandle", PHANDLE_SMMU + smmu->number);
	tree_put_cell(tree, "#iommu-cells", 1);
	tree_put_range(tree, "reg", smmu_base(smmu->number), SMMU_SIZE);
	put_interrupts(tree, smmu->number);
	if (smmu->has_msis)
		tree_put_cells(tree, "msi-parent", msi_parent, ARRAY_SIZE(msi_parent));
	tree_put_empty(tree, "dma-coherent");
	tree_end(tree);
}

static void add_function(struct tree *tree, const struct function *function)
{
	const uint32_t reg[] = { (uint32_t)function->requester_id << 8, 0, 0, 0, 0 };
	char name[LONGEST_NAME];

	snprintf(name, sizeof(name), "endpoint@%x,%x", function->requester_id >> 3 & 0x1fu,
		function->requester_id & 7u);
	tree_begin(tree, name);
	tree_put_cells(tree, "reg", reg, ARRAY_SIZE(reg));
	tree_put_cell(tree, "phandle", PHANDLE_FUNCTION + function->requester_id);
	tree_put_cell(tree, "memory-region", PHANDLE_MSI_WINDOW);
	tree_end(tree);
}

/* Requester IDs are StreamIDs. */
void smmu_tree_put_bus(struct tree *tree, const struct smmus *all,
	const struct passthrough *passthrough, unsigned int bus)
{
	const uint32_t map[] = { bus << 8, PHANDLE_SMMU + bus, bus << 8, 1u << 8 };

	if (!all->present[bus])
		return;
	tree_put_cells(tree, "iommu-map", map, ARRAY_SIZE(map));
	for (size_t i = 0; i < passthrough->count; i++) {
		const struct function *function = &passthrough->functions[i];

		if (function_bus(function) == bus && maps_window(function))
			add_function(tree, function);
	}
}

/* The region is not memory: the guest must not map any of it for itself. */
static void add_window(struct tree *tree, const struct passthrough *passthrough)
{
	uint32_t addresses[MAX_FUNCTIONS * ADDRESSES_CELLS];
	size_t count = 0;

	for (size_t i = 0; i < passthrough->count; i++) {
		const struct function *function = &passthrough->functions[i];

		if (!maps_window(function))
			continue;
		addresses[count++] = PHANDLE_FUNCTION + function->requester_id;
		addresses[count++] = PCI_SPACE_MEMORY_32;
		addresses[count++] = 0;
		addresses[count++] = IOMMUCTL_MSI_WINDOW_START;
		addresses[count++] = 0;
		addresses[count++] = IOMMUCTL_MSI_WINDOW_SIZE;
	}
	if (!count)
		return;
	tree_begin(tree, "reserved-memory");
	tree_put_address_cells(tree, 2, 2);
	tree_put_empty(tree, "ranges");
	tree_begin_at(tree, "msi-window", IOMMUCTL_MSI_WINDOW_START);
	tree_put_cell(tree, "phandle", PHANDLE_MSI_WINDOW);
	tree_put_range(tree, "reg", IOMMUCTL_MSI_WINDOW_START, IOMMUCTL_MSI_WINDOW_SIZE);
	tree_put_cells(tree, "iommu-addresses", addresses, count);
	tree_put_empty(tree, "no-map");
	tree_end(tree);
	tree_end(tree);
}

void smmu_tree_add(
	struct tree *tree, const struct smmus *all, const struct passthrough *passthrough)
{
	for (unsigned int i = 0; i < PCI_BUSES; i++)
		if (all->present[i])
			add_smmu(tree, &all->smmu[i]);
	if (all->any)
		add_window(tree, passthrough);
}
