// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/model.h>
#include <iommuctl/vfio.h>

#include "abi/iommufd.h"
#include "abi/vfio.h"
#include "array.h"
#include "transport.h"
#include "host/gate.h"

#define GATES 5

static struct script *script;
static struct iommuctl_transport *ledger;
static struct examination examination;
static struct gate_result results[GATES];

static void answer_hw_info(uint32_t type)
{
	static uint32_t answer;

	answer = type;
	script_add_answer(script,
		(struct script_answer){
			.request = ABI_GET_HW_INFO,
			.offset = offsetof(struct abi_hw_info, out_data_type),
			.data = &answer,
			.size = sizeof(answer),
		});
}

static void refuse(unsigned long request, int error)
{
	script_add_answer(script, (struct script_answer){ .request = request, .result = -error });
}

/* The gates before these have found that all is well. */
static void start(uint64_t failing_call, int error)
{
	static const struct sysfs nothing = { .root = "/nonexistent" };
	struct iommuctl_transport *top;

	script = script_new(NULL);
	answer_hw_info(ABI_HW_INFO_TYPE_ARM_SMMUV3);
	cr_assert_eq(iommuctl_transport_ledger_new(&script->base, &ledger), 0);
	top = ledger;
	if (failing_call)
		cr_assert_eq(iommuctl_transport_fault_new(ledger, failing_call, error, &top), 0);
	examination = (struct examination){
		.sysfs = &nothing,
		.facts = GATE_FACT_IOMMUFD | GATE_FACT_GROUP | GATE_FACT_ACCESS,
		.device.cdev_path = "/dev/vfio/devices/vfio7",
	};
	cr_assert_eq(iommuctl_new(top, &examination.ctx), 0);
}

/* Whatever the result of the gates, nothing is left behind. */
static void finish(void)
{
	size_t alive;

	examination_end(&examination);
	iommuctl_transport_ledger_get_entries(ledger, &alive);
	cr_expect_eq(alive, 0);
	iommuctl_free(examination.ctx);
}

static void run_gates(void)
{
	size_t i = 0;

	for (const struct gate *gate = live_gates; gate->name; gate++)
		gate_run(gate, &examination, &results[i++]);
	cr_assert_eq(i, GATES);
	finish();
}

static const struct gate_result *result_of(const char *name)
{
	size_t i = 0;

	while (live_gates[i].name && strcmp(live_gates[i].name, name))
		i++;
	cr_assert_not_null(live_gates[i].name, "there is no gate %s", name);
	return &results[i];
}

static bool is_explained_with(const struct gate_result *result, const char *part)
{
	for (size_t i = 0; i < result->found.explanation_count; i++) {
		if (strstr(result->found.explanations[i].remedy, part))
			return true;
	}
	return false;
}

Test(host_gates_live, are_all_passed_where_the_kernel_refuses_nothing)
{
	start(0, 0);
	run_gates();
	for (size_t i = 0; i < GATES; i++)
		cr_expect_eq(results[i].outcome, GATE_PASS, "%s: %s", live_gates[i].name,
			results[i].found.message);
}

Test(host_gates_live, fail_where_the_kernel_refuses_and_leave_nothing_behind)
{
	static const char *const failing_gates[] = {
		"bind",
		"bind",
		"bind",
		"hw-info",
		"nesting-parent",
		"nesting-parent",
		"viommu",
	};

	for (size_t i = 0; i < ARRAY_SIZE(failing_gates); i++) {
		start(i + 1, ENOMEM);
		run_gates();
		for (size_t gate = 0; gate < GATES; gate++)
			cr_expect_eq(results[gate].outcome == GATE_FAIL,
				strcmp(live_gates[gate].name, failing_gates[i]) == 0,
				"call %zu: %s: %s", i + 1, live_gates[gate].name,
				results[gate].found.message);
	}
}

Test(host_gates_live, explain_a_viommu_that_needs_CANWBS_or_S2FWB)
{
	const struct gate_result *result;

	start(0, 0);
	refuse(ABI_VIOMMU_ALLOC, EOPNOTSUPP);
	run_gates();
	result = result_of("viommu");
	cr_expect_eq(result->outcome, GATE_FAIL);
	cr_expect_eq(result->found.status, STATUS_UNSUPPORTED);
	cr_assert_gt(result->found.explanation_count, 0);
	cr_expect_not_null(strstr(result->found.explanations[0].cause, "CANWBS"));
	cr_expect_not_null(strstr(result->found.explanations[0].cause, "S2FWB"));
}

Test(host_gates_live, fail_for_want_of_permission_where_MSIs_are_not_isolated)
{
	const struct gate_result *result;

	start(0, 0);
	refuse(ABI_VFIO_DEVICE_BIND_IOMMUFD, EPERM);
	run_gates();
	result = result_of("bind");
	cr_expect_eq(result->outcome, GATE_FAIL);
	cr_expect_eq(result->found.status, STATUS_NO_PERMISSION);
	cr_expect(is_explained_with(result, "allow_unsafe_interrupts"));
	cr_expect_eq(result_of("msi-isolation")->outcome, GATE_UNKNOWN);
}

