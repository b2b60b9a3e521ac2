// SPDX-License-Identifier: MIT
#include "job/schema.h"

#include <errno.h>
#include <stdlib.h>

#include "invocation.h"

static enum exit_status run(struct invocation *invocation)
{
	struct report *report = invocation->report;
	json_t *schema = schema_to_json();
	char *text = schema ? json_dumps(schema, JSON_INDENT(2)) : NULL;

	if (!text) {
		json_decref(schema);
		return report_errno(report, "schema", NULL, ENOMEM);
	}
	report_lines(report, "schema", schema, text);
	free(text);
	return STATUS_DONE;
}

const struct command command_schema = {
	.name = "schema",
	.arguments = "",
	.arguments_min = 0,
	.arguments_max = 0,
	.summary = "Print the JSON Schema of jobs",
	.description =
		"Prints the JSON Schema (draft 2020-12) of job documents. It is made from the tables that "
		"the parser works with, so both say the same. Sizes and addresses may be numbers, or "
		"strings such as \"0x40000000\" and \"16M\"; ranges of the latter, references, overlaps and "
		"the like are beyond a schema: validate checks them.",
	.run = run,
};
