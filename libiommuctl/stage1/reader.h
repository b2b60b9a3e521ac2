/* SPDX-License-Identifier: MIT */
/* Walks of tables that can be anywhere. */
#ifndef LIBIOMMUCTL_STAGE1_READER_H
#define LIBIOMMUCTL_STAGE1_READER_H

#include <stdint.h>

#include <iommuctl/cd_table.h>
#include <iommuctl/stage1.h>

/*
 * How a walk reads descriptors: from a caller's guest memory, or through an SMMU's stage 2. @load
 * reads the little-endian word at @ipa: 0, or -EFAULT, which ends the walk. @see, if set, is shown
 * each stage-1 descriptor.
 */
struct stage1_reader {
	int (*load)(void *data, uint64_t ipa, uint64_t *word);
	void (*see)(void *data, const struct iommuctl_stage1_step *step);
	void *data;
};

struct stage1_reader guest_memory_reader(const struct iommuctl_guest_memory *memory);

static inline int stage1_read(const struct stage1_reader *reader, uint64_t ipa, uint64_t *word)
{
	return reader->load(reader->data, ipa, word);
}

/* As iommuctl_stage1_walk() and iommuctl_cd_table_find(). */
int stage1_walk(const struct stage1_reader *reader, const struct iommuctl_stage1_regime *regime,
	uint64_t iova, uint32_t access, struct iommuctl_stage1_walk *walk);
int cd_table_find(const struct stage1_reader *reader, const struct iommuctl_cd_table_shape *shape,
	uint32_t ssid, uint64_t *cd_ipa);

#endif
