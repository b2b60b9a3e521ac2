// SPDX-License-Identifier: MIT
/* JUnit XML, as CI systems read it. */
#include <stdlib.h>
#include <string.h>

#include "output/text.h"
#include "selftest/format.h"

static const char *entity_of(char character)
{
	switch (character) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	default: return NULL;
	}
}

/* XML cannot have control characters at all: they become escapes as elsewhere. */
static void print_xml(FILE *out, const char *text)
{
	char safe[1024];

	for (const char *at = text_escape(text, safe, sizeof(safe)); *at;) {
		const char *entity = entity_of(*at);
		uint32_t code_point = 0;
		size_t length = text_decode(at, &code_point);

		length = length ? length : 1;
		/* Nor can it have these two, which are not characters. */
		if (code_point == 0xfffe || code_point == 0xffff)
			fprintf(out, "\\u%04x", code_point);
		else if (entity)
			fputs(entity, out);
		else
			fwrite(at, 1, length, out);
		at += length;
	}
}

static void print_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	print_xml(out, value);
	fputc('"', out);
}

static void print_failure(FILE *out, const struct selftest_result *result)
{
	char *error = result->error ? json_dumps(result->error, JSON_COMPACT) : NULL;

	fputs("      <failure", out);
	print_attribute(out, "type", exit_status_name(result->status));
	print_attribute(out, "message", result->reason);
	fputc('>', out);
	/* All of the text, however long, in pieces. */
	for (const char *at = error; at && *at; at += text_piece(at, 200)) {
		char part[201];

		snprintf(part, sizeof(part), "%.*s", (int)text_piece(at, 200), at);
		print_xml(out, part);
	}
	fputs("</failure>\n", out);
	free(error);
}

static void print_case(
	FILE *out, const struct selftest_results *results, const struct selftest_result *result)
{
	fputs("    <testcase", out);
	print_attribute(out, "classname", results->machine ? results->machine : results->backend);
	print_attribute(out, "name", result->name);
	print_attribute(out, "file", result->file);
	fprintf(out, " time=\"%.3f\"", result->seconds);
	if (result->outcome == SELFTEST_PASSED) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	if (result->outcome == SELFTEST_SKIPPED) {
		fputs("      <skipped", out);
		print_attribute(out, "message", result->reason);
		fputs("/>\n", out);
	} else {
		print_failure(out, result);
	}
	fputs("    </testcase>\n", out);
}

/* The counts come first, so that everything is written at the end. */
static void end(FILE *out, const struct selftest_results *results)
{
	char counts[128];

	snprintf(counts, sizeof(counts),
		" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\"",
		results->count, results->counts[SELFTEST_FAILED], results->counts[SELFTEST_SKIPPED],
		results->seconds);
	fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites%s>\n", counts);
	fputs("  <testsuite name=\"iommuctl selftest\"", out);
	fprintf(out, "%s>\n", counts);
	for (size_t i = 0; i < results->count; i++)
		print_case(out, results, &results->result[i]);
	fputs("  </testsuite>\n</testsuites>\n", out);
}

const struct selftest_format selftest_junit = { "junit", NULL, NULL, end };
