// SPDX-License-Identifier: MIT
#include "document/scan.h"

#include <ctype.h>
#include <string.h>

#include "output/text.h"

static bool is_bracket_or_quote(char byte)
{
	return byte == '{' || byte == '}' || byte == '[' || byte == ']' || byte == '"';
}

void scan_string(struct scan *scan)
{
	const char *at = scan->at + 1, *end = scan->end;

	for (; at < end && *at != '"'; at++) {
		if (*at == '\\' && at + 1 < end)
			at++;
	}
	scan->at = at < end ? at + 1 : end;
}

size_t scan_word(const struct scan *scan)
{
	const char *at = scan->at;

	while (at < scan->end && !scan_is_gap(*at) && !is_bracket_or_quote(*at))
		at++;
	return (size_t)(at - scan->at);
}

void scan_value(struct scan *scan)
{
	size_t depth = 0;

	do {
		scan_gap(scan);
		if (scan->at >= scan->end)
			return;
		switch (*scan->at) {
		case '{':
		case '[':
			depth++;
			scan->at++;
			break;
		case '}':
		case ']':
			depth--;
			scan->at++;
			break;
		case '"': scan_string(scan); break;
		default: scan->at += scan_word(scan);
		}
	} while (depth);
}

/* The value of the @count hexadecimal digits at @at. */
static uint32_t hex_value(const char *at, size_t count)
{
	uint32_t value = 0;

	for (size_t i = 0; i < count; i++) {
		int digit = tolower((unsigned char)at[i]);

		value = value << 4 | (uint32_t)(isdigit(digit) ? digit - '0' : digit - 'a' + 10);
	}
	return value;
}

/* The code point of the \u at the place, or of a surrogate pair of them. */
static uint32_t unicode_escape(struct scan *scan)
{
	uint32_t high, low;

	if (scan->end - scan->at < 6) {
		scan->at = scan->end;
		return SCAN_END;
	}
	high = hex_value(scan->at + 2, 4);
	scan->at += 6;
	if (high < 0xd800 || high > 0xdbff || scan->end - scan->at < 6 || scan->at[0] != '\\' ||
		scan->at[1] != 'u')
		return high;
	low = hex_value(scan->at + 2, 4);
	scan->at += 6;
	return 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
}

static uint32_t escape(struct scan *scan)
{
	static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	const char *found;

	if (scan->end - scan->at < 2) {
		scan->at = scan->end;
		return SCAN_END;
	}
	if (scan->at[1] == 'u')
		return unicode_escape(scan);
	found = scan->at[1] ? strchr(letters, scan->at[1]) : NULL;
	scan->at += 2;
	return found ? (unsigned char)meanings[found - letters] : (unsigned char)scan->at[-1];
}

uint32_t scan_character(struct scan *scan)
{
	uint32_t code_point;
	char buffer[5] = "";
	size_t left, length;

	if (scan->at >= scan->end || *scan->at == '"')
		return SCAN_END;
	if (*scan->at == '\\')
		return escape(scan);
	left = (size_t)(scan->end - scan->at);
	memcpy(buffer, scan->at, left < 4 ? left : 4);
	length = text_decode(buffer, &code_point);
	scan->at += length ? length : 1;
	return length ? code_point : (unsigned char)buffer[0];
}

static struct scan inside(struct scan string)
{
	if (string.at < string.end)
		string.at++;
	return string;
}

bool scan_string_is(const struct scan *scan, const char *name)
{
	struct scan string = inside(*scan);
	uint32_t character, expected;

	while ((character = scan_character(&string)) != SCAN_END) {
		size_t length = text_decode(name, &expected);

		if (!*name || !length || character != expected)
			return false;
		name += length;
	}
	return !*name;
}

int scan_compare_strings(struct scan a, struct scan b)
{
	uint32_t of_a, of_b;

	a = inside(a);
	b = inside(b);
	do {
		of_a = scan_character(&a);
		of_b = scan_character(&b);
	} while (of_a == of_b && of_a != SCAN_END);
	return (of_a > of_b) - (of_a < of_b);
}

struct scan_position scan_position(const char *text, const char *at)
{
	struct scan_position position = { 1, 1 };

	for (; text < at; text++) {
		if (*text == '\n')
			position = (struct scan_position){ position.line + 1, 1 };
		else if (((unsigned char)*text & 0xc0) != 0x80)
			position.column++;
	}
	return position;
}
