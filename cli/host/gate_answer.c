// SPDX-License-Identifier: MIT
#include "host/gate_answer.h"

#include <string.h>

#include "array.h"
#include "output/json.h"
#include "output/text.h"

static const char *const outcome_names[] = {
	[GATE_PASS] = "pass",
	[GATE_FAIL] = "fail",
	[GATE_UNKNOWN] = "unknown",
};

const char *gate_outcome_name(enum gate_outcome outcome)
{
	return outcome_names[outcome];
}

json_t *gate_answer_to_json(const struct gate *gate, const struct gate_result *result)
{
	const struct failure *found = &result->found;
	const bool failed = result->outcome == GATE_FAIL;

	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "name", gate->name, "outcome",
		gate_outcome_name(result->outcome), "status",
		exit_status_name(failed ? failure_status(found) : STATUS_DONE), "finding",
		text_to_json(found->message), "explanations", explanations_to_json(found, 1));
}

static bool read_outcome(const char *name, enum gate_outcome *outcome)
{
	for (size_t i = 0; i < ARRAY_SIZE(outcome_names); i++) {
		if (strcmp(name, outcome_names[i]) == 0) {
			*outcome = (enum gate_outcome)i;
			return true;
		}
	}
	return false;
}

/* Anything that is not the status of a failure becomes STATUS_FAILED. */
static enum exit_status read_status(const char *name)
{
	for (const struct exit_status_row *row = exit_statuses; row->name; row++) {
		if (row->status != STATUS_DONE && strcmp(name, row->name) == 0)
			return row->status;
	}
	return STATUS_FAILED;
}

static bool read_answer(json_t *answer, struct gate_result *result)
{
	const char *outcome, *status, *finding;
	json_t *explanations, *entry;
	size_t index;

	if (json_unpack(answer, "{s:s, s:s, s:s, s:o}", "outcome", &outcome, "status", &status,
		    "finding", &finding, "explanations", &explanations) ||
		!read_outcome(outcome, &result->outcome))
		return false;
	result->found = (struct failure){
		.status = result->outcome == GATE_FAIL ? read_status(status) : STATUS_DONE,
		.message = finding,
	};
	json_array_foreach(explanations, index, entry) {
		failure_explain(&result->found, json_string_value(json_object_get(entry, "cause")),
			json_string_value(json_object_get(entry, "remedy")));
	}
	return true;
}

bool gate_answer_find(const json_t *answers, const struct gate *gate, struct gate_result *result)
{
	json_t *answer;
	size_t index;

	json_array_foreach(answers, index, answer) {
		const char *name = json_string_value(json_object_get(answer, "name"));

		if (name && strcmp(name, gate->name) == 0)
			return read_answer(answer, result);
	}
	return false;
}
