// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "array.h"
#include "output/memory.h"
#include "output/text.h"

/* The length of a sequence that begins with @first; 0 if none does. */
static size_t length_by_first(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc0 || first >= 0xf8)
		return 0;
	if (first < 0xe0)
		return 2;
	return first < 0xf0 ? 3 : 4;
}

size_t text_decode(const char *text, uint32_t *code_point)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)text[0];
	size_t length = length_by_first(first);
	uint32_t value;

	if (!length)
		return 0;
	value = length == 1 ? first : first & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (value < smallest[length] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*code_point = value;
	return length;
}

/* Removes an incomplete character at the end of @text. */
static void drop_partial_character(char *text, size_t length)
{
	size_t start = length;
	uint32_t code_point;

	while (start && length - start < 3 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start && (unsigned char)text[start - 1] >= 0xc0 &&
		!text_decode(text + start - 1, &code_point))
		text[start - 1] = '\0';
}

void text_append_list(char *text, size_t size, const char *format, va_list arguments)
{
	size_t used = strlen(text);
	int length = vsnprintf(text + used, size - used, format, arguments);

	if (length < 0)
		text[used] = '\0';
	else if ((size_t)length >= size - used)
		drop_partial_character(text, size - 1);
}

const char *text_file_name(const char *name)
{
	return strcmp(name, "-") == 0 ? "standard input" : name;
}

void text_append(char *text, size_t size, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_append_list(text, size, format, arguments);
	va_end(arguments);
}

const char *text_article(const char *noun)
{
	static const char *const spelled_out[] = { "hwpt", "msi", "smmu", "ssid", "ste" };
	size_t length = strcspn(noun, "- ");

	for (size_t i = 0; i < ARRAY_SIZE(spelled_out); i++) {
		if (length == strlen(spelled_out[i]) && !strncasecmp(noun, spelled_out[i], length))
			return "an";
	}
	return *noun && strchr("aeiouAEIOU", *noun) ? "an" : "a";
}

static bool is_visible(uint32_t code_point)
{
	bool control = code_point < 0x20 || (code_point >= 0x7f && code_point <= 0x9f);
	bool reorders = (code_point >= 0x2028 && code_point <= 0x202e) ||
			(code_point >= 0x2066 && code_point <= 0x2069);

	return !control && !reorders;
}

/* Puts into @piece how to show the character at @text. Returns its length in @text. */
static size_t show_character(const char *text, unsigned int keep, char piece[8])
{
	uint32_t code_point;
	size_t length = text_decode(text, &code_point);

	if (!length || !is_visible(code_point))
		length = 0;
	if (!length && (keep & TEXT_LINES) && (*text == '\n' || *text == '\t'))
		length = 1;
	if (length)
		snprintf(piece, 8, "%.*s", (int)length, text);
	else if (*text == '\n' || *text == '\t')
		snprintf(piece, 8, "\\%c", *text == '\n' ? 'n' : 't');
	else
		snprintf(piece, 8, "\\x%02x", (unsigned char)*text);
	return length ? length : 1;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The number of visible ASCII characters from here on: most of any text. */
static size_t plain_length(const char *text)
{
	size_t length = 0;

	while (text[length] >= ' ' && text[length] <= '~')
		length++;
	return length;
}

void text_print(FILE *stream, const char *text, unsigned int keep)
{
	char piece[8];

	while (*text) {
		const size_t plain = plain_length(text);

		fwrite(text, 1, plain, stream);
		text += plain;
		if (!*text)
			break;
		text += show_character(text, keep, piece);
		fputs(piece, stream);
	}
}

const char *text_escape(const char *text, char *escaped, size_t size)
{
	char piece[8];
	size_t used = 0;

	while (*text) {
		const size_t plain = smaller(plain_length(text), size - used - 1);

		memcpy(escaped + used, text, plain);
		used += plain;
		text += plain;
		if (!*text)
			break;
		text += show_character(text, 0, piece);
		if (used + strlen(piece) >= size)
			break;
		memcpy(escaped + used, piece, strlen(piece));
		used += strlen(piece);
	}
	escaped[used] = '\0';
	return escaped;
}

void text_print_json(FILE *stream, const char *line)
{
	while (*line) {
		uint32_t code_point = 0;
		size_t length = text_decode(line, &code_point);

		if (!length || is_visible(code_point) || code_point > 0xffff)
			fwrite(line, 1, length ? length : 1, stream);
		else
			fprintf(stream, "\\u%04x", code_point);
		line += length ? length : 1;
	}
}

json_t *text_to_json(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	json_t *json;
	char *valid;
	size_t used = 0;

	if (!text)
		return json_null();
	valid = memory_checked(malloc(strlen(text) * (sizeof(replacement) - 1) + 1));
	if (!valid)
		return NULL;
	while (*text) {
		uint32_t code_point;
		size_t length = text_decode(text, &code_point);

		memcpy(valid + used, length ? text : replacement, length ? length : 3);
		used += length ? length : 3;
		text += length ? length : 1;
	}
	json = json_stringn(valid, used);
	free(valid);
	return json;
}

json_t *hex_to_json(uint64_t value)
{
	return json_sprintf("0x%" PRIx64, value);
}

json_t *hex_digits_to_json(uint64_t value, int digits)
{
	return json_sprintf("0x%0*" PRIx64, digits, value);
}

void nearest_start(struct nearest *nearest, const char *typed)
{
	size_t length = strlen(typed);

	*nearest = (struct nearest){ .typed = typed, .distance = 2 + length / 4 };
	if (nearest->distance > length)
		nearest->distance = length;
	/* Too far from any name: there is no need to compare. */
	if (length >= 2 * sizeof(nearest->name))
		nearest->distance = 0;
}

/* Case does not count: it is the first thing that one gets wrong. */
static bool is_same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* The number of letters to add, drop or change to get from one to the other. */
static size_t edit_distance(const char *typed, const char *name, size_t length)
{
	size_t row[sizeof(((struct nearest *)NULL)->name)];

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; typed[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t changed = diagonal + !is_same_letter(typed[i - 1], name[j - 1]);

			diagonal = row[j];
			row[j] = smaller(changed, 1 + smaller(row[j], row[j - 1]));
		}
	}
	return row[length];
}

void nearest_offer(struct nearest *nearest, const char *name, size_t length)
{
	size_t distance;

	if (length >= sizeof(nearest->name) || !nearest->distance)
		return;
	distance = edit_distance(nearest->typed, name, length);
	if (distance >= nearest->distance)
		return;
	nearest->distance = distance;
	memcpy(nearest->name, name, length);
	nearest->name[length] = '\0';
}

const char *nearest_hint(const struct nearest *nearest, char hint[NEAREST_HINT_SIZE])
{
	if (!*nearest->name)
		return NULL;
	snprintf(hint, NEAREST_HINT_SIZE, "did you mean \"%s\"?", nearest->name);
	return hint;
}

/* Text that is not UTF-8 is cut anywhere. */
size_t text_piece(const char *text, size_t size)
{
	const size_t length = strnlen(text, size);
	size_t end = length;

	while (end && length - end < 3 && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	return end && ((unsigned char)text[end] & 0xc0) != 0x80 ? end : length;
}
