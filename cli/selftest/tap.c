// SPDX-License-Identifier: MIT
/* Test Anything Protocol, version 14: https://testanything.org/tap-version-14-specification.html */
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "output/text.h"
#include "selftest/format.h"

/* A '#' would begin a directive. */
static void print_escaped(FILE *out, const char *text)
{
	char part[2] = "";

	for (const char *at = text; *at;) {
		size_t length = strcspn(at, "#\\");

		if (length) {
			char plain[128];

			if (length >= sizeof(plain))
				length = text_piece(at, sizeof(plain) - 1);
			snprintf(plain, sizeof(plain), "%.*s", (int)length, at);
			text_print(out, plain, 0);
			at += length;
			continue;
		}
		part[0] = *at++;
		fprintf(out, "\\%s", part);
	}
}

static void begin(FILE *out, const struct selftest_results *results)
{
	fprintf(out, "TAP version 14\n1..%zu\n", results->total);
}

static void print_member(FILE *out, const char *key, json_t *value)
{
	char *text = json_is_null(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	/* JSON is YAML, and characters that a terminal would interpret are escaped as digits. */
	if (text) {
		fprintf(out, "  %s: ", key);
		text_print_json(out, text);
		fputc('\n', out);
	}
	free(text);
}

static void print_text(FILE *out, const char *key, const char *text)
{
	json_t *value = text_to_json(text);

	print_member(out, key, value);
	json_decref(value);
}

/* The diagnostics of a failed test: all that is known about the error. */
static void print_block(FILE *out, const struct selftest_result *result)
{
	static const char *const keys[] = { "operation", "file", "line", "column", "step",
		"expected", "hints", "events" };

	fputs("  ---\n", out);
	print_text(out, "message", result->reason);
	print_text(out, "status", exit_status_name(result->status));
	for (size_t i = 0; result->error && i < ARRAY_SIZE(keys); i++) {
		json_t *value = json_object_get(result->error, keys[i]);

		if (value)
			print_member(out, keys[i], value);
	}
	fputs("  ...\n", out);
}

static void next(FILE *out, const struct selftest_results *results)
{
	const struct selftest_result *result = &results->result[results->count - 1];

	fprintf(out, "%sok %zu - ", result->outcome == SELFTEST_FAILED ? "not " : "",
		results->count);
	print_escaped(out, result->name);
	if (result->outcome == SELFTEST_SKIPPED) {
		fputs(" # SKIP ", out);
		text_print(out, result->reason, 0);
	}
	fputc('\n', out);
	if (result->outcome == SELFTEST_FAILED)
		print_block(out, result);
}

static void end(FILE *out, const struct selftest_results *results)
{
	fprintf(out, "# %zu passed, %zu skipped, %zu failed of %zu, on the %s", results->counts[0],
		results->counts[1], results->counts[2], results->total, results->backend);
	if (results->machine) {
		fputs(": ", out);
		text_print(out, results->machine, 0);
	}
	fputc('\n', out);
}

const struct selftest_format selftest_tap = { "tap", begin, next, end };
