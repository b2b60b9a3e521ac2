// SPDX-License-Identifier: MIT
#include <stdbool.h>
#include <string.h>

#include "output/wrap.h"

#define WIDTH	    79
#define TEXT_COLUMN 26

static void print_words(FILE *stream, const char *text, size_t length, size_t margin, size_t column)
{
	const char *end = text + length;

	while (text < end) {
		size_t word = strcspn(text, " \n");
		bool at_margin = column == margin;

		if (word > (size_t)(end - text))
			word = (size_t)(end - text);
		if (!at_margin && column + 1 + word > WIDTH) {
			fprintf(stream, "\n%*s", (int)margin, "");
			column = margin;
			at_margin = true;
		}
		column += (size_t)fprintf(stream, "%s%.*s", at_margin ? "" : " ", (int)word, text);
		text += word;
		text += strspn(text, " \n");
	}
	fputc('\n', stream);
}

void wrap_print_at(FILE *stream, size_t margin, const char *term, const char *text)
{
	size_t column = (size_t)fprintf(stream, "  %s", term);

	if (column + 2 > margin) {
		fputc('\n', stream);
		column = 0;
	}
	fprintf(stream, "%*s", (int)(margin - column), "");
	print_words(stream, text, strlen(text), margin, margin);
}

void wrap_print(FILE *stream, const char *term, const char *text)
{
	if (term)
		wrap_print_at(stream, TEXT_COLUMN, term, text);
	else
		print_words(stream, text, strlen(text), 0, 0);
}

void wrap_print_paragraphs(FILE *stream, const char *text)
{
	const char *gap = "";

	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t length = end ? (size_t)(end - text) : strlen(text);

		fputs(gap, stream);
		if (*text == ' ')
			fprintf(stream, "%.*s\n", (int)length, text);
		else
			print_words(stream, text, length, 0, 0);
		gap = "\n";
		text += length + (end ? 2 : 0);
	}
}

/* The indentation of continuation lines if there is no column to align with. */
#define INDENT 4

static bool begins_character(char byte)
{
	return ((unsigned char)byte & 0xc0) != 0x80;
}

/* The last column of a table, that is text after two spaces, in the left half of the line. */
static size_t find_margin(const char *line, size_t length, size_t columns)
{
	size_t margin = INDENT, column = 0;

	for (size_t i = 0; i < length && column <= columns / 2; i++) {
		if (i >= 2 && line[i] != ' ' && line[i - 1] == ' ' && line[i - 2] == ' ')
			margin = column;
		column += begins_character(line[i]);
	}
	return margin;
}

/* How much of @line goes into @room columns: up to a space, or all of the first word. */
static size_t find_break(const char *line, size_t length, size_t room)
{
	size_t end = 0, column = 0, i = strspn(line, " ");

	for (column = i; i < length; i++) {
		if (line[i] == ' ' && column <= room)
			end = i;
		column += begins_character(line[i]);
		if (column > room && end)
			return end;
		if (column > room && line[i] == ' ')
			return i;
	}
	return length;
}

static void print_trimmed(FILE *stream, const char *line, size_t length)
{
	while (length && line[length - 1] == ' ')
		length--;
	fprintf(stream, "%.*s\n", (int)length, line);
}

static void print_line(FILE *stream, const char *line, size_t length, size_t columns)
{
	const size_t margin = find_margin(line, length, columns);
	size_t room = columns - 1;

	for (;;) {
		size_t part = find_break(line, length, room);

		print_trimmed(stream, line, part);
		part += strspn(line + part, " ");
		if (part >= length)
			return;
		line += part;
		length -= part;
		room = columns - 1 - margin;
		fprintf(stream, "%*s", (int)margin, "");
	}
}

void wrap_print_lines(FILE *stream, const char *text, size_t columns)
{
	while (*text) {
		const size_t length = strcspn(text, "\n");

		print_line(stream, text, length, columns);
		text += length;
		text += *text == '\n';
	}
}
