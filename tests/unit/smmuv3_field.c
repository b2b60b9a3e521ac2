// SPDX-License-Identifier: MIT
/* What holds for every table of fields: STE, CD, L1CD, commands, events and ID registers. */
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_event.h>
#include <iommuctl/smmuv3_ste.h>

#include "array.h"

#define MAX_WORDS 8

union record {
	struct iommuctl_smmuv3_ste ste;
	struct iommuctl_smmuv3_cd cd;
	struct iommuctl_smmuv3_l1cd l1cd;
	struct iommuctl_smmuv3_cmd cmd;
	struct iommuctl_smmuv3_event event;
};

struct codec {
	const char *name;
	size_t words;
	const struct iommuctl_smmuv3_field *(*fields)(size_t *count);
	uint64_t (*mask)(uint8_t number);
	int (*encode)(
		const union record *, uint64_t *words, struct iommuctl_smmuv3_refusal *refusal);
	void (*decode)(const uint64_t *words, union record *);
};

static uint64_t all_fields(uint8_t number)
{
	(void)number;
	return UINT64_MAX;
}

static int encode_ste(
	const union record *record, uint64_t *words, struct iommuctl_smmuv3_refusal *refusal)
{
	return iommuctl_smmuv3_ste_encode(&record->ste, words, refusal);
}

static void decode_ste(const uint64_t *words, union record *record)
{
	iommuctl_smmuv3_ste_decode(words, &record->ste);
}

static int encode_cd(
	const union record *record, uint64_t *words, struct iommuctl_smmuv3_refusal *refusal)
{
	return iommuctl_smmuv3_cd_encode(&record->cd, words, refusal);
}

static void decode_cd(const uint64_t *words, union record *record)
{
	iommuctl_smmuv3_cd_decode(words, &record->cd);
}

static int encode_l1cd(
	const union record *record, uint64_t *words, struct iommuctl_smmuv3_refusal *refusal)
{
	return iommuctl_smmuv3_l1cd_encode(&record->l1cd, words, refusal);
}

static void decode_l1cd(const uint64_t *words, union record *record)
{
	iommuctl_smmuv3_l1cd_decode(words[0], &record->l1cd);
}

static int encode_cmd(
	const union record *record, uint64_t *words, struct iommuctl_smmuv3_refusal *refusal)
{
	return iommuctl_smmuv3_cmd_encode(&record->cmd, words, refusal);
}

static void decode_cmd(const uint64_t *words, union record *record)
{
	iommuctl_smmuv3_cmd_decode(words, &record->cmd);
}

static int encode_event(
	const union record *record, uint64_t *words, struct iommuctl_smmuv3_refusal *refusal)
{
	return iommuctl_smmuv3_event_encode(&record->event, words, refusal);
}

static void decode_event(const uint64_t *words, union record *record)
{
	iommuctl_smmuv3_event_decode(words, &record->event);
}

static const struct codec codecs[] = {
	{ "STE", IOMMUCTL_SMMUV3_STE_WORDS, iommuctl_smmuv3_ste_fields, all_fields, encode_ste,
		decode_ste },
	{ "CD", IOMMUCTL_SMMUV3_CD_WORDS, iommuctl_smmuv3_cd_fields, all_fields, encode_cd,
		decode_cd },
	{ "L1CD", 1, iommuctl_smmuv3_l1cd_fields, all_fields, encode_l1cd, decode_l1cd },
	{ "command", IOMMUCTL_SMMUV3_CMD_WORDS, iommuctl_smmuv3_cmd_fields,
		iommuctl_smmuv3_cmd_field_mask, encode_cmd, decode_cmd },
	{ "event", IOMMUCTL_SMMUV3_EVENT_WORDS, iommuctl_smmuv3_event_fields,
		iommuctl_smmuv3_event_field_mask, encode_event, decode_event },
};

/* Visits every structure: an STE, a CD, an L1CD, each command and each event. */
typedef void visit_fn(const struct codec *codec, uint8_t number,
	const struct iommuctl_smmuv3_field *fields, size_t count, uint64_t mask);

static bool has_number(const struct codec *codec, unsigned int number)
{
	if (codec->mask == iommuctl_smmuv3_cmd_field_mask)
		return iommuctl_smmuv3_cmd_name((uint8_t)number);
	if (codec->mask == iommuctl_smmuv3_event_field_mask)
		return iommuctl_smmuv3_event_name((uint8_t)number);
	return number == 0;
}

