// SPDX-License-Identifier: MIT
/* Making IOASes and their mappings. */
#include <errno.h>
#include <stdlib.h>

#include "job/live/ioas.h"
#include "job/live/makers.h"
#include "output/progress.h"

/* The mapping flags for @prot, with a fixed IOVA. */
static uint32_t map_flags(uint64_t prot)
{
	uint32_t flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA;

	if (prot & JOB_PROT_READ)
		flags |= IOMMUCTL_IOAS_MAP_READABLE;
	if (prot & JOB_PROT_WRITE)
		flags |= IOMMUCTL_IOAS_MAP_WRITEABLE;
	return flags;
}

int live_note_map(
	struct live *live, const struct document_object *ioas, const struct job_ioas_map *map)
{
	const struct job_memory *memory = (const struct job_memory *)map->memory.target;
	uint64_t iova = job_ioas_map_iova(map);

	return iova_map_add(&live->maps[ioas->index],
		(struct iova_span){
			.first = iova,
			.last = iova + job_ioas_map_length(map) - 1,
			.prot = map->prot,
			.ipa = memory->ipa + map->offset,
			.most = map->prot | JOB_PROT_READ,
		});
}

static int map_file(struct live *live, const struct document_object *ioas,
	const struct job_ioas_map *map, uint64_t length)
{
	uint64_t iova = job_ioas_map_iova(map);

	return iommuctl_ioas_map_file(live->ctx, live->iommufd,
		&(struct iommuctl_ioas_map_file_args){ .flags = map_flags(map->prot),
			.ioas_id = live_object(live, ioas)->id,
			.file = live_object(live, map->memory.target)->fd,
			.start = map->offset,
			.length = length },
		&iova);
}

static int map_host(struct live *live, const struct document_object *ioas,
	const struct job_ioas_map *map, void *host, uint64_t length)
{
	uint64_t iova = job_ioas_map_iova(map);

	return iommuctl_ioas_map(live->ctx, live->iommufd,
		&(struct iommuctl_ioas_map_args){ .flags = map_flags(map->prot),
			.ioas_id = live_object(live, ioas)->id,
			.host = host,
			.length = length },
		&iova);
}

int live_ioas_map(
	struct live *live, const struct document_object *ioas, const struct job_ioas_map *map)
{
	const struct job_memory *memory = (const struct job_memory *)map->memory.target;
	uint64_t length = job_ioas_map_length(map);
	void *host;
	int err;

	host = live_memory_at(live, memory->ipa + map->offset, length);
	if (!host)
		return live->failure.error;
	err = live->maps_files ? map_file(live, ioas, map, length) : -ENOTTY;
	if (err == -ENOTTY) {
		live->maps_files = false; /* Linux before 6.13 cannot map files */
		err = map_host(live, ioas, map, host, length);
	}
	if (err)
		return live_fail(live, ioas, err);
	err = live_note_map(live, ioas, map);
	progress_add(live->progress, length);
	return err == -ENOMEM ? live_fail_with(live, ioas, err, "map", "out of memory") : 0;
}

int live_ioas_copy(struct live *live, const struct document_object *ioas,
	const struct document_object *source, const struct iova_copy *copy)
{
	uint64_t iova = copy->to;
	int err;

	err = iommuctl_ioas_copy(live->ctx, live->iommufd,
		&(struct iommuctl_ioas_copy_args){ .flags = map_flags(copy->prot),
			.dst_ioas_id = live_object(live, ioas)->id,
			.src_ioas_id = live_object(live, source)->id,
			.length = copy->last - copy->first + 1,
			.src_iova = copy->first },
		&iova);
	if (err)
		return live_fail(live, ioas, err);
	err = iova_map_copy(&live->maps[ioas->index], &live->maps[source->index], copy);
	return err == -ENOMEM ? live_fail_with(live, ioas, err, "map", "out of memory") : 0;
}

int live_ioas_allow(
	struct live *live, const struct document_object *ioas, const struct document_list *ranges)
{
	const struct job_range *range = ranges->items;
	struct iommuctl_iova_range *allowed = calloc(ranges->count + 1, sizeof(*allowed));
	int err;

	if (!allowed)
		return live_fail_with(live, ioas, -ENOMEM, "allow", "out of memory");
	for (size_t i = 0; i < ranges->count; i++)
		allowed[i] = (struct iommuctl_iova_range){ range[i].start, range[i].last };
	err = iommuctl_ioas_allow_iovas(live->ctx, live->iommufd, live_object(live, ioas)->id,
		allowed, (uint32_t)ranges->count);
	free(allowed);
	return err ? live_fail(live, ioas, err) : 0;
}

static int fill(struct live *live, const struct job_ioas *ioas)
{
	const struct document_object *object = &ioas->object;
	const struct job_ioas_map *map = ioas->map.items;
	int err = 0;

	if (!ioas->huge_pages)
		err = iommuctl_option_set(live->ctx, live->iommufd, IOMMUCTL_OPTION_HUGE_PAGES,
			live_object(live, object)->id, 0);
	if (!err && ioas->vfio_compat)
		err = iommuctl_vfio_ioas_set(
			live->ctx, live->iommufd, live_object(live, object)->id);
	if (err)
		return live_fail(live, object, err);
	if (ioas->allow.items)
		err = live_ioas_allow(live, object, &ioas->allow);
	for (size_t i = 0; !err && i < ioas->map.count; i++)
		err = live_ioas_map(live, object, &map[i]);
	return err;
}

int live_make_ioas(struct live *live, const struct document_object *object)
{
	struct live_object *state = live_object(live, object);
	int err;

	err = iommuctl_ioas_alloc(live->ctx, live->iommufd, &state->id);
	if (err)
		return live_fail(live, object, err);
	iova_map_free(&live->maps[object->index]);
	err = fill(live, (const struct job_ioas *)object);
	if (err)
		iommuctl_destroy(live->ctx, live->iommufd, state->id);
	return err;
}
