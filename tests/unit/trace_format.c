// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include <iommuctl/transport.h>

#include "array.h"

static const struct iommuctl_trace_field in[] = {
	{ .name = "a", .format = IOMMUCTL_TRACE_DECIMAL, .value = UINT64_MAX },
	{ .name = "b", .format = IOMMUCTL_TRACE_SIGNED, .value = UINT64_MAX },
	{ .name = "c", .format = IOMMUCTL_TRACE_HEX, .value = 0 },
	{ .name = "d", .format = IOMMUCTL_TRACE_NAMED, .value = 3, .text = "X|Y" },
	{ .name = "e", .format = IOMMUCTL_TRACE_TEXT, .text = "V Config=S1" },
	{ .name = "f", .format = IOMMUCTL_TRACE_STRING, .text = "a\"\\\t\x7f\xc3\xa9" },
};

static const struct iommuctl_trace_field out[] = {
	{ .name = "out_id", .format = IOMMUCTL_TRACE_DECIMAL, .value = 5 },
	{ .name = "iova", .format = IOMMUCTL_TRACE_HEX, .value = 0x40000000 },
};

static const struct {
	struct iommuctl_trace_record record;
	const char *line;
} lines[] = {
	{ { 12, "CALL", 3, in, 6, out, 2, 0, 132999 },
		"   12 CALL(3, a=18446744073709551615, b=-1, c=0x0, d=X|Y, e={V Config=S1}, "
		"f=\"a\\\"\\\\\\x09\\x7f\xc3\xa9\") = 0 → out_id=5, iova=0x40000000 <0.000132>" },
	{ { 1, "open", -1, in, 1, NULL, 0, 7, 0 },
		"    1 open(a=18446744073709551615) = 7 <0.000000>" },
	{ { 1, "close", 7, NULL, 0, NULL, 0, 0, 2000003000 }, "    1 close(7) = 0 <2.000003>" },
	{ { 123456, "X", 1, NULL, 0, out, 1, -EEXIST, 0 },
		"123456 X(1) = -1 EEXIST (File exists) → out_id=5 <0.000000>" },
	{ { 1, "X", 1, NULL, 0, NULL, 0, -5000, 0 }, "    1 X(1) = -5000 <0.000000>" },
	{ { 1, "X", 1, NULL, 0, NULL, 0, INT64_MIN, 0 },
		"    1 X(1) = -9223372036854775808 <0.000000>" },
};

Test(trace_format, a_record_is_one_line)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char line[512];
		int length = iommuctl_trace_format(&lines[i].record, line, sizeof(line));

		cr_expect_str_eq(line, lines[i].line);
		cr_expect_eq(length, (int)strlen(lines[i].line));
	}
}

Test(trace_format, a_line_that_does_not_fit_is_cut_and_its_full_length_returned)
{
	const char *whole = lines[0].line;
	int length = (int)strlen(whole);
	char line[512];

	for (size_t size = 1; size <= strlen(whole) + 1; size++) {
		memset(line, '#', sizeof(line));
		cr_expect_eq(iommuctl_trace_format(&lines[0].record, line, size), length);
		cr_expect_eq(strlen(line), size - 1, "%zu bytes", size);
		cr_expect_eq(strncmp(line, whole, size - 1), 0, "%zu bytes", size);
		cr_expect_eq(line[size], '#', "%zu bytes", size);
	}
}

Test(trace_format, the_length_is_returned_without_a_buffer)
{
	cr_expect_eq(iommuctl_trace_format(&lines[0].record, NULL, 0), (int)strlen(lines[0].line));
}
