// SPDX-License-Identifier: MIT
/* The actions that expect an event of a vIOMMU, or none. */
#include <inttypes.h>

#include "job/actions/action.h"
#include "job/encode.h"
#include "job/live/mock.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "monotonic.h"
#include "output/text.h"

struct event_arguments {
	struct document_ref veventq;
	struct job_named_fields named;
	bool among_others;
	uint64_t timeout_ms;
};

static const struct schema_key event_keys[] = {
	{ "veventq", SCHEMA_REF, MEMBER(event_arguments, veventq), .required = true,
		.collection = JOB_VEVENTQS, .help = "The queue to read." },
	{ "type", SCHEMA_STRING, MEMBER(event_arguments, named.name), .required = true,
		.help = "Name of the event: \"F_TRANSLATION\"." },
	{ "among-others", SCHEMA_BOOL, MEMBER(event_arguments, among_others),
		.help = "Allow other events before it: some devices make more and smaller accesses "
			"than others, and so cause several events instead of one." },
	{ "timeout-ms", SCHEMA_NUMBER, MEMBER(event_arguments, timeout_ms), .max = 600000,
		.fallback = 2000, .help = "Milliseconds to wait." },
	{ NULL },
};

static const struct schema_fields event_fields = {
	&job_event_structure,
	offsetof(struct event_arguments, named.fields),
};

static const struct fields_kind event_kind = {
	.what = "event",
	.number = offsetof(struct iommuctl_smmuv3_event, type),
	.from_name = iommuctl_smmuv3_event_from_name,
	.name_of = iommuctl_smmuv3_event_name,
	.find = iommuctl_smmuv3_event_field,
};

/* Events of the kernel's mock and of a CMDQV are not SMMU events. */
static int check_queue(const struct job *job, const struct document_ref *ref,
	const struct document_path *path, struct document_problem *problem)
{
	const struct job_veventq *queue = (const struct job_veventq *)ref->target;

	if (live_is_mock_viommu(queue->viommu.target))
		return document_problem_set(problem, job->document, path,
			"veventqs.%s has events of the kernel's mock: use a \"mock\": {\"event\": "
			"{}} step",
			ref->name);
	if (queue->type != IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV)
		return 0;
	return document_problem_set(problem, job->document, path,
		"veventqs.%s has errors of a CMDQV, which no step can expect: 'iommuctl events' "
		"shows them",
		ref->name);
}

static int check_event(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct event_arguments *expected = step->arguments;
	struct iommuctl_smmuv3_event event;
	int err = check_queue(job, &expected->veventq, path, problem);

	if (err)
		return err;
	return fields_check_kind(job, path, &event_kind, &expected->named, &event, problem);
}

/* A device that stays attached sends events of a vDEVICE that is gone. */
static bool has_attached(const struct job *job, const struct document_object *viommu)
{
	const struct job_attach *attach = job->attach.items;

	for (size_t i = 0; i < job->attach.count; i++) {
		const struct job_hwpt *hwpt = (const struct job_hwpt *)attach[i].hwpt.target;

		if (hwpt && hwpt->viommu.target == viommu)
			return true;
	}
	return false;
}

static int go_through_event(struct sequence *sequence, const void *arguments)
{
	const struct event_arguments *expected = arguments;
	const struct job_veventq *queue = (const struct job_veventq *)expected->veventq.target;
	const struct document_object *viommu = queue->viommu.target;

	if (sequence->step->expect || has_attached(sequence->job, viommu) ||
		job_next_vdevice(sequence->job, NULL, viommu, NULL))
		return 0;
	return sequence_problem(
		sequence, "viommus.%s has no vDEVICE, so no event can come", queue->viommu.name);
}

static void describe_event(const void *arguments, char *text, size_t size)
{
	const struct event_arguments *expected = arguments;
	const struct document_field *fields = expected->named.fields.items;

	text_append(text, size, "veventqs.%s: %s", expected->veventq.name, expected->named.name);
	for (size_t i = 0; i < expected->named.fields.count; i++) {
		const char *name =
			iommuctl_smmuv3_field_value_name(fields[i].field, fields[i].value);

		text_append(text, size, " %s=", fields[i].name);
		if (name)
			text_append(text, size, "%s", name);
		else
			text_append(text, size, "0x%" PRIx64, fields[i].value);
	}
}

static int compare_event(
	struct live *live, const struct event_arguments *expected, const char *text)
{
	const struct document_object *object = expected->veventq.target;
	const struct document_field *fields = expected->named.fields.items;
	uint8_t type = 0;

