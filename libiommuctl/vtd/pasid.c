// SPDX-License-Identifier: MIT
/* PASID table entries of VT-d, and their tables. */
#include <errno.h>
#include <string.h>

#include <iommuctl/vtd_pasid.h>

#include "array.h"
#include "smmuv3/codec.h"
#include "stage1/guest_memory.h"

#define PASID_BITS    20
#define PDTS_MAX      7
#define TABLE_BITS    6 /* PASIDs for each directory entry */
#define TABLE_ADDRESS (~UINT64_C(0xfff))
#define PRESENT	      UINT64_C(1)

static const struct iommuctl_smmuv3_value types[] = {
	{ IOMMUCTL_VTD_PGTT_FIRST_STAGE, "first-stage" },
	{ IOMMUCTL_VTD_PGTT_SECOND_STAGE, "second-stage" },
	{ IOMMUCTL_VTD_PGTT_NESTED, "nested" },
	{ IOMMUCTL_VTD_PGTT_PASS_THROUGH, "pass-through" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value paging_modes[] = {
	{ IOMMUCTL_VTD_FSPM_4, "4-level" },
	{ IOMMUCTL_VTD_FSPM_5, "5-level" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value address_widths[] = {
	{ 1, "39-bit" },
	{ 2, "48-bit" },
	{ 3, "57-bit" },
	{ 0, NULL },
};

#define FIELD(member, ...) SMMUV3_FIELD(struct iommuctl_vtd_pasid_entry, member, __VA_ARGS__)

enum {
	P,
	FPD,
	AW,
	PGTT,
	SSADE,
	SSPTPTR,
	DID,
	PWSNP,
	PGSNP,
	CD,
	EMTE,
	EMT,
	PWT,
	PCD,
	PAT,
	SRE,
	FSPM,
	WPE,
	EAFE,
	FSPTPTR,
};

static const struct iommuctl_smmuv3_field fields[] = {
	[P] = FIELD(p, "P", 0, 0, 1, .always = true),
	[FPD] = FIELD(fpd, "FPD", 0, 1, 1),
	[AW] = FIELD(aw, "AW", 0, 2, 3, .values = address_widths),
	[PGTT] = FIELD(pgtt, "PGTT", 0, 6, 3, .values = types, .always = true),
	[SSADE] = FIELD(ssade, "SSADE", 0, 9, 1),
	[SSPTPTR] = FIELD(ssptptr, "SSPTPTR", 0, 12, 52, .address = true),
	[DID] = FIELD(did, "DID", 1, 0, 16),
	[PWSNP] = FIELD(pwsnp, "PWSNP", 1, 23, 1),
	[PGSNP] = FIELD(pgsnp, "PGSNP", 1, 24, 1),
	[CD] = FIELD(cd, "CD", 1, 25, 1),
	[EMTE] = FIELD(emte, "EMTE", 1, 26, 1),
	[EMT] = FIELD(emt, "EMT", 1, 27, 3),
	[PWT] = FIELD(pwt, "PWT", 1, 30, 1),
	[PCD] = FIELD(pcd, "PCD", 1, 31, 1),
	[PAT] = FIELD(pat, "PAT", 1, 32, 32),
	[SRE] = FIELD(sre, "SRE", 2, 0, 1),
	[FSPM] = FIELD(fspm, "FSPM", 2, 2, 2, .values = paging_modes),
	[WPE] = FIELD(wpe, "WPE", 2, 4, 1),
	[EAFE] = FIELD(eafe, "EAFE", 2, 7, 1),
	[FSPTPTR] = FIELD(fsptptr, "FSPTPTR", 2, 12, 52, .address = true),
};

static const struct smmuv3_table table = { fields, ARRAY_SIZE(fields), IOMMUCTL_VTD_PASID_WORDS };

int iommuctl_vtd_pasid_encode(const struct iommuctl_vtd_pasid_entry *entry,
	uint64_t words[IOMMUCTL_VTD_PASID_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	return smmuv3_encode(&table, SMMUV3_ALL_FIELDS, entry, words, refusal);
}

void iommuctl_vtd_pasid_decode(
	const uint64_t words[IOMMUCTL_VTD_PASID_WORDS], struct iommuctl_vtd_pasid_entry *entry)
{
	memset(entry, 0, sizeof(*entry));
	smmuv3_decode(&table, SMMUV3_ALL_FIELDS, words, entry);
}

const struct iommuctl_smmuv3_field *iommuctl_vtd_pasid_fields(size_t *count)
{
	return smmuv3_fields(&table, count);
}

size_t iommuctl_vtd_pasid_print(
	const struct iommuctl_vtd_pasid_entry *entry, char *text, size_t size)
{
	return smmuv3_print(&table, entry, text, size);
}

static int refuse(struct iommuctl_smmuv3_refusal *refusal, unsigned int field, const char *reason)
{
	return smmuv3_refuse(refusal, &fields[field], reason, -EINVAL);
}

static int check_first_stage(const struct iommuctl_vtd_pasid_entry *entry,
	const struct iommuctl_vtd_cap *cap, struct iommuctl_smmuv3_refusal *refusal)
{
	if (cap && !cap->fsts)
		return refuse(refusal, PGTT, "the unit has no first stage (FSTS)");
	if (entry->fspm > IOMMUCTL_VTD_FSPM_5)
		return refuse(refusal, FSPM, "reserved");
	if (entry->fspm == IOMMUCTL_VTD_FSPM_5 && cap && !cap->fs5lp)
		return refuse(refusal, FSPM, "the unit has no 5-level first-stage tables (FS5LP)");
	if (entry->sre && cap && !cap->srs)
		return refuse(refusal, SRE, "the unit takes no supervisor requests (SRS)");
	if (entry->eafe && cap && !cap->eafs)
		return refuse(refusal, EAFE, "the unit has no extended accessed flag (EAFS)");
	return 0;
}

int iommuctl_vtd_pasid_nested(const uint64_t words[IOMMUCTL_VTD_PASID_WORDS],
	const struct iommuctl_vtd_cap *cap, enum iommuctl_vtd_pasid_use *use,
	struct iommuctl_hwpt_vtd_s1 *data, struct iommuctl_smmuv3_refusal *refusal)
{
	struct iommuctl_vtd_pasid_entry entry;
	int err;

	iommuctl_vtd_pasid_decode(words, &entry);
	if (!entry.p) {
		*use = IOMMUCTL_VTD_PASID_USE_ABORT;
		return 0;
	}
	if (entry.pgtt == IOMMUCTL_VTD_PGTT_PASS_THROUGH) {
		if (cap && !cap->pt)
			return refuse(refusal, PGTT, "the unit has no pass-through (PT)");
		*use = IOMMUCTL_VTD_PASID_USE_BYPASS;
		return 0;
	}
	if (entry.pgtt != IOMMUCTL_VTD_PGTT_FIRST_STAGE)
		return refuse(refusal, PGTT,
			entry.pgtt == IOMMUCTL_VTD_PGTT_SECOND_STAGE ||
					entry.pgtt == IOMMUCTL_VTD_PGTT_NESTED
				? "a guest's unit has no second stage"
				: "reserved");
	err = check_first_stage(&entry, cap, refusal);
	if (err)
		return err;
	*use = IOMMUCTL_VTD_PASID_USE_STAGE1;
	*data = (struct iommuctl_hwpt_vtd_s1){
		.flags = (entry.sre ? IOMMUCTL_VTD_S1_SRE : 0) |
			 (entry.eafe ? IOMMUCTL_VTD_S1_EAFE : 0) |
			 (entry.wpe ? IOMMUCTL_VTD_S1_WPE : 0),
		.pgtbl_addr = entry.fsptptr,
		.addr_width = entry.fspm == IOMMUCTL_VTD_FSPM_5 ? 57 : 48,
	};
	return 0;
}

/* Entries are read word by word, each once: the guest may be writing. */
static int load_words(const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *words,
	unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		int err = guest_memory_load64(memory, ipa + i * sizeof(*words), &words[i]);

		if (err)
			return err;
	}
	return 0;
}

int iommuctl_vtd_pasid_find(const struct iommuctl_guest_memory *memory, uint64_t pasiddirptr,
	uint8_t pdts, uint32_t pasid, uint64_t words[IOMMUCTL_VTD_PASID_WORDS])
{
	uint64_t directory, entry[IOMMUCTL_VTD_PASID_WORDS];
	int err;

	if (pdts > PDTS_MAX || pasid >> PASID_BITS)
		return -EINVAL;
	if (pasid >> TABLE_BITS >> (pdts + 7))
		return -ENOENT;
	err = load_words(memory,
		(pasiddirptr & TABLE_ADDRESS) + (uint64_t)(pasid >> TABLE_BITS) * sizeof(directory),
		&directory, 1);
	if (err)
		return err;
	if (!(directory & PRESENT))
		return -ENOENT;
	err = load_words(memory,
		(directory & TABLE_ADDRESS) +
			(uint64_t)(pasid & ((1u << TABLE_BITS) - 1)) * sizeof(entry),
		entry, IOMMUCTL_VTD_PASID_WORDS);
	if (err)
		return err;
	memcpy(words, entry, sizeof(entry));
	return 0;
}
