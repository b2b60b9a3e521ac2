// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "invocation.h"
#include "job/machine.h"
#include "job/schema/schema.h"
#include "model/platform_schema.h"
#include "output/results_schema.h"
#include "session/holder/request.h"

/* The schema of what a parser reads is made from its shape; others are a text. */
struct kind {
	const char *name;
	const struct schema_shape *shape;
	const char *title;
	const char *text;
};

static const struct kind kinds[] = {
	{ "job", &schema_job, "iommuctl job" },
	{ "machine", &schema_platform, "iommuctl model machine" },
	{ "devices", &schema_machine_devices, "iommuctl devices of a machine" },
	{ "request", &schema_request, "iommuctl session request" },
	{ "results", .text = results_schema },
};

/* The first if @name is not given; NULL if it is unknown. */
static const struct kind *find_kind(const struct invocation *invocation)
{
	const char *name = invocation->argument_count ? invocation->arguments[0] : "job";

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
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
		return report_usage(report,
			"there is no schema '%s': expected \"job\", \"machine\", \"devices\", \"request\" or \"results\"",
			invocation->arguments[0]);
	schema = kind->shape ? schema_to_json(kind->shape, kind->title)
			     : json_loads(kind->text, 0, NULL);
	text = schema ? json_dumps(schema, JSON_INDENT(2)) : NULL;
	if (!text) {
		json_decref(schema);
		return report_out_of_memory(report);
	}
	report->columns = 0; /* a program reads it */
	report_lines(report, "schema", schema, text);
	free(text);
	return STATUS_DONE;
}

const struct command command_schema = {
	.name = "schema",
	.group = COMMANDS_JOBS,
	.arguments = "[job|machine|devices|request|results]",
	.arguments_min = 0,
	.arguments_max = 1,
	.summary = "Print the JSON Schema of jobs, machines, requests to sessions, or results",
	.description =
		"Prints the JSON Schema (draft 2020-12) of job documents; with \"machine\", of the "
		"FILEs of --model; with \"devices\", of the FILEs of --machine; with \"request\", of "
		"requests to sessions (iommuctl-session(7)); or with \"results\", of a line of any "
		"command's output with --json, and of its --trace. The schemas of documents that "
		"iommuctl reads are made from the tables of its parser, so they say the same. Sizes "
		"and addresses may be numbers, or strings such as \"0x40000000\" and \"16M\". A schema "
		"cannot express the range of such a string, references, overlaps and the like: "
		"validate checks them in jobs, and run in machines.\n"
		"\n"
		"They are installed, as iommuctl.schema.json, iommuctl-machine.schema.json, "
		"iommuctl-request.schema.json and iommuctl-results.schema.json. A document may name "
		"the one that it follows under \"$schema\", for editors.",
	.run = run,
};
