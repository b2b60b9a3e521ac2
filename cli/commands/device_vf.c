// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/device_common.h"
#include "host/driver.h"
#include "host/virtual_functions.h"
#include "job/interrupt.h"
#include "output/text.h"

/* More than a driver needs to create them, and udevd to process them. */
#define TIMEOUT_MS 10000

/* SR-IOV counts in 16 bits. */
#define FUNCTIONS_MAX 65535

struct created {
	const struct host_device *physical;
	const struct virtual_functions *functions;
};

static json_t *to_json(
	const struct host_device *physical, const struct host_device *made, unsigned int count)
{
	json_t *devices = json_array();
	struct device_details details;

	for (unsigned int i = 0; i < count; i++) {
		device_details_read(&sysfs_of_host, &made[i], NULL, &details);
		json_array_append_new(
			devices, device_details_to_json(&sysfs_of_host, &made[i], &details));
	}
	return json_pack("{s:s, s:i, s:i, s:o}", "physfn", physical->pci, "sriov-numvfs",
		(int)count, "sriov-totalvfs", (int)physical->sriov_totalvfs, "devices", devices);
}

static void print_created(FILE *out, const void *data)
{
	const struct created *created = data;
	struct device_details details;

	for (unsigned int i = 0; i < created->functions->count; i++) {
		const struct host_device *made = &created->functions->made[i];

		fprintf(out, "%s: VF %u of %s, ", made->pci, i, created->physical->pci);
		text_print(out, *made->driver ? made->driver : "no driver", 0);
		device_details_read(&sysfs_of_host, made, NULL, &details);
		if (*details.netdev) {
			fputs(", ", out);
			text_print(out, details.netdev, 0);
		}
		fprintf(out, "%s%s\n", made->cdev == HOST_CDEV_PRESENT ? ", " : "",
			made->cdev == HOST_CDEV_PRESENT ? made->cdev_path : "");
	}
}

static enum exit_status read_number(const struct invocation *invocation, unsigned int *count)
{
	const char *text = invocation->arguments[1];
	const unsigned long number = strtoul(text, NULL, 10);

	if (!number && strspn(text, "0") == strlen(text))
		return report_usage(invocation->report,
			"'%s': create makes at least one; iommuctl device vf destroy removes them",
			text);
	if (strlen(text) > 5 || text[strspn(text, "0123456789")] || number > FUNCTIONS_MAX)
		return report_usage(invocation->report,
			"'%s' is not a number of virtual functions: expected 1 to %d", text,
			FUNCTIONS_MAX);
	*count = (unsigned int)number;
	return STATUS_DONE;
}

static enum exit_status create(const struct invocation *invocation,
	const struct host_device *physical, struct virtual_functions *functions)
{
	struct created created = { physical, functions };
	struct failure failure;
	sigset_t old_mask;
	int err;

	functions->made = calloc((size_t)functions->count + 1, sizeof(*functions->made));
	if (!functions->made)
		return report_out_of_memory(invocation->report);
	interrupt_hold(&old_mask);
	err = virtual_functions_create(&sysfs_of_host, physical, functions, &failure);
	interrupt_release(&old_mask);
	if (err)
		return device_report_failure(invocation, physical->pci, &failure);
	return report_written(invocation->report, "virtual-functions",
		to_json(physical, functions->made, functions->count), print_created, &created);
}

static enum exit_status run_create(struct invocation *invocation)
{
	const char *driver = invocation_option(invocation, "driver");
	struct virtual_functions functions = { .milliseconds = TIMEOUT_MS };
	struct host_device physical;
	enum exit_status status = read_number(invocation, &functions.count);

	if (driver || invocation_option(invocation, "bind"))
		functions.driver = driver ? driver : "vfio-pci";
	if (status == STATUS_DONE)
		status = device_of_invocation(invocation, &sysfs_of_host, &physical);
	if (status != STATUS_DONE)
		return status;
	status = create(invocation, &physical, &functions);
	free(functions.made);
	return status;
}

static enum exit_status run_destroy(struct invocation *invocation)
{
	struct host_device physical;
	struct failure failure;
	enum exit_status status = device_of_invocation(invocation, &sysfs_of_host, &physical);
	sigset_t old_mask;
	int err;

	if (status != STATUS_DONE)
		return status;
	interrupt_hold(&old_mask);
	err = virtual_functions_destroy(&sysfs_of_host, &physical, &failure);
	interrupt_release(&old_mask);
	if (err)
		return device_report_failure(invocation, physical.pci, &failure);
	report_result(invocation->report, "virtual-functions", to_json(&physical, NULL, 0),
		"%s: %u virtual functions removed", physical.pci, physical.sriov_numvfs);
	return STATUS_DONE;
}

static const struct command_option create_options[] = {
	{ "bind", NULL, "Bind each of them to vfio-pci and wait for its character device" },
	{ "driver", "NAME", "The same with the VFIO driver NAME" },
	{ NULL },
};

const struct command command_device_vf_create = {
	.name = "device vf create",
	.group = COMMANDS_HOST,
	.arguments = "DEVICE NUMBER",
	.arguments_min = 2,
	.arguments_max = 2,
	.summary = "Make virtual functions of a device with SR-IOV",
	.description =
		"Makes the driver of DEVICE create NUMBER virtual functions, waits until they exist "
		"and, where udevd runs, its rules have been applied, and shows them. With --bind it "
		"hands each to vfio-pci as 'device bind' does, and waits for its character device. If "
		"any of that fails, the new functions are removed again, and existing ones are back "
		"on the drivers that they had.\n"
		"\n"
		"If that number of functions already exists, it does nothing except --bind. Another "
		"number is refused: the kernel can change it only through zero. If DEVICE itself is on "
		"vfio-pci, that makes them only with its parameter enable_sriov.\n"
		"\n"
		"SIGINT, SIGTERM, SIGHUP and SIGQUIT wait until everything is done or undone.\n\n" DEVICE_FORMS,
	.options = create_options,
	.run = run_create,
};

const struct command command_device_vf_destroy = {
	.name = "device vf destroy",
	.group = COMMANDS_HOST,
	.arguments = "DEVICE",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Remove the virtual functions of a device",
	.description =
		"Removes all virtual functions of DEVICE, whatever driver they are on. Refuses if one "
		"is in use: a process has it open through VFIO, its interface is up or in another network "
		"namespace, or its disk is mounted or held.\n\n" DEVICE_FORMS,
	.run = run_destroy,
};
