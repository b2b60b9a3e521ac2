/* SPDX-License-Identifier: MIT */
/* Nodes and properties of a device tree, written one after the other. */
#ifndef KVM_TREE_H
#define KVM_TREE_H

#include <stddef.h>
#include <stdint.h>

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

/* The first error is kept, and everything after it does nothing. */
struct tree {
	void *blob;
	int error;
};

void tree_begin(struct tree *tree, const char *name);
void tree_begin_at(struct tree *tree, const char *kind, uint64_t address);
void tree_end(struct tree *tree);
void tree_put_bytes(struct tree *tree, const char *name, const void *bytes, size_t size);
void tree_put_empty(struct tree *tree, const char *name);
void tree_put_string(struct tree *tree, const char *name, const char *value);
void tree_put_cells(struct tree *tree, const char *name, const uint32_t *values, size_t count);
void tree_put_cell(struct tree *tree, const char *name, uint32_t value);
void tree_put_number(struct tree *tree, const char *name, uint64_t value);
void tree_put_range(struct tree *tree, const char *name, uint64_t base, uint64_t size);
void tree_put_two_ranges(struct tree *tree, const char *name, const uint64_t numbers[static 4]);
void tree_put_address_cells(struct tree *tree, uint32_t address, uint32_t size);

#endif
