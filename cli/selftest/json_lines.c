// SPDX-License-Identifier: MIT
/* One envelope a line: one for each test, and a summary. */
#include "output/json.h"
#include "output/memory.h"
#include "output/text.h"
#include "selftest/format.h"

static void next(FILE *out, const struct selftest_results *results)
{
	const struct selftest_result *result = &results->result[results->count - 1];
	json_t *test = json_pack("{s:o, s:o, s:s, s:s, s:o, s:I, s:I}", "name",
		text_to_json(result->name), "file", text_to_json(result->file), "result",
		selftest_outcome_name(result->outcome), "status", exit_status_name(result->status),
		"reason", text_to_json(result->reason[0] ? result->reason : NULL), "steps-passed",
		result->steps, "ms", (json_int_t)(result->seconds * 1000));

	if (result->error)
		json_object_set(test, "error", result->error);
	if (!json_write_line(out, "test", test))
		memory_note_failure();
}

static void end(FILE *out, const struct selftest_results *results)
{
	json_t *summary = json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I}", "backend",
		results->backend, "machine", text_to_json(results->machine), "tests",
		(json_int_t)results->total, "passed", (json_int_t)results->counts[SELFTEST_PASSED],
		"skipped", (json_int_t)results->counts[SELFTEST_SKIPPED], "failed",
		(json_int_t)results->counts[SELFTEST_FAILED], "ms",
		(json_int_t)(results->seconds * 1000));

	if (!json_write_line(out, "selftest", summary))
		memory_note_failure();
}

const struct selftest_format selftest_json = { "json", NULL, next, end };
