// SPDX-License-Identifier: MIT
/* Derives an identity for a guest's SMMU, and compares two. */
#include <iommuctl/vsmmuv3_identity.h>

#include <errno.h>
#include <string.h>

#include "array.h"
#include "smmuv3/codec.h"
#include "smmuv3/values.h"
#include "vsmmuv3/identity_rows.h"

#define LINEAR_SID_BITS 6 /* more need IDR0.ST_LEVEL */
#define ALL_GRANULES                                                                               \
	(IOMMUCTL_VSMMUV3_GRANULE_4K | IOMMUCTL_VSMMUV3_GRANULE_16K | IOMMUCTL_VSMMUV3_GRANULE_64K)

enum wish_kind {
	WISH_NUMBER,  /* 1 to the row's limit; 0: no wish */
	WISH_ADDRESS, /* bits of an address */
	WISH_WITHOUT, /* a bool: 0 */
	WISH_BIT,     /* a bit of a mask; mask 0: no wish */
};

/* A member of the wishes, and the field that it sets. */
struct wish {
	const char *field;
	size_t offset;
	enum wish_kind kind;
	uint8_t bit;
};

#define MEMBER(member) offsetof(struct iommuctl_vsmmuv3_wishes, member)

static const struct wish wish_table[] = {
	{ "SIDSIZE", MEMBER(sid_bits), WISH_NUMBER },
	{ "SSIDSIZE", MEMBER(ssid_bits), WISH_NUMBER },
	{ "SSIDSIZE", MEMBER(no_ssids), WISH_WITHOUT },
	{ "CMDQS", MEMBER(cmdq_log2size), WISH_NUMBER },
	{ "EVENTQS", MEMBER(eventq_log2size), WISH_NUMBER },
	{ "OAS", MEMBER(oas_bits), WISH_ADDRESS },
	{ "GRAN4K", MEMBER(granules), WISH_BIT, IOMMUCTL_VSMMUV3_GRANULE_4K },
	{ "GRAN16K", MEMBER(granules), WISH_BIT, IOMMUCTL_VSMMUV3_GRANULE_16K },
	{ "GRAN64K", MEMBER(granules), WISH_BIT, IOMMUCTL_VSMMUV3_GRANULE_64K },
	{ "ST_LEVEL", MEMBER(no_two_level), WISH_WITHOUT },
	{ "RIL", MEMBER(no_ril), WISH_WITHOUT },
	{ "ATS", MEMBER(no_ats), WISH_WITHOUT },
	{ "MSI", MEMBER(no_msi), WISH_WITHOUT },
	{ "SEV", MEMBER(no_sev), WISH_WITHOUT },
	{ "COHACC", MEMBER(no_cohacc), WISH_WITHOUT },
};

static const struct identity_row *find_row(const char *name)
{
	size_t count;
	const struct identity_row *rows = identity_rows(&count);

	while (strcmp(rows->name, name) != 0)
		rows++;
	return rows;
}

static uint32_t mask_of(const struct identity_row *row)
{
	return UINT32_MAX >> (32 - row->width);
}

static uint32_t get(
	const struct iommuctl_vsmmuv3_identity *identity, const struct identity_row *row)
{
	uint32_t value;

	switch (row->word) {
	case IDENTITY_IIDR: value = identity->iidr; break;
	case IDENTITY_AIDR: value = identity->aidr; break;
	default: value = identity->idr[row->word]; break;
	}
	return value >> row->lsb & mask_of(row);
}

static void set(
	struct iommuctl_vsmmuv3_identity *identity, const struct identity_row *row, uint32_t value)
{
	uint32_t *word;

	switch (row->word) {
	case IDENTITY_IIDR: word = &identity->iidr; break;
	case IDENTITY_AIDR: word = &identity->aidr; break;
	default: word = &identity->idr[row->word]; break;
	}
	*word = (*word & ~(mask_of(row) << row->lsb)) | value << row->lsb;
}

/* What a guest on a host with the value @host gets without a wish of the VMM. */
static uint32_t offer(const struct identity_row *row, uint32_t host)
{
	switch (row->rule) {
	case IDENTITY_FIXED: return row->limit;
	case IDENTITY_AT_MOST: return host < row->limit ? host : row->limit;
	case IDENTITY_AT_LEAST: return host;
	case IDENTITY_FREE: break;
	}
	return row->usual;
}

