// SPDX-License-Identifier: MIT
#include "document/value.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "output/text.h"

static const char suffixes[] = "KMGT";

static int suffix_shift(const char *suffix, unsigned int *shift)
{
	const char *found;

	if (!*suffix) {
		*shift = 0;
		return 0;
	}
	found = strchr(suffixes, *suffix);
	if (!found || suffix[1])
		return -EINVAL;
	*shift = 10 * (unsigned int)(found - suffixes + 1);
	return 0;
}

/* The value of a digit of @base; @base or more if it is not one. */
static unsigned int digit_value(char digit, unsigned int base)
{
	const unsigned int decimal = (unsigned int)digit - '0';
	const unsigned int letter = ((unsigned int)digit | 0x20) - 'a';

	if (decimal < 10)
		return decimal;
	return letter < 6 ? letter + 10 : base;
}

/* strtoull() accepts signs, spaces and octal, which are wrong here. */
int value_parse_number(const char *text, uint64_t *number)
{
	const bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const unsigned int base = hexadecimal ? 16 : 10;
	const char *at = hexadecimal ? text + 2 : text;
	unsigned int shift, digit = digit_value(*at, base);
	bool overflows = false;
	uint64_t value = 0;

	if (digit >= base)
		return -EINVAL;
	for (; digit < base; digit = digit_value(*++at, base))
		overflows |= __builtin_mul_overflow(value, base, &value) ||
			     __builtin_add_overflow(value, digit, &value);
	if (overflows)
		return -ERANGE;
	if (suffix_shift(at, &shift) < 0)
		return -EINVAL;
	if (value > UINT64_MAX >> shift)
		return -ERANGE;
	*number = value << shift;
	return 0;
}

/* Beyond these, no exponent makes a difference: a document has fewer digits. */
#define EXPONENT_MAX (1 << 30)

/* How far the exponent at @text, of a JSON number, moves its point; 0 if there is none. */
static int64_t read_exponent(const char *text)
{
	const long long exponent = *text == 'e' || *text == 'E' ? strtoll(text + 1, NULL, 10) : 0;

	if (exponent > EXPONENT_MAX)
		return EXPONENT_MAX;
	return exponent < -EXPONENT_MAX ? -EXPONENT_MAX : exponent;
}

/* strtod() returns the nearest double, which may be whole where the number is not. */
int value_parse_real(const char *text, uint64_t *number)
{
	const char *digits = text + (*text == '-');
	const size_t whole = strspn(digits, "0123456789");
	const size_t behind = digits[whole] == '.' ? strspn(&digits[whole + 1], "0123456789") : 0;
	const int64_t count = (int64_t)(whole + behind);
	const int64_t point =
		(int64_t)whole + read_exponent(&digits[whole + behind + (digits[whole] == '.')]);
	bool overflows = false, is_whole = true, is_zero = true;
	uint64_t value = 0;

	for (int64_t i = 0; i < count; i++) {
		const unsigned int digit =
			(unsigned int)digits[i < (int64_t)whole ? i : i + 1] - '0';

		is_zero = is_zero && !digit;
		if (i < point)
			overflows |= __builtin_mul_overflow(value, 10, &value) ||
				     __builtin_add_overflow(value, digit, &value);
		else
			is_whole = is_whole && !digit;
	}
	for (int64_t i = count; i < point && !is_zero && !overflows; i++)
		overflows = __builtin_mul_overflow(value, 10, &value);
	if (*text == '-' && !is_zero)
		return -EDOM;
	if (!is_whole)
		return -EINVAL;
	if (overflows)
		return -ERANGE;
	*number = value;
	return 0;
}

bool value_is_whole(double value)
{
	return value >= 0 && value < 0x1p63 && (double)(uint64_t)value == value;
}

const char *value_print_number(uint64_t number, char text[VALUE_TEXT_SIZE])
{
	snprintf(text, VALUE_TEXT_SIZE, number < 100000 ? "%" PRIu64 : "0x%" PRIx64, number);
	return text;
}

