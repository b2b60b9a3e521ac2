// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "commands/run.h"
#include "document/value.h"
#include "job/load.h"
#include "job/machine.h"
#include "output/memory.h"
#include "output/open_file.h"
#include "output/stream.h"
#include "selftest/format.h"
#include "selftest/suite.h"
#include "selftest/trial.h"

#define TIMEOUT_S     600
#define TIMEOUT_S_MAX 86400

static const struct selftest_format *const formats[] = {
	&selftest_tap,
	&selftest_junit,
	&selftest_json,
};

/* The command line, and what has come of it. */
struct selftest {
	struct invocation *invocation;
	const struct selftest_format *format;
	const char *output; /* NULL: standard output */
	uint64_t timeout_s;
	struct machine *machine; /* NULL: none was named */
	struct suite suite;
	struct selftest_results results;
	int lost; /* errno of a failed write to output; 0: none */
};

/* In the process of the job. */
static enum exit_status run_file(void *data, const char *file, struct report *report)
{
	const struct selftest *selftest = data;
	struct invocation invocation = *selftest->invocation;
	enum exit_status status;
	struct job *job;

	invocation.report = report;
	status = job_load(file, invocation.model, report, &job);
	if (status)
		return status;
	status = machine_apply(selftest->machine, job, report);
	if (!status)
		status = run_job(&invocation, job, NULL);
	job_free(job);
	return status;
}

static enum exit_status choose_format(struct selftest *selftest)
{
	const char *name = invocation_option(selftest->invocation, "format");
	struct report *report = selftest->invocation->report;

	if (report->json && name && strcmp(name, selftest_json.name) != 0)
		return report_usage(
			report, "--json means --format=json, but --format=%s was given", name);
	name = report->json ? selftest_json.name : name ? name : selftest_tap.name;
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
		if (strcmp(formats[i]->name, name) == 0) {
			selftest->format = formats[i];
			return STATUS_DONE;
		}
	}
	return report_usage(report, "there is no format '%s': expected tap, junit or json", name);
}

static enum exit_status read_options(struct selftest *selftest)
{
	const char *timeout = invocation_option(selftest->invocation, "timeout");
	struct report *report = selftest->invocation->report;

	selftest->output = invocation_option(selftest->invocation, "output");
	selftest->timeout_s = TIMEOUT_S;
	if (timeout && (value_parse_number(timeout, &selftest->timeout_s) || !selftest->timeout_s ||
			       selftest->timeout_s > TIMEOUT_S_MAX))
		return report_usage(report,
			"--timeout: '%s' is not a number of seconds from 1 to %d", timeout,
			TIMEOUT_S_MAX);
	return choose_format(selftest);
}

static enum exit_status find_jobs(struct selftest *selftest)
{
	const struct invocation *invocation = selftest->invocation;

	for (int i = 0; i < invocation->argument_count; i++) {
		int err = suite_add(&selftest->suite, invocation->arguments[i]);

		if (err == -ENOMEM)
			return report_out_of_memory(invocation->report);
		if (err)
			return report_failure(invocation->report,
				&(struct failure){ .status = STATUS_BAD_JOB,
					.error = err,
					.operation = "read",
					.object = invocation->arguments[i] });
	}
	if (!selftest->suite.count)
		return report_usage(
			invocation->report, "no job (*.json) is in '%s'", invocation->arguments[0]);
	return STATUS_DONE;
}

static enum exit_status prepare(struct selftest *selftest)
{
	const struct invocation *invocation = selftest->invocation;
	const char *machine = invocation_option(invocation, MACHINE_OPTION);
	struct selftest_results *results = &selftest->results;
	enum exit_status status = read_options(selftest);

	if (!status)
		status = find_jobs(selftest);
	if (!status)
		status = machine_load_option(machine, invocation->report, &selftest->machine);
	if (status)
		return status;
	*results = (struct selftest_results){
		.machine = selftest->machine ? selftest->machine->name : NULL,
		.backend = invocation->model ? "model" : "kernel",
		.total = selftest->suite.count,
		.result = calloc(selftest->suite.count + 1, sizeof(*results->result)),
	};
	return results->result ? STATUS_DONE : report_out_of_memory(invocation->report);
}

static void note(struct selftest_results *results)
{
	const struct selftest_result *result = &results->result[results->count++];

	results->counts[result->outcome]++;
	results->seconds += result->seconds;
}

static void flush(struct selftest *selftest, FILE *out)
{
	if (!selftest->output)
		report_flush(selftest->invocation->report);
	else if (fflush(out) && !selftest->lost)
		selftest->lost = errno;
}

/* True: all were run; false: a signal ended it. */
static bool run_all(struct selftest *selftest, FILE *out, const struct interrupt *interrupt)
{
	struct selftest_results *results = &selftest->results;
	bool interrupted = false;

	if (selftest->format->begin)
		selftest->format->begin(out, results);
	for (size_t i = 0; !interrupted && i < selftest->suite.count; i++) {
		const struct trial trial = { selftest->suite.files[i], run_file, selftest,
			selftest->timeout_s * 1000 };

		flush(selftest, out);
		interrupted = trial_run(&trial, interrupt, &results->result[i]);
		note(results);
		if (selftest->format->next)
			selftest->format->next(out, results);
	}
	selftest->format->end(out, results);
	flush(selftest, out);
	return !interrupted;
}

