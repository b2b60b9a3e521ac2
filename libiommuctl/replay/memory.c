// SPDX-License-Identifier: MIT
#include "replay/memory.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* 64 MiB, where pages have 4 KiB. */
#define WRITTEN_MAX 16384

/* A range is as far from a multiple of this as its IPA is. */
#define ALIGNMENT UINT64_C(4096)

void replay_memory_init(struct replay_memory *memory)
{
	memset(memory, 0, sizeof(*memory));
	memory->memory.ranges = memory->ranges;
}

void replay_memory_clear(struct replay_memory *memory)
{
	for (size_t i = 0; i < memory->memory.range_count; i++)
		munmap(memory->mappings[i].start, memory->mappings[i].size);
	memory->memory.range_count = 0;
	memory->written = 0;
}

/* Pages are allocated as they are written. */
static int add(struct replay_memory *memory, uint64_t ipa, uint64_t size)
{
	const uint64_t before = ipa % ALIGNMENT;
	const size_t at = memory->memory.range_count;
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *start;

	if (!size || ipa + size < ipa)
		return -EINVAL;
	if (at == IOMMUCTL_VSMMUV3_REPLAY_RANGES_MAX)
		return -E2BIG;
	if (size > SIZE_MAX - before)
		return -ENOMEM;
	/* cppcheck-suppress invalidFunctionArg ; what has no file has -1 */
	start = mmap(NULL, (size_t)(before + size), PROT_READ | PROT_WRITE, flags, -1, 0);
	if (start == MAP_FAILED)
		return -ENOMEM;
	memory->mappings[at] = (struct replay_mapping){ start, (size_t)(before + size) };
	memory->ranges[at] = (struct iommuctl_guest_range){ ipa, size, (char *)start + before };
	memory->memory.range_count++;
	/* cppcheck-suppress memleak ; the table of mappings has it */
	return 0;
}

int replay_memory_place(struct replay_memory *memory, const struct record_line *line)
{
	if (line->count)
		return add(memory, line->numbers[0], line->numbers[1]);
	replay_memory_clear(memory);
	return 0;
}

int replay_memory_fill(struct replay_memory *memory, const struct record_line *line)
{
	for (unsigned int i = 1; i < line->count; i++) {
		const uint64_t ipa = line->numbers[0] + (i - 1) * sizeof(uint64_t);
		const uint64_t word = htole64(line->numbers[i]);
		void *host = iommuctl_guest_memory_at(&memory->memory, ipa, sizeof(word));

		if (!host)
			return -EINVAL;
		memcpy(host, &word, sizeof(word));
	}
	return 0;
}

void replay_memory_trim(struct replay_memory *memory)
{
	if (memory->written < WRITTEN_MAX)
		return;
	for (size_t i = 0; i < memory->memory.range_count; i++)
		madvise(memory->mappings[i].start, memory->mappings[i].size, MADV_DONTNEED);
	memory->written = 0;
}
