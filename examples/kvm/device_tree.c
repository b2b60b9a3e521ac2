// SPDX-License-Identifier: MIT
/* Writes the device tree. Bindings: Linux, Documentation/devicetree/bindings. */
#include "device_tree.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "array.h"
#include "report.h"

#define LONGEST_NAME 64

/* Nodes that others refer to. */
enum phandle {
	PHANDLE_GIC = 1,
	PHANDLE_ITS,
	PHANDLE_CLOCK,
};

/* The cells of an interrupt: kind, number, trigger. */
#define INTERRUPT_SPI 0u
#define INTERRUPT_PPI 1u
#define LEVEL_HIGH    4u

/* The first cell of an address on the PCI bus. */
#define PCI_SPACE_MEMORY_32 0x02000000u

#define CLOCK_HZ 24000000u

/* The first error stays, and what comes behind it does nothing. */
struct tree {
	void *blob;
	int error;
};

static void begin(struct tree *tree, const char *name)
{
	if (!tree->error)
		tree->error = fdt_begin_node(tree->blob, name);
}

/* A node with an address in its name. */
static void begin_at(struct tree *tree, const char *kind, uint64_t address)
{
	char name[LONGEST_NAME];

	snprintf(name, sizeof(name), "%s@%llx", kind, (unsigned long long)address);
	begin(tree, name);
}

static void end(struct tree *tree)
{
	if (!tree->error)
		tree->error = fdt_end_node(tree->blob);
}

static void put_bytes(struct tree *tree, const char *name, const void *bytes, size_t size)
{
	if (!tree->error)
		tree->error = fdt_property(tree->blob, name, bytes, (int)size);
}

static void put_empty(struct tree *tree, const char *name)
{
	put_bytes(tree, name, NULL, 0);
}

static void put_string(struct tree *tree, const char *name, const char *value)
{
	put_bytes(tree, name, value, strlen(value) + 1);
}

static void put_cells(struct tree *tree, const char *name, const uint32_t *values, size_t count)
{
	void *place;
	fdt32_t *cells;

	if (!tree->error)
		tree->error = fdt_property_placeholder(
			tree->blob, name, (int)(count * sizeof(*cells)), &place);
	if (tree->error)
		return;
	cells = place;
	for (size_t i = 0; i < count; i++)
		cells[i] = cpu_to_fdt32(values[i]);
}

static void put_cell(struct tree *tree, const char *name, uint32_t value)
{
	put_cells(tree, name, &value, 1);
}

static void put_number(struct tree *tree, const char *name, uint64_t value)
{
	const fdt64_t number = cpu_to_fdt64(value);

	put_bytes(tree, name, &number, sizeof(number));
}

static void put_range(struct tree *tree, const char *name, uint64_t base, uint64_t size)
{
	const fdt64_t range[] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };

	put_bytes(tree, name, range, sizeof(range));
}

static void put_two_ranges(struct tree *tree, const char *name, const uint64_t numbers[static 4])
{
	fdt64_t ranges[4];

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		ranges[i] = cpu_to_fdt64(numbers[i]);
	put_bytes(tree, name, ranges, sizeof(ranges));
}

static void put_address_cells(struct tree *tree, uint32_t address, uint32_t size)
{
	put_cell(tree, "#address-cells", address);
	put_cell(tree, "#size-cells", size);
}

static void add_chosen(struct tree *tree, const struct load_places *places, const char *append)
{
	char serial[LONGEST_NAME];

	snprintf(serial, sizeof(serial), "/serial@%llx", (unsigned long long)PL011_BASE);
	begin(tree, "chosen");
	put_string(tree, "bootargs", append);
	put_string(tree, "stdout-path", serial);
	if (places->initrd_start != places->initrd_end) {
		put_number(tree, "linux,initrd-start", places->initrd_start);
		put_number(tree, "linux,initrd-end", places->initrd_end);
	}
	end(tree);
}

static void add_memory(struct tree *tree, const struct vm *vm)
{
	begin_at(tree, "memory", RAM_BASE);
	put_string(tree, "device_type", "memory");
	put_range(tree, "reg", RAM_BASE, vm->memory_size);
	end(tree);
}

static void add_cpus(struct tree *tree, const struct vm *vm)
{
	begin(tree, "cpus");
	put_address_cells(tree, 1, 0);
	for (unsigned int i = 0; i < vm->cpu_count; i++) {
		begin_at(tree, "cpu", i);
		put_string(tree, "device_type", "cpu");
		put_string(tree, "compatible", "arm,armv8");
		put_string(tree, "enable-method", "psci");
		put_cell(tree, "reg", i);
		end(tree);
	}
	end(tree);
}

static void add_psci(struct tree *tree)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	begin(tree, "psci");
	put_bytes(tree, "compatible", compatible, sizeof(compatible));
	put_string(tree, "method", "hvc");
	end(tree);
}