/* A wrong job says nothing about the machine. */
static enum exit_status status_of(const struct selftest_results *results)
{
	for (size_t i = 0; i < results->count; i++) {
		if (results->result[i].status == STATUS_BAD_JOB)
			return STATUS_BAD_JOB;
	}
	if (results->counts[SELFTEST_FAILED])
		return STATUS_UNMET;
	return results->counts[SELFTEST_PASSED] ? STATUS_DONE : STATUS_SKIPPED;
}

static enum exit_status execute(struct selftest *selftest, FILE *out)
{
	struct report *report = selftest->invocation->report;
	struct interrupt interrupt;
	bool finished;
	int err = interrupt_watch(&interrupt);

	if (err)
		return report_errno(report, "signalfd", NULL, err);
	finished = run_all(selftest, out, &interrupt);
	interrupt_unwatch(&interrupt);
	if (memory_take_failure())
		return report_out_of_memory(report);
	return finished ? status_of(&selftest->results) : STATUS_FAILED;
}

static enum exit_status execute_into_file(struct selftest *selftest)
{
	const struct selftest_results *results = &selftest->results;
	struct report *report = selftest->invocation->report;
	enum exit_status status;
	struct failure failure;
	FILE *out;
	int error = open_file_stream_to_write(selftest->output, &out);

	if (error) {
		failure_set_file(&failure, error, "open", selftest->output);
		return report_failure(report, &failure);
	}
	status = execute(selftest, out);
	error = stream_close(out);
	error = selftest->lost ? selftest->lost : error;
	if (error) {
		report_lost_output(report, selftest->output, error);
		return status ? status : STATUS_FAILED;
	}
	report_result(report, "selftest",
		json_pack("{s:s, s:I, s:I, s:I}", "output", selftest->output, "passed",
			(json_int_t)results->counts[SELFTEST_PASSED], "skipped",
			(json_int_t)results->counts[SELFTEST_SKIPPED], "failed",
			(json_int_t)results->counts[SELFTEST_FAILED]),
		"%zu passed, %zu skipped, %zu failed: %s", results->counts[SELFTEST_PASSED],
		results->counts[SELFTEST_SKIPPED], results->counts[SELFTEST_FAILED],
		selftest->output);
	return status;
}

static enum exit_status run(struct invocation *invocation)
{
	struct selftest selftest = { .invocation = invocation };
	enum exit_status status = prepare(&selftest);

	if (!status && selftest.output)
		status = execute_into_file(&selftest);
	else if (!status)
		status = execute(&selftest, invocation->report->out);
	for (size_t i = 0; i < selftest.results.count; i++)
		selftest_result_free(&selftest.results.result[i]);
	free(selftest.results.result);
	suite_free(&selftest.suite);
	machine_free(selftest.machine);
	return status;
}

static const struct command_option options[] = {
	{ MACHINE_OPTION, "FILE",
		"The machine that the jobs run on: which devices their names stand for" },
	{ "format", "FORMAT", "The format of results: tap (default), junit or json" },
	{ "output", "FILE", "Write results to FILE instead of standard output" },
	{ "timeout", "SECONDS", "End a job that takes longer, as a failure; by default 600" },
	{ NULL },
};

const struct command command_selftest = {
	.name = "selftest",
	.group = COMMANDS_JOBS,
	.arguments = "JOB...",
	.arguments_min = 1,
	.arguments_max = -1,
	.summary = "Carry out jobs as tests, and report",
	.description =
		"Carries out each JOB, or each job (*.json) in a named directory, and says whether it "
		"passed, was skipped, or failed. Each job runs in a process of its own, so that one "
		"that fails or crashes does not stop the others. For the CI of a laboratory:\n"
		"\n"
		"  iommuctl selftest --machine=rack7.json --format=junit \\\n"
		"           --output=result.xml examples/selftest\n"
		"\n"
		"A job is skipped, with the reason, if this host cannot do what it asks: the kernel "
		"or the hardware does not support it (where 'iommuctl run' ends with 4, unsupported), "
		"a device is missing or not bound to a VFIO driver, the machine has none of that "
		"name, or the device cannot do such a transfer. A job fails if an expectation is not "
		"met, if anything else goes wrong, if the job itself is wrong, if it crashes, or if "
		"it takes longer than --timeout allows; it is then asked to end and undo, and killed "
		"after 30 more seconds.\n"
		"\n"
		"Jobs name their devices as those of a machine, and the FILE of --machine says which "
		"these are, so that machines differ in one small file:\n"
		"\n"
		"  { \"iommuctl\": 1, \"name\": \"rack7\",\n"
		"    \"devices\": { \"dut\": { \"pci\": \"0001:01:00.0\", \"stimulus\": \"igb\" } } }\n"
		"\n"
		"Devices that selftest can make do DMA and interrupt are QEMU's edu device, with "
		"dma_mask=0xffffffff; any NVMe drive, of which only the admin queue is used and no "
		"media is touched; and Intel's 82576 and I350 network cards, which need a \"stimulus\" "
		"that names them, and whose link is down meanwhile.\n"
		"\n"
		"The TAP format is version 14, with all that is known about each failure. With "
		"--json, which means --format=json, each test is a line (test), and a summary "
		"(selftest) comes last. With --output, a line of summary still goes to standard "
		"output.\n"
		"\n"
		"The exit status is 0 (done) if a job has passed and none failed, 77 (skipped) if all "
		"were skipped, 6 (unmet) if one failed, and 3 (bad-job) if a job is wrong. SIGINT, "
		"SIGTERM, SIGHUP and SIGQUIT end the running job, which undoes what it has done, and "
		"no other is started; the exit status is then 1 (failed).",
	.options = options,
	.takes = TAKES_MODEL,
	.run = run,
};
