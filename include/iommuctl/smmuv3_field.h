/* SPDX-License-Identifier: MIT */
/*
 * The fields that SMMUv3 structures are made of.
 *
 * Every SMMUv3 structure (STE, CD, command, event record, ID registers) is described by one table
 * of fields; its encoder, decoder and printer are driven by that table, and a parser or JSON
 * printer can be as well. Words are 64-bit values in CPU order; the structures in memory, and the
 * kernel's ABI, are little-endian: convert them with the two functions at the end.
 *
 * Pointers must not be NULL unless a function says so.
 *
 * @field: the field, of one of the tables
 * @refusal: out, on failure only, may be NULL: what was refused, and why
 * @text: out: one line of text, always terminated if @size is not 0
 * @size: bytes of @text
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned. All
 *   strings and tables are constant and live as long as the library.
 * Threads: pure functions, any thread.
 * Source: Arm IHI 0070 (SMMUv3 architecture specification), sections named in each header.
 */
#ifndef IOMMUCTL_SMMUV3_FIELD_H
#define IOMMUCTL_SMMUV3_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * One named value of a field.
 *
 * Lists end with name == NULL.
 *
 * @value: the value
 * @name: its name, the architecture's where there is one
 *
 * Since: 0.1
 */
struct iommuctl_smmuv3_value {
	uint64_t value;
	const char *name;
};

/*
 * One field: @width bits from bit @lsb of word @word, kept in @size bytes at @offset of the C
 * structure.
 *
 * @name: the architecture's name
 * @values: the named values; NULL: there are none
 * @offset: of the member in the C structure, in bytes
 * @size: bytes of the member: 1, 2, 4 or 8
 * @word: which word of the structure, 0 the first
 * @lsb: the lowest bit, 0 to 63
 * @width: bits, 1 to 64
 * @address: the value is not shifted: it is the address itself, whose bits below @lsb must be zero
 *
 * Since: 0.1
 */
struct iommuctl_smmuv3_field {
	const char *name;
	const struct iommuctl_smmuv3_value *values;
	uint16_t offset;
	uint8_t size;
	uint8_t word;
	uint8_t lsb;
	uint8_t width;
	bool address;
	bool always; /* printed even when zero */
};

/*
 * Why a structure was refused: bits @msb down to @lsb of word @word.
 *
 * @field: the architecture's name of the field, or "RES0" for bits that belong to no field
 * @reason: what is wrong, in words
 * @word: which word of the structure, 0 the first
 * @msb, @lsb: the bits, 0 to 63
 *
 * Since: 0.1
 */
struct iommuctl_smmuv3_refusal {
	const char *field;
	const char *reason;
	uint8_t word;
	uint8_t msb;
	uint8_t lsb;
};

/*
 * Gets the bits of a field's word that the field occupies.
 *
 * Returns: the mask.
 * Since: 0.1
 */
uint64_t iommuctl_smmuv3_field_mask(const struct iommuctl_smmuv3_field *field);

/*
 * Reads a field of a C structure.
 *
 * @record: the structure whose table @field is from
 *
 * Returns: the value.
 * Since: 0.1
 */
uint64_t iommuctl_smmuv3_field_get(const struct iommuctl_smmuv3_field *field, const void *record);

/*
 * Writes a field of a C structure.
 *
 * @record: the structure whose table @field is from
 * @value: the value
 *
 * Errors:
 *   -ERANGE: the value does not fit the field, or an address is not aligned as the field demands
 * Since: 0.1
 */
int iommuctl_smmuv3_field_set(
	const struct iommuctl_smmuv3_field *field, void *record, uint64_t value);

/*
 * Gets the name of a value.
 *
 * @value: the value
 *
 * Returns: the name; NULL if it has none.
 * Since: 0.1
 */
const char *iommuctl_smmuv3_field_value_name(
	const struct iommuctl_smmuv3_field *field, uint64_t value);

/*
 * Finds the value that has a name.
 *
 * @name: the name; ASCII case is ignored
 * @value: out: the value
 *
 * Errors:
 *   -ENOENT: no value of this field has it
 * Since: 0.1
 */
int iommuctl_smmuv3_field_value_from_name(
	const struct iommuctl_smmuv3_field *field, const char *name, uint64_t *value);

/*
 * Writes a refusal as "word W bits M:L (FIELD): REASON".
 *
 * @refusal: the refusal
 *
 * Returns: the length of the whole message, as snprintf(3) does: a result of @size or more means
 *   that it was truncated.
 * Since: 0.1
 */
size_t iommuctl_smmuv3_refusal_print(
	const struct iommuctl_smmuv3_refusal *refusal, char *text, size_t size);

/*
 * Reads little-endian words.
 *
 * @words: out: the words, in CPU order
 * @bytes: 8 for each word, at any alignment
 * @count: how many words
 *
 * Since: 0.1
 */
void iommuctl_smmuv3_words_from_le(uint64_t *words, const void *bytes, size_t count);

/*
 * Writes words little-endian.
 *
 * @bytes: out: 8 for each word, at any alignment
 * @words: the words, in CPU order
 * @count: how many words
 *
 * Since: 0.1
 */
void iommuctl_smmuv3_words_to_le(void *bytes, const uint64_t *words, size_t count);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
