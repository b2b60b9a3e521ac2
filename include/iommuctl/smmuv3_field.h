/* SPDX-License-Identifier: MIT */
/*
 * The fields that SMMUv3 structures are made of.
 *
 * Every SMMUv3 structure (STE, CD, command, event record, ID registers) is described by one table
 * of fields; its encoder, decoder and printer are driven by that table, and so may be a parser or
 * a JSON printer. Words are 64-bit values in CPU order; the structures in memory, and the kernel's
 * ABI, are little-endian: convert with the two functions at the end.
 *
 * All functions here and in the headers of the structures are pure: any thread, no allocation, no
 * system call. Pointers must not be NULL unless a function says so. All strings and tables are
 * constant and live as long as the library.
 *
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

/* One named value of a field. Lists end with name == NULL. Since: 0.1 */
struct iommuctl_smmuv3_value {
	uint64_t value;
	const char *name;
};

/*
 * One field: @width bits from bit @lsb of word @word, kept in @size bytes at @offset of the C
 * structure. An @address field keeps its place: its value is the address itself, whose bits below
 * @lsb must be zero. @values names the values that have a name (NULL: none has). Since: 0.1
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
 * Why a structure was refused: bits @msb down to @lsb of word @word. @field is the architecture's
 * name of the field, or "RES0" for bits that belong to no field. Since: 0.1
 */
struct iommuctl_smmuv3_refusal {
	const char *field;
	const char *reason;
	uint8_t word;
	uint8_t msb;
	uint8_t lsb;
};

/* The bits of the field's word that the field occupies. Since: 0.1 */
uint64_t iommuctl_smmuv3_field_mask(const struct iommuctl_smmuv3_field *field);

/*
 * Reads a field of a C structure (@record: the structure whose table @field is from).
 * Since: 0.1
 */
uint64_t iommuctl_smmuv3_field_get(const struct iommuctl_smmuv3_field *field, const void *record);

/*
 * Writes a field of a C structure.
 * -ERANGE: the value does not fit the field, or an address is not aligned as the field demands.
 * Since: 0.1
 */
int iommuctl_smmuv3_field_set(
	const struct iommuctl_smmuv3_field *field, void *record, uint64_t value);

/* The name of a value, or NULL where it has none. Since: 0.1 */
const char *iommuctl_smmuv3_field_value_name(
	const struct iommuctl_smmuv3_field *field, uint64_t value);

/*
 * The value that has this name (ASCII case is ignored).
 * -ENOENT: no value of this field has it.
 * Since: 0.1
 */
int iommuctl_smmuv3_field_value_from_name(
	const struct iommuctl_smmuv3_field *field, const char *name, uint64_t *value);

/*
 * Writes "word W bits M:L (FIELD): REASON" into @text, always terminated when @size > 0. Returns
 * the length of the whole message, as snprintf does: a result >= @size means it was cut.
 * Since: 0.1
 */
size_t iommuctl_smmuv3_refusal_print(
	const struct iommuctl_smmuv3_refusal *refusal, char *text, size_t size);

/* Reads @count little-endian words from @bytes (any alignment). Since: 0.1 */
void iommuctl_smmuv3_words_from_le(uint64_t *words, const void *bytes, size_t count);

/* Writes @count words to @bytes (any alignment), little-endian. Since: 0.1 */
void iommuctl_smmuv3_words_to_le(void *bytes, const uint64_t *words, size_t count);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