/* Divides @size by 1024 as often as it is exact; returns how often. */
static size_t reduce(uint64_t *size)
{
	size_t steps = 0;

	while (*size && *size % 1024 == 0 && suffixes[steps]) {
		*size /= 1024;
		steps++;
	}
	return steps;
}

const char *value_print_bound(uint64_t bound, bool bytes, char text[VALUE_TEXT_SIZE])
{
	size_t steps = bytes ? reduce(&bound) : 0;

	if (steps)
		snprintf(text, VALUE_TEXT_SIZE, "%" PRIu64 "%c", bound, suffixes[steps - 1]);
	else if (bound % 1000 == 0)
		snprintf(text, VALUE_TEXT_SIZE, "%" PRIu64, bound);
	else
		value_print_number(bound, text);
	return text;
}

const char *value_print_size(uint64_t size, char text[VALUE_TEXT_SIZE])
{
	size_t steps = reduce(&size);

	if (steps)
		snprintf(text, VALUE_TEXT_SIZE, "%" PRIu64 "%c", size, suffixes[steps - 1]);
	else
		snprintf(text, VALUE_TEXT_SIZE, "%" PRIu64 " byte%s", size, size == 1 ? "" : "s");
	return text;
}

static bool are_printable(const uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] < 0x20 || bytes[i] >= 0x7f)
			return false;
	}
	return true;
}

const char *value_print_bytes(const uint8_t *bytes, size_t count, char text[VALUE_BYTES_SIZE])
{
	bool printable = are_printable(bytes, count);
	size_t most = printable ? 64 : 32, shown = count < most ? count : most;

	text[0] = '\0';
	if (printable)
		text_append(text, VALUE_BYTES_SIZE, "\"%.*s\"", (int)shown, (const char *)bytes);
	for (size_t i = 0; !printable && i < shown; i++)
		text_append(text, VALUE_BYTES_SIZE, "%02x", bytes[i]);
	if (shown < count)
		text_append(text, VALUE_BYTES_SIZE, "…");
	return text;
}

static int hex_digit(char digit)
{
	if (isdigit((unsigned char)digit))
		return digit - '0';
	if (isxdigit((unsigned char)digit))
		return tolower((unsigned char)digit) - 'a' + 10;
	return -1;
}

int value_parse_hex(const char *text, uint8_t *bytes, size_t *count)
{
	size_t used = 0;

	while (*text) {
		int high, low;

		if (*text == ' ') {
			text++;
			continue;
		}
		high = hex_digit(text[0]);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return -EINVAL;
		bytes[used++] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	*count = used;
	return 0;
}

/* Of the five parts of a UUID. */
static const size_t uuid_digits[] = { 8, 4, 4, 4, 12 };

const char *value_print_uuid(const uint8_t uuid[VALUE_UUID_SIZE], char text[VALUE_UUID_TEXT_SIZE])
{
	*text = '\0';
	for (size_t part = 0; part < ARRAY_SIZE(uuid_digits); part++) {
		if (part)
			text_append(text, VALUE_UUID_TEXT_SIZE, "-");
		for (size_t i = 0; i < uuid_digits[part]; i += 2)
			text_append(text, VALUE_UUID_TEXT_SIZE, "%02x", *uuid++);
	}
	return text;
}

int value_parse_uuid(const char *text, uint8_t uuid[VALUE_UUID_SIZE])
{
	uint8_t bytes[VALUE_UUID_SIZE];
	size_t used = 0;

	for (size_t part = 0; part < ARRAY_SIZE(uuid_digits); part++) {
		if (part && *text++ != '-')
			return -EINVAL;
		for (size_t i = 0; i < uuid_digits[part]; i += 2, text += 2) {
			int high = hex_digit(text[0]);
			int low = high < 0 ? -1 : hex_digit(text[1]);

			if (low < 0)
				return -EINVAL;
			bytes[used++] = (uint8_t)(high << 4 | low);
		}
	}
	if (*text)
		return -EINVAL;
	memcpy(uuid, bytes, sizeof(bytes));
	return 0;
}
