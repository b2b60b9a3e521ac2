// SPDX-License-Identifier: MIT
/* Writes the device tree. Bindings: Linux, Documentation/devicetree/bindings. */
#include "device_tree.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "report.h"
#include "smmu_tree.h"
#include "tree.h"
#include "virtio_iommu_tree.h"

#define LONGEST_PATH 64

#define CLOCK_HZ 24000000u

static void add_chosen(struct tree *tree, const struct load_places *places, const char *append)
{
	char serial[LONGEST_PATH];

	snprintf(serial, sizeof(serial), "/serial@%llx", (unsigned long long)PL011_BASE);
	tree_begin(tree, "chosen");
	tree_put_string(tree, "bootargs", append);
	tree_put_string(tree, "stdout-path", serial);
	if (places->initrd_start != places->initrd_end) {
		tree_put_number(tree, "linux,initrd-start", places->initrd_start);
		tree_put_number(tree, "linux,initrd-end", places->initrd_end);
	}
	tree_end(tree);
}

static void add_memory(struct tree *tree, const struct vm *vm)
{
	tree_begin_at(tree, "memory", RAM_BASE);
	tree_put_string(tree, "device_type", "memory");
	tree_put_range(tree, "reg", RAM_BASE, vm->memory_size);
	tree_end(tree);
}

static void add_cpus(struct tree *tree, const struct vm *vm)
{
	tree_begin(tree, "cpus");
	tree_put_address_cells(tree, 1, 0);
	for (unsigned int i = 0; i < vm->cpu_count; i++) {
		tree_begin_at(tree, "cpu", i);
		tree_put_string(tree, "device_type", "cpu");
		tree_put_string(tree, "compatible", "arm,armv8");
		tree_put_string(tree, "enable-method", "psci");
		tree_put_cell(tree, "reg", i);
		tree_end(tree);
	}
	tree_end(tree);
}

static void add_psci(struct tree *tree)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	tree_begin(tree, "psci");
	tree_put_bytes(tree, "compatible", compatible, sizeof(compatible));
	tree_put_string(tree, "method", "hvc");
	tree_end(tree);
}

static void add_timer(struct tree *tree)
{
	static const uint32_t interrupts[] = {
		INTERRUPT_PPI, TIMER_SECURE_PPI, LEVEL_HIGH,	 /* secure */
		INTERRUPT_PPI, TIMER_PPI, LEVEL_HIGH,		 /* non-secure */
		INTERRUPT_PPI, TIMER_VIRTUAL_PPI, LEVEL_HIGH,	 /* virtual */
		INTERRUPT_PPI, TIMER_HYPERVISOR_PPI, LEVEL_HIGH, /* hypervisor */
	};

	tree_begin(tree, "timer");
	tree_put_string(tree, "compatible", "arm,armv8-timer");
	tree_put_cells(tree, "interrupts", interrupts, ARRAY_SIZE(interrupts));
	tree_put_empty(tree, "always-on");
	tree_end(tree);
}

static void add_gic(struct tree *tree, const struct vm *vm)
{
	const uint64_t registers[] = {
		GIC_DISTRIBUTOR_BASE,
		GIC_DISTRIBUTOR_SIZE,
		GIC_REDISTRIBUTORS_BASE,
		GIC_REDISTRIBUTOR_SIZE * vm->cpu_count,
	};

	tree_begin_at(tree, "interrupt-controller", GIC_DISTRIBUTOR_BASE);
	tree_put_string(tree, "compatible", "arm,gic-v3");
	tree_put_cell(tree, "phandle", PHANDLE_GIC);
	tree_put_empty(tree, "interrupt-controller");
	tree_put_cell(tree, "#interrupt-cells", 3);
	tree_put_address_cells(tree, 2, 2);
	tree_put_empty(tree, "ranges");
	tree_put_two_ranges(tree, "reg", registers);
	tree_begin_at(tree, "msi-controller", GIC_ITS_BASE);
	tree_put_string(tree, "compatible", "arm,gic-v3-its");
	tree_put_cell(tree, "phandle", PHANDLE_ITS);
	tree_put_empty(tree, "msi-controller");
	tree_put_cell(tree, "#msi-cells", 1);
	tree_put_range(tree, "reg", GIC_ITS_BASE, GIC_ITS_SIZE);
	tree_end(tree);
	tree_end(tree);
}

