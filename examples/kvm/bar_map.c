// SPDX-License-Identifier: MIT
/* Maps a BAR at the guest's physical addresses. */
#include "bar_map.h"

#include <errno.h>
#include <linux/kvm.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bar_areas.h"

/* A BAR with more areas is emulated entirely. */
#define MOST_AREAS 16u

static struct iommuctl_vfio_region_area hole(const struct msi_range *range, unsigned int bar)
{
	if (range->bar != bar)
		return (struct iommuctl_vfio_region_area){ 0 };
	return (struct iommuctl_vfio_region_area){ range->offset, range->size };
}

/* What VFIO lets us map of a region: all of it, or some areas. */
static int get_areas(struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region,
	struct iommuctl_vfio_region_area areas[static MOST_AREAS], uint32_t *count)
{
	int err;

	*count = 0;
	if (!(region->flags & IOMMUCTL_VFIO_REGION_INFO_FLAG_MMAP))
		return 0;
	if (!region->sparse) {
		areas[0] = (struct iommuctl_vfio_region_area){ 0, region->size };
		*count = 1;
		return 0;
	}
	*count = MOST_AREAS;
	err = iommuctl_vfio_region_get_areas(ctx, device, region->index, areas, count);
	if (err == -EMSGSIZE) {
		*count = 0;
		return 0;
	}
	return err;
}

int bar_map_open(struct bar_map *map, struct iommuctl *ctx, int device,
	const struct iommuctl_vfio_region_info *region, const struct msi *msi)
{
	const struct iommuctl_vfio_region_area holes[] = {
		hole(&msi->table, region->index),
		hole(&msi->pba, region->index),
	};
	struct iommuctl_vfio_region_area areas[MOST_AREAS];
	struct iommuctl_vfio_region_area parts[BAR_PARTS];
	uint32_t count = 0;
	size_t part_count;
	int err;

	*map = (struct bar_map){ .region = *region };
	err = get_areas(ctx, device, region, areas, &count);
	if (err)
		return err;
	part_count = bar_areas_carve(
		areas, count, holes, (uint64_t)sysconf(_SC_PAGESIZE), parts, BAR_PARTS);
	for (size_t i = 0; i < part_count; i++) {
		struct bar_part *part = &map->parts[map->part_count];

		part->area = parts[i];
		err = iommuctl_vfio_region_mmap(
			ctx, device, region, &parts[i], PROT_READ | PROT_WRITE, &part->host);
		if (err) {
			bar_map_close(map, ctx);
			return err;
		}
		map->part_count++;
	}
	return 0;
}

void bar_map_close(struct bar_map *map, struct iommuctl *ctx)
{
	while (map->part_count) {
		const struct bar_part *part = &map->parts[--map->part_count];

		iommuctl_munmap(ctx, part->host, part->area.size);
	}
}

static void set_slot(const struct vm *vm, unsigned int slot, const struct bar_part *part,
	uint64_t address, uint64_t size)
{
	const struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = address + part->area.offset,
		.memory_size = size,
		.userspace_addr = (uintptr_t)part->host,
	};

	vm_ioctl(
		vm->fd, KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION of a BAR", &region);
}

void bar_map_place(
	struct bar_map *map, const struct vm *vm, unsigned int first_slot, uint64_t address)
{
	for (size_t i = 0; i < map->part_count; i++)
		set_slot(vm, first_slot + (unsigned int)i, &map->parts[i], address,
			map->parts[i].area.size);
	map->address = address;
	map->placed = true;
}

/* A slot of size 0 is deleted. */
void bar_map_displace(struct bar_map *map, const struct vm *vm, unsigned int first_slot)
{
	if (!map->placed)
		return;
	map->placed = false;
	for (size_t i = 0; i < map->part_count; i++)
		set_slot(vm, first_slot + (unsigned int)i, &map->parts[i], map->address, 0);
}
