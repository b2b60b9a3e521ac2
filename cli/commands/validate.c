// SPDX-License-Identifier: MIT
#include "invocation.h"
#include "job/load.h"
#include "job/machine.h"
#include "model/platform.h"
#include "output/text.h"

static enum exit_status validate(
	struct invocation *invocation, const char *name, const struct machine *machine)
{
	struct report *report = invocation->report;
	enum exit_status status;
	struct job *job;

	status = job_load(name, invocation->model, report, &job);
	if (status) {
		invocation_note_bare_word(invocation, name);
		return status;
	}
	if (machine)
		status = machine_apply(machine, job, report);
	if (!status)
		status = platform_model_check(invocation->model, report, name, job);
	name = text_file_name(name);
	if (!status)
		report_result(report, "valid", json_pack("{s:o}", "file", text_to_json(name)),
			"%s: valid", name);
	job_free(job);
	return status;
}

static enum exit_status run(struct invocation *invocation)
{
	enum exit_status worst = invocation_check_stdin(invocation, invocation->argument_count);
	struct machine *machine;

	if (!worst)
		worst = machine_load_option(invocation_option(invocation, MACHINE_OPTION),
			invocation->report, &machine);
	if (worst)
		return worst;
	for (int i = 0; i < invocation->argument_count; i++) {
		const enum exit_status status =
			validate(invocation, invocation->arguments[i], machine);

		/* That a machine lacks a device says least. */
		if (status && worst != STATUS_FAILED && (!worst || status != STATUS_SKIPPED))
			worst = status;
	}
	machine_free(machine);
	return worst;
}

static const struct command_option options[] = {
	{ MACHINE_OPTION, "FILE",
		"The machine that the jobs are for: which devices their names stand for" },
	{ NULL },
};

const struct command command_validate = {
	.name = "validate",
	.arguments = "JOB...",
	.arguments_min = 1,
	.arguments_max = -1,
	.summary = "Check a job without touching anything",
	.description =
		"Reads each JOB (- is standard input) and checks it as far as that is possible without "
		"opening a file but the job, and the FILEs of --model and --machine: syntax, keys, types, ranges, "
		"references, cycles, overlaps, and whether its tables can be laid out and its STEs "
		"would be taken by the kernel. It goes through the set-up and the steps in order, and "
		"refuses what the kernel would refuse because of what exists at that point; a step that "
		"expects an error may be refused.\n"
		"\n"
		"Which devices a job names as those of a machine, the FILE of --machine says. Without one "
		"all else is checked; with --model it is needed.\n"
		"\n"
		"With --model=FILE, the machine that FILE describes is known as well: which devices it "
		"has, their IOMMU groups and SMMUs, and what these can do: nest, track dirty pages, stall, "
		"how many bits PASIDs and addresses have, which memory firmware keeps.\n"
		"\n"
		"Of a wrong job, all mistakes are reported, each with line and column, the place in the "
		"document, and what was expected; not those that only follow from another. The exit status "
		"is then 3 (bad-job).",
	.options = options,
	.takes = TAKES_MODEL,
	.run = run,
};
