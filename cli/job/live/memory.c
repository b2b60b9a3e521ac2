// SPDX-License-Identifier: MIT
/*
 * Making and unmaking guest memory. Destroyed memory stays mapped in this process while an IOAS
 * maps it: devices still reach it, and the kernel pins it by its address here when a HWPT is made
 * for the IOAS.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "document/value.h"
#include "job/live/makers.h"
#include "job/live/memory.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

/* Destroyed memory that an IOAS still maps. */
struct live_gone_memory {
	struct live_gone_memory *next;
	struct iommuctl_guest_range range;
};

/* Kernels before 6.3 do not know the flag: whoever gets the file can execute the memory. */
static int open_memory(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create(name, MFD_CLOEXEC) : fd;
}

int live_make_memory(struct live *live, const struct document_object *object)
{
	const struct job_memory *memory = (const struct job_memory *)object;
	struct live_object *state = live_object(live, object);
	void *host = MAP_FAILED;
	char bytes[VALUE_TEXT_SIZE];
	int err;

	state->fd = open_memory(object->name);
	if (state->fd < 0)
		return live_fail_with(live, object, -errno, "memfd_create", "%s", strerror(errno));
	if (memory->size > SIZE_MAX)
		errno = ENOMEM;
	else if (ftruncate(state->fd, (off_t)memory->size) == 0)
		host = mmap(NULL, memory->size, PROT_READ | PROT_WRITE, MAP_SHARED, state->fd, 0);
	if (host == MAP_FAILED) {
		err = live_fail_with(live, object, -errno, "mmap", "%s of guest memory: %s",
			value_print_size(memory->size, bytes), strerror(errno));
		close(state->fd);
		return err;
	}
	live->ranges[live->guest.range_count++] =
		(struct iommuctl_guest_range){ memory->ipa, memory->size, host };
	return 0;
}

bool live_map_leads_to(const struct iova_map *map, uint64_t ipa, uint64_t size)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct iova_span *span = &map->spans[i];

		if (span->ipa < ipa + size && ipa <= span->ipa + (span->last - span->first))
			return true;
	}
	return false;
}

static bool is_mapped(const struct live *live, const struct iommuctl_guest_range *range)
{
	for (size_t i = 0; i < live->job->objects[JOB_IOAS].count; i++) {
		if (live->objects[JOB_IOAS][i].made &&
			live_map_leads_to(&live->maps[i], range->ipa, range->size))
			return true;
	}
	return false;
}

static void let_go(struct live *live, bool mapped_too)
{
	struct live_gone_memory **link = &live->gone_memory;

	while (*link) {
		struct live_gone_memory *gone = *link;

		if (!mapped_too && is_mapped(live, &gone->range)) {
			link = &gone->next;
			continue;
		}
		munmap(gone->range.host, gone->range.size);
		*link = gone->next;
		free(gone);
	}
}

bool live_has_gone_memory(const struct live *live, uint64_t ipa)
{
	const struct live_gone_memory *gone = live->gone_memory;

	while (gone && ipa - gone->range.ipa >= gone->range.size)
		gone = gone->next;
	return gone;
}

void live_let_go_of_memory(struct live *live)
{
	let_go(live, false);
}

void live_let_go_of_all_memory(struct live *live)
{
	let_go(live, true);
}

/* If there is no memory to record it, it stays mapped until the process exits. */
static void unmap_memory(struct live *live, const struct iommuctl_guest_range *range)
{
	struct live_gone_memory *gone;

	if (!is_mapped(live, range)) {
		munmap(range->host, range->size);
		return;
	}
	gone = malloc(sizeof(*gone));
	if (!gone)
		return;
	*gone = (struct live_gone_memory){ live->gone_memory, *range };
	live->gone_memory = gone;
}

int live_unmake_memory(struct live *live, const struct document_object *object)
{
	const struct job_memory *memory = (const struct job_memory *)object;
	size_t i = 0;

	while (live->ranges[i].ipa != memory->ipa)
		i++;
	unmap_memory(live, &live->ranges[i]);
	live->ranges[i] = live->ranges[--live->guest.range_count];
	close(live_object(live, object)->fd);
	return 0;
}
