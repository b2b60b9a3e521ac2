// SPDX-License-Identifier: MIT
#include "job/machine.h"

#include <errno.h>
#include <string.h>

#include "document/parse.h"
#include "job/check/check.h"
#include "job/device_selector.h"
#include "job/load.h"
#include "job/schema/schema.h"

/* The error code for a wrong machine document. */
#define MACHINE_BAD "bad-machine"

/* The other keys of a device stay in the job. */
static const struct schema_key device_keys[] = {
	SCHEMA_DEVICE_KEYS,
	{ NULL },
};

static const struct schema_shape device_shape = {
	"machine-device",
	sizeof(struct job_device),
	device_keys,
	.help = "The device behind a name that jobs use.",
};

static const struct schema_key keys[] = {
	{ "iommuctl", SCHEMA_NUMBER, MEMBER(machine, version), .required = true, .min = 1, .max = 1,
		.help = "The version of this format: 1." },
	{ "name", SCHEMA_STRING, MEMBER(machine, name),
		.help = "Name of the machine, for readers." },
	{ "description", SCHEMA_STRING, MEMBER(machine, description),
		.help = "What the machine "
			"is." },
	{ "devices", SCHEMA_NAMED, MEMBER(machine, devices), .required = true, .max = 1024,
		.shape = &device_shape,
		.help = "Its devices, by the names that jobs use for them." },
	{ "$schema", SCHEMA_STRING, MEMBER(machine, editor_schema),
		.help = "Where editors find the JSON Schema of machines. Ignored." },
	{ NULL },
};

const struct schema_shape schema_machine_devices = {
	"lab-machine",
	sizeof(struct machine),
	keys,
	.help = "The devices of the machine that jobs run on.",
};

static int check_device(const struct machine *machine, const struct job_device *device,
	struct document_problem *problem)
{
	struct selector selector;
	struct failure failure;

	if (!job_device_check(device, &selector, &failure))
		return 0;
	return document_problem_set(
		problem, machine->document, device->object.path, "%s", failure.message);
}

static int parse(struct machine *machine, struct document_problem *problem)
{
	const struct job_device *devices;
	int err = document_parse(machine->document, &schema_machine_devices, machine, problem);

	if (err)
		return err;
	devices = machine->devices.items;
	for (size_t i = 0; i < machine->devices.count; i++) {
		if (!document_note_error(&err, check_device(machine, &devices[i], problem)))
			break;
	}
	return err;
}

enum exit_status machine_load(
	const char *file_name, struct report *report, struct machine **machine)
{
	struct document_problem problem = { .message = "" };
	struct document *document;
	enum exit_status status = STATUS_DONE;
	struct machine *new;
	int err;

	err = document_read(file_name, &document);
	if (err)
		return job_report_unread(report, file_name, MACHINE_BAD, err, &problem);
	new = document_alloc(document, 1, sizeof(*new));
	if (new) {
		new->document = document;
		err = parse(new, &problem);
	} else {
		err = -ENOMEM;
	}
	if (!err && (status = job_check_author(document, report)) == STATUS_DONE) {
		*machine = new;
		return STATUS_DONE;
	}
	document_free(document);
	return err ? job_report_unread(report, file_name, MACHINE_BAD, err, &problem) : status;
}

enum exit_status machine_load_option(
	const char *file_name, struct report *report, struct machine **machine)
{
	*machine = NULL;
	return file_name ? machine_load(file_name, report, machine) : STATUS_DONE;
}

void machine_free(struct machine *machine)
{
	if (machine)
		document_free(machine->document);
}

static const struct job_device *find(const struct machine *machine, const char *name)
{
	const struct job_device *devices = machine->devices.items;

	for (size_t i = 0; i < machine->devices.count; i++) {
		if (strcmp(devices[i].object.name, name) == 0)
			return &devices[i];
	}
	return NULL;
}

static enum exit_status report_unknown(
	const struct machine *machine, const struct job_device *device, struct report *report)
{
	struct failure failure;
	char label[96];

	if (machine)
		failure_set(&failure, -ENODEV, "the machine has no device \"%s\"", device->machine);
	else
		job_device_without_machine(device, &failure);
	if (machine) {
		failure.status = STATUS_SKIPPED;
		failure.code = "no-device";
	}
	failure.object = document_object_label(&device->object, label, sizeof(label));
	return report_failure(report, &failure);
}

/* What was said of a name was checked without knowing the device behind it. */
static enum exit_status check_devices(const struct job *job, struct report *report)
{
	struct document_problem problem = { .message = "" };
	int err = job_check_devices(job, &problem);

	return err ? job_report_unread(report, job->document->file_name, "bad-job", err, &problem)
		   : STATUS_DONE;
}

enum exit_status machine_apply(
	const struct machine *machine, struct job *job, struct report *report)
{
	struct job_device *devices = job->objects[JOB_DEVICES].items;

	for (size_t i = 0; i < job->objects[JOB_DEVICES].count; i++) {
		struct job_device *device = &devices[i];
		const struct job_device *there;

		if (!device->machine)
			continue;
		there = machine ? find(machine, device->machine) : NULL;
		if (!there)
			return report_unknown(machine, device, report);
		device->pci = there->pci;
		device->select = there->select;
		device->netdev = there->netdev;
		device->vf = there->vf;
		device->mock = there->mock;
		if (!device->stimulus)
			device->stimulus = there->stimulus;
		if (!device->vf_token)
			device->vf_token = there->vf_token;
		if (!device->set_vf_token)
			device->set_vf_token = there->set_vf_token;
	}
	return machine ? check_devices(job, report) : STATUS_DONE;
}
