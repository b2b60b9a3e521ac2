// SPDX-License-Identifier: MIT
/* Nodes and properties of a device tree, with libfdt. */
#include "tree.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "array.h"

#define LONGEST_NAME 64

void tree_begin(struct tree *tree, const char *name)
{
	if (!tree->error)
		tree->error = fdt_begin_node(tree->blob, name);
}

/* A node with an address in its name. */
void tree_begin_at(struct tree *tree, const char *kind, uint64_t address)
{
	char name[LONGEST_NAME];

	snprintf(name, sizeof(name), "%s@%llx", kind, (unsigned long long)address);
	tree_begin(tree, name);
}

void tree_end(struct tree *tree)
{
	if (!tree->error)
		tree->error = fdt_end_node(tree->blob);
}

void tree_put_bytes(struct tree *tree, const char *name, const void *bytes, size_t size)
{
	if (!tree->error)
		tree->error = fdt_property(tree->blob, name, bytes, (int)size);
}

void tree_put_empty(struct tree *tree, const char *name)
{
	tree_put_bytes(tree, name, NULL, 0);
}

void tree_put_string(struct tree *tree, const char *name, const char *value)
{
	tree_put_bytes(tree, name, value, strlen(value) + 1);
}

void tree_put_cells(struct tree *tree, const char *name, const uint32_t *values, size_t count)
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

void tree_put_cell(struct tree *tree, const char *name, uint32_t value)
{
	tree_put_cells(tree, name, &value, 1);
}

void tree_put_number(struct tree *tree, const char *name, uint64_t value)
{
	const fdt64_t number = cpu_to_fdt64(value);

	tree_put_bytes(tree, name, &number, sizeof(number));
}

void tree_put_range(struct tree *tree, const char *name, uint64_t base, uint64_t size)
{
	const fdt64_t range[] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };

	tree_put_bytes(tree, name, range, sizeof(range));
}

void tree_put_two_ranges(struct tree *tree, const char *name, const uint64_t numbers[static 4])
{
	fdt64_t ranges[4];

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		ranges[i] = cpu_to_fdt64(numbers[i]);
	tree_put_bytes(tree, name, ranges, sizeof(ranges));
}

void tree_put_address_cells(struct tree *tree, uint32_t address, uint32_t size)
{
	tree_put_cell(tree, "#address-cells", address);
	tree_put_cell(tree, "#size-cells", size);
}
