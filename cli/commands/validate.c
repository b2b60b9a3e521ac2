// SPDX-License-Identifier: MIT
#include "invocation.h"
#include "job/load.h"
#include "job/parse.h"

static enum exit_status run(struct invocation *invocation)
{
	enum exit_status worst = STATUS_DONE;

	for (int i = 0; i < invocation->argument_count; i++) {
		const char *name = invocation->arguments[i];
		struct job *job;
		enum exit_status status;

		status = job_load(name, invocation->report, &job);
		if (status) {
			worst = worst == STATUS_FAILED ? worst : status;
			continue;
		}
		report_result(invocation->report, "valid", json_pack("{s:s}", "file", name),
			"%s: valid", name);
		job_free(job);
	}
	return worst;
}

const struct command command_validate = {
	.name = "validate",
	.arguments = "JOB...",
	.arguments_min = 1,
	.arguments_max = -1,
	.summary = "Check a job without touching anything",
	.description =
		"Reads each JOB (- is standard input) and checks it as far as that is possible without "
		"opening a file but the job: syntax, keys, types, ranges, references, cycles, overlaps, "
		"and whether its tables can be laid out and its STEs would be taken by the kernel.\n"
		"\n"
		"A wrong job is reported with the place in the document, the line, and what was expected. "
		"The exit status is then 3.",
	.takes_model = true,
	.run = run,
};
