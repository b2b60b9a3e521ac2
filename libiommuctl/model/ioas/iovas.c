// SPDX-License-Identifier: MIT
/* The IOVA ranges that an IOAS offers or is restricted to. */
#include "model/ioas/ioas.h"
#include "model/iommufd/iommufd.h"
#include "model/user.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/iommufd.h"

struct output {
	uint64_t ranges; /* the caller's array */
	uint32_t room;
	uint32_t count;
};

static int put_range(struct output *output, uint64_t start, uint64_t last)
{
	const struct abi_iova_range range = { start, last };
	uint64_t to = output->ranges + (uint64_t)output->count * sizeof(range);

	if (output->count < output->room && model_copy_out(to, &range, sizeof(range)))
		return -EFAULT;
	output->count++;
	return 0;
}

/* Counts or writes the ranges that are not reserved. */
static int put_ranges(const struct model_ioas *ioas, struct output *output)
{
	const struct model_range *reserved;
	uint64_t from = 0;
	int err;

	while ((reserved = model_ioas_reserved_at(ioas, from))) {
		err = reserved->start > from ? put_range(output, from, reserved->start - 1) : 0;
		if (err || reserved->last == UINT64_MAX)
			return err;
		from = reserved->last + 1;
	}
	return put_range(output, from, UINT64_MAX);
}

/* IOMMU_IOAS_IOVA_RANGES */
int model_ioas_iova_ranges(struct model_iommufd *iommufd, void *arg)
{
	struct abi_ioas_iova_ranges *args = arg;
	struct output output = { .ranges = args->allowed_iovas, .room = args->num_iovas };
	const struct model_ioas *ioas;
	int err;

	if (args->reserved)
		return -EOPNOTSUPP;
	ioas = model_object_find(iommufd, args->ioas_id, &model_ioas_kind);
	if (!ioas)
		return -ENOENT;
	err = put_ranges(ioas, &output);
	if (err)
		return err;
	args->num_iovas = output.count;
	args->out_iova_alignment = ioas->alignment;
	return output.count > output.room ? -EMSGSIZE : 0;
}

struct ranges {
	struct model_range *all; /* sorted, disjoint */
	size_t count;
	size_t room;
};

static int ranges_add(struct ranges *ranges, const struct model_range *range)
{
	size_t low = 0, high = ranges->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges->all[middle].last < range->start)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < ranges->count && ranges->all[low].start <= range->last)
		return -EINVAL;
	if (ranges->count == ranges->room) {
		size_t room = ranges->room ? ranges->room * 2 : 4;
		struct model_range *all = reallocarray(ranges->all, room, sizeof(*all));

		if (!all)
			return -ENOMEM;
		ranges->all = all;
		ranges->room = room;
	}
	memmove(&ranges->all[low + 1], &ranges->all[low],
		(ranges->count - low) * sizeof(*ranges->all));
	ranges->all[low] = *range;
	ranges->count++;
	return 0;
}

static int read_ranges(const struct abi_ioas_allow_iovas *args, struct ranges *ranges)
{
	for (uint32_t i = 0; i < args->num_iovas; i++) {
		struct abi_iova_range range;
		uint64_t from = args->allowed_iovas + (uint64_t)i * sizeof(range);
		int err = model_copy_in(&range, from, sizeof(range));

		if (err)
			return err;
		if (range.start >= range.last)
			return -EINVAL;
		err = ranges_add(ranges, &(struct model_range){ range.start, range.last });
		if (err)
			return err;
	}
	return 0;
}

static bool any_reserved(const struct model_ioas *ioas, const struct ranges *ranges)
{
	for (size_t i = 0; i < ranges->count; i++)
		if (model_ioas_is_reserved(ioas, &ranges->all[i]))
			return true;
	return false;
}

/* IOMMU_IOAS_ALLOW_IOVAS */
int model_ioas_allow_iovas(struct model_iommufd *iommufd, void *arg)
{
	const struct abi_ioas_allow_iovas *args = arg;
	struct ranges ranges = { .all = NULL };
	struct model_ioas *ioas;
	int err;

	if (args->reserved)
		return -EOPNOTSUPP;
	ioas = model_object_find(iommufd, args->ioas_id, &model_ioas_kind);
	if (!ioas)
		return -ENOENT;
	err = read_ranges(args, &ranges);
	if (err == 0 && any_reserved(ioas, &ranges))
		err = -EADDRINUSE;
	if (err) {
		free(ranges.all);
		return err;
	}
	free(ioas->allowed);
	ioas->allowed = ranges.all;
	ioas->allowed_count = ranges.count;
	return 0;
}
