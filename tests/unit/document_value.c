// SPDX-License-Identifier: MIT
/* Numbers and bytes as job documents and command lines write them. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <criterion/criterion.h>

#include "array.h"
#include "document/value.h"

Test(document_value, a_number_is_decimal_or_hexadecimal_with_a_binary_suffix)
{
	static const struct {
		const char *text;
		uint64_t number;
	} cases[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "0010", 10 },
		{ "0x10", 16 },
		{ "0XfF", 255 },
		{ "4K", 4096 },
		{ "0x10K", 16384 },
		{ "16M", UINT64_C(1) << 24 },
		{ "2G", UINT64_C(1) << 31 },
		{ "1T", UINT64_C(1) << 40 },
		{ "18446744073709551615", UINT64_MAX },
		{ "0xffffffffffffffff", UINT64_MAX },
		{ "16777215T", UINT64_C(16777215) << 40 },
		{ "18014398509481983K", UINT64_C(18014398509481983) << 10 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t number = 1;

		cr_expect_eq(value_parse_number(cases[i].text, &number), 0, "%s", cases[i].text);
		cr_expect_eq(number, cases[i].number, "%s: 0x%" PRIx64, cases[i].text, number);
	}
}

Test(document_value, a_number_that_64_bits_do_not_hold_is_out_of_range)
{
	static const char *const cases[] = {
		"18446744073709551616",
		"0x10000000000000000",
		"99999999999999999999999999",
		"16777216T",
		"18014398509481984K",
		"0x100000000000000K",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t number = 1;

		cr_expect_eq(value_parse_number(cases[i], &number), -ERANGE, "%s", cases[i]);
		cr_expect_eq(number, 1, "%s", cases[i]);
	}
}

Test(document_value, anything_else_is_no_number)
{
	static const char *const cases[] = {
		"",
		" ",
		" 1",
		"1 ",
		"+1",
		"-1",
		"0x",
		"0x-1",
		"0xg",
		"K",
		"1k",
		"1KB",
		"1KK",
		"1P",
		"1.0",
		"1e3",
		"one",
		"0b1",
		"1_000",
		"١",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t number = 1;

		cr_expect_eq(value_parse_number(cases[i], &number), -EINVAL, "\"%s\"", cases[i]);
		cr_expect_eq(number, 1, "\"%s\"", cases[i]);
	}
}

Test(document_value, a_real_is_what_its_digits_say)
{
	static const struct {
		const char *text;
		int err;
		uint64_t number;
	} cases[] = {
		{ "0.0", 0, 0 },
		{ "-0e5", 0, 0 },
		{ "4096.0", 0, 4096 },
		{ "1e3", 0, 1000 },
		{ "1.5E+1,", 0, 15 },
		{ "120e-1]", 0, 12 },
		{ "0.001e3", 0, 1 },
		{ "0e99999999999999999999", 0, 0 },
		{ "9007199254740993.0", 0, UINT64_C(9007199254740993) },
		{ "1844674407370955161.5e1", 0, UINT64_MAX },
		{ "1844674407370955161.6e1", -ERANGE, 0 },
		{ "1e20", -ERANGE, 0 },
		{ "1e99999999999999999999", -ERANGE, 0 },
		{ "0.5", -EINVAL, 0 },
		{ "125e-1", -EINVAL, 0 },
		{ "4503599627370497.5", -EINVAL, 0 },
		{ "0.99999999999999999999", -EINVAL, 0 },
		{ "1e-99999999999999999999", -EINVAL, 0 },
		{ "-1.0", -EDOM, 0 },
		{ "-0.5", -EDOM, 0 },
		{ "-1e-400", -EDOM, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t number = 0;

		cr_expect_eq(value_parse_real(cases[i].text, &number), cases[i].err, "%s",
			cases[i].text);
		cr_expect_eq(number, cases[i].number, "%s: %" PRIu64, cases[i].text, number);
	}
}

Test(document_value, a_time_is_a_number_with_its_unit)
{
	static const struct {
		const char *text;
		int error;
		uint64_t ms;
	} cases[] = {
		{ "500ms", 0, 500 },
		{ "5s", 0, 5000 },
		{ "0.5s", 0, 500 },
		{ "0.0001s", 0, 1 },
		{ "1.000000001s", 0, 1001 },
		{ "2m", 0, 120000 },
		{ "0.25h", 0, 900000 },
		{ "168h", 0, VALUE_DURATION_MAX_MS },
		{ "0", 0, 0 },
		{ "0s", 0, 0 },
		{ "5", -EDOM, 0 },
		{ "0.5", -EDOM, 0 },
		{ "168.1h", -ERANGE, 0 },
		{ "9999999999ms", -ERANGE, 0 },
		{ "", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ ".5s", -EINVAL, 0 },
		{ "5.s", -EINVAL, 0 },
		{ "1.0000000001s", -EINVAL, 0 },
		{ "-5s", -EINVAL, 0 },
		{ " 5s", -EINVAL, 0 },
		{ "5 s", -EINVAL, 0 },
		{ "5S", -EINVAL, 0 },
		{ "5sec", -EINVAL, 0 },
		{ "0x5s", -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t ms = 0;

		cr_expect_eq(value_parse_duration(cases[i].text, &ms), cases[i].error, "\"%s\"",
			cases[i].text);
		cr_expect_eq(ms, cases[i].ms, "\"%s\"", cases[i].text);
	}
}

Test(document_value, bytes_are_pairs_of_hexadecimal_digits_with_spaces_between_them)
{
	static const struct {
		const char *text;
		const char *bytes;
		size_t count;
	} cases[] = {
		{ "", "", 0 },
		{ "  ", "", 0 },
		{ "00", "\0", 1 },
		{ "0aFf", "\x0a\xff", 2 },
		{ " 12  34 ", "\x12\x34", 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[8];
		size_t count = 99;

		cr_expect_eq(value_parse_hex(cases[i].text, bytes, &count), 0, "%s", cases[i].text);
		cr_expect_eq(count, cases[i].count, "%s", cases[i].text);
		cr_expect_arr_eq(bytes, cases[i].bytes, cases[i].count, "%s", cases[i].text);
	}
}

Test(document_value, anything_else_is_no_bytes)
{
	static const char *const cases[] = { "0", "0 1", "123", "0x12", "gg", "1g", "12\t34",
		"12-34" };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t bytes[8];
		size_t count = 99;

		cr_expect_eq(value_parse_hex(cases[i], bytes, &count), -EINVAL, "\"%s\"", cases[i]);
		cr_expect_eq(count, 99, "\"%s\"", cases[i]);
	}
}

Test(document_value, a_uuid_has_its_bytes_in_the_order_of_its_text)
{
	static const uint8_t bytes[VALUE_UUID_SIZE] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd,
		0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	char text[VALUE_UUID_TEXT_SIZE];
	uint8_t uuid[VALUE_UUID_SIZE];

	cr_assert_eq(value_parse_uuid("01234567-89ab-cdef-0123-456789ABCDEF", uuid), 0);
	cr_expect_arr_eq(uuid, bytes, sizeof(bytes));
	cr_expect_str_eq(value_print_uuid(bytes, text), "01234567-89ab-cdef-0123-456789abcdef");
}

Test(document_value, anything_else_is_no_uuid)
{
	static const char *const cases[] = {
		"",
		"0",
		"0123456789abcdef0123456789abcdef",
		"01234567-89ab-cdef-0123-456789abcde",
		"01234567-89ab-cdef-0123-456789abcdeg",
		"01234567-89ab-cdef-0123-456789abcdef0",
		"01234567-89ab-cdef-0123_456789abcdef",
		"{01234567-89ab-cdef-0123-456789abcdef}",
		" 01234567-89ab-cdef-0123-456789abcdef",
		"0123456-789ab-cdef-0123-456789abcdef",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t uuid[VALUE_UUID_SIZE] = { 1 };

		cr_expect_eq(value_parse_uuid(cases[i], uuid), -EINVAL, "%s", cases[i]);
		cr_expect_eq(uuid[0], 1, "%s", cases[i]);
	}
}

Test(document_value, a_number_is_shown_as_people_read_it)
{
	static const struct {
		uint64_t value;
		const char *number;
		const char *size;
	} cases[] = {
		{ 0, "0", "0 bytes" },
		{ 1, "1", "1 byte" },
		{ 1000, "1000", "1000 bytes" },
		{ 4096, "4096", "4K" },
		{ 99999, "99999", "99999 bytes" },
		{ 100000, "0x186a0", "100000 bytes" },
		{ UINT64_C(1) << 24, "0x1000000", "16M" },
		{ (UINT64_C(1) << 24) + 4096, "0x1001000", "16388K" },
		{ UINT64_C(1) << 52, "0x10000000000000", "4096T" },
		{ UINT64_MAX, "0xffffffffffffffff", "18446744073709551615 bytes" },
	};
	char text[VALUE_TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_str_eq(value_print_number(cases[i].value, text), cases[i].number);
		cr_expect_str_eq(value_print_size(cases[i].value, text), cases[i].size);
	}
}

Test(document_value, bytes_are_shown_as_text_or_as_digits_and_the_first_of_many)
{
	char many[100], text[VALUE_BYTES_SIZE];

	memset(many, 'a', sizeof(many));
	cr_expect_str_eq(value_print_bytes((const uint8_t *)"page A", 6, text), "\"page A\"");
	cr_expect_str_eq(value_print_bytes((const uint8_t *)"a\n", 2, text), "610a");
	value_print_bytes((const uint8_t *)many, sizeof(many), text);
	cr_expect_eq(strlen(text), 64 + strlen("\"\"…"));
	many[0] = 0;
	value_print_bytes((const uint8_t *)many, sizeof(many), text);
	cr_expect_eq(strlen(text), 2 * 32 + strlen("…"));
}
