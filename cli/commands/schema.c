// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "invocation.h"
#include "job/schema.h"
#include "model/platform_file.h"

struct kind {
	const char *name;
	const struct schema_shape *shape;
	const char *title;
};

static const struct kind kinds[] = {
	{ "job", &schema_job, "iommuctl job" },
	{ "machine", &schema_platform, "iommuctl model machine" },
};

/* The first if none is named; NULL if there is no such kind. */
static const struct kind *find_kind(const struct invocation *invocation)
{
	const char *name = invocation->argument_count ? invocation->arguments[0] : "job";

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
}

static enum exit_status run(struct invocation *invocation)
{
	const struct kind *kind = find_kind(invocation);
	struct report *report = invocation->report;
	json_t *schema;
	char *text;

	if (!kind)
		return report_usage(report, "there is no schema '%s': \"job\" or \"machine\" was expected",
			invocation->arguments[0]);
	schema = schema_to_json(kind->shape, kind->title);
	text = schema ? json_dumps(schema, JSON_INDENT(2)) : NULL;
	if (!text) {
		json_decref(schema);
		return report_out_of_memory(report);
	}
	report_lines(report, "schema", schema, text);
	free(text);
	return STATUS_DONE;
}

const struct command command_schema = {
	.name = "schema",
	.arguments = "[job|machine]",
	.arguments_min = 0,
	.arguments_max = 1,
	.summary = "Print the JSON Schema of jobs, or of model machines",
	.description =
		"Prints the JSON Schema (draft 2020-12) of job documents, or with \"machine\" that of the "
		"FILEs of --model. It is made from the tables that the parser works with, so both say the "
		"same. Sizes and addresses may be numbers, or strings such as \"0x40000000\" and \"16M\"; "
		"ranges of the latter, references, overlaps and the like are beyond a schema: validate "
		"checks them in jobs, and run in machines.\n\n"
		"Both are installed, as iommuctl.schema.json and iommuctl-machine.schema.json. A document "
		"may name the one that it follows under \"$schema\", for editors.",
	.run = run,
};
