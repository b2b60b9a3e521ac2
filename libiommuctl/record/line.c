// SPDX-License-Identifier: MIT
#include "record/line.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "array.h"

#define COMMENT	      '#'
#define COMMENT_SIZE  40 /* the rest is cut */
#define NIBBLE_BITS   4
#define NUMBER_DIGITS 16

struct kind {
	const char *word;
	enum record_role role;
	uint8_t least; /* numbers */
	uint8_t most;
};

static const struct kind kinds[RECORD_KINDS] = {
	[RECORD_VERSION] = { "vsmmuv3-log", RECORD_IS_HEADER, 1, 1 },
	[RECORD_IDENTITY] = { "identity", RECORD_IS_HEADER, 8, 8 },
	[RECORD_CONFIG] = { "config", RECORD_IS_HEADER, 6, 6 },
	[RECORD_MEMORY] = { "memory", RECORD_IS_PLACE, 0, 2 },
	[RECORD_READ] = { "read", RECORD_IS_READ, 3, 3 },
	[RECORD_WRITE] = { "write", RECORD_IS_ACCESS, 3, 3 },
	[RECORD_ADD] = { "add", RECORD_IS_ACCESS, 1, 1 },
	[RECORD_REMOVE] = { "remove", RECORD_IS_ACCESS, 1, 1 },
	[RECORD_RESET] = { "reset", RECORD_IS_ACCESS, 0, 0 },
	[RECORD_PROCESS] = { "process", RECORD_IS_ACCESS, 0, 0 },
	[RECORD_DELIVER] = { "deliver", RECORD_IS_ACCESS, 0, 0 },
	[RECORD_FAULT] = { "fault", RECORD_IS_ACCESS, 0, 0 },
	[RECORD_RESTORE] = { "restore", RECORD_IS_ACCESS, 0, 0 },
	[RECORD_FETCH] = { "fetch", RECORD_IS_INPUT, 2, 1 + RECORD_WORDS_MAX },
	[RECORD_ARRIVAL] = { "arrival", RECORD_IS_INPUT, 1, 5 },
	[RECORD_INTERRUPT] = { "interrupt", RECORD_IS_OUTPUT, 1, 1 },
	[RECORD_MSI] = { "msi", RECORD_IS_OUTPUT, 2, 2 },
	[RECORD_WAKE] = { "wake", RECORD_IS_OUTPUT, 0, 0 },
	[RECORD_EVENT] = { "event", RECORD_IS_OUTPUT, 5, 5 },
	[RECORD_LOST] = { "lost", RECORD_IS_OUTPUT, 5, 5 },
	[RECORD_END] = { "end", RECORD_IS_END, 3, 3 },
};

enum record_role record_role(enum record_kind kind)
{
	return kinds[kind].role;
}

struct record_line record_line(enum record_kind kind, uint64_t first, uint64_t second)
{
	return (struct record_line){
		.kind = kind,
		.count = kinds[kind].least,
		.numbers = { first, second },
	};
}

bool record_equal(const struct record_line *one, const struct record_line *other)
{
	return one->kind == other->kind && one->count == other->count &&
	       !memcmp(one->numbers, other->numbers, one->count * sizeof(one->numbers[0]));
}

size_t record_format(const struct record_line *line, const char *comment,
	char text[IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE])
{
	const size_t size = IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE;
	size_t length = (size_t)snprintf(text, size, "%s", kinds[line->kind].word);

	for (unsigned int i = 0; i < line->count; i++)
		length += (size_t)snprintf(
			text + length, size - length, " 0x%" PRIx64, line->numbers[i]);
	if (comment)
		length += (size_t)snprintf(
			text + length, size - length, " %c %.*s", COMMENT, COMMENT_SIZE, comment);
	length += (size_t)snprintf(text + length, size - length, "\n");
	return length;
}

/* The rest of a line. */
struct rest {
	const char *at;
	const char *end;
};

/* The next word, up to a space; its length. */
static size_t next_word(struct rest *rest, const char **word)
{
	while (rest->at < rest->end && *rest->at == ' ')
		rest->at++;
	*word = rest->at;
	while (rest->at < rest->end && *rest->at != ' ')
		rest->at++;
	return (size_t)(rest->at - *word);
}

static bool find_kind(const char *word, size_t length, enum record_kind *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strlen(kinds[i].word) == length && !memcmp(word, kinds[i].word, length)) {
			*kind = (enum record_kind)i;
			return true;
		}
	return false;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_number(const char *word, size_t length, uint64_t *number)
{
	if (length < 3 || length > 2 + NUMBER_DIGITS || word[0] != '0' || word[1] != 'x')
		return false;
	*number = 0;
	for (size_t i = 2; i < length; i++) {
		const int value = digit(word[i]);

		if (value < 0)
			return false;
		*number = *number << NIBBLE_BITS | (unsigned int)value;
	}
	return true;
}

static bool has_right_count(const struct record_line *line)
{
	const struct kind *kind = &kinds[line->kind];

	if (line->kind == RECORD_FETCH)
		return line->count >= kind->least && line->count <= kind->most;
	return line->count == kind->least || line->count == kind->most;
}

static const char *parse_numbers(struct rest *rest, struct record_line *line)
{
	const char *word;
	size_t length;

	for (line->count = 0; (length = next_word(rest, &word)); line->count++) {
		if (line->count == RECORD_NUMBERS_MAX)
			return "more numbers than any line has";
		if (!parse_number(word, length, &line->numbers[line->count]))
			return "a number is 0x and up to 16 digits of 0 to 9 and a to f";
	}
	return has_right_count(line) ? NULL : "not as many numbers as this kind of line has";
}

int record_parse(const char *text, size_t length, struct record_line *line, const char **problem)
{
	const char *comment = memchr(text, COMMENT, length), *word;
	struct rest rest = { text, comment ? comment : text + length };
	size_t word_length;

	*problem = NULL;
	if (length >= IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE - 1) {
		*problem = "the line is too long";
		return -EINVAL;
	}
	word_length = next_word(&rest, &word);
	if (!word_length)
		return 0;
	if (!find_kind(word, word_length, &line->kind))
		*problem = "no line begins with this word";
	else
		*problem = parse_numbers(&rest, line);
	return *problem ? -EINVAL : 1;
}
