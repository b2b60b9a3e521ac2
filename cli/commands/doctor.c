// SPDX-License-Identifier: MIT
#include "host/gate.h"
#include "invocation.h"
#include "document/value.h"
#include "output/json.h"
#include "output/text.h"

struct outcome_words {
	const char *text;
	const char *json;
};

static const struct outcome_words outcome_words[] = {
	[GATE_PASS] = { "PASS", "pass" },
	[GATE_FAIL] = { "FAIL", "fail" },
	[GATE_UNKNOWN] = { "UNKNOWN", "unknown" },
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
		outcome_words[run->result.outcome].json, "finding", text_to_json(found->message),
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

	fprintf(out, "%-7s  %-16s  ", outcome_words[run->result.outcome].text, run->gate->name);
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
	for (struct run_gate run = { .gate = gates }; run.gate->name; run.gate++) {
		gate_run(run.gate, examination, &run.result);
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
		report_note(invocation->report,
			"iommuctl: the device is now bound to an iommufd for a moment, which "
			"resets it");
	status = run_gates(invocation->report, live_gates, examination, status);
	examination_end(examination);
	status = cli_context_check(&context, invocation->report, status);
	cli_context_close(&context);
	return status;
}

static enum exit_status run(struct invocation *invocation)
{
	const char *memory = invocation_option(invocation, "memory");
	struct examination examination = { .sysfs = &sysfs_of_host };
	char pci[PCI_ADDRESS_SIZE];
	enum exit_status status;

	if (memory && value_parse_number(memory, &examination.memory))
		return report_usage(
			invocation->report, "--memory=%s: a size such as 4G was expected", memory);
	if (invocation->argument_count && pci_address_normalise(invocation->arguments[0], pci))
		return invocation_report_no_address(invocation, invocation->arguments[0]);
	status = STATUS_DONE;
	if (!invocation->argument_count)
		status = invocation_expect_no_calls(invocation, "a device: PCI-ADDRESS");
	if (status)
		return status;
	status = run_gates(invocation->report, host_gates, &examination, STATUS_DONE);
	if (!invocation->argument_count)
		return status;
	examination.pci = pci;
	return examine_device(invocation, &examination, status);
}

static const struct command_option options[] = {
	{ "memory", "SIZE", "Compare the limit on pinned memory with a guest of SIZE" },
	{ NULL },
};

const struct command command_doctor = {
	.name = "doctor",
	.arguments = "[PCI-ADDRESS]",
	.arguments_max = 1,
	.summary = "Find out why nested translation does not work on this host",
	.description =
		"Checks, in the order in which they matter, the gates that nested translation has "
		"to pass: PASS, FAIL with what to do, or UNKNOWN where it cannot be told. Without "
		"a device it checks the host alone.\n\n"
		"Of a device it looks at its IOMMU group and who shares it, at its driver and "
		"character device, and at the processes that have it open; and at what firmware "
		"wants mapped one to one, for it or for another device of its group: with such a "
		"region (\"direct\" in the group's reserved_regions) the kernel refuses to bind it, "
		"and only firmware, or the VMM where this host is a guest, can change that.\n\n"
		"With a device it also asks the kernel: it binds the device, which has to be on a "
		"VFIO driver and which this resets, to an iommufd for a moment, makes a nesting "
		"parent and a vIOMMU, and takes all down again. The driver is not changed.\n\n"
		"The exit status is that of the first gate that fails: 4 (unsupported) if kernel or "
		"hardware do not support it, 5 (no-permission) if permission is missing, else 1 "
		"(failed).",
	.options = options,
	.takes = TAKES_CALLS,
	.run = run,
};
