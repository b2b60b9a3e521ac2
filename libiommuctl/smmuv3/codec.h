/* SPDX-License-Identifier: MIT */
/* The shared part of this room's codecs: one engine, driven by a table of fields. */
#ifndef LIBIOMMUCTL_SMMUV3_CODEC_H
#define LIBIOMMUCTL_SMMUV3_CODEC_H

#include <iommuctl/smmuv3_field.h>

#include "array.h"

#define SMMUV3_ALL_FIELDS UINT64_MAX

/* The mask of one field, by its index in the table. */
#define SMMUV3_HAS(index) (UINT64_C(1) << (index))

/* One entry of a table: @bits bits from bit @at of word @in, kept in @member of @record. */
#define SMMUV3_FIELD(record, member, called, in, at, bits, ...)                                    \
	{                                                                                          \
		.name = called, .offset = offsetof(record, member),                                \
		.size = sizeof(((record *)0)->member), .word = in, .lsb = at, .width = bits,       \
		__VA_ARGS__                                                                        \
	}

/* At most 64 fields, so that a mask can select from them. */
struct smmuv3_table {
	const struct iommuctl_smmuv3_field *fields;
	size_t count;
	size_t words;
};

bool smmuv3_same_name(const char *a, const char *b);

const struct iommuctl_smmuv3_field *smmuv3_find(
	const struct smmuv3_table *table, uint64_t mask, const char *name);

int smmuv3_encode(const struct smmuv3_table *table, uint64_t mask, const void *record,
	uint64_t *words, struct iommuctl_smmuv3_refusal *refusal);

void smmuv3_decode(
	const struct smmuv3_table *table, uint64_t mask, const uint64_t *words, void *record);

/* Fails when a member is set that no field in @mask stores. */
int smmuv3_check_unused(const struct smmuv3_table *table, uint64_t mask, const void *record,
	struct iommuctl_smmuv3_refusal *refusal);

/*
 * Which bits of the first words may be set; @reason is reported for others that belong to a field.
 */
struct smmuv3_allowance {
	const uint64_t *bits;
	size_t words;
	const char *reason;
};

/* Fails when another bit is set. */
int smmuv3_check_allowed(const struct smmuv3_table *table, uint64_t mask, const uint64_t *words,
	const struct smmuv3_allowance *allowed, struct iommuctl_smmuv3_refusal *refusal);

/* Fills in @refusal, unless it is NULL, and returns @error. */
int smmuv3_refuse(struct iommuctl_smmuv3_refusal *refusal,
	const struct iommuctl_smmuv3_field *field, const char *reason, int error);

/* A destination for text, and the length of all of it. */
struct smmuv3_text {
	char *at;
	size_t size;
	size_t length;
};

void smmuv3_put(struct smmuv3_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void smmuv3_put_fields(struct smmuv3_text *text, const struct smmuv3_table *table, uint64_t mask,
	const void *record);

/* The two functions that every codec exports: lists the table's fields, and prints them all. */
const struct iommuctl_smmuv3_field *smmuv3_fields(const struct smmuv3_table *table, size_t *count);
size_t smmuv3_print(const struct smmuv3_table *table, const void *record, char *text, size_t size);

/* A command or event type: its fields, and one property. */
struct smmuv3_kind {
	const char *name;
	uint64_t mask;
	uint8_t number;
	uint8_t property;
};

/* Structures whose fields depend on a number, which is the first field of the table. */
struct smmuv3_kinds {
	const struct smmuv3_table *table;
	const struct smmuv3_kind *kinds;
	size_t count;
};

/* NULL: no kind has this number. */
const struct smmuv3_kind *smmuv3_kind_of(const struct smmuv3_kinds *kinds, uint64_t number);

/* NULL likewise. */
const char *smmuv3_kind_name(const struct smmuv3_kinds *kinds, uint64_t number);

int smmuv3_kind_from_name(const struct smmuv3_kinds *kinds, const char *name, uint8_t *number);

uint64_t smmuv3_kind_mask(const struct smmuv3_kinds *kinds, uint64_t number);

int smmuv3_kind_encode(const struct smmuv3_kinds *kinds, const void *record, uint64_t *words,
	struct iommuctl_smmuv3_refusal *refusal);

void smmuv3_kind_decode(const struct smmuv3_kinds *kinds, const uint64_t *words, void *record);

size_t smmuv3_kind_print(
	const struct smmuv3_kinds *kinds, const void *record, char *text, size_t size);

#endif
