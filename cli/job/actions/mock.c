// SPDX-License-Identifier: MIT
/* The actions that make the kernel's mock device fault or raise events. */
#include "job/actions/mock.h"

#include <inttypes.h>

#include "job/actions/action.h"
#include "job/live/mock.h"
#include "job/schema/schema.h"
#include "output/text.h"

int mock_check_device(const struct job *job, const struct document_ref *ref,
	const struct document_path *path, struct document_problem *problem)
{
	const struct job_device *device = (const struct job_device *)ref->target;

	if (device->mock || device->machine)
		return 0;
	return document_problem_set(problem, job->document, path,
		"devices.%s is not a mock device of the kernel (\"mock\": {})", ref->name);
}

int mock_check_viommu(const struct job *job, const struct document_ref *ref,
	const struct document_path *path, struct document_problem *problem)
{
	if (live_is_mock_viommu(ref->target))
		return 0;
	return document_problem_set(problem, job->document, path,
		"viommus.%s is not a vIOMMU of the kernel's mock (\"type\": "
		"\"selftest\")",
		ref->name);
}

int mock_check_nested(const struct job *job, const struct document_ref *ref,
	const struct document_path *path, struct document_problem *problem)
{
	if (((const struct job_hwpt *)ref->target)->mock)
		return 0;
	return document_problem_set(problem, job->document, path,
		"hwpts.%s is not a nested HWPT of the kernel's mock (\"mock\": {})", ref->name);
}

int mock_check_end(const struct job *job, const struct job_step *step, struct mock_span span,
	const struct document_path *path, struct document_problem *problem)
{
	if (step->expect || !span.size || span.iova <= UINT64_MAX - (span.size - 1))
		return 0;
	return document_problem_set(
		problem, job->document, path, "ends beyond the 64-bit address space");
}

struct raise_fault_arguments {
	struct document_ref device;
	uint64_t iova;
	uint64_t perm;
	uint64_t pasid;
	uint64_t group;
};

static const struct schema_key raise_fault_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(raise_fault_arguments, device), .required = true,
		.collection = JOB_DEVICES, .help = "The mock device that faults." },
	{ "iova", SCHEMA_NUMBER, MEMBER(raise_fault_arguments, iova), .required = true,
		.help = "The address." },
	{ "perm", SCHEMA_SET, MEMBER(raise_fault_arguments, perm), .choices = schema_perm_choices,
		.fallback = IOMMUCTL_PGFAULT_PERM_READ,
		.help = "Access that it asks for: letters of \"rwxp\"." },
	{ "pasid", SCHEMA_NUMBER, MEMBER(raise_fault_arguments, pasid), .max = (1 << 20) - 1,
		.help = "The PASID; none if not given." },
	{ "group", SCHEMA_NUMBER, MEMBER(raise_fault_arguments, group), .max = UINT32_MAX,
		.help = "Number of its group, of which it is the last." },
	{ NULL },
};

static int check_raise_fault(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct raise_fault_arguments *fault = step->arguments;

	return mock_check_device(job, &fault->device, path, problem);
}

static void describe_raise_fault(const void *arguments, char *text, size_t size)
{
	const struct raise_fault_arguments *fault = arguments;

	text_append(text, size, "devices.%s: IOVA 0x%" PRIx64, fault->device.name, fault->iova);
	if (fault->pasid)
		text_append(text, size, ", PASID %" PRIu64, fault->pasid);
}

static int run_raise_fault(struct live *live, const struct job_step *step)
{
	const struct raise_fault_arguments *fault = step->arguments;
	const struct document_object *device = fault->device.target;
	const struct mock mock = live_mock(live);
	int err = mock_raise_fault(&mock,
		&(struct mock_fault){
			.dev_id = live_object(live, device)->id,
			.pasid = (uint32_t)fault->pasid,
			.group = (uint32_t)fault->group,
			.perm = (uint32_t)fault->perm,
			.addr = fault->iova,
		});

	return err ? live_fail_mock(live, device, err) : 0;
}

const struct job_action action_mock_raise_fault = {
	{ "mock-raise-fault", sizeof(struct raise_fault_arguments), raise_fault_keys,
		.help = "Makes a mock device send a page request, which its HWPT's fault queue "
			"receives." },
	.check = check_raise_fault,
	.describe = describe_raise_fault,
	.run = run_raise_fault,
};

struct raise_event_arguments {
	struct document_ref device;
	uint64_t count;
};

static const struct schema_key raise_event_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(raise_event_arguments, device), .required = true,
		.collection = JOB_DEVICES, .help = "The mock device." },
	{ "count", SCHEMA_NUMBER, MEMBER(raise_event_arguments, count), .min = 1, .max = 1 << 19,
		.fallback = 1, .help = "Number of events." },
	{ NULL },
};

static int check_raise_event(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct raise_event_arguments *event = step->arguments;

	return mock_check_device(job, &event->device, path, problem);
}

static void describe_raise_event(const void *arguments, char *text, size_t size)
{
	const struct raise_event_arguments *event = arguments;

	text_append(text, size, "devices.%s: %" PRIu64 " event%s", event->device.name, event->count,
		event->count == 1 ? "" : "s");
}

static int run_raise_event(struct live *live, const struct job_step *step)
{
	const struct raise_event_arguments *event = step->arguments;
	const struct document_object *device = event->device.target;
	const struct mock mock = live_mock(live);
	int err = 0;

	for (uint64_t i = 0; !err && i < event->count; i++)
		err = mock_raise_event(&mock, live_object(live, device)->id);
	return err ? live_fail_mock(live, device, err) : 0;
}

const struct job_action action_mock_raise_event = {
	{ "mock-raise-event", sizeof(struct raise_event_arguments), raise_event_keys,
		.help = "Makes a mock device attached to a nested HWPT raise events, which its "
			"vIOMMU's vEVENTQ receives." },
	.check = check_raise_event,
	.describe = describe_raise_event,
	.run = run_raise_event,
};
