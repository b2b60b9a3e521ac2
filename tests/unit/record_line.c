// SPDX-License-Identifier: MIT
/* Lines of the log of a guest's SMMU, and invalid logs. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/vsmmuv3_replay.h>

#include "array.h"
#include "record/line.h"

static int parse(const char *text, struct record_line *line, const char **problem)
{
	return record_parse(text, strlen(text), line, problem);
}

Test(record_line, each_kind_is_written_and_read)
{
	for (unsigned int kind = 0; kind < RECORD_KINDS; kind++) {
		struct record_line line = record_line((enum record_kind)kind, UINT64_MAX, 0);
		char text[IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE];
		struct record_line again;
		const char *problem;

		cr_expect_eq(record_format(&line, "a comment", text), strlen(text));
		*strchr(text, '\n') = '\0';
		cr_assert_eq(parse(text, &again, &problem), 1, "%s: %s", text, problem);
		cr_expect(record_equal(&line, &again), "%s", text);
	}
}

Test(record_line, the_longest_line_has_room)
{
	struct record_line line = { .kind = RECORD_FETCH, .count = RECORD_NUMBERS_MAX };
	char text[IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE], comment[200];

	memset(line.numbers, 0xff, sizeof(line.numbers));
	memset(comment, 'x', sizeof(comment));
	comment[sizeof(comment) - 1] = '\0';
	cr_expect_lt(record_format(&line, comment, text), sizeof(text));
	cr_expect_eq(text[strlen(text) - 1], '\n');
}

Test(record_line, comments_and_spaces_say_nothing)
{
	static const char *const nothing[] = { "", "   ", "# read", "  #", "#" };
	struct record_line line;
	const char *problem;

	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
		cr_expect_eq(parse(nothing[i], &line, &problem), 0, "\"%s\"", nothing[i]);
	cr_assert_eq(parse("  read  0x20 0x4  0xffffffffffffffff # CR0 0x1", &line, &problem), 1);
	cr_expect_eq(line.kind, RECORD_READ);
	cr_expect_eq(line.count, 3);
	cr_expect_eq(line.numbers[0], 0x20);
	cr_expect_eq(line.numbers[2], UINT64_MAX);
}

Test(record_line, broken_lines_are_refused)
{
	static const struct {
		const char *text;
		const char *problem;
	} rows[] = {
		{ "reads 0x0 0x4 0x0", "no line begins with this word" },
		{ "rea 0x0 0x4 0x0", "no line begins with this word" },
		{ "READ 0x0 0x4 0x0", "no line begins with this word" },
		{ "0x0", "no line begins with this word" },
		{ "read\t0x0 0x4 0x0", "no line begins with this word" },
		{ "read 0x0 0x4", "not as many numbers as this kind of line has" },
		{ "read 0x0 0x4 0x0 0x0", "not as many numbers as this kind of line has" },
		{ "reset 0x0", "not as many numbers as this kind of line has" },
		{ "memory 0x0", "not as many numbers as this kind of line has" },
		{ "arrival 0x0 0x1", "not as many numbers as this kind of line has" },
		{ "fetch 0x0", "not as many numbers as this kind of line has" },
		{ "fetch 0x0 0x1 0x1 0x1 0x1 0x1 0x1 0x1 0x1 0x1",
			"more numbers than any line has" },
		{ "add 0", "a number is 0x and up to 16 digits of 0 to 9 and a to f" },
		{ "add 0x", "a number is 0x and up to 16 digits of 0 to 9 and a to f" },
		{ "add 1x0", "a number is 0x and up to 16 digits of 0 to 9 and a to f" },
		{ "add 0X1", "a number is 0x and up to 16 digits of 0 to 9 and a to f" },
		{ "add 0xA", "a number is 0x and up to 16 digits of 0 to 9 and a to f" },
		{ "add 0xg", "a number is 0x and up to 16 digits of 0 to 9 and a to f" },
		{ "add -0x1", "a number is 0x and up to 16 digits of 0 to 9 and a to f" },
		{ "add 0x1\r", "a number is 0x and up to 16 digits of 0 to 9 and a to f" },
		{ "add 0x10000000000000000",
			"a number is 0x and up to 16 digits of 0 to 9 and a to f" },
	};
	struct record_line line;
	const char *problem;
	char longest[300];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cr_assert_eq(parse(rows[i].text, &line, &problem), -EINVAL, "%s", rows[i].text);
		cr_expect_str_eq(problem, rows[i].problem, "%s: %s", rows[i].text, problem);
	}
	memset(longest, ' ', sizeof(longest));
	cr_expect_eq(record_parse(longest, 254, &line, &problem), 0);
	cr_expect_eq(record_parse(longest, 255, &line, &problem), -EINVAL);
	cr_expect_str_eq(problem, "the line is too long");
}

#define IDENTITY "identity 0x8001a9a 0x2730010 0x0 0x1400 0x0 0x74 0x0 0x0\n"
#define CONFIG	 "config 0x0 0x0 0x0 0x0 0x0 0x0\n"
#define BEGIN	 "vsmmuv3-log 0x1\n" IDENTITY CONFIG
#define RAM	 "memory 0x40000000 0x100000\n"

Test(record_line, logs_that_are_none_are_refused_with_the_line)
{
	static const struct {
		const char *log;
		int err;
		uint64_t line;
		const char *problem;
	} rows[] = {
		{ BEGIN, 0, 0, "" },
		{ BEGIN "\n# a comment\nread 0x24 0x4 0x0", 0, 0, "" },
		{ "", -EINVAL, 0, "the log ends: this is not a log of an SMMUv3" },
		{ "\x7f"
		  "ELF",
			-EINVAL, 1, "no line begins with this word" },
		{ IDENTITY, -EINVAL, 1, "out of place: this is not a log of an SMMUv3" },
		{ "vsmmuv3-log 0x2\n", -EOPNOTSUPP, 1, "a log of another version" },
		{ "vsmmuv3-log 0x1\n" CONFIG, -EINVAL, 2, "out of place: there is no identity" },
		{ "vsmmuv3-log 0x1\n" IDENTITY, -EINVAL, 2,
			"the log ends: there is no configuration" },
		{ "vsmmuv3-log 0x1\nidentity 0x100000000 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n", -EINVAL, 2,
			"an ID register has 32 bits" },
		{ "vsmmuv3-log 0x1\n" IDENTITY "config 0x2 0x0 0x0 0x0 0x0 0x0\n", -EINVAL, 3,
			"a number is out of range" },
		{ "vsmmuv3-log 0x1\n" IDENTITY "config 0x0 0x0 0x0 0x7 0x0 0x0\n", -EINVAL, 3,
			"the model has no such SMMU: Invalid argument" },
		{ BEGIN BEGIN, -EINVAL, 4, "out of place: no access has begun" },
		{ BEGIN "end 0x0 0x0 0x0\n", -EINVAL, 4, "out of place: no access has begun" },
		{ BEGIN "reset\n", -EINVAL, 4, "the log ends: an access has no end" },
		{ BEGIN "reset\nreset\n", -EINVAL, 5, "out of place: an access has not ended" },
		{ BEGIN "reset\nread 0x0 0x4 0x0\n", -EINVAL, 5,
			"out of place: an access has not ended" },
		{ BEGIN "reset\n" RAM, -EINVAL, 5, "out of place: an access has not ended" },
		{ BEGIN "reset\nfetch 0x40000000 0x0\n", -EINVAL, 5, "there is no guest memory" },
		{ BEGIN RAM "reset\nfetch 0x400ffff8 0x0 0x0\n", -EINVAL, 6,
			"there is no guest memory" },
		{ BEGIN "deliver\narrival 0x40000000\n", -EINVAL, 5,
			"so many events cannot have been lost" },
		{ BEGIN "deliver\narrival 0x0\n", -EINVAL, 5,
			"so many events cannot have been lost" },
		{ BEGIN "memory 0x0 0x0\n", -EINVAL, 4, "not a range of guest memory" },
		{ BEGIN "memory 0xffffffffffffffff 0x2\n", -EINVAL, 4,
			"not a range of guest memory" },
		{ BEGIN "memory 0x0 0xfffffffffffffffe\n", -ENOMEM, 4,
			"not a range of guest memory" },
		{ BEGIN "restore\nend 0x0 0x0 0x0\n", -EOPNOTSUPP, 4,
			"the log does not contain the state that was restored" },
		{ BEGIN "read 0x24 0x4 0x1\n", -EBADMSG, 4,
			"the log has \"read 0x24 0x4 0x1\", and the SMMU \"read 0x24 0x4 0x0 # CR0ACK\"" },
		{ BEGIN "write 0x100000020 0x100000004 0x0\nend 0x0 0x0 0x0\n", -EBADMSG, 4, NULL },
		{ BEGIN "add 0x100000000\nend 0x0 0x0 0x0\n", -EBADMSG, 4, NULL },
	};
	struct iommuctl_vsmmuv3_replay replay;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *log = rows[i].log;

		cr_expect_eq(iommuctl_vsmmuv3_replay(log, strlen(log), &replay), rows[i].err,
			"%zu: %s", i, replay.problem);
		cr_expect_eq(replay.line, rows[i].line, "%zu: %s", i, replay.problem);
		if (rows[i].problem)
			cr_expect_str_eq(
				replay.problem, rows[i].problem, "%zu: %s", i, replay.problem);
	}
	cr_expect_eq(iommuctl_vsmmuv3_replay(NULL, 0, &replay), -EINVAL);
	cr_expect_eq(iommuctl_vsmmuv3_replay(BEGIN, strlen(BEGIN), NULL), -EINVAL);
}

/* @row once for each of @count numbers, after BEGIN. */
static int replay_many(const char *row, unsigned int count, struct iommuctl_vsmmuv3_replay *replay)
{
	const size_t room = strlen(BEGIN) + count * (strlen(row) + 32) + 1;
	char *log = malloc(room);
	int length, err;

	cr_assert_not_null(log);
	length = snprintf(log, room, "%s", BEGIN);
	for (unsigned int i = 0; i < count; i++)
		length += snprintf(log + length, room - (size_t)length, row, i, i);
	err = iommuctl_vsmmuv3_replay(log, (size_t)length, replay);
	free(log);
	return err;
}