static void for_each_structure(visit_fn *visit)
{
	size_t i, count;
	unsigned int number;

	for (i = 0; i < ARRAY_SIZE(codecs); i++) {
		const struct iommuctl_smmuv3_field *fields = codecs[i].fields(&count);

		cr_assert_leq(count, 64);
		for (number = 0; number <= UINT8_MAX; number++)
			if (has_number(&codecs[i], number))
				visit(&codecs[i], (uint8_t)number, fields, count,
					codecs[i].mask((uint8_t)number));
	}
}

static uint64_t random_word(void)
{
	static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t random_value(const struct iommuctl_smmuv3_field *field)
{
	uint64_t mask = iommuctl_smmuv3_field_mask(field);

	return field->address ? random_word() & mask : (random_word() & mask) >> field->lsb;
}

/* In a table with a mask the first field is the number, which decides on the others. */
static bool is_number(const struct codec *codec, size_t index)
{
	return index == 0 && codec->mask != all_fields;
}

static void start(const struct codec *codec, uint8_t number,
	const struct iommuctl_smmuv3_field *fields, union record *record)
{
	memset(record, 0, sizeof(*record));
	if (codec->mask != all_fields)
		cr_assert_eq(iommuctl_smmuv3_field_set(&fields[0], record, number), 0);
}

static void expect_sound(const struct codec *codec, uint8_t number,
	const struct iommuctl_smmuv3_field *fields, size_t count, uint64_t mask)
{
	uint64_t taken[MAX_WORDS] = { 0 };
	size_t i, j;

	for (i = 0; i < count; i++) {
		const struct iommuctl_smmuv3_field *field = &fields[i];

		if (!(mask >> i & 1))
			continue;
		cr_assert_lt(field->word, codec->words, "%s.%s", codec->name, field->name);
		cr_assert_geq(field->width, 1, "%s.%s", codec->name, field->name);
		cr_assert_leq(field->lsb + field->width, 64, "%s.%s", codec->name, field->name);
		cr_assert_leq(field->width + (field->address ? field->lsb : 0), 8 * field->size,
			"%s.%s does not fit its member", codec->name, field->name);
		cr_assert_eq(taken[field->word] & iommuctl_smmuv3_field_mask(field), 0,
			"%s 0x%x: %s overlaps another field", codec->name, number, field->name);
		taken[field->word] |= iommuctl_smmuv3_field_mask(field);
		for (j = 0; j < i; j++)
			cr_assert(!(mask >> j & 1) || strcmp(field->name, fields[j].name),
				"%s 0x%x: two fields %s", codec->name, number, field->name);
	}
}

Test(smmuv3_field, no_two_fields_of_a_structure_share_a_bit_or_a_name)
{
	for_each_structure(expect_sound);
}

static void expect_only_own_bits(const struct codec *codec, uint8_t number,
	const struct iommuctl_smmuv3_field *fields, size_t count, uint64_t mask)
{
	uint64_t words[MAX_WORDS], plain[MAX_WORDS];
	union record record;
	size_t i, word;

	start(codec, number, fields, &record);
	cr_assert_eq(codec->encode(&record, plain, NULL), 0);
	for (i = 0; i < count; i++) {
		uint64_t full = iommuctl_smmuv3_field_mask(&fields[i]);

		if (!(mask >> i & 1) || is_number(codec, i))
			continue;
		start(codec, number, fields, &record);
		cr_assert_eq(iommuctl_smmuv3_field_set(&fields[i], &record,
				     fields[i].address ? full : full >> fields[i].lsb),
			0);
		cr_assert_eq(codec->encode(&record, words, NULL), 0, "%s", fields[i].name);
		for (word = 0; word < codec->words; word++)
			cr_expect_eq(words[word] ^ plain[word], word == fields[i].word ? full : 0,
				"%s.%s word %zu", codec->name, fields[i].name, word);
	}
}

Test(smmuv3_field, a_field_sets_all_of_its_bits_and_no_other)
{
	for_each_structure(expect_only_own_bits);
}

static void expect_round_trip(const struct codec *codec, uint8_t number,
	const struct iommuctl_smmuv3_field *fields, size_t count, uint64_t mask)
{
	uint64_t words[MAX_WORDS];
	union record in, out;
	size_t i, round;

	for (round = 0; round < 50; round++) {
		start(codec, number, fields, &in);
		memset(&out, 0xa5, sizeof(out));
		for (i = 0; i < count; i++)
			if (mask >> i & 1 && !is_number(codec, i))
				cr_assert_eq(iommuctl_smmuv3_field_set(
						     &fields[i], &in, random_value(&fields[i])),
					0);
		cr_assert_eq(codec->encode(&in, words, NULL), 0);
		codec->decode(words, &out);
		for (i = 0; i < count; i++)
			cr_expect_eq(iommuctl_smmuv3_field_get(&fields[i], &in),
				iommuctl_smmuv3_field_get(&fields[i], &out), "%s 0x%x: %s",
				codec->name, number, fields[i].name);
	}
}

Test(smmuv3_field, what_was_encoded_decodes_to_the_same)
{
	for_each_structure(expect_round_trip);
}

/* Writes a member past its field, as a caller that fills in the structure by hand may. */
static bool overflow(const struct iommuctl_smmuv3_field *field, union record *record)
{
	if (field->width + (field->address ? field->lsb : 0) >= 8 * field->size && !field->lsb)
		return false;
	if (!field->address && field->width == 8 * field->size)
		return false;
	memset((char *)record + field->offset, 0xff, field->size);
	return true;
}

static void expect_range_checked(const struct codec *codec, uint8_t number,
	const struct iommuctl_smmuv3_field *fields, size_t count, uint64_t mask)
{
	struct iommuctl_smmuv3_refusal refusal;
	uint64_t words[MAX_WORDS];
	union record record;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!(mask >> i & 1) || is_number(codec, i))
			continue;
		start(codec, number, fields, &record);
		if (!overflow(&fields[i], &record))
			continue;
		memset(words, 0x5a, sizeof(words));
		cr_expect_eq(codec->encode(&record, words, &refusal), -ERANGE, "%s.%s", codec->name,
			fields[i].name);
		cr_expect_str_eq(refusal.field, fields[i].name);
		cr_expect_eq(refusal.word, fields[i].word);
		cr_expect_eq(refusal.lsb, fields[i].lsb);
		cr_expect_eq(refusal.msb, fields[i].lsb + fields[i].width - 1);
		cr_expect_eq(words[0], UINT64_C(0x5a5a5a5a5a5a5a5a), "words were written");
	}
}

