// SPDX-License-Identifier: MIT
/* Which parts of a BAR can be mapped straight into a guest. */
#include "bar_areas.h"

#define HOLES 2

static uint64_t down(uint64_t offset, uint64_t page_size)
{
	return offset & ~(page_size - 1);
}

static uint64_t up(uint64_t offset, uint64_t page_size)
{
	return down(offset + page_size - 1, page_size);
}

/* The end of the hole whose pages contain the offset; the offset itself if it is in no hole. */
static uint64_t skip(
	const struct iommuctl_vfio_region_area *holes, uint64_t offset, uint64_t page_size)
{
	for (size_t i = 0; i < HOLES; i++) {
		const uint64_t end = up(holes[i].offset + holes[i].size, page_size);

		if (holes[i].size && offset >= down(holes[i].offset, page_size) && offset < end)
			return end;
	}
	return offset;
}

/* Where the next hole begins; end if there is none before it. */
static uint64_t next_hole(const struct iommuctl_vfio_region_area *holes, uint64_t offset,
	uint64_t end, uint64_t page_size)
{
	for (size_t i = 0; i < HOLES; i++) {
		const uint64_t start = down(holes[i].offset, page_size);

		if (holes[i].size && start > offset && start < end)
			end = start;
	}
	return end;
}

size_t bar_areas_carve(const struct iommuctl_vfio_region_area *areas, size_t count,
	const struct iommuctl_vfio_region_area holes[static 2], uint64_t page_size,
	struct iommuctl_vfio_region_area *parts, size_t room)
{
	size_t made = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t offset = up(areas[i].offset, page_size);
		const uint64_t end = down(areas[i].offset + areas[i].size, page_size);

		while (offset < end && made < room) {
			const uint64_t start = skip(holes, offset, page_size);

			if (start != offset) {
				offset = start;
				continue;
			}
			offset = next_hole(holes, start, end, page_size);
			parts[made++] = (struct iommuctl_vfio_region_area){ start, offset - start };
		}
	}
	return made;
}
