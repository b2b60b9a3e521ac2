// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands/device_common.h"
#include "host/gate.h"
#include "host/gate_answer.h"
#include "host/record.h"
#include "invocation.h"
#include "job/interrupt.h"
#include "document/value.h"
#include "output/json.h"
#include "output/text.h"
#include "output/whole_file.h"

#define RESET_NOTE "iommuctl: the device is now bound to an iommufd for a moment, which resets it"

static const char *const outcome_words[] = {
	[GATE_PASS] = "PASS",
	[GATE_FAIL] = "FAIL",
	[GATE_UNKNOWN] = "UNKNOWN",
};

/* A gate that has been run. */
struct run_gate {
	const struct gate *gate;
	struct gate_result result;
};

static json_t *gate_to_json(const struct run_gate *run)
{
	const struct failure *found = &run->result.found;
	const struct iommuctl_explanation *first = &found->explanations[0];
	const bool alone = found->explanation_count && !first->cause;

	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", run->gate->name, "outcome",
		gate_outcome_name(run->result.outcome), "finding", text_to_json(found->message),
		"remedy", text_to_json(alone ? first->remedy : NULL), "explanations",
		explanations_to_json(found, 1));
}

static void print_labelled(FILE *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(out, "\n%-7s  %-16s  %s: ", "", "", label);
	text_print(out, text, 0);
}

static void print_gate(FILE *out, const void *data)
{
	const struct run_gate *run = data;
	const struct failure *found = &run->result.found;
	const char *cause = found->explanation_count > 1 ? "possible cause" : "cause";

	fprintf(out, "%-7s  %-16s  ", outcome_words[run->result.outcome], run->gate->name);
	text_print(out, found->message, 0);
	for (size_t i = 0; i < found->explanation_count; i++) {
		print_labelled(out, cause, found->explanations[i].cause);
		print_labelled(out, "what to do", found->explanations[i].remedy);
	}
}

/* The status of the first gate that fails, unless one before it failed. */
static enum exit_status run_gates(struct report *report, const struct gate *gates,
	struct examination *examination, enum exit_status status)
{
	/* If memory ran out, what was seen of the host is incomplete. */
	for (struct run_gate run = { .gate = gates }; run.gate->name && !report->memory_lost;
		run.gate++) {
		if (!gate_run(run.gate, examination, &run.result))
			continue;
		report_written(report, "gate", gate_to_json(&run), print_gate, &run);
		if (run.result.outcome == GATE_FAIL && status == STATUS_DONE)
			status = failure_status(&run.result.found);
	}
	return status;
}

static enum exit_status examine_device(
	struct invocation *invocation, struct examination *examination, enum exit_status status)
{
	struct cli_context context;
	enum exit_status opened = cli_context_open(&context, invocation, NULL);

	if (opened != STATUS_DONE)
		return opened;
	examination->ctx = context.ctx;
	status = run_gates(invocation->report, device_gates, examination, status);
	if (examination->facts & GATE_FACT_ACCESS)
		report_note(invocation->report, RESET_NOTE);
	status = run_gates(invocation->report, live_gates, examination, status);
	examination_end(examination);
	status = cli_context_check(&context, invocation->report, status);
	cli_context_close(&context);
	return status;
}

/* Reports the recorded answers of the kernel, if it was asked about the device. */
static enum exit_status report_answers(struct report *report, const json_t *answers,
	const struct gate *gates, enum exit_status status)
{
	for (struct run_gate run = { .gate = gates }; run.gate->name && !report->memory_lost;
		run.gate++) {
		if (!gate_answer_find(answers, run.gate, &run.result))
			gate_unknown(
				&run.result, "the kernel was not asked when the record was made");
		report_written(report, "gate", gate_to_json(&run), print_gate, &run);
		if (run.result.outcome == GATE_FAIL && status == STATUS_DONE)
			status = failure_status(&run.result.found);
	}
	return status;
}

static enum exit_status report_record_failure(
	const struct invocation *invocation, const char *name, struct failure *failure)
{
	failure->operation = invocation->command->name;
	failure->object = text_file_name(name);
	return report_failure(invocation->report, failure);
}

