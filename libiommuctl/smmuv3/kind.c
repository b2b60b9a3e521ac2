// SPDX-License-Identifier: MIT
/* Structures whose fields depend on their first one: commands and events. */
#include <errno.h>

#include "smmuv3/codec.h"

#define NUMBER SMMUV3_HAS(0)

static uint64_t number_of(const struct smmuv3_kinds *kinds, const void *record)
{
	return iommuctl_smmuv3_field_get(&kinds->table->fields[0], record);
}

const struct smmuv3_kind *smmuv3_kind_of(const struct smmuv3_kinds *kinds, uint64_t number)
{
	for (size_t i = 0; i < kinds->count; i++)
		if (kinds->kinds[i].number == number)
			return &kinds->kinds[i];
	return NULL;
}

const char *smmuv3_kind_name(const struct smmuv3_kinds *kinds, uint64_t number)
{
	const struct smmuv3_kind *kind = smmuv3_kind_of(kinds, number);

	return kind ? kind->name : NULL;
}

int smmuv3_kind_from_name(const struct smmuv3_kinds *kinds, const char *name, uint8_t *number)
{
	for (size_t i = 0; i < kinds->count; i++) {
		if (smmuv3_same_name(kinds->kinds[i].name, name)) {
			*number = kinds->kinds[i].number;
			return 0;
		}
	}
	return -ENOENT;
}

uint64_t smmuv3_kind_mask(const struct smmuv3_kinds *kinds, uint64_t number)
{
	const struct smmuv3_kind *kind = smmuv3_kind_of(kinds, number);

	return NUMBER | (kind ? kind->mask : 0);
}

int smmuv3_kind_encode(const struct smmuv3_kinds *kinds, const void *record, uint64_t *words,
	struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t number = number_of(kinds, record);
	uint64_t mask = smmuv3_kind_mask(kinds, number);
	int err;

	if (!smmuv3_kind_of(kinds, number))
		return smmuv3_refuse(refusal, &kinds->table->fields[0], "reserved", -EINVAL);
	err = smmuv3_check_unused(kinds->table, mask, record, refusal);
	if (err)
		return err;
	return smmuv3_encode(kinds->table, mask, record, words, refusal);
}

void smmuv3_kind_decode(const struct smmuv3_kinds *kinds, const uint64_t *words, void *record)
{
	smmuv3_decode(kinds->table, NUMBER, words, record);
	smmuv3_decode(
		kinds->table, smmuv3_kind_mask(kinds, number_of(kinds, record)), words, record);
}

size_t smmuv3_kind_print(
	const struct smmuv3_kinds *kinds, const void *record, char *text, size_t size)
{
	const struct smmuv3_kind *kind = smmuv3_kind_of(kinds, number_of(kinds, record));
	struct smmuv3_text out = { .at = text, .size = size };

	if (kind)
		smmuv3_put(&out, "%s", kind->name);
	smmuv3_put_fields(&out, kinds->table, kind ? kind->mask & ~NUMBER : NUMBER, record);
	return out.length;
}
