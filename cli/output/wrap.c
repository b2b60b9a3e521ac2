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

void wrap_print(FILE *stream, const char *term, const char *text)
{
	size_t column = 0;

	if (!term) {
		print_words(stream, text, strlen(text), 0, 0);
		return;
	}
	column += (size_t)fprintf(stream, "  %s", term);
	if (column + 2 > TEXT_COLUMN) {
		fputc('\n', stream);
		column = 0;
	}
	fprintf(stream, "%*s", TEXT_COLUMN - (int)column, "");
	print_words(stream, text, strlen(text), TEXT_COLUMN, TEXT_COLUMN);
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
