// SPDX-License-Identifier: MIT
/* Decides where BARs answer. */
#include "bar_window.h"

static bool is_in_windows(uint64_t address, uint64_t size)
{
	return address >= PCI_WINDOW_BASE && size <= PCI_WINDOW_SIZE &&
	       address - PCI_WINDOW_BASE <= PCI_WINDOW_SIZE - size;
}

static bool is_wanted(const struct function *function, unsigned int bar)
{
	const struct config_space *space = &function->space;
	const uint32_t command = config_space_get(space, PCI_REGISTER_COMMAND, 2);

	return function->attached && command & PCI_COMMAND_MEMORY && space->bars[bar].size &&
	       is_in_windows(config_space_bar_address(space, bar), space->bars[bar].size);
}

static unsigned int first_slot(const struct function *function, unsigned int bar)
{
	return BAR_FIRST_SLOT + (function->number * PCI_BARS + bar) * BAR_PARTS;
}

static bool is_taken(
	const struct function *functions, size_t count, uint64_t address, uint64_t size)
{
	for (size_t i = 0; i < count; i++) {
		for (unsigned int bar = 0; bar < PCI_BARS; bar++) {
			const struct bar_map *map = &functions[i].bars[bar];

			if (map->placed && address < map->address + map->region.size &&
				map->address < address + size)
				return true;
		}
	}
	return false;
}

static void displace_moved(struct function *function, const struct vm *vm)
{
	for (unsigned int bar = 0; bar < PCI_BARS; bar++) {
		struct bar_map *map = &function->bars[bar];

		if (!map->placed)
			continue;
		if (!is_wanted(function, bar) ||
			map->address != config_space_bar_address(&function->space, bar))
			bar_map_displace(map, vm, first_slot(function, bar));
	}
}

void bar_window_update(struct function *functions, size_t count, const struct vm *vm)
{
	for (size_t i = 0; i < count; i++)
		displace_moved(&functions[i], vm);
	for (size_t i = 0; i < count; i++) {
		struct function *function = &functions[i];

		for (unsigned int bar = 0; bar < PCI_BARS; bar++) {
			struct bar_map *map = &function->bars[bar];
			const uint64_t address = config_space_bar_address(&function->space, bar);

			if (!map->placed && is_wanted(function, bar) &&
				!is_taken(functions, count, address, map->region.size))
				bar_map_place(map, vm, first_slot(function, bar), address);
		}
	}
}

struct function *bar_window_find(struct function *functions, size_t count, uint64_t address,
	unsigned int size, struct msi_range *access)
{
	for (size_t i = 0; i < count; i++) {
		for (unsigned int bar = 0; bar < PCI_BARS; bar++) {
			const struct bar_map *map = &functions[i].bars[bar];

			if (!map->placed || address < map->address || map->region.size < size ||
				address - map->address > map->region.size - size)
				continue;
			*access = (struct msi_range){ bar, address - map->address, size };
			return &functions[i];
		}
	}
	return NULL;
}
