// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands/device_common.h"
#include "host/cdi.h"
#include "output/whole_file.h"

/* Finds the devices that the arguments name, each once. Reports its own failure. */
static enum exit_status read_devices(
	const struct invocation *invocation, struct host_device *devices)
{
	struct failure failure;
	char pci[PCI_ADDRESS_SIZE];
	enum exit_status status;
	int err;

	for (int i = 0; i < invocation->argument_count; i++) {
		status = device_select(invocation, &sysfs_of_host, invocation->arguments[i], pci);
		if (status)
			return status;
		for (int k = 0; k < i; k++) {
			if (strcmp(devices[k].pci, pci) == 0)
				return report_usage(invocation->report, "%s is named twice", pci);
		}
		/* Looked at later, so that errors in the command line come first. */
		memcpy(devices[i].pci, pci, sizeof(pci));
	}
	for (int i = 0; i < invocation->argument_count; i++) {
		memcpy(pci, devices[i].pci, sizeof(pci));
		err = host_device_read(&sysfs_of_host, pci, &devices[i]);
		if (err)
			failure_set(&failure, err,
				"there is no such PCI device\nSee: iommuctl device list");
		else
			err = cdi_check_device(&sysfs_of_host, &devices[i], &failure);
		if (err)
			return device_report_failure(invocation, pci, &failure);
	}
	return STATUS_DONE;
}

static void print_json(FILE *out, const void *data)
{
	json_dumpf(data, out, JSON_INDENT(2));
}

static enum exit_status write_file(
	const struct invocation *invocation, const char *path, const json_t *spec)
{
	char *text = json_dumps(spec, JSON_INDENT(2));
	int err = text ? whole_file_replace(path, text, 0644) : -ENOMEM;
	struct failure failure;

	free(text);
	if (!err) {
		report_result(invocation->report, "written", json_pack("{s:s}", "file", path), "%s",
			path);
		return STATUS_DONE;
	}
	failure_set_file(&failure, err, NULL, NULL);
	if (err == -ENOENT)
		failure_set(&failure, err, "its directory does not exist\nMake it first: mkdir -p");
	failure.operation = invocation->command->name;
	failure.object = path;
	return report_failure(invocation->report, &failure);
}

static enum exit_status tell(const struct invocation *invocation, const char *kind, json_t *spec)
{
	const char *output = invocation_option(invocation, "output");
	const char *directory = invocation_option(invocation, "directory");
	char name[CDI_KIND_SIZE + sizeof(".json")], path[PATH_MAX];

	if (output)
		return write_file(invocation, output, spec);
	if (!directory)
		return report_written(
			invocation->report, "cdi", json_incref(spec), print_json, spec);
	cdi_file_name(kind, name);
	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path))
		return report_usage(
			invocation->report, "--directory=%s: the name is too long", directory);
	return write_file(invocation, path, spec);
}

static enum exit_status run(struct invocation *invocation)
{
	const char *option = invocation_option(invocation, "kind");
	const char *kind = option ? option : CDI_KIND;
	size_t count = (size_t)invocation->argument_count;
	struct host_device *devices;
	enum exit_status status;
	json_t *spec;

	if (!cdi_is_kind(kind))
		return report_usage(invocation->report,
			"--kind=%s: expected a vendor and a class, as in " CDI_KIND, kind);
	if (invocation_option(invocation, "output") && invocation_option(invocation, "directory"))
		return report_exclusive(invocation->report, "output", "directory");
	devices = calloc(count, sizeof(*devices));
	if (!devices)
		return report_out_of_memory(invocation->report);
	status = read_devices(invocation, devices);
	if (status == STATUS_DONE) {
		spec = cdi_to_json(kind, devices, count);
		status = spec ? tell(invocation, kind, spec)
			      : report_out_of_memory(invocation->report);
		json_decref(spec);
	}
	free(devices);
	return status;
}

static const struct command_option options[] = {
	{ "kind", "VENDOR/CLASS",
		"Name the devices VENDOR/CLASS=ADDRESS instead of " CDI_KIND "=ADDRESS" },
	{ "output", "FILE", "Write the specification to FILE" },
	{ "directory", "DIRECTORY",
		"Write it to VENDOR-CLASS.json in DIRECTORY, such as /etc/cdi" },
	{ NULL },
};

const struct command command_device_cdi = {
	.name = "device cdi",
	.group = COMMANDS_HOST,
	.arguments = "DEVICE...",
	.arguments_min = 1,
	.arguments_max = -1,
	.summary = "Print a Container Device Interface specification of devices",
	.description =
		"With it, container engines put devices into containers by name. A device is its "
		"character device /dev/vfio/devices/vfioN, together with /dev/iommu, and never the "
		"node of the legacy group, because a device has one owner. The specification holds "
		"until the devices are bound again: write it again then.\n"
		"\n"
		"  iommuctl device cdi --directory=/etc/cdi 0000:01:00.0\n"
		"  podman run --device " CDI_KIND "=0000:01:00.0 ...\n"
		"\n"
		"Refuses a device that is on no VFIO driver, has no character device, is open in a "
		"process, or shares its IOMMU group with a host driver. A file is written completely "
		"or not at all, and only a regular file is replaced.",
	.options = options,
	.run = run,
};