Test(smmuv3_field, a_value_that_does_not_fit_is_refused_by_name)
{
	for_each_structure(expect_range_checked);
}

static void expect_absent_refused(const struct codec *codec, uint8_t number,
	const struct iommuctl_smmuv3_field *fields, size_t count, uint64_t mask)
{
	struct iommuctl_smmuv3_refusal refusal;
	uint64_t words[MAX_WORDS], kept = 0;
	union record record;
	size_t i, j;

	for (i = 0; i < count; i++)
		for (j = 0; j < count; j++)
			if (mask >> j & 1 && fields[i].offset == fields[j].offset)
				kept |= UINT64_C(1) << i;
	for (i = 0; i < count; i++) {
		if (kept >> i & 1)
			continue;
		start(codec, number, fields, &record);
		cr_assert_eq(iommuctl_smmuv3_field_set(&fields[i], &record,
				     UINT64_C(1) << (fields[i].address ? fields[i].lsb : 0)),
			0);
		cr_expect_eq(codec->encode(&record, words, &refusal), -EINVAL, "%s 0x%x: %s",
			codec->name, number, fields[i].name);
		cr_expect_str_eq(refusal.field, fields[i].name);
	}
}

Test(smmuv3_field, a_member_that_a_command_or_event_does_not_have_is_refused)
{
	for_each_structure(expect_absent_refused);
}

static void expect_garbage_decodes(const struct codec *codec, uint8_t number,
	const struct iommuctl_smmuv3_field *fields, size_t count, uint64_t mask)
{
	uint64_t words[MAX_WORDS], again[MAX_WORDS], known[MAX_WORDS] = { 0 };
	union record record;
	size_t i;

	for (i = 0; i < count; i++)
		if (mask >> i & 1)
			known[fields[i].word] |= iommuctl_smmuv3_field_mask(&fields[i]);
	for (i = 0; i < MAX_WORDS; i++)
		words[i] = random_word();
	if (codec->mask != all_fields)
		words[0] = (words[0] & ~UINT64_C(0xff)) | number;
	codec->decode(words, &record);
	cr_assert_eq(codec->encode(&record, again, NULL), 0, "%s 0x%x", codec->name, number);
	for (i = 0; i < codec->words; i++)
		cr_expect_eq(again[i], words[i] & known[i], "%s 0x%x", codec->name, number);
}

Test(smmuv3_field, any_words_decode_and_encode_to_their_known_bits)
{
	for_each_structure(expect_garbage_decodes);
}

Test(smmuv3_field, set_refuses_a_value_beyond_the_field)
{
	struct iommuctl_smmuv3_ste ste = { .config = 5, .s1contextptr = 0x1000 };

	cr_expect_eq(
		iommuctl_smmuv3_field_set(iommuctl_smmuv3_ste_field("Config"), &ste, 8), -ERANGE);
	cr_expect_eq(
		iommuctl_smmuv3_field_set(iommuctl_smmuv3_ste_field("S1ContextPtr"), &ste, 0x1020),
		-ERANGE);
	cr_expect_eq(iommuctl_smmuv3_field_set(
			     iommuctl_smmuv3_ste_field("S1ContextPtr"), &ste, UINT64_C(1) << 56),
		-ERANGE);
	cr_expect_eq(ste.config, 5);
	cr_expect_eq(ste.s1contextptr, 0x1000);
}

