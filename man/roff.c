// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "output/text.h"
#include "roff.h"

/* Characters that typesetters would change or take for an escape. */
static const char *escape_of(char character)
{
	switch (character) {
	case '\\': return "\\e";
	case '-': return "\\-";
	case '\'': return "\\(aq";
	case '"': return "\\(dq";
	case '`': return "\\(ga";
	case '^': return "\\(ha";
	case '~': return "\\(ti";
	default: return NULL;
	}
}

static void write_characters(FILE *stream, const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		const char *escape = escape_of(*text);
		uint32_t code_point;
		size_t size = text_decode(text, &code_point);

		if (escape)
			fputs(escape, stream);
		else if (size > 1)
			fprintf(stream, "\\[u%04" PRIX32 "]", code_point);
		else
			fputc(*text, stream);
		text += size ? size : 1;
	}
}

static void write_line(FILE *stream, const char *text, size_t length)
{
	if (*text == '.')
		fputs("\\&", stream);
	write_characters(stream, text, length);
}

void roff_text(FILE *stream, const char *text)
{
	write_line(stream, text, strlen(text));
}

void roff_page(FILE *stream, const char *name, int section, const char *summary)
{
	fputs(".\\\" Generated from the tables of iommuctl.\n.TH ", stream);
	for (const char *letter = name; *letter; letter++)
		fputc(toupper((unsigned char)*letter), stream);
	fprintf(stream, " %d \"\" \"iommuctl %s\" \"iommuctl\"\n", section, IOMMUCTL_VERSION);
	fputs(".SH NAME\n", stream);
	roff_text(stream, name);
	fputs(" \\- ", stream);
	write_characters(stream, summary, strlen(summary));
	fputc('\n', stream);
}

static void write_heading(FILE *stream, const char *macro, const char *title)
{
	fprintf(stream, ".%s \"", macro);
	roff_text(stream, title);
	fputs("\"\n", stream);
}

void roff_section(FILE *stream, const char *title)
{
	write_heading(stream, "SH", title);
}

void roff_subsection(FILE *stream, const char *title)
{
	write_heading(stream, "SS", title);
}

void roff_synopsis(FILE *stream, const char *synopsis)
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-";

	while (*synopsis) {
		size_t bold = strspn(synopsis, lower);
		size_t italic = strspn(synopsis, upper);
		size_t length = bold ? bold : italic ? italic : 1;

		if (bold || italic)
			fputs(bold ? "\\fB" : "\\fI", stream);
		write_characters(stream, synopsis, length);
		if (bold || italic)
			fputs("\\fR", stream);
		synopsis += length;
	}
}

static void write_example(FILE *stream, const char *text, size_t length)
{
	fputs(".RS 2\n.EX\n", stream);
	while (length) {
		size_t indent = strncmp(text, "  ", 2) ? 0 : 2; /* .RS indents it again */
		size_t line = strcspn(text, "\n");

		line = line < length ? line : length;
		write_line(stream, text + indent, line - indent);
		fputc('\n', stream);
		length -= line < length ? line + 1 : line;
		text += line + 1;
	}
	fputs(".EE\n.RE\n", stream);
}

void roff_paragraphs(FILE *stream, const char *text)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t length = end ? (size_t)(end - text) : strlen(text);

		fputs(".PP\n", stream);
		if (*text == ' ') {
			write_example(stream, text, length);
		} else {
			write_line(stream, text, length);
			fputc('\n', stream);
		}
		text += length + (end ? 2 : 0);
	}
}

void roff_tag(FILE *stream)
{
	fputs(".TP\n", stream);
}

void roff_term(FILE *stream, const char *term, const char *text)
{
	fputs(".TP\n\\fB", stream);
	write_characters(stream, term, strlen(term));
	fputs("\\fR\n", stream);
	roff_text(stream, text);
	fputc('\n', stream);
}