/* A refused call, what sysfs says of the device, and words of the causes that are left: all. */
static const struct {
	const char *gate;
	unsigned long request;
	int error;
	uint64_t known;
	const char *words[3];
} narrowed[] = {
	{ "bind", ABI_VFIO_DEVICE_BIND_IOMMUFD, EINVAL, IOMMUCTL_KNOWN_DIRECT_REGION,
		{ "1:1 mapping" } },
	{ "bind", ABI_VFIO_DEVICE_BIND_IOMMUFD, EINVAL, IOMMUCTL_KNOWN_NO_DIRECT_REGION,
		{ "bound already", "coherent" } },
	{ "nesting-parent", ABI_HWPT_ALLOC, EOPNOTSUPP, IOMMUCTL_KNOWN_SMMUV3, { "MMU-700" } },
	{ "nesting-parent", ABI_HWPT_ALLOC, EOPNOTSUPP, IOMMUCTL_KNOWN_VTD, { "VT-d" } },
	{ "viommu", ABI_VIOMMU_ALLOC, EOPNOTSUPP, IOMMUCTL_KNOWN_SMMUV3, { "CANWBS" } },
};

Test(host_gates_live, leave_out_causes_that_sysfs_excludes)
{
	for (size_t i = 0; i < ARRAY_SIZE(narrowed); i++) {
		const struct gate_result *result;

		start(0, 0);
		examination.known = narrowed[i].known;
		refuse(narrowed[i].request, narrowed[i].error);
		run_gates();
		result = result_of(narrowed[i].gate);
		for (size_t j = 0; j < 3; j++) {
			const char *word = narrowed[i].words[j];

			cr_expect_eq(
				j < result->found.explanation_count, word != NULL, "case %zu", i);
			if (word && j < result->found.explanation_count)
				cr_expect_not_null(
					strstr(result->found.explanations[j].cause, word),
					"case %zu: %s", i, result->found.explanations[j].cause);
		}
	}
}

Test(host_gates_live, ask_for_no_viommu_where_the_hardware_has_none)
{
	static const struct {
		uint32_t type;
		enum gate_outcome hw_info;
		enum gate_outcome viommu;
	} cases[] = {
		{ ABI_HW_INFO_TYPE_INTEL_VTD, GATE_PASS, GATE_PASS },
		{ ABI_HW_INFO_TYPE_AMD, GATE_PASS, GATE_FAIL },
		{ ABI_HW_INFO_TYPE_NONE, GATE_FAIL, GATE_UNKNOWN },
		{ 4711, GATE_PASS, GATE_FAIL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		start(0, 0);
		refuse(ABI_VIOMMU_ALLOC, EINVAL);
		answer_hw_info(cases[i].type);
		run_gates();
		cr_expect_eq(result_of("hw-info")->outcome, cases[i].hw_info, "case %zu", i);
		cr_expect_eq(result_of("viommu")->outcome, cases[i].viommu, "case %zu", i);
	}
}

/* The same on a machine whose first device is the PF of the second, with @token set on that one. */
static enum gate_outcome bind_vf(const uint8_t *token, const uint8_t *said)
{
	static const struct iommuctl_model_config config = {
		.smmu_count = 1,
		.device_count = 2,
		.devices = { { .pci = "0000:01:00.0" }, { .pci = "0000:01:00.1", .pf = 1 } },
	};
	struct gate_result result;
	struct iommuctl_transport *transport;
	struct iommuctl_model *model;
	struct bound_device pf;

	cr_assert_eq(iommuctl_model_new(&config, &model), 0);
	cr_assert_eq(iommuctl_model_transport_new(model, &transport), 0);
	examination = (struct examination){
		.facts = GATE_FACT_IOMMUFD | GATE_FACT_GROUP | GATE_FACT_ACCESS,
		.device.cdev_path = "/dev/vfio/devices/vfio1",
		.vf_token = said,
	};
	cr_assert_eq(iommuctl_new(transport, &examination.ctx), 0);
	cr_assert_eq(bound_device_open(examination.ctx, "/dev/vfio/devices/vfio0", token, &pf), 0);
	gate_run(&live_gates[0], &examination, &result);
	examination_end(&examination);
	bound_device_close(&pf);
	iommuctl_free(examination.ctx);
	iommuctl_model_free(model);
	return result.outcome;
}

Test(host_gates_live, bind_with_the_token_that_was_said)
{
	static const uint8_t one[16] = { 1 }, two[16] = { 2 };

	cr_expect_eq(bind_vf(one, one), GATE_PASS);
	cr_expect_eq(bind_vf(one, two), GATE_FAIL);
	cr_expect_eq(bind_vf(one, NULL), GATE_FAIL);
}