static void add_serial(struct tree *tree)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clock_names[] = "uartclk\0apb_pclk";
	static const uint32_t clocks[] = { PHANDLE_CLOCK, PHANDLE_CLOCK };
	static const uint32_t interrupt[] = { INTERRUPT_SPI, PL011_SPI, LEVEL_HIGH };

	tree_begin(tree, "clock");
	tree_put_string(tree, "compatible", "fixed-clock");
	tree_put_cell(tree, "phandle", PHANDLE_CLOCK);
	tree_put_cell(tree, "#clock-cells", 0);
	tree_put_cell(tree, "clock-frequency", CLOCK_HZ);
	tree_end(tree);

	tree_begin_at(tree, "serial", PL011_BASE);
	tree_put_bytes(tree, "compatible", compatible, sizeof(compatible));
	tree_put_range(tree, "reg", PL011_BASE, PL011_SIZE);
	tree_put_cells(tree, "interrupts", interrupt, ARRAY_SIZE(interrupt));
	tree_put_cells(tree, "clocks", clocks, ARRAY_SIZE(clocks));
	tree_put_bytes(tree, "clock-names", clock_names, sizeof(clock_names));
	tree_end(tree);
}

/*
 * The ITS identifies devices by their unmodified requester IDs. Linux refuses a second host bridge
 * in the same domain.
 */
static void add_pci_bus(
	struct tree *tree, const struct device_tree_contents *contents, unsigned int bus)
{
	const uint64_t ecam = PCI_ECAM_BASE + bus * PCI_BUS_ECAM_SIZE;
	const uint32_t base = (uint32_t)(PCI_WINDOW_BASE + bus * PCI_BUS_WINDOW_SIZE);
	const uint32_t window[] = {
		PCI_SPACE_MEMORY_32,
		0,
		base,
		0,
		base,
		0,
		PCI_BUS_WINDOW_SIZE,
	};
	const uint32_t buses[] = { bus, bus };
	const uint32_t msi_map[] = { bus << 8, PHANDLE_ITS, bus << 8, 1u << 8 };

	tree_begin_at(tree, "pcie", ecam);
	tree_put_string(tree, "compatible", "pci-host-ecam-generic");
	tree_put_string(tree, "device_type", "pci");
	tree_put_cell(tree, "linux,pci-domain", bus);
	tree_put_address_cells(tree, 3, 2);
	tree_put_range(tree, "reg", ecam, PCI_BUS_ECAM_SIZE);
	tree_put_cells(tree, "ranges", window, ARRAY_SIZE(window));
	tree_put_cells(tree, "bus-range", buses, ARRAY_SIZE(buses));
	tree_put_cells(tree, "msi-map", msi_map, ARRAY_SIZE(msi_map));
	tree_put_empty(tree, "dma-coherent");
	smmu_tree_put_bus(tree, contents->smmus, contents->passthrough, bus);
	if (contents->has_virtio_iommu)
		virtio_iommu_tree_put_bus(tree, bus);
	tree_end(tree);
}

/* Bus 0 is always there, the others only if they have a function. */
static void add_pci(struct tree *tree, const struct device_tree_contents *contents)
{
	const struct passthrough *passthrough = contents->passthrough;
	bool used[PCI_BUSES] = { true };

	for (size_t i = 0; i < passthrough->count; i++)
		used[function_bus(&passthrough->functions[i])] = true;
	for (unsigned int bus = 0; bus < PCI_BUSES; bus++) {
		if (used[bus])
			add_pci_bus(tree, contents, bus);
	}
}

int device_tree_write(const struct vm *vm, const struct load_places *places,
	const struct device_tree_contents *contents)
{
	struct tree tree = { .blob = vm->memory + (places->fdt - RAM_BASE) };

	tree.error = fdt_create(tree.blob, FDT_SIZE);
	if (!tree.error)
		tree.error = fdt_finish_reservemap(tree.blob);
	tree_begin(&tree, "");
	tree_put_string(&tree, "compatible", "linux,dummy-virt");
	tree_put_address_cells(&tree, 2, 2);
	tree_put_cell(&tree, "interrupt-parent", PHANDLE_GIC);
	add_chosen(&tree, places, contents->append);
	add_memory(&tree, vm);
	add_cpus(&tree, vm);
	add_psci(&tree);
	add_timer(&tree);
	add_gic(&tree, vm);
	add_serial(&tree);
	add_pci(&tree, contents);
	smmu_tree_add(&tree, contents->smmus, contents->passthrough);
	if (contents->has_virtio_iommu)
		virtio_iommu_tree_add(&tree);
	tree_end(&tree);
	if (!tree.error)
		tree.error = fdt_finish(tree.blob);
	return tree.error ? report_problem("the device tree", fdt_strerror(tree.error)) : 0;
}