static int refuse(struct iommuctl_smmuv3_refusal *refusal, const char *field, const char *reason)
{
	const struct identity_row *row = find_row(field);

	if (refusal)
		*refusal = (struct iommuctl_smmuv3_refusal){
			.field = field,
			.reason = reason,
			.word = row->word,
			.msb = row->lsb + row->width - 1,
			.lsb = row->lsb,
		};
	return -EINVAL;
}

/* Rules across several members. */
static int check_together(
	const struct iommuctl_vsmmuv3_wishes *wishes, struct iommuctl_smmuv3_refusal *refusal)
{
	if (wishes->no_two_level && wishes->sid_bits > LINEAR_SID_BITS)
		return refuse(refusal, "SIDSIZE",
			"StreamIDs of more than 6 bits need two-level stream tables");
	if (wishes->no_ssids && wishes->ssid_bits)
		return refuse(refusal, "SSIDSIZE", "SubstreamIDs are both wished for and excluded");
	if (wishes->granules & ~ALL_GRANULES)
		return refuse(refusal, "GRAN4K", "granules are 4K, 16K and 64K");
	return 0;
}

static int fulfil(const struct wish *wish, const struct iommuctl_vsmmuv3_wishes *wishes,
	struct iommuctl_vsmmuv3_identity *identity, struct iommuctl_smmuv3_refusal *refusal)
{
	const struct identity_row *row = find_row(wish->field);
	const uint8_t wished = *((const uint8_t *)wishes + wish->offset);
	int size;

	if (!wished)
		return 0;
	switch (wish->kind) {
	case WISH_NUMBER:
		if (wished > row->limit)
			return refuse(refusal, wish->field, "it is above the maximum");
		set(identity, row, wished);
		return 0;
	case WISH_ADDRESS:
		size = smmuv3_address_size_of(wished);
		if (size < 0 || (uint32_t)size > row->limit)
			return refuse(refusal, wish->field,
				"an address has 32, 36, 40, 42, 44 or 48 bits");
		set(identity, row, (uint32_t)size);
		return 0;
	case WISH_WITHOUT: set(identity, row, 0); return 0;
	case WISH_BIT: set(identity, row, wished & wish->bit ? 1 : 0); return 0;
	}
	return 0;
}

/* Derives fields from other fields. */
static void settle(
	const struct iommuctl_vsmmuv3_wishes *wishes, struct iommuctl_vsmmuv3_identity *identity)
{
	if (wishes->no_two_level && !wishes->sid_bits)
		set(identity, find_row("SIDSIZE"), LINEAR_SID_BITS);
	/* SMMUv3.1 has it. */
	if (!get(identity, find_row("HAD")))
		set(identity, find_row("ArchMinorRev"), 0);
	identity->iidr = wishes->iidr;
}

int iommuctl_vsmmuv3_identity_derive(const struct iommuctl_vsmmuv3_identity *hardware,
	const struct iommuctl_vsmmuv3_wishes *wishes, struct iommuctl_vsmmuv3_identity *identity,
	struct iommuctl_smmuv3_refusal *refusal)
{
	struct iommuctl_vsmmuv3_identity derived = { 0 };
	size_t count;
	const struct identity_row *rows = identity_rows(&count);
	int err = check_together(wishes, refusal);

	for (size_t i = 0; i < count; i++)
		set(&derived, &rows[i], offer(&rows[i], get(hardware, &rows[i])));
	for (size_t i = 0; !err && i < ARRAY_SIZE(wish_table); i++)
		err = fulfil(&wish_table[i], wishes, &derived, refusal);
	if (err)
		return err;
	settle(wishes, &derived);
	*identity = derived;
	return 0;
}

/* The codec's name for the value. */
static const char *name_of(const struct identity_row *row, uint32_t value)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_idr_fields(&count);
	const char *name = NULL;

	for (size_t i = 0; i < count && !name; i++)
		if (fields[i].word == row->word && fields[i].lsb == row->lsb)
			name = iommuctl_smmuv3_field_value_name(&fields[i], value);
	return name ? name : "a reserved value";
}

