/* SPDX-License-Identifier: MIT */
/*
 * A BAR at the guest's physical addresses: KVM memory slots for what VFIO lets us map. Accesses to
 * the rest exit to the VMM.
 */
#ifndef KVM_BAR_MAP_H
#define KVM_BAR_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/vfio.h>

#include "msi.h"
#include "vm.h"

/* Further parts are emulated. */
#define BAR_PARTS 8u

struct bar_part {
	struct iommuctl_vfio_region_area area;
	void *host;
};

struct bar_map {
	struct iommuctl_vfio_region_info region;
	size_t part_count;
	struct bar_part parts[BAR_PARTS];
	bool placed; /* it answers at address */
	uint64_t address;
};

/* Maps the region of a BAR in parts, with holes where msi answers. Errors are the library's. */
int bar_map_open(struct bar_map *map, struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region, const struct msi *msi);
void bar_map_close(struct bar_map *map, struct iommuctl *ctx);

/* Makes the BAR answer at address. A part for which KVM has no slot is emulated. */
void bar_map_place(
	struct bar_map *map, const struct vm *vm, unsigned int first_slot, uint64_t address);
void bar_map_displace(struct bar_map *map, const struct vm *vm, unsigned int first_slot);

#endif
