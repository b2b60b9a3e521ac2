// SPDX-License-Identifier: MIT
#include "job/sequence/sequence.h"

#include <errno.h>
#include <stdlib.h>

#include "job/actions/action.h"
#include "job/plan.h"
#include "output/report.h"

int sequence_refuse(struct sequence *sequence, int error, const char *format, ...)
{
	char reason[384];
	va_list arguments;

	if (sequence->step && sequence->step->expect)
		return SEQUENCE_FAILS;
	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	return sequence_problem(sequence, "would fail with %s: %s", errno_name(error), reason);
}

bool sequence_has(const struct sequence *sequence, const struct document_object *object)
{
	return sequence->exists[object->collection][object->index];
}

int sequence_need(struct sequence *sequence, const struct document_object *object)
{
	char label[96];

	if (sequence_has(sequence, object))
		return 0;
	return sequence_refuse(sequence, -ENODEV, "%s does not exist at this point",
		document_object_label(object, label, sizeof(label)));
}

int sequence_need_memory(struct sequence *sequence, uint64_t ipa, uint64_t size)
{
	const struct job_memory *memory = job_memory_at(sequence->job, ipa, size);

	if (!memory || sequence_has(sequence, &memory->object))
		return 0;
	return sequence_refuse(
		sequence, -EFAULT, "memory.%s does not exist at this point", memory->object.name);
}

int sequence_need_hardware(
	struct sequence *sequence, const struct document_object *device, const char *lacks)
{
	if (!((const struct job_device *)device)->mock)
		return 0;
	if (sequence->step && sequence->step->expect)
		return SEQUENCE_FAILS;
	return sequence_problem(sequence, "devices.%s is a mock device of the kernel, which %s",
		device->name, lacks);
}

const struct job_vdevice *sequence_vdevice(const struct sequence *sequence,
	const struct document_object *device, const struct document_object *viommu)
{
	const struct job_vdevice *vdevice = NULL;

	do
		vdevice = job_next_vdevice(sequence->job, device, viommu, vdevice);
	while (vdevice && !sequence_has(sequence, &vdevice->object));
	return vdevice;
}

bool sequence_facts(const struct sequence *sequence, const struct document_object *device,
	struct platform_facts *facts)
{
	*facts = sequence->facts[device->index].facts;
	return sequence->facts[device->index].known;
}

static void find_facts(struct sequence *sequence)
{
	const struct job_device *devices = sequence->job->objects[JOB_DEVICES].items;
	const struct platform *platform = sequence->platform;

	if (!platform || !platform->facts)
		return;
	for (size_t i = 0; i < sequence->job->objects[JOB_DEVICES].count; i++)
		sequence->facts[i].known =
			!platform->facts(platform, &devices[i], &sequence->facts[i].facts);
}

/* Writes to guest tables other than by their steps: their contents are unknown afterwards. */
static void find_unknown(struct sequence *sequence, const struct job_step *step)
{
	/* A step with an error may write anywhere. */
	const struct action_span span =
		step->doubtful ? (struct action_span){ 0, UINT64_MAX } : job_step_writes(step);

	if (span.size)
		sequence_lose_tables(sequence, span.ipa, span.size, true);
}

static int open_sequence(struct sequence *sequence)
{
	const struct job *job = sequence->job;
	const struct job_step *steps = job->steps.items;

	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		sequence->exists[collection] =
			calloc(job->objects[collection].count + 1, sizeof(bool));
		sequence->doubtful[collection] =
			calloc(job->objects[collection].count + 1, sizeof(bool));
		if (!sequence->exists[collection] || !sequence->doubtful[collection])
			return -ENOMEM;
	}
	sequence->attached =
		calloc(job->objects[JOB_DEVICES].count + 1, sizeof(*sequence->attached));
	sequence->adrift = calloc(job->objects[JOB_DEVICES].count + 1, sizeof(bool));
	sequence->unreserved = calloc(job->objects[JOB_DEVICES].count + 1, sizeof(bool));
	sequence->pasids =
		calloc(job->attach.count + job->steps.count + 1, sizeof(*sequence->pasids));
	sequence->maps = calloc(job->objects[JOB_IOAS].count + 1, sizeof(*sequence->maps));
	sequence->allowed = calloc(job->objects[JOB_IOAS].count + 1, sizeof(*sequence->allowed));
	sequence->faults =
		calloc(job->objects[JOB_FAULT_QUEUES].count + 1, sizeof(*sequence->faults));
	sequence->unknown = calloc(job->objects[JOB_STAGE1].count + 1, sizeof(bool));
	sequence->unknown_cds = calloc(job->objects[JOB_CD_TABLES].count + 1, sizeof(bool));
	sequence->facts = calloc(job->objects[JOB_DEVICES].count + 1, sizeof(*sequence->facts));
	if (!sequence->adrift || !sequence->unreserved)
		return -ENOMEM;
	if (!sequence->attached || !sequence->pasids || !sequence->maps || !sequence->allowed ||
		!sequence->faults || !sequence->unknown || !sequence->unknown_cds ||
		!sequence->facts)
		return -ENOMEM;
	find_facts(sequence);
	for (size_t i = 0; i < job->steps.count; i++)
		find_unknown(sequence, &steps[i]);
	return 0;
}

static void close_sequence(struct sequence *sequence)
{
	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		free(sequence->exists[collection]);
		free(sequence->doubtful[collection]);
	}
	for (size_t i = 0; sequence->maps && i < sequence->job->objects[JOB_IOAS].count; i++)
		iova_map_free(&sequence->maps[i]);
	free(sequence->attached);
	free(sequence->adrift);
	free(sequence->unreserved);
	free(sequence->pasids);
	free(sequence->maps);
	free(sequence->allowed);
	free(sequence->faults);
	free(sequence->unknown);
	free(sequence->unknown_cds);
	free(sequence->facts);
}

static int go_through(struct sequence *sequence, const struct plan_operation *operation)
{
	int err;

	sequence->step = operation->step;
	if (sequence_is_doubtful(sequence, operation)) {
		sequence_doubt(sequence, operation);
		return 0;
	}
	if (operation->object) {
		sequence->path = operation->object->path;
		err = sequence_make(sequence, operation->object);
	} else if (operation->attach) {
		sequence->path = operation->attach->path;
		err = sequence_attach(sequence, operation->attach);
	} else {
		err = sequence_act(sequence, operation->step);
	}
	if (err == -EINVAL)
		sequence_doubt(sequence, operation);
	return err == SEQUENCE_FAILS ? 0 : err;
}

int sequence_check(const struct job *job, const struct platform *platform, struct tables *tables,
	struct document_problem *problem)
{
	struct sequence sequence = {
		.job = job,
		.platform = platform,
		.problem = problem,
		.tables = tables,
	};
	struct plan plan = { 0 };
	int err;

	err = open_sequence(&sequence);
	if (!err)
		err = plan_make(job, &plan);
	/* Only one of several cycles of objects has been reported. */
	if (err == -ELOOP)
		err = 0;
	for (size_t i = 0; i < plan.count && !sequence.lost; i++) {
		if (!document_note_error(&err, go_through(&sequence, &plan.operations[i])))
			break;
	}
	plan_free(&plan);
	close_sequence(&sequence);
	return err;
}
