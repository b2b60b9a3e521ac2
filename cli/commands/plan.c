// SPDX-License-Identifier: MIT
#include "job/plan.h"

#include <unistd.h>

#include "document/value.h"
#include "host/memlock.h"
#include "invocation.h"
#include "job/load.h"
#include "job/machine.h"
#include "model/platform.h"
#include "output/text.h"

static void show(struct report *report, const struct plan_operation *operation, size_t number)
{
	struct plan_description description;
	const char *name;

	plan_describe(operation, &description);
	plan_describe_tokens(operation, &description);
	name = description.name;
	report_result(report, "operation",
		json_pack("{s:I, s:s, s:s, s:o, s:o}", "index", (json_int_t)number, "object",
			description.subject, "operation", description.operation, "detail",
			text_to_json(description.detail), "name", text_to_json(name)),
		"%4zu %-16s %-29s %s%s%s", number, description.subject, description.operation,
		description.detail, name ? " — " : "", name ? name : "");
}

/* What limits pinned memory, in words and for programs. */
struct pin_limit {
	const char *by; /* "model", "CAP_IPC_LOCK", "RLIMIT_MEMLOCK"; NULL: unknown */
	bool limited;
	uint64_t bytes;
	bool per_process;
};

static struct pin_limit find_limit(const struct invocation *invocation, const struct job *job)
{
	struct memlock memlock;

	if (invocation->model || job->backend == JOB_BACKEND_MODEL)
		return (struct pin_limit){ .by = "model" };
	if (memlock_find(&sysfs_of_host, NULL, &memlock))
		return (struct pin_limit){ .by = NULL };
	return (struct pin_limit){
		.by = memlock.by_capability ? "CAP_IPC_LOCK" : "RLIMIT_MEMLOCK",
		.limited = memlock.limited,
		.bytes = memlock.bytes,
		.per_process = job->rlimit_mode,
	};
}

static void describe_limit(const struct pin_limit *limit, uint64_t pinned, char *text, size_t size)
{
	char bytes[VALUE_TEXT_SIZE];

	if (!limit->by)
		text_append(text, size, "the limit is unknown");
	else if (!limit->limited)
		text_append(text, size, "no limit (%s)", limit->by);
	else
		text_append(text, size, "%s is %s%s, for everything that this %s pins", limit->by,
			value_print_size(limit->bytes, bytes),
			limit->bytes < pinned ? ": too little" : "",
			limit->per_process ? "process" : "user");
}

/* Before anything is pinned, the kernel can be told to count per process. */
static void show_pinned(const struct invocation *invocation, const struct job *job)
{
	const uint64_t pinned = plan_pinned_at_most(job, (uint64_t)sysconf(_SC_PAGESIZE));
	const struct pin_limit limit = find_limit(invocation, job);
	char bytes[VALUE_TEXT_SIZE], text[128] = "";
	json_t *value;

	if (!pinned)
		return;
	describe_limit(&limit, pinned, text, sizeof(text));
	value = json_pack("{s:I, s:s?, s:o}", "bytes-at-most", (json_int_t)pinned, "limit-by",
		limit.by, "limit-bytes",
		limit.limited ? json_integer((json_int_t)limit.bytes) : json_null());
	if (limit.limited) {
		json_object_set_new(
			value, "counted-per", json_string(limit.per_process ? "process" : "user"));
		json_object_set_new(value, "enough", json_boolean(limit.bytes >= pinned));
	}
	report_result(invocation->report, "pinned", value, "pinned at most: %s; %s",
		value_print_size(pinned, bytes), text);
}

static enum exit_status show_all(const struct invocation *invocation, const struct job *job)
{
	struct plan plan;

	if (plan_make(job, &plan))
		return report_out_of_memory(invocation->report);
	report_in_blocks(invocation->report);
	for (size_t i = 0; i < plan.count; i++)
		show(invocation->report, &plan.operations[i], i + 1);
	show_pinned(invocation, job);
	plan_free(&plan);
	return STATUS_DONE;
}

static enum exit_status run(struct invocation *invocation)
{
	const char *name = invocation->arguments[0];
	struct report *report = invocation->report;
	struct machine *machine;
	enum exit_status status;
	struct job *job;

	status = invocation_check_stdin(invocation, 1);
	if (!status)
		status = machine_load_option(
			invocation_option(invocation, MACHINE_OPTION), report, &machine);
	if (status)
		return status;
	status = job_load(name, invocation->model, report, &job);
	if (status) {
		invocation_note_bare_word(invocation, name);
		machine_free(machine);
		return status;
	}
	/* The operations are known even without a machine that has the devices. */
	if (machine)
		status = machine_apply(machine, job, report);
	if (!status)
		status = platform_model_check(invocation->model, report, name, job);
	if (!status)
		status = show_all(invocation, job);
	job_free(job);
	machine_free(machine);
	return status;
}

static const struct command_option options[] = {
	{ MACHINE_OPTION, "FILE", MACHINE_HELP },
	{ NULL },
};

const struct command command_plan = {
	.name = "plan",
	.group = COMMANDS_JOBS,
	.arguments = "JOB",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Show what a job would do, in order",
	.description =
		"Checks JOB (- is standard input) as validate does, and lists the operations that run "
		"would carry out, in order. It opens only the job, the FILEs of --model and "
		"--machine, and for the limit of pinned memory /proc/self. Undoing takes the reverse "
		"order.\n"
		"\n"
		"For a job that maps memory, the last line is an estimate: how much is pinned at "
		"most, and what limits it. RLIMIT_MEMLOCK counts everything that the user has pinned, "
		"in all guests, or with \"rlimit-mode\": \"process\" in the job (--rlimit-mode of session "
		"start) what this process has pinned, which needs CAP_SYS_RESOURCE; there is no limit "
		"with CAP_IPC_LOCK, and none on the model.",
	.options = options,
	.takes = TAKES_MODEL,
	.run = run,
};