static void add_timer(struct tree *tree)
{
	static const uint32_t interrupts[] = {
		INTERRUPT_PPI, TIMER_SECURE_PPI, LEVEL_HIGH,	 /* secure */
		INTERRUPT_PPI, TIMER_PPI, LEVEL_HIGH,		 /* non-secure */
		INTERRUPT_PPI, TIMER_VIRTUAL_PPI, LEVEL_HIGH,	 /* virtual */
		INTERRUPT_PPI, TIMER_HYPERVISOR_PPI, LEVEL_HIGH, /* hypervisor */
	};

	begin(tree, "timer");
	put_string(tree, "compatible", "arm,armv8-timer");
	put_cells(tree, "interrupts", interrupts, ARRAY_SIZE(interrupts));
	put_empty(tree, "always-on");
	end(tree);
}

static void add_gic(struct tree *tree, const struct vm *vm)
{
	const uint64_t registers[] = {
		GIC_DISTRIBUTOR_BASE,
		GIC_DISTRIBUTOR_SIZE,
		GIC_REDISTRIBUTORS_BASE,
		GIC_REDISTRIBUTOR_SIZE * vm->cpu_count,
	};

	begin_at(tree, "interrupt-controller", GIC_DISTRIBUTOR_BASE);
	put_string(tree, "compatible", "arm,gic-v3");
	put_cell(tree, "phandle", PHANDLE_GIC);
	put_empty(tree, "interrupt-controller");
	put_cell(tree, "#interrupt-cells", 3);
	put_address_cells(tree, 2, 2);
	put_empty(tree, "ranges");
	put_two_ranges(tree, "reg", registers);
	begin_at(tree, "msi-controller", GIC_ITS_BASE);
	put_string(tree, "compatible", "arm,gic-v3-its");
	put_cell(tree, "phandle", PHANDLE_ITS);
	put_empty(tree, "msi-controller");
	put_cell(tree, "#msi-cells", 1);
	put_range(tree, "reg", GIC_ITS_BASE, GIC_ITS_SIZE);
	end(tree);
	end(tree);
}

static void add_serial(struct tree *tree)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clock_names[] = "uartclk\0apb_pclk";
	static const uint32_t clocks[] = { PHANDLE_CLOCK, PHANDLE_CLOCK };
	static const uint32_t interrupt[] = { INTERRUPT_SPI, PL011_SPI, LEVEL_HIGH };

	begin(tree, "clock");
	put_string(tree, "compatible", "fixed-clock");
	put_cell(tree, "phandle", PHANDLE_CLOCK);
	put_cell(tree, "#clock-cells", 0);
	put_cell(tree, "clock-frequency", CLOCK_HZ);
	end(tree);

	begin_at(tree, "serial", PL011_BASE);
	put_bytes(tree, "compatible", compatible, sizeof(compatible));
	put_range(tree, "reg", PL011_BASE, PL011_SIZE);
	put_cells(tree, "interrupts", interrupt, ARRAY_SIZE(interrupt));
	put_cells(tree, "clocks", clocks, ARRAY_SIZE(clocks));
	put_bytes(tree, "clock-names", clock_names, sizeof(clock_names));
	end(tree);
}

/* Requester IDs are what the ITS knows devices by, as they are. */
static void add_pci_bus(struct tree *tree, unsigned int bus)
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

	begin_at(tree, "pcie", ecam);
	put_string(tree, "compatible", "pci-host-ecam-generic");
	put_string(tree, "device_type", "pci");
	put_cell(tree, "linux,pci-domain", 0);
	put_address_cells(tree, 3, 2);
	put_range(tree, "reg", ecam, PCI_BUS_ECAM_SIZE);
	put_cells(tree, "ranges", window, ARRAY_SIZE(window));
	put_cells(tree, "bus-range", buses, ARRAY_SIZE(buses));
	put_cells(tree, "msi-map", msi_map, ARRAY_SIZE(msi_map));
	put_empty(tree, "dma-coherent");
	end(tree);
}

/* Bus 0 is there in any case, others if they have a function. */
static void add_pci(struct tree *tree, const struct passthrough *passthrough)
{
	bool used[PCI_BUSES] = { true };

	for (size_t i = 0; i < passthrough->count; i++)
		used[function_bus(&passthrough->functions[i])] = true;
	for (unsigned int bus = 0; bus < PCI_BUSES; bus++) {
		if (used[bus])
			add_pci_bus(tree, bus);
	}
}

int device_tree_write(const struct vm *vm, const struct load_places *places,
	const struct device_tree_contents *contents)
{
	struct tree tree = { .blob = vm->memory + (places->fdt - RAM_BASE) };

	tree.error = fdt_create(tree.blob, FDT_SIZE);
	if (!tree.error)
		tree.error = fdt_finish_reservemap(tree.blob);
	begin(&tree, "");
	put_string(&tree, "compatible", "linux,dummy-virt");
	put_address_cells(&tree, 2, 2);
	put_cell(&tree, "interrupt-parent", PHANDLE_GIC);
	add_chosen(&tree, places, contents->append);
	add_memory(&tree, vm);
	add_cpus(&tree, vm);
	add_psci(&tree);
	add_timer(&tree);
	add_gic(&tree, vm);
	add_serial(&tree);
	add_pci(&tree, contents->passthrough);
	end(&tree);
	if (!tree.error)
		tree.error = fdt_finish(tree.blob);
	return tree.error ? report_problem("the device tree", fdt_strerror(tree.error)) : 0;
}