Test(smmuv3_field, values_are_named_both_ways_in_any_case)
{
	const struct iommuctl_smmuv3_field *config = iommuctl_smmuv3_ste_field("cOnFiG");
	uint64_t value = 99;

	cr_assert_not_null(config);
	cr_expect_str_eq(iommuctl_smmuv3_field_value_name(config, 5), "S1");
	cr_expect_null(iommuctl_smmuv3_field_value_name(config, 3));
	cr_expect_eq(iommuctl_smmuv3_field_value_from_name(config, "BYPASS", &value), 0);
	cr_expect_eq(value, IOMMUCTL_SMMUV3_CONFIG_BYPASS);
	cr_expect_eq(iommuctl_smmuv3_field_value_from_name(config, "S", &value), -ENOENT);
	cr_expect_eq(iommuctl_smmuv3_field_value_from_name(config, "S1S2x", &value), -ENOENT);
	cr_expect_eq(value, IOMMUCTL_SMMUV3_CONFIG_BYPASS);
}

static void expect_names_unambiguous(const struct codec *codec, uint8_t number,
	const struct iommuctl_smmuv3_field *fields, size_t count, uint64_t mask)
{
	const struct iommuctl_smmuv3_value *named;
	uint64_t value;
	size_t i;

	(void)number;
	(void)mask;
	for (i = 0; i < count; i++) {
		for (named = fields[i].values; named && named->name; named++) {
			value = ~named->value;
			cr_expect_eq(iommuctl_smmuv3_field_value_from_name(
					     &fields[i], named->name, &value),
				0);
			cr_expect_eq(value, named->value, "%s.%s=%s", codec->name, fields[i].name,
				named->name);
			cr_expect_lt(named->value, UINT64_C(1) << fields[i].width);
		}
	}
}

Test(smmuv3_field, a_name_stands_for_one_value_that_fits)
{
	for_each_structure(expect_names_unambiguous);
}

Test(smmuv3_field, words_are_little_endian_in_memory_at_any_alignment)
{
	const uint8_t memory[] = { 0xff, 0x0b, 0, 0x10, 0x40, 0, 0, 0, 0xf8, 1, 2, 3, 4, 5, 6, 7,
		8 };
	uint8_t back[sizeof(memory)] = { 0xff };
	uint64_t words[2];

	iommuctl_smmuv3_words_from_le(words, memory + 1, 2);
	cr_expect_eq(words[0], UINT64_C(0xf80000004010000b));
	cr_expect_eq(words[1], UINT64_C(0x0807060504030201));
	iommuctl_smmuv3_words_to_le(back + 1, words, 2);
	cr_expect_arr_eq(back, memory, sizeof(memory));
}

Test(smmuv3_field, a_refusal_reads_as_a_sentence)
{
	const struct iommuctl_smmuv3_refusal bits = { "CONT", "not taken", 1, 16, 13 };
	const struct iommuctl_smmuv3_refusal bit = { "RES0", "must be zero", 0, 9, 9 };
	char text[64];

	cr_expect_eq(iommuctl_smmuv3_refusal_print(&bits, text, sizeof(text)), strlen(text));
	cr_expect_str_eq(text, "word 1 bits 16:13 (CONT): not taken");
	iommuctl_smmuv3_refusal_print(&bit, text, sizeof(text));
	cr_expect_str_eq(text, "word 0 bit 9 (RES0): must be zero");
}

Test(smmuv3_field, text_that_does_not_fit_is_cut_and_its_full_length_returned)
{
	const struct iommuctl_smmuv3_ste ste = { .v = 1, .config = 5, .s1contextptr = 0x40100000 };
	char whole[128], text[128];
	size_t length = iommuctl_smmuv3_ste_print(&ste, whole, sizeof(whole));
	size_t size;

	cr_expect_eq(length, strlen(whole));
	cr_expect_eq(iommuctl_smmuv3_ste_print(&ste, NULL, 0), length);
	for (size = 1; size <= length + 1; size++) {
		memset(text, '#', sizeof(text));
		cr_expect_eq(iommuctl_smmuv3_ste_print(&ste, text, size), length);
		cr_expect_eq(strlen(text), size - 1);
		cr_expect_eq(memcmp(text, whole, size - 1), 0);
		cr_expect_eq(text[size], '#');
	}
}
