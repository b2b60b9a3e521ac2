// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/device_common.h"
#include "host/enumerate.h"
#include "output/memory.h"
#include "output/text.h"

#define ROW "%-12s  %-9s  %-16s  %-5s  %-26s  %s\n"

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void print_row(FILE *table, const struct host_device *device)
{
	const char *cdev = device->cdev == HOST_CDEV_PRESENT ? device->cdev_path : "";
	char id[DEVICE_ID_SIZE], group[16] = "", driver[64], iommu[64];

	device_id_text(device, id);
	if (device->iommu_group >= 0)
		snprintf(group, sizeof(group), "%d", device->iommu_group);
	text_escape(or_dash(device->driver), driver, sizeof(driver));
	text_escape(or_dash(device->iommu), iommu, sizeof(iommu));
	fprintf(table, ROW, device->pci, id, driver, or_dash(group), or_dash(cdev),
		device->no_iommu ? "none (no-IOMMU mode)" : iommu);
}

/* A device that went away since it was listed is left out. */
static int list_devices(const struct pci_address_list *list, FILE *table, json_t *array)
{
	struct host_device device;

	fprintf(table, ROW, "PCI ADDRESS", "ID", "DRIVER", "GROUP", "CDEV", "IOMMU");
	for (size_t i = 0; i < list->count; i++) {
		int err = host_device_read(&sysfs_of_host, list->address[i], &device);

		if (err && err != -ENODEV && err != -ENOENT)
			return err;
		if (err)
			continue;
		print_row(table, &device);
		json_array_append_new(array, device_to_json(&device));
	}
	return 0;
}

static enum exit_status run(struct invocation *invocation)
{
	struct pci_address_list list = { 0 };
	json_t *devices = json_array();
	struct memory_text lines;
	FILE *table = memory_text_open(&lines);
	int err = table ? host_enumerate_pci(&list) : -ENOMEM;
	char *text;

	if (!err)
		err = list_devices(&list, table, devices);
	text = memory_text_close(&lines);
	host_enumerate_free(&list);
	if (!err && !text)
		err = -ENOMEM;
	if (!err) {
		text[strlen(text) - 1] = '\0'; /* the last newline is report_lines()'s */
		report_lines(invocation->report, "devices", devices, text);
	} else {
		json_decref(devices);
	}
	free(text);
	if (err)
		return report_errno(invocation->report, invocation->command->name, NULL, err);
	return STATUS_DONE;
}

const struct command command_device_list = {
	.name = "device list",
	.arguments = "",
	.summary = "List the PCI devices of this host, their drivers and IOMMU groups",
	.description =
		"Lists every PCI device with its vendor and device id, its driver, its IOMMU "
		"group, its VFIO character device (cdev) and the IOMMU that translates its DMA. A "
		"dash stands for what a device does not have; \"none (no-IOMMU mode)\" for the IOMMU "
		"of a device that VFIO drives without one.",
	.run = run,
};
