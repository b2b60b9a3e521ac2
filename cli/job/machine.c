// SPDX-License-Identifier: MIT
#include "job/machine.h"

#include <errno.h>
#include <string.h>

#include "document/parse.h"
#include "host/pci_address.h"
#include "job/load.h"
#include "job/schema.h"

/* The code of what is wrong with such a document. */
#define MACHINE_BAD "bad-machine"

static const struct schema_key keys[] = {
	{ "iommuctl", SCHEMA_NUMBER, MEMBER(machine, version), .required = true, .min = 1, .max = 1,
		.help = "The version of this format: 1." },
	{ "name", SCHEMA_STRING, MEMBER(machine, name),
		.help = "Name of the machine, for people." },
	{ "description", SCHEMA_STRING, MEMBER(machine, description), .help = "What it is." },
	{ "devices", SCHEMA_NAMED, MEMBER(machine, devices), .required = true, .max = 1024,
		.shape = &schema_device,
		.help = "Its devices, by the names that jobs have for them." },
	{ "$schema", SCHEMA_STRING, MEMBER(machine, editor_schema),
		.help = "Where an editor finds the JSON Schema of machines. Not looked at." },
	{ NULL },
};

const struct schema_shape schema_machine_devices = {
	"lab-machine",
	sizeof(struct machine),
	keys,
	.help = "The devices of the machine that jobs are run on.",
};

/* What a job says of a device stays in the job. */
static int check_device(const struct machine *machine, const struct job_device *device,
	struct document_problem *problem)
{
	const struct document_path *path = device->object.path;
	char address[PCI_ADDRESS_SIZE];

	if (device->machine || device->stimulus_memory || !device->bind)
		return document_problem_set(problem, machine->document, path,
			"\"machine\", \"stimulus-memory\" and \"bind\" are for jobs to say");
	if (!device->netdev != (device->vf == DOCUMENT_UNSET))
		return document_problem_set(problem, machine->document, path,
			"\"netdev\" and \"vf\" go together: the interface itself is in use by its driver");
	if (device->pci && pci_address_normalise(device->pci, address))
		return document_problem_set(problem, machine->document, path,
			"\"%s\" is not a PCI address such as 0000:00:01.0", device->pci);
	return 0;
}

static int parse(struct machine *machine, struct document_problem *problem)
{
	const struct job_device *devices;
	int err = document_parse(machine->document, &schema_machine_devices, machine, problem);

	if (err)
		return err;
	devices = machine->devices.items;
	for (size_t i = 0; i < machine->devices.count; i++) {
		if (!document_goes_on(&err, check_device(machine, &devices[i], problem)))
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
		failure_set(&failure, 0,
			"is \"%s\" of the machine, and no machine is given\n--machine=FILE says which "
			"devices it has",
			device->machine);
	failure.status = machine ? STATUS_SKIPPED : STATUS_BAD_JOB;
	failure.code = machine ? "no-device" : "no-machine";
	failure.object = document_object_label(&device->object, label, sizeof(label));
	return report_failure(report, &failure);
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
	return STATUS_DONE;
}