Test(record_line, what_a_log_may_have_is_bounded)
{
	static const char add[] = "add 0x%x\nend 0x0 0x0 0x0\n";
	static const char range[] = "memory 0x%x0000 0x1000\n";
	struct iommuctl_vsmmuv3_replay replay;

	cr_expect_eq(replay_many(add, IOMMUCTL_VSMMUV3_REPLAY_DEVICES_MAX, &replay), 0, "%s",
		replay.problem);
	cr_expect_eq(replay_many(add, IOMMUCTL_VSMMUV3_REPLAY_DEVICES_MAX + 1, &replay), -E2BIG);
	cr_expect_eq(replay.line, 4 + 2 * IOMMUCTL_VSMMUV3_REPLAY_DEVICES_MAX);
	cr_expect_eq(replay_many(range, IOMMUCTL_VSMMUV3_REPLAY_RANGES_MAX, &replay), 0);
	cr_expect_eq(replay_many(range, IOMMUCTL_VSMMUV3_REPLAY_RANGES_MAX + 1, &replay), -E2BIG);
	cr_expect_eq(replay_many("reset\n", 1, &replay), -EINVAL);
	cr_expect_eq(replay_many("reset\narrival 0x1\nend 0x0 0x0 0x0\n", 70, &replay), 0, "%s",
		replay.problem);
}
