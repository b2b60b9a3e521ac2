// SPDX-License-Identifier: MIT
/* The codec engine: encodes, decodes, checks and prints structures by tables of fields. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "smmuv3/codec.h"

static const char reason_range[] = "the value does not fit the field";
static const char reason_unused[] = "there is no such field here";
static const char reason_reserved[] = "reserved, must be zero";

static uint64_t ones(unsigned int count)
{
	return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

static char ascii_lower(char c)
{
	if (c < 'A' || c > 'Z')
		return c;
	return (char)(c - 'A' + 'a');
}

/* Not strcasecmp: the application's locale must not matter. */
bool smmuv3_same_name(const char *a, const char *b)
{
	while (*a && ascii_lower(*a) == ascii_lower(*b)) {
		a++;
		b++;
	}
	return !*a && !*b;
}

uint64_t iommuctl_smmuv3_field_mask(const struct iommuctl_smmuv3_field *field)
{
	return ones(field->width) << field->lsb;
}

uint64_t iommuctl_smmuv3_field_get(const struct iommuctl_smmuv3_field *field, const void *record)
{
	const char *member = (const char *)record + field->offset;
	uint64_t value64;
	uint32_t value32;
	uint16_t value16;

	switch (field->size) {
	case sizeof(value64): memcpy(&value64, member, sizeof(value64)); return value64;
	case sizeof(value32): memcpy(&value32, member, sizeof(value32)); return value32;
	case sizeof(value16): memcpy(&value16, member, sizeof(value16)); return value16;
	default: return *(const uint8_t *)member;
	}
}

static void store(const struct iommuctl_smmuv3_field *field, void *record, uint64_t value)
{
	char *member = (char *)record + field->offset;
	uint32_t value32 = (uint32_t)value;
	uint16_t value16 = (uint16_t)value;

	switch (field->size) {
	case sizeof(value): memcpy(member, &value, sizeof(value)); break;
	case sizeof(value32): memcpy(member, &value32, sizeof(value32)); break;
	case sizeof(value16): memcpy(member, &value16, sizeof(value16)); break;
	default: *(uint8_t *)member = (uint8_t)value;
	}
}

static bool fits(const struct iommuctl_smmuv3_field *field, uint64_t value)
{
	uint64_t room = field->address ? iommuctl_smmuv3_field_mask(field) : ones(field->width);

	return !(value & ~room);
}

int iommuctl_smmuv3_field_set(
	const struct iommuctl_smmuv3_field *field, void *record, uint64_t value)
{
	if (!fits(field, value))
		return -ERANGE;
	store(field, record, value);
	return 0;
}

const char *iommuctl_smmuv3_field_value_name(
	const struct iommuctl_smmuv3_field *field, uint64_t value)
{
	const struct iommuctl_smmuv3_value *named;

	for (named = field->values; named && named->name; named++)
		if (named->value == value)
			return named->name;
	return NULL;
}

int iommuctl_smmuv3_field_value_from_name(
	const struct iommuctl_smmuv3_field *field, const char *name, uint64_t *value)
{
	const struct iommuctl_smmuv3_value *named;

	for (named = field->values; named && named->name; named++) {
		if (smmuv3_same_name(named->name, name)) {
			*value = named->value;
			return 0;
		}
	}
	return -ENOENT;
}

const struct iommuctl_smmuv3_field *smmuv3_find(
	const struct smmuv3_table *table, uint64_t mask, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (mask >> i & 1 && smmuv3_same_name(table->fields[i].name, name))
			return &table->fields[i];
	return NULL;
}

static int refuse_bits(struct iommuctl_smmuv3_refusal *refusal, const char *field,
	unsigned int word, uint64_t bits, const char *reason, int error)
{
	if (refusal)
		*refusal = (struct iommuctl_smmuv3_refusal){
			.field = field,
			.reason = reason,
			.word = (uint8_t)word,
			.msb = (uint8_t)(63 - __builtin_clzll(bits)),
			.lsb = (uint8_t)__builtin_ctzll(bits),
		};
	return error;
}

int smmuv3_refuse(struct iommuctl_smmuv3_refusal *refusal,
	const struct iommuctl_smmuv3_field *field, const char *reason, int error)
{
	return refuse_bits(refusal, field->name, field->word, iommuctl_smmuv3_field_mask(field),
		reason, error);
}

int smmuv3_encode(const struct smmuv3_table *table, uint64_t mask, const void *record,
	uint64_t *words, struct iommuctl_smmuv3_refusal *refusal)
{
	for (size_t i = 0; i < table->count; i++)
		if (mask >> i & 1 && !fits(&table->fields[i],
					     iommuctl_smmuv3_field_get(&table->fields[i], record)))
			return smmuv3_refuse(refusal, &table->fields[i], reason_range, -ERANGE);

	memset(words, 0, table->words * sizeof(*words));
	for (size_t i = 0; i < table->count; i++) {
		const struct iommuctl_smmuv3_field *field = &table->fields[i];
		uint64_t value = iommuctl_smmuv3_field_get(field, record);

		if (mask >> i & 1)
			words[field->word] |= field->address ? value : value << field->lsb;
	}
	return 0;
}

