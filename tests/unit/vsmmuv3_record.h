/* SPDX-License-Identifier: MIT */
/* Records of a guest's SMMU, and the SMMU that continues with one, beside the old one. */
#ifndef TEST_VSMMUV3_RECORD_H
#define TEST_VSMMUV3_RECORD_H

#include <iommuctl/vsmmuv3_state.h>

#include "vsmmuv3_running.h"

/* Where in a record the parts are, as iommuctl_vsmmuv3_save() writes them. */
#define RECORD_LENGTH	 12
#define RECORD_IDENTITY	 (16 + 8)
#define RECORD_REGISTERS (RECORD_IDENTITY + 32 + 8)
#define RECORD_PENDING	 (RECORD_REGISTERS + 22 * 8 + 8)
#define RECORD_END	 (RECORD_PENDING + 24)

struct record {
	uint8_t bytes[IOMMUCTL_VSMMUV3_STATE_SIZE];
	size_t length;
};

static inline void guest_save(struct guest_smmu *guest, struct record *record)
{
	cr_assert_eq(iommuctl_vsmmuv3_save(
			     guest->smmu, record->bytes, sizeof(record->bytes), &record->length),
		0);
	cr_assert_eq(record->length, RECORD_END);
}

static inline int guest_restore(struct guest_smmu *guest, const struct record *record)
{
	return iommuctl_vsmmuv3_restore(guest->smmu, record->bytes, record->length);
}

static inline void record_put32(struct record *record, size_t at, uint32_t value)
{
	value = htole32(value);
	memcpy(record->bytes + at, &value, sizeof(value));
}

static inline uint32_t record_get32(const struct record *record, size_t at)
{
	uint32_t value;

	memcpy(&value, record->bytes + at, sizeof(value));
	return le32toh(value);
}

/* Another section, after all others. */
static inline void record_add(struct record *record, uint32_t tag, uint32_t size)
{
	memset(record->bytes + record->length, 0x5a, 8 + size);
	record_put32(record, record->length, tag);
	record_put32(record, record->length + 4, size);
	record->length += 8 + size;
	record_put32(record, RECORD_LENGTH, (uint32_t)record->length);
}

#endif
