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

		/* A device missing on a machine is the least specific error. */
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
	.group = COMMANDS_JOBS,
	.arguments = "JOB...",
	.arguments_min = 1,
	.arguments_max = -1,
	.summary = "Check a job without touching anything",
	.description =
		"Reads each JOB (- is standard input) and checks it as far as possible without "
		"opening any file except the job, and the FILEs of --model and --machine: syntax, "
		"keys, types, ranges, references, cycles, overlaps, whether its tables can be laid "
		"out, and whether the kernel would accept its STEs. It goes through the set-up and "
		"the steps in order, and refuses what the kernel would refuse because of the objects "
		"that exist at that point; a step that expects an error may be refused.\n"
		"\n"
		"The FILE of --machine says which devices the job's names stand for. Without it "
		"everything else is checked; with --model it is needed.\n"
		"\n"
		"With --model=FILE, validate also knows the machine that FILE describes: its devices, "
		"their IOMMU groups and SMMUs, and the capabilities of these: nesting, dirty "
		"tracking, stalls, the width of PASIDs and addresses, and the memory that firmware "
		"keeps.\n"
		"\n"
		"For a wrong job, it reports all errors, each with line and column, the place in the "
		"document, and what was expected, except errors that only follow from another. The "
		"exit status is then 3 (bad-job).",
	.options = options,
	.takes = TAKES_MODEL,
	.run = run,
};