void smmuv3_decode(
	const struct smmuv3_table *table, uint64_t mask, const uint64_t *words, void *record)
{
	for (uint64_t remaining = mask & (UINT64_MAX >> (64 - table->count)); remaining;
		remaining &= remaining - 1) {
		const struct iommuctl_smmuv3_field *field =
			&table->fields[__builtin_ctzll(remaining)];
		uint64_t value = words[field->word] & iommuctl_smmuv3_field_mask(field);

		store(field, record, field->address ? value : value >> field->lsb);
	}
}

static bool keeps_member(const struct smmuv3_table *table, uint64_t mask, uint16_t offset)
{
	for (size_t i = 0; i < table->count; i++)
		if (mask >> i & 1 && table->fields[i].offset == offset)
			return true;
	return false;
}

int smmuv3_check_unused(const struct smmuv3_table *table, uint64_t mask, const void *record,
	struct iommuctl_smmuv3_refusal *refusal)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct iommuctl_smmuv3_field *field = &table->fields[i];

		if (iommuctl_smmuv3_field_get(field, record) &&
			!keeps_member(table, mask, field->offset))
			return smmuv3_refuse(refusal, field, reason_unused, -EINVAL);
	}
	return 0;
}

static const struct iommuctl_smmuv3_field *field_at(
	const struct smmuv3_table *table, uint64_t mask, unsigned int word, uint64_t bit)
{
	for (size_t i = 0; i < table->count; i++)
		if (mask >> i & 1 && table->fields[i].word == word &&
			iommuctl_smmuv3_field_mask(&table->fields[i]) & bit)
			return &table->fields[i];
	return NULL;
}

int smmuv3_check_allowed(const struct smmuv3_table *table, uint64_t mask, const uint64_t *words,
	const struct smmuv3_allowance *allowed, struct iommuctl_smmuv3_refusal *refusal)
{
	for (unsigned int word = 0; word < allowed->words; word++) {
		uint64_t stray = words[word] & ~allowed->bits[word];
		uint64_t lowest = stray & -stray;
		const struct iommuctl_smmuv3_field *field = field_at(table, mask, word, lowest);

		if (!stray)
			continue;
		if (!field)
			return refuse_bits(refusal, "RES0", word, lowest, reason_reserved, -EIO);
		return refuse_bits(refusal, field->name, word,
			iommuctl_smmuv3_field_mask(field) & ~allowed->bits[word], allowed->reason,
			-EIO);
	}
	return 0;
}

void smmuv3_put(struct smmuv3_text *text, const char *format, ...)
{
	bool room = text->length < text->size;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(room ? text->at + text->length : NULL,
		room ? text->size - text->length : 0, format, arguments);
	va_end(arguments);
	if (length > 0)
		text->length += (size_t)length;
}

static void put_field(
	struct smmuv3_text *text, const struct iommuctl_smmuv3_field *field, uint64_t value)
{
	const char *value_name = iommuctl_smmuv3_field_value_name(field, value);

	smmuv3_put(text, "%s%s", text->length ? " " : "", field->name);
	if (value_name)
		smmuv3_put(text, "=%s", value_name);
	else if (field->width >= 8)
		smmuv3_put(text, "=0x%llx", (unsigned long long)value);
	else if (field->width > 1 || !value)
		smmuv3_put(text, "=%llu", (unsigned long long)value);
}

void smmuv3_put_fields(struct smmuv3_text *text, const struct smmuv3_table *table, uint64_t mask,
	const void *record)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct iommuctl_smmuv3_field *field = &table->fields[i];
		uint64_t value = iommuctl_smmuv3_field_get(field, record);

		if (mask >> i & 1 && (value || field->always))
			put_field(text, field, value);
	}
}

const struct iommuctl_smmuv3_field *smmuv3_fields(const struct smmuv3_table *table, size_t *count)
{
	*count = table->count;
	return table->fields;
}

size_t smmuv3_print(const struct smmuv3_table *table, const void *record, char *text, size_t size)
{
	struct smmuv3_text out = { .at = text, .size = size };

	smmuv3_put_fields(&out, table, SMMUV3_ALL_FIELDS, record);
	return out.length;
}

size_t iommuctl_smmuv3_refusal_print(
	const struct iommuctl_smmuv3_refusal *refusal, char *text, size_t size)
{
	struct smmuv3_text out = { .at = text, .size = size };

	smmuv3_put(&out, "word %u ", refusal->word);
	if (refusal->msb == refusal->lsb)
		smmuv3_put(&out, "bit %u", refusal->lsb);
	else
		smmuv3_put(&out, "bits %u:%u", refusal->msb, refusal->lsb);
	smmuv3_put(&out, " (%s): %s", refusal->field, refusal->reason);
	return out.length;
}

void iommuctl_smmuv3_words_from_le(uint64_t *words, const void *bytes, size_t count)
{
	const uint8_t *from = bytes;
	unsigned int byte;

	for (size_t i = 0; i < count; i++, from += sizeof(*words)) {
		uint64_t word = 0;

		for (byte = 0; byte < sizeof(word); byte++)
			word |= (uint64_t)from[byte] << 8 * byte;
		words[i] = word;
	}
}

void iommuctl_smmuv3_words_to_le(void *bytes, const uint64_t *words, size_t count)
{
	uint8_t *to = bytes;
	unsigned int byte;

	for (size_t i = 0; i < count; i++, to += sizeof(*words)) {
		uint64_t word = words[i];

		for (byte = 0; byte < sizeof(word); byte++)
			to[byte] = (uint8_t)(word >> 8 * byte);
	}
}
