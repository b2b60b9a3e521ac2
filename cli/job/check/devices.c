// SPDX-License-Identifier: MIT
/* Checks of devices, one by one and against each other, and of their users. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/device_selector.h"
#include "job/check/check.h"
#include "document/value.h"

/* Refuses a device of a machine that an earlier one names as well. */
static int check_machine_device(
	const struct job *job, size_t index, struct document_problem *problem)
{
	const struct job_device *devices = job->objects[JOB_DEVICES].items;
	const struct job_device *device = &devices[index];

	for (size_t i = 0; i < index; i++) {
		if (devices[i].machine && strcmp(devices[i].machine, device->machine) == 0)
			return document_problem_set(problem, job->document, device->object.path,
				JOB_SAME_DEVICE "%s", devices[i].object.name);
	}
	return 0;
}

/* A mock device is made for the job that names it, and disappears with it. */
static int check_mock_device(
	const struct job *job, const struct job_device *device, struct document_problem *problem)
{
	if (device->bind && !device->fd && !device->id && !device->stimulus &&
		!device->stimulus_memory && !device->vf_token && !device->set_vf_token)
		return 0;
	return document_problem_set(problem, job->document, device->object.path,
		"bind, fd, id, stimulus and VF tokens are for devices of the machine, not for "
		"mocks");
}

/* A token is passed when binding, or set on a bound device. */
static int check_tokens(
	const struct job *job, const struct job_device *device, struct document_problem *problem)
{
	if (!device->bind && (device->vf_token || device->set_vf_token))
		return document_problem_set(problem, job->document, device->object.path,
			"is not bound (\"bind\": false): vf-token and set-vf-token need a bound "
			"device");
	if (device->id && device->vf_token)
		return document_problem_set(problem, job->document, device->object.path,
			"is already bound (\"id\"): vf-token is for a device that the job binds");
	return 0;
}

/* Refuses a device that an earlier one selects as well; @selectors has those before @index. */
static int check_device(const struct job *job, size_t index, struct selector *selectors,
	struct document_problem *problem)
{
	const struct job_device *device =
		&((const struct job_device *)job->objects[JOB_DEVICES].items)[index];
	struct selector *selector = &selectors[index];
	struct failure failure;

	if (job_device_check(device, selector, &failure))
		return document_problem_set(
			problem, job->document, device->object.path, "%s", failure.message);
	if (job_device_lacks_machine(device))
		return check_machine_device(job, index, problem);
	if (device->mock)
		return check_mock_device(job, device, problem);
	for (size_t i = 0; i < index; i++) {
		if (!job_device_lacks_machine(device - index + i) &&
			selector_is_same(selector, &selectors[i]))
			return document_problem_set(problem, job->document, device->object.path,
				JOB_SAME_DEVICE "%s", (device - index + i)->object.name);
	}
	return 0;
}

static int check_stimulus_memory(
	const struct job *job, const struct job_device *device, struct document_problem *problem)
{
	const struct document_path path = { .parent = device->object.path,
		.key = "stimulus-memory" };
	const struct job_stimulus_memory *memory = device->stimulus_memory;
	char bytes[VALUE_TEXT_SIZE];
	uint64_t iova;

	if (!memory)
		return 0;
	iova = memory->iova == DOCUMENT_UNSET ? memory->ipa : memory->iova;
	if ((memory->ipa | iova | memory->size) % JOB_PAGE)
		return document_problem_set(problem, job->document, &path,
			"ipa, iova and size must be multiples of 4K");
	if (job_memory_at(job, memory->ipa, memory->size) || job_memory_is_doubtful(job))
		return 0;
	return document_problem_set(problem, job->document, &path,
		"no memory holds %s at IPA 0x%" PRIx64, value_print_size(memory->size, bytes),
		memory->ipa);
}

static int check_each(const struct job *job, struct document_problem *problem)
{
	const struct job_device *devices = job->objects[JOB_DEVICES].items;
	const size_t count = job->objects[JOB_DEVICES].count;
	struct selector *selectors = calloc(count + 1, sizeof(*selectors));
	int err = 0;

	if (!selectors)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (devices[i].object.doubtful)
			continue;
		if (!document_note_error(&err, check_device(job, i, selectors, problem)) ||
			!document_note_error(&err, check_tokens(job, &devices[i], problem)) ||
			!document_note_error(
				&err, check_stimulus_memory(job, &devices[i], problem)))
			break;
	}
	free(selectors);
	return err;
}

/* A device that is only opened is for others to use; its MSI window is known all the same. */
static int check_unbound(const struct job *job, struct document_problem *problem)
{
	int err = 0;

	for (size_t i = 0; i < job->document->use_count; i++) {
		const struct document_use *use = &job->document->uses[i];
		const struct job_device *device = (const struct job_device *)use->ref->target;

		if (use->collection != JOB_DEVICES || device->bind || device->object.doubtful ||
			!strcmp(use->path->key, "msi-window"))
			continue;
		*use->doubtful = true;
		if (!document_note_error(&err,
			    document_problem_set(problem, job->document, use->path,
				    "devices.%s is only opened (\"bind\": false): this needs a "
				    "bound device",
				    device->object.name)))
			break;
	}
	return err;
}

int job_check_devices(const struct job *job, struct document_problem *problem)
{
	int err = check_each(job, problem);

	if (err != -ENOMEM)
		document_note_error(&err, check_unbound(job, problem));
	return err;
}
