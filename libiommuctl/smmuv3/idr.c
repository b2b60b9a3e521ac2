// SPDX-License-Identifier: MIT
/* ID registers. */
#include <string.h>

#include <iommuctl/smmuv3_idr.h>

#include "array.h"
#include "smmuv3/codec.h"
#include "smmuv3/values.h"

enum {
	IIDR = IOMMUCTL_SMMUV3_IDR_REGISTERS,
	AIDR,
	REGISTERS,
};

static const struct iommuctl_smmuv3_value stall_models[] = {
	{ IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE, "stall-or-terminate" },
	{ IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE, "terminate" },
	{ IOMMUCTL_SMMUV3_STALL_MODEL_STALL, "stall" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value endiannesses[] = {
	{ IOMMUCTL_SMMUV3_TTENDIAN_MIXED, "mixed" },
	{ IOMMUCTL_SMMUV3_TTENDIAN_LITTLE, "little" },
	{ IOMMUCTL_SMMUV3_TTENDIAN_BIG, "big" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value table_formats[] = {
	{ IOMMUCTL_SMMUV3_TTF_AARCH32, "AArch32" },
	{ IOMMUCTL_SMMUV3_TTF_AARCH64, "AArch64" },
	{ IOMMUCTL_SMMUV3_TTF_AARCH32 | IOMMUCTL_SMMUV3_TTF_AARCH64, "AArch32+AArch64" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value stream_table_levels[] = {
	{ 0, "linear" },
	{ 1, "2-level" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value va_sizes[] = {
	{ IOMMUCTL_SMMUV3_VAX_48, "48-bit" },
	{ IOMMUCTL_SMMUV3_VAX_52, "52-bit" },
	{ IOMMUCTL_SMMUV3_VAX_56, "56-bit" },
	{ 0, NULL },
};

#define IDR(member, ...) SMMUV3_FIELD(struct iommuctl_smmuv3_idr, member, __VA_ARGS__)

static const struct iommuctl_smmuv3_field fields[] = {
	IDR(ttf, "TTF", 0, 2, 2, .values = table_formats, .always = true),
	IDR(httu, "HTTU", 0, 6, 2),
	IDR(ats, "ATS", 0, 10, 1),
	IDR(asid16, "ASID16", 0, 12, 1),
	IDR(cd2l, "CD2L", 0, 19, 1),
	IDR(ttendian, "TTENDIAN", 0, 21, 2, .values = endiannesses, .always = true),
	IDR(stall_model, "STALL_MODEL", 0, 24, 2, .values = stall_models, .always = true),
	IDR(term_model, "TERM_MODEL", 0, 26, 1),
	IDR(st_level, "ST_LEVEL", 0, 27, 2, .values = stream_table_levels, .always = true),
	IDR(sidsize, "SIDSIZE", 1, 0, 6, .always = true),
	IDR(ssidsize, "SSIDSIZE", 1, 6, 5, .always = true),
	IDR(stt, "STT", 3, 9, 1),
	IDR(ril, "RIL", 3, 10, 1),
	IDR(bbml, "BBML", 3, 11, 2, .always = true),
	IDR(oas, "OAS", 5, 0, 3, .values = smmuv3_address_size, .always = true),
	IDR(gran4k, "GRAN4K", 5, 4, 1),
	IDR(gran16k, "GRAN16K", 5, 5, 1),
	IDR(gran64k, "GRAN64K", 5, 6, 1),
	IDR(ds, "DS", 5, 7, 1),
	IDR(vax, "VAX", 5, 10, 2, .values = va_sizes, .always = true),
	IDR(implementer, "Implementer", IIDR, 0, 12, .always = true),
	IDR(revision, "Revision", IIDR, 12, 4),
	IDR(variant, "Variant", IIDR, 16, 4),
	IDR(product_id, "ProductID", IIDR, 20, 12, .always = true),
	IDR(arch_minor, "ArchMinorRev", AIDR, 0, 4, .always = true),
	IDR(arch_major, "ArchMajorRev", AIDR, 4, 4, .always = true),
};

static const struct smmuv3_table table = { fields, ARRAY_SIZE(fields), REGISTERS };

void iommuctl_smmuv3_idr_decode(const uint32_t idr[IOMMUCTL_SMMUV3_IDR_REGISTERS], uint32_t iidr,
	uint32_t aidr, struct iommuctl_smmuv3_idr *info)
{
	uint64_t words[REGISTERS] = { [IIDR] = iidr, [AIDR] = aidr };

	for (unsigned int i = 0; i < IOMMUCTL_SMMUV3_IDR_REGISTERS; i++)
		words[i] = idr[i];
	memset(info, 0, sizeof(*info));
	smmuv3_decode(&table, SMMUV3_ALL_FIELDS, words, info);
}

int iommuctl_smmuv3_idr_encode(const struct iommuctl_smmuv3_idr *info,
	uint32_t idr[IOMMUCTL_SMMUV3_IDR_REGISTERS], uint32_t *iidr, uint32_t *aidr,
	struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t words[REGISTERS];
	int err = smmuv3_encode(&table, SMMUV3_ALL_FIELDS, info, words, refusal);

	if (err)
		return err;
	for (unsigned int i = 0; i < IOMMUCTL_SMMUV3_IDR_REGISTERS; i++)
		idr[i] = (uint32_t)words[i];
	*iidr = (uint32_t)words[IIDR];
	*aidr = (uint32_t)words[AIDR];
	return 0;
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_idr_fields(size_t *count)
{
	return smmuv3_fields(&table, count);
}

unsigned int iommuctl_smmuv3_idr_oas_bits(const struct iommuctl_smmuv3_idr *info)
{
	return smmuv3_address_bits(info->oas);
}

size_t iommuctl_smmuv3_idr_print(const struct iommuctl_smmuv3_idr *info, char *text, size_t size)
{
	return smmuv3_print(&table, info, text, size);
}