/* The same gates, on the host that the file @name is a record of. */
static enum exit_status judge_record(
	const struct invocation *invocation, const char *name, const struct examination *asked)
{
	struct report *report = invocation->report;
	struct examination examination = *asked;
	struct failure failure = { .error = 0 };
	struct host_record record;
	enum exit_status status;
	sigset_t old_mask;

	if (host_record_read(&record, name, &failure))
		return report_record_failure(invocation, name, &failure);
	/* The record is unpacked for a moment; an interrupted run must not leave it behind. */
	interrupt_hold(&old_mask);
	if (host_record_open(&record, &failure)) {
		interrupt_release(&old_mask);
		return report_record_failure(invocation, name, &failure);
	}
	examination.sysfs = &record.sysfs;
	examination.recorded = &record;
	status = run_gates(report, host_gates, &examination, STATUS_DONE);
	if (examination.pci) {
		status = run_gates(report, device_gates, &examination, status);
		status = report_answers(
			report, json_object_get(record.asked, examination.pci), live_gates, status);
	}
	host_record_close(&record);
	interrupt_release(&old_mask);
	return status;
}

/* Collects what the gates learn from the kernel about the device. Reports its own failure. */
static enum exit_status ask(
	struct invocation *invocation, const struct examination *asked, json_t *answers)
{
	struct examination examination = *asked;
	struct gate_result result;
	struct cli_context context;
	enum exit_status status = cli_context_open(&context, invocation, NULL);

	if (status != STATUS_DONE)
		return status;
	examination.ctx = context.ctx;
	for (const struct gate *gate = host_gates; gate->name; gate++)
		gate_run(gate, &examination, &result);
	for (const struct gate *gate = device_gates; gate->name; gate++)
		gate_run(gate, &examination, &result);
	if (examination.facts & GATE_FACT_ACCESS)
		report_note(invocation->report, RESET_NOTE);
	for (const struct gate *gate = live_gates; gate->name; gate++) {
		if (gate_run(gate, &examination, &result))
			json_array_append_new(answers, gate_answer_to_json(gate, &result));
	}
	examination_end(&examination);
	status = cli_context_check(&context, invocation->report, STATUS_DONE);
	cli_context_close(&context);
	return status;
}

static int write_text(const char *name, const char *text, struct failure *failure)
{
	int err;

	if (strlen(text) > HOST_RECORD_BYTES_MAX)
		return failure_set(failure, -EFBIG, "the record would be larger than %u MiB",
			HOST_RECORD_BYTES_MAX >> 20);
	err = whole_file_replace(name, text, 0644);
	if (err)
		failure_set_file(failure, err, NULL, NULL);
	return err;
}

