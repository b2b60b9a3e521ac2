// SPDX-License-Identifier: MIT
/* Context descriptors, and the level-1 descriptors of their tables. */
#include <string.h>

#include <iommuctl/smmuv3_cd.h>

#include "array.h"
#include "smmuv3/codec.h"
#include "smmuv3/values.h"

static const struct iommuctl_smmuv3_value tg1s[] = {
	{ IOMMUCTL_SMMUV3_TG1_16K, "16K" },
	{ IOMMUCTL_SMMUV3_TG1_4K, "4K" },
	{ IOMMUCTL_SMMUV3_TG1_64K, "64K" },
	{ 0, NULL },
};

#define CD(member, ...) SMMUV3_FIELD(struct iommuctl_smmuv3_cd, member, __VA_ARGS__)

static const struct iommuctl_smmuv3_field cd_fields[] = {
	CD(v, "V", 0, 31, 1, .always = true),
	CD(t0sz, "T0SZ", 0, 0, 6, .always = true),
	CD(tg0, "TG0", 0, 6, 2, .values = smmuv3_granule, .always = true),
	CD(ir0, "IR0", 0, 8, 2, .values = smmuv3_walk_cacheability),
	CD(or0, "OR0", 0, 10, 2, .values = smmuv3_walk_cacheability),
	CD(sh0, "SH0", 0, 12, 2, .values = smmuv3_shareability),
	CD(epd0, "EPD0", 0, 14, 1),
	CD(endi, "ENDI", 0, 15, 1),
	CD(t1sz, "T1SZ", 0, 16, 6),
	CD(tg1, "TG1", 0, 22, 2, .values = tg1s),
	CD(ir1, "IR1", 0, 24, 2, .values = smmuv3_walk_cacheability),
	CD(or1, "OR1", 0, 26, 2, .values = smmuv3_walk_cacheability),
	CD(sh1, "SH1", 0, 28, 2, .values = smmuv3_shareability),
	CD(epd1, "EPD1", 0, 30, 1),
	CD(ips, "IPS", 0, 32, 3, .values = smmuv3_address_size, .always = true),
	CD(affd, "AFFD", 0, 35, 1),
	CD(wxn, "WXN", 0, 36, 1),
	CD(uwxn, "UWXN", 0, 37, 1),
	CD(tbi0, "TBI0", 0, 38, 1),
	CD(tbi1, "TBI1", 0, 39, 1),
	CD(pan, "PAN", 0, 40, 1),
	CD(aa64, "AA64", 0, 41, 1),
	CD(hd, "HD", 0, 42, 1),
	CD(ha, "HA", 0, 43, 1),
	CD(s, "S", 0, 44, 1),
	CD(r, "R", 0, 45, 1),
	CD(a, "A", 0, 46, 1),
	CD(aset, "ASET", 0, 47, 1),
	CD(asid, "ASID", 0, 48, 16, .always = true),
	CD(nscfg0, "NSCFG0", 1, 0, 1),
	CD(had0, "HAD0", 1, 1, 1),
	CD(e0pd0, "E0PD0", 1, 2, 1),
	CD(haft, "HAFT", 1, 3, 1),
	CD(ttb0, "TTB0", 1, 4, 52, .address = true, .always = true),
	CD(pnch, "PnCH", 1, 58, 1),
	CD(epan, "EPAN", 1, 59, 1),
	CD(hwu059, "HWU059", 1, 60, 1),
	CD(hwu060, "HWU060", 1, 61, 1),
	CD(hwu061, "HWU061", 1, 62, 1),
	CD(hwu062, "HWU062", 1, 63, 1),
	CD(nscfg1, "NSCFG1", 2, 0, 1),
	CD(had1, "HAD1", 2, 1, 1),
	CD(e0pd1, "E0PD1", 2, 2, 1),
	CD(aie, "AIE", 2, 3, 1),
	CD(ttb1, "TTB1", 2, 4, 52, .address = true),
	CD(ds, "DS", 2, 58, 1),
	CD(pie, "PIE", 2, 59, 1),
	CD(hwu159, "HWU159", 2, 60, 1),
	CD(hwu160, "HWU160", 2, 61, 1),
	CD(hwu161, "HWU161", 2, 62, 1),
	CD(hwu162, "HWU162", 2, 63, 1),
	CD(mair[0], "Attr0", 3, 0, 8),
	CD(mair[1], "Attr1", 3, 8, 8),
	CD(mair[2], "Attr2", 3, 16, 8),
	CD(mair[3], "Attr3", 3, 24, 8),
	CD(mair[4], "Attr4", 3, 32, 8),
	CD(mair[5], "Attr5", 3, 40, 8),
	CD(mair[6], "Attr6", 3, 48, 8),
	CD(mair[7], "Attr7", 3, 56, 8),
	CD(amair, "AMAIR", 4, 0, 64),
	CD(partid, "PARTID", 5, 32, 16),
	CD(pmg, "PMG", 5, 48, 8),
	CD(piiu, "PIIU", 6, 0, 48),
	CD(piip, "PIIP", 7, 0, 48),
};

static const struct smmuv3_table cd_table = {
	cd_fields,
	ARRAY_SIZE(cd_fields),
	IOMMUCTL_SMMUV3_CD_WORDS,
};

#define L1CD(member, ...) SMMUV3_FIELD(struct iommuctl_smmuv3_l1cd, member, __VA_ARGS__)

static const struct iommuctl_smmuv3_field l1cd_fields[] = {
	L1CD(v, "V", 0, 0, 1, .always = true),
	L1CD(l2ptr, "L2Ptr", 0, 12, 44, .address = true, .always = true),
};

static const struct smmuv3_table l1cd_table = { l1cd_fields, ARRAY_SIZE(l1cd_fields), 1 };

int iommuctl_smmuv3_cd_encode(const struct iommuctl_smmuv3_cd *cd,
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	return smmuv3_encode(&cd_table, SMMUV3_ALL_FIELDS, cd, words, refusal);
}

void iommuctl_smmuv3_cd_decode(
	const uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS], struct iommuctl_smmuv3_cd *cd)
{
	memset(cd, 0, sizeof(*cd));
	smmuv3_decode(&cd_table, SMMUV3_ALL_FIELDS, words, cd);
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cd_fields(size_t *count)
{
	return smmuv3_fields(&cd_table, count);
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cd_field(const char *name)
{
	return smmuv3_find(&cd_table, SMMUV3_ALL_FIELDS, name);
}

size_t iommuctl_smmuv3_cd_print(const struct iommuctl_smmuv3_cd *cd, char *text, size_t size)
{
	return smmuv3_print(&cd_table, cd, text, size);
}

int iommuctl_smmuv3_l1cd_encode(const struct iommuctl_smmuv3_l1cd *l1cd, uint64_t *word,
	struct iommuctl_smmuv3_refusal *refusal)
{
	return smmuv3_encode(&l1cd_table, SMMUV3_ALL_FIELDS, l1cd, word, refusal);
}

void iommuctl_smmuv3_l1cd_decode(uint64_t word, struct iommuctl_smmuv3_l1cd *l1cd)
{
	memset(l1cd, 0, sizeof(*l1cd));
	smmuv3_decode(&l1cd_table, SMMUV3_ALL_FIELDS, &word, l1cd);
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_l1cd_fields(size_t *count)
{
	return smmuv3_fields(&l1cd_table, count);
}