static void put_value(
	struct smmuv3_text *text, const struct identity_row *row, uint32_t value, bool with_unit)
{
	const bool is_none = !value && (row->form == IDENTITY_FORM_FLAG || row->unit) &&
			     row->form != IDENTITY_FORM_ADDRESS;

	if (is_none) {
		smmuv3_put(text, "none");
		return;
	}
	switch (row->form) {
	case IDENTITY_FORM_FLAG:
		if (row->width == 1)
			smmuv3_put(text, "it");
		else
			smmuv3_put(text, "0x%x", value);
		break;
	case IDENTITY_FORM_NUMBER: smmuv3_put(text, "%u", value); break;
	case IDENTITY_FORM_LOG2: smmuv3_put(text, "2^%u", value); break;
	case IDENTITY_FORM_ADDRESS:
		smmuv3_put(text, "%u", smmuv3_address_bits((uint8_t)value));
		break;
	case IDENTITY_FORM_NAMED: smmuv3_put(text, "%s", name_of(row, value)); break;
	case IDENTITY_FORM_REGISTER: smmuv3_put(text, "0x%08x", value); break;
	}
	if (with_unit && row->unit)
		smmuv3_put(text, " %s", row->unit);
}

/* Receives mismatches, and counts them. */
struct mismatches {
	void (*tell)(const char *sentence, void *data);
	void *data;
	size_t count;
};

/* @why: the reason, if it is not the host's hardware; else NULL. */
static void add_mismatch(struct mismatches *mismatches, const struct identity_row *row,
	uint32_t host, uint32_t asked, const char *why)
{
	char sentence[200] = "";
	struct smmuv3_text text = { .at = sentence, .size = sizeof(sentence) };

	mismatches->count++;
	if (!mismatches->tell)
		return;
	smmuv3_put(&text, "%s: host has ", row->words ? row->words : row->name);
	put_value(&text, row, host, true);
	smmuv3_put(&text, ", asked for ");
	put_value(&text, row, asked, !host && row->form != IDENTITY_FORM_ADDRESS);
	if (why)
		smmuv3_put(&text, " (%s)", why);
	mismatches->tell(sentence, mismatches->data);
}

static void compare_row(struct mismatches *mismatches, const struct identity_row *row,
	uint32_t host, uint32_t asked)
{
	const uint32_t offered = offer(row, host);

	switch (row->rule) {
	case IDENTITY_FIXED:
		if (row->hosts && !(row->hosts >> host & 1))
			add_mismatch(mismatches, row, host, asked, NULL);
		else if (asked != row->limit)
			add_mismatch(mismatches, row, row->limit, asked, row->why);
		break;
	case IDENTITY_AT_MOST:
		if (asked > offered)
			add_mismatch(
				mismatches, row, offered, asked, offered < host ? row->why : NULL);
		break;
	case IDENTITY_AT_LEAST:
		if (asked < offered)
			add_mismatch(mismatches, row, offered, asked, NULL);
		break;
	case IDENTITY_FREE:
		if (asked > row->limit)
			add_mismatch(mismatches, row, row->limit, asked, row->why);
		break;
	}
}

size_t iommuctl_vsmmuv3_identity_compare(const struct iommuctl_vsmmuv3_identity *host,
	const struct iommuctl_vsmmuv3_identity *asked,
	void (*mismatch)(const char *sentence, void *data), void *data)
{
	struct mismatches mismatches = { .tell = mismatch, .data = data };
	size_t count;
	const struct identity_row *rows = identity_rows(&count);

	for (size_t i = 0; i < count; i++)
		compare_row(&mismatches, &rows[i], get(host, &rows[i]), get(asked, &rows[i]));
	return mismatches.count;
}

size_t iommuctl_vsmmuv3_identity_compare_exactly(const struct iommuctl_vsmmuv3_identity *host,
	const struct iommuctl_vsmmuv3_identity *asked,
	void (*mismatch)(const char *sentence, void *data), void *data)
{
	struct mismatches mismatches = { .tell = mismatch, .data = data };
	size_t count;
	const struct identity_row *rows = identity_rows(&count);

	for (size_t i = 0; i < count; i++)
		if (get(host, &rows[i]) != get(asked, &rows[i]))
			add_mismatch(&mismatches, &rows[i], get(host, &rows[i]),
				get(asked, &rows[i]), NULL);
	return mismatches.count;
}
