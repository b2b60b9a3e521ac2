// SPDX-License-Identifier: MIT
#include "document/syntax_token.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "array.h"
#include "document/value.h"
#include "output/text.h"

int syntax_fail(struct syntax *syntax, const char *at, const char *format, ...)
{
	va_list arguments;

	syntax->mistake->at = at;
	syntax->mistake->hint[0] = '\0';
	va_start(arguments, format);
	vsnprintf(syntax->mistake->message, sizeof(syntax->mistake->message), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

int syntax_hint(struct syntax *syntax, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(syntax->mistake->hint, sizeof(syntax->mistake->hint), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

static bool starts_with(const struct syntax *syntax, const char *bytes, size_t count)
{
	const struct scan *scan = &syntax->scan;

	return (size_t)(scan->end - scan->at) >= count && !memcmp(scan->at, bytes, count);
}

static int check_mark(struct syntax *syntax)
{
	if (starts_with(syntax, "\xef\xbb\xbf", 3)) {
		syntax_fail(syntax, syntax->text, "begins with a byte-order mark (ef bb bf)");
		return syntax_hint(syntax, "save it as UTF-8 without a byte-order mark");
	}
	if (starts_with(syntax, "\xff\xfe", 2) || starts_with(syntax, "\xfe\xff", 2)) {
		syntax_fail(syntax, syntax->text, "is UTF-16; JSON is UTF-8");
		return syntax_hint(syntax, "save it as UTF-8 without a byte-order mark");
	}
	return 0;
}

/* Skips the ASCII at @at, or most of it: eight bytes at once. */
static const char *pass_ascii(const char *at, const char *end)
{
	uint64_t bytes;

	while ((size_t)(end - at) >= sizeof(bytes)) {
		memcpy(&bytes, at, sizeof(bytes));
		if (bytes & UINT64_C(0x8080808080808080))
			break;
		at += sizeof(bytes);
	}
	return at;
}

/* The length of the character at @at, 0 if it is not one. */
static size_t character_length(const char *at, const char *end)
{
	size_t left = (size_t)(end - at);
	char buffer[5] = "";
	uint32_t code_point;

	if ((unsigned char)*at < 0x80)
		return 1;
	memcpy(buffer, at, left < 4 ? left : 4);
	return text_decode(buffer, &code_point);
}

int syntax_encoding(struct syntax *syntax)
{
	const char *end = syntax->scan.end, *nul;
	struct scan start = syntax->scan;
	size_t length;

	if (check_mark(syntax))
		return -EINVAL;
	nul = memchr(start.at, '\0', (size_t)(end - start.at));
	if (nul) {
		syntax_fail(syntax, nul, "a NUL byte: this is not text");
		return syntax_hint(syntax, "the file is damaged, not text, or not UTF-8");
	}
	for (const char *at = pass_ascii(start.at, end); at < end;
		at = pass_ascii(at + length, end)) {
		length = character_length(at, end);
		if (!length)
			return syntax_fail(
				syntax, at, "byte 0x%02x is not UTF-8", (unsigned char)*at);
	}
	scan_space(&start);
	if (start.at < end)
		return 0;
	return syntax_fail(syntax, syntax->text, "the document %s; a JSON object was expected",
		start.end == syntax->text ? "is empty" : "holds nothing but white space");
}

int syntax_shown(const struct syntax *syntax)
{
	size_t shown = scan_word(&syntax->scan);

	if (shown > 40)
		shown = 40;
	while (shown && ((unsigned char)syntax->scan.at[shown - 1] & 0xc0) == 0x80)
		shown--;
	if (shown && (unsigned char)syntax->scan.at[shown - 1] >= 0xc0)
		shown--;
	return (int)(shown ? shown : character_length(syntax->scan.at, syntax->scan.end));
}

/* Whether four hexadecimal digits begin at @at; *@value is their number. */
static bool four_digits(const char *at, const char *end, unsigned int *value)
{
	if (end - at < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		if (!isxdigit((unsigned char)at[i]))
			return false;
	}
	return sscanf(at, "%4x", value) == 1;
}

/* The place is at the backslash of \u; @value is what follows it. */
static int check_surrogates(struct syntax *syntax, unsigned int value)
{
	const char *at = syntax->scan.at, *end = syntax->scan.end;
	unsigned int low = 0;
	bool high = value >= 0xd800 && value <= 0xdbff;

	syntax->scan.at += 6;
	if (!high && (value < 0xdc00 || value > 0xdfff))
		return 0;
	if (high && end - at >= 8 && at[6] == '\\' && at[7] == 'u' &&
		four_digits(at + 8, end, &low) && low >= 0xdc00 && low <= 0xdfff) {
		syntax->scan.at += 6;
		return 0;
	}
	return syntax_fail(
		syntax, at, "\\u%.4s is half a character: surrogates come in pairs", at + 2);
}

static int check_escape(struct syntax *syntax)
{
	const char *at = syntax->scan.at, *end = syntax->scan.end;
	unsigned int value;

	if (end - at >= 2 && at[1] && strchr("\"\\/bfnrt", at[1])) {
		syntax->scan.at += 2;
		return 0;
	}
	if (end - at < 2 || at[1] != 'u') {
		int length = end - at < 2 ? 0 : (int)character_length(at + 1, end);

		syntax_fail(syntax, at, "\\%.*s is not a JSON escape", length, at + 1);
		return syntax_hint(syntax, "a backslash itself is written \\\\");
	}
	if (!four_digits(at + 2, end, &value))
		return syntax_fail(syntax, at, "\\u takes four hexadecimal digits");
	if (!value) {
		syntax_fail(syntax, at, "\\u0000: no string here can hold NUL");
		return syntax_hint(syntax, "\"hex\" gives bytes of any value");
	}
	return check_surrogates(syntax, value);
}

static int fail_control(struct syntax *syntax, const char *opening)
{
	unsigned char byte = (unsigned char)*syntax->scan.at;

	if (byte == '\n' || byte == '\r') {
		syntax_fail(
			syntax, opening, "the string that begins here does not end on its line");
		return syntax_hint(
			syntax, "close it with '\"'; a new line within a string is written \\n");
	}
	if (byte == '\t')
		return syntax_fail(syntax, syntax->scan.at, "a tab within a string is written \\t");
	return syntax_fail(syntax, syntax->scan.at,
		"control character 0x%02x within a string is written \\u%04x", byte, byte);
}

/* The bulk of most strings. */
static const bool is_plain[256] = {
	[' ' ... '!'] = true, ['#' ... '['] = true, [']' ... 255] = true
};

static void pass_plain(struct scan *scan)
{
	const char *at = scan->at;

	while (at < scan->end && is_plain[(unsigned char)*at])
		at++;
	scan->at = at;
}

int syntax_string(struct syntax *syntax)
{
	const char *opening = syntax->scan.at++;
	int err = 0;

	for (;;) {
		int byte;

		pass_plain(&syntax->scan);
		byte = scan_peek(&syntax->scan);
		if (err || byte == '"')
			break;
		if (byte < 0)
			return syntax_fail(syntax, opening,
				"the document ends within the string that begins here");
		if (byte < 0x20)
			return fail_control(syntax, opening);
		err = check_escape(syntax);
	}
	syntax->scan.at++;
	return err;
}

static bool skip_digits(struct scan *scan)
{
	const char *start = scan->at;

	while (isdigit(scan_peek(scan)))
		scan->at++;
	return scan->at > start;
}

/* Whether the whole word at the place is a JSON number; moves past it. */
static bool pass_number(struct scan *scan)
{
	struct scan now = *scan;

	now.at += scan_peek(&now) == '-';
	if (scan_peek(&now) == '0')
		now.at++;
	else if (!skip_digits(&now))
		return false;
	if (scan_peek(&now) == '.') {
		now.at++;
		if (!skip_digits(&now))
			return false;
	}
	if (scan_peek(&now) == 'e' || scan_peek(&now) == 'E') {
		now.at++;
		now.at += scan_peek(&now) == '+' || scan_peek(&now) == '-';
		if (!skip_digits(&now))
			return false;
	}
	if (now.at != scan->at + scan_word(scan))
		return false;
	*scan = now;
	return true;
}

/* Words of other languages, and what to write here. */
static const struct {
	const char *written, *hint;
} words[] = {
	{ "true", "write true" },
	{ "yes", "write true" },
	{ "on", "write true" },
	{ "false", "write false" },
	{ "no", "write false" },
	{ "off", "write false" },
	{ "null", "leave a key out that has no value" },
	{ "none", "leave a key out that has no value" },
	{ "nil", "leave a key out that has no value" },
	{ "undefined", "leave a key out that has no value" },
	{ "nan", "numbers are finite" },
	{ "inf", "numbers are finite" },
	{ "infinity", "numbers are finite" },
};

#define WORDS (ARRAY_SIZE(words))

static int fail_number(struct syntax *syntax, const char *word)
{
	const char *digits = word + strspn(word, "+-");
	const char *first = digits + strspn(digits, "0");
	uint64_t value;

	syntax_fail(syntax, syntax->scan.at, "%s is not a JSON number", word);
	if (digits == word && !value_parse_number(word, &value) && word[strspn(word, "0123456789")])
		return syntax_hint(syntax, "write it as a string: \"%s\"", word);
	if (*word == '+')
		return syntax_hint(syntax, "a number has no \"+\": %s", digits);
	if (first > digits && isdigit((unsigned char)*first))
		return syntax_hint(syntax, "a number has no leading zeros: %s", first);
	if (strchr(word, '.'))
		return syntax_hint(syntax, "digits go before and after the decimal point");
	return syntax_hint(syntax, "a number is like 4096; sizes and addresses may be strings, "
				   "like \"0x1000\" or \"16M\"");
}

static int fail_word(struct syntax *syntax)
{
	char word[64];

	snprintf(word, sizeof(word), "%.*s", syntax_shown(syntax), syntax->scan.at);
	if (word[strspn(word, "+-.0123456789")] == '\0' ||
		isdigit((unsigned char)word[strspn(word, "+-.")]))
		return fail_number(syntax, word);
	syntax_fail(syntax, syntax->scan.at, "%s is not a JSON value", word);
	for (size_t i = 0; i < WORDS; i++) {
		if (!strcasecmp(words[i].written, word))
			return syntax_hint(syntax, "%s", words[i].hint);
	}
	return syntax_hint(syntax, "strings are in double quotes: \"%s\"", word);
}

int syntax_word(struct syntax *syntax)
{
	static const char *const literals[] = { "true", "false", "null" };
	size_t length = scan_word(&syntax->scan);

	if (pass_number(&syntax->scan))
		return 0;
	for (size_t i = 0; i < 3; i++) {
		if (length == strlen(literals[i]) && starts_with(syntax, literals[i], length)) {
			syntax->scan.at += length;
			return 0;
		}
	}
	return fail_word(syntax);
}

int syntax_stray(struct syntax *syntax, const char *expected)
{
	const char *at = syntax->scan.at;

	if (*at == '\'') {
		syntax_fail(syntax, at, "a single quotation mark where %s was expected", expected);
		return syntax_hint(syntax, "strings and keys are in double quotes");
	}
	if (*at == '#' || starts_with(syntax, "//", 2) || starts_with(syntax, "/*", 2)) {
		syntax_fail(syntax, at, "a comment where %s was expected", expected);
		return syntax_hint(syntax,
			"JSON has no comments; a job and its steps have \"name\", and a "
			"job has \"description\"");
	}
	return syntax_fail(
		syntax, at, "'%.*s' where %s was expected", syntax_shown(syntax), at, expected);
}