static enum exit_status write_record(
	const struct invocation *invocation, const char *name, json_t *asked)
{
	struct report *report = invocation->report;
	json_t *record = json_pack(
		"{s:i, s:o}", "iommuctl", 1, "host", host_record_collect(&sysfs_of_host, asked));
	char *text = record ? json_dumps(record, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;
	struct failure failure;
	int err;

	json_decref(record);
	if (!text)
		return report_out_of_memory(report);
	err = write_text(name, text, &failure);
	free(text);
	if (err)
		return report_record_failure(invocation, name, &failure);
	report_result(report, "written", json_pack("{s:s}", "file", name), "%s", name);
	return STATUS_DONE;
}

static enum exit_status collect(
	struct invocation *invocation, const char *name, const struct examination *examination)
{
	json_t *asked = json_object();
	enum exit_status status = STATUS_DONE;

	if (examination->pci) {
		json_t *answers = json_array();

		status = ask(invocation, examination, answers);
		json_object_set_new(asked, examination->pci, answers);
	}
	if (status == STATUS_DONE)
		return write_record(invocation, name, asked);
	json_decref(asked);
	return status;
}

/* Refuses options of several uses of the command at once. */
static enum exit_status check_ways(const struct invocation *invocation)
{
	const char *from = invocation_option(invocation, "from");

	if (from && invocation_option(invocation, "collect"))
		return report_exclusive(invocation->report, "collect", "from");
	if (invocation_option(invocation, "collect") && invocation_option(invocation, "memory"))
		return report_usage(invocation->report,
			"--memory is compared when the record is judged, with --from");
	if (invocation_option(invocation, "vf-token") && (from || !invocation->argument_count))
		return report_usage(invocation->report,
			"--vf-token requires a DEVICE of this host, which is bound with it");
	if (from)
		return invocation_expect_no_calls(
			invocation, "a device of this host, and no --from");
	if (!invocation->argument_count)
		return invocation_expect_no_calls(invocation, "a device: DEVICE");
	return STATUS_DONE;
}

/* A device of a record is named by its address, and not looked up on this host. */
static enum exit_status select_device(
	const struct invocation *invocation, const char *record, char pci[PCI_ADDRESS_SIZE])
{
	const char *name = invocation->arguments[0];

	if (!record)
		return device_select(invocation, &sysfs_of_host, name, pci);
	if (!pci_address_normalise(name, pci))
		return STATUS_DONE;
	return report_usage(invocation->report,
		"'%s' is not a PCI address: a record names devices by those", name);
}

static enum exit_status run(struct invocation *invocation)
{
	const char *memory = invocation_option(invocation, "memory");
	const char *from = invocation_option(invocation, "from");
	struct examination examination = { .sysfs = &sysfs_of_host };
	uint8_t token[VALUE_UUID_SIZE];
	char pci[PCI_ADDRESS_SIZE];
	enum exit_status status, mounted;

	if (memory && value_parse_number(memory, &examination.memory))
		return report_usage(
			invocation->report, "--memory=%s: expected a size such as 4G", memory);
	status = check_ways(invocation);
	if (!status)
		status = device_vf_token(invocation, token, &examination.vf_token);
	if (!status && invocation->argument_count)
		status = select_device(invocation, from, pci);
	if (status)
		return status;
	examination.pci = invocation->argument_count ? pci : NULL;
	if (invocation_option(invocation, "collect"))
		return collect(invocation, invocation_option(invocation, "collect"), &examination);
	if (from)
		return judge_record(invocation, from, &examination);
	status = run_gates(invocation->report, host_gates, &examination, STATUS_DONE);
	mounted = device_check_mounted(invocation);
	if (!invocation->argument_count)
		return status ? status : mounted;
	return examine_device(invocation, &examination, status);
}

static const struct command_option options[] = {
	{ "memory", "SIZE", "Compare the limit on pinned memory with a guest of SIZE" },
	{ "collect", "FILE", "Write to FILE the facts about this host that a bug report needs" },
	{ "from", "FILE", "Judge the host that FILE was collected on" },
	{ DEVICE_OPTION_VF_TOKEN },
	{ NULL },
};

const struct command command_doctor = {
	.name = "doctor",
	.group = COMMANDS_HOST,
	.arguments = "[DEVICE]",
	.arguments_max = 1,
	.summary = "Find out why nested translation does not work on this host",
	.description =
		"Checks, in order of importance, the gates that nested translation has to pass: PASS, "
		"FAIL with the remedy, or UNKNOWN if it cannot tell. Without a device it checks only "
		"the host.\n"
		"\n"
		"For a device it looks at the IOMMU group and its other members, the driver and "
		"character device, the processes that have it open, and the memory that firmware "
		"wants mapped one to one, for this or another device of the group: with such a region "
		"(\"direct\" in the group's reserved_regions) the kernel refuses to bind the device, "
		"and only firmware, or the VMM where this host is a guest, can change that.\n"
		"\n"
		"With a device it also asks the kernel: it binds the device, which has to be on a "
		"VFIO driver and is reset by this, to an iommufd for a moment, makes a nesting parent "
		"and a vIOMMU, and takes everything down again. The driver does not change.\n"
		"\n"
		"The exit status is that of the first gate that fails: 4 (unsupported) if kernel or "
		"hardware do not support it, 5 (no-permission) if permission is missing, else 1 "
		"(failed).\n"
		"\n"
		"--collect writes a JSON file of what the gates look at: devices, IOMMU groups, "
		"reserved regions, kernel options and parameters, and the firmware tables about "
		"IOMMUs (IORT, DMAR, IVRS; only root can read them). It contains no host or user "
		"names, no serial numbers and no network addresses. With a device, the file also has "
		"the kernel's answers about that device. --from judges that host, on any machine: "
		"what only its kernel could answer, and was not asked, is UNKNOWN. DEVICE is then a "
		"PCI address. If FILE is not a record of a host, the exit status is 3 (bad-job).\n\n" DEVICE_FORMS,
	.options = options,
	.takes = TAKES_CALLS,
	.run = run,
};
