// SPDX-License-Identifier: MIT
#include "invocation.h"
#include "job/load.h"
#include "model/platform.h"
#include "output/text.h"

static enum exit_status run(struct invocation *invocation)
{
	enum exit_status worst = invocation_check_stdin(invocation, invocation->argument_count);

	if (worst)
		return worst;
	for (int i = 0; i < invocation->argument_count; i++) {
		const char *name = invocation->arguments[i];
		struct job *job;
		enum exit_status status;

		status = job_load(name, invocation->report, &job);
		if (status) {
			worst = worst == STATUS_FAILED ? worst : status;
			invocation_note_bare_word(invocation, name);
			continue;
		}
		status = platform_model_check(invocation->model, invocation->report, name, job);
		if (status) {
			worst = worst == STATUS_FAILED ? worst : status;
			job_free(job);
			continue;
		}
		name = text_file_name(name);
		report_result(invocation->report, "valid", json_pack("{s:o}", "file", text_to_json(name)),
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
		"opening a file but the job, and the FILE of --model: syntax, keys, types, ranges, "
		"references, cycles, overlaps, and whether its tables can be laid out and its STEs "
		"would be taken by the kernel. It goes through the set-up and the steps in order, and "
		"refuses what the kernel would refuse because of what exists at that point; a step that "
		"expects an error may be refused.\n"
		"\n"
		"With --model=FILE, the machine that FILE describes is known as well: which devices it "
		"has, their IOMMU groups and SMMUs, and what these can do.\n"
		"\n"
		"Of a wrong job, all mistakes are reported, each with line and column, the place in the "
		"document, and what was expected; not those that only follow from another. The exit status "
		"is then 3 (bad-job).",
	.takes = TAKES_MODEL,
	.run = run,
};