	iommuctl_smmuv3_event_from_name(expected->named.name, &type);
	if (live->event.type != type) {
		live_unmet(live, object, "the event is %s; %s was expected", text,
			expected->named.name);
		return live_expected(live, "%s", expected->named.name);
	}
	for (size_t i = 0; i < expected->named.fields.count; i++) {
		uint64_t value = iommuctl_smmuv3_field_get(fields[i].field, &live->event);

		if (value == fields[i].value)
			continue;
		live_unmet(live, object, "the event is %s; %s=0x%" PRIx64 " was expected", text,
			fields[i].name, fields[i].value);
		return live_expected(live, "%s %s=0x%" PRIx64, expected->named.name, fields[i].name,
			fields[i].value);
	}
	return 0;
}

/* A different event, which may come before the expected one. */
#define EVENT_OTHER 2

/* 0, LIVE_UNMET, EVENT_OTHER, or an error. */
static int take_event(struct live *live, const struct event_arguments *expected, int64_t left_ms)
{
	const struct document_object *object = expected->veventq.target;
	char text[256];
	int err;

	err = live_next_event(live, object, left_ms > 0 ? (uint64_t)left_ms : 0);
	if (err < 0)
		return err;
	if (err == 0) {
		live_unmet(live, object, "no %sevent came within %" PRIu64 " ms; %s was expected",
			live->took_event ? "other " : "", expected->timeout_ms,
			expected->named.name);
		return live_expected(live, "%s", expected->named.name);
	}
	iommuctl_smmuv3_event_print(&live->event, text, sizeof(text));
	live->seen[0] = '\0';
	text_append(live->seen, sizeof(live->seen), "veventqs.%s: %s", object->name, text);
	err = compare_event(live, expected, text);
	return err && expected->among_others ? EVENT_OTHER : err;
}

/* Other events may never end; only those read in time count. */
static int run_event(struct live *live, const struct job_step *step)
{
	const struct event_arguments *expected = step->arguments;
	const struct live_queue *queue = &live->queues[expected->veventq.target->index];
	const int64_t end = monotonic_ms() + (int64_t)expected->timeout_ms;
	int64_t left = (int64_t)expected->timeout_ms;
	int err;

	do {
		err = take_event(live, expected, left);
		left = end - monotonic_ms();
	} while (err == EVENT_OTHER && (left > 0 || queue->count));
	/* The last one has been reported already. */
	return err == EVENT_OTHER ? LIVE_UNMET : err;
}

const struct job_action action_event = {
	{ "event", sizeof(struct event_arguments), event_keys, &event_fields,
		.help = "Expects the next event to have this type and these fields." },
	.check = check_event,
	.go_through = go_through_event,
	.describe = describe_event,
	.run = run_event,
};

struct no_event_arguments {
	struct document_ref veventq;
	uint64_t timeout_ms;
};

static const struct schema_key no_event_keys[] = {
	{ "veventq", SCHEMA_REF, MEMBER(no_event_arguments, veventq), .required = true,
		.collection = JOB_VEVENTQS, .help = "The queue to watch." },
	{ "timeout-ms", SCHEMA_NUMBER, MEMBER(no_event_arguments, timeout_ms), .max = 600000,
		.fallback = 100, .help = "Milliseconds to watch it." },
	{ NULL },
};

static int check_no_event(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct no_event_arguments *watched = step->arguments;

	return check_queue(job, &watched->veventq, path, problem);
}

static void describe_no_event(const void *arguments, char *text, size_t size)
{
	const struct no_event_arguments *watched = arguments;

	text_append(text, size, "veventqs.%s: nothing for %" PRIu64 " ms", watched->veventq.name,
		watched->timeout_ms);
}

static int run_no_event(struct live *live, const struct job_step *step)
{
	const struct no_event_arguments *watched = step->arguments;
	const struct document_object *object = watched->veventq.target;
	char text[256];
	int err;

	err = live_next_event(live, object, watched->timeout_ms);
	if (err <= 0)
		return err;
	iommuctl_smmuv3_event_print(&live->event, text, sizeof(text));
	live_unmet(live, object, "the event %s came; none was expected", text);
	return live_expected(live, "no event");
}

const struct job_action action_no_event = {
	{ "no-event", sizeof(struct no_event_arguments), no_event_keys,
		.help = "Expects that no "
			"event comes." },
	.check = check_no_event,
	.describe = describe_no_event,
	.run = run_no_event,
};
