// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/device_common.h"
#include "host/enumerate.h"
#include "host/iommu.h"
#include "output/text.h"

/* The last column of a terminal is left free. */
#define TABLE_WIDTH 79

/* Which devices to list; NULL, false or -1: any. */
struct filter {
	const char *driver;
	const char *iommu;
	const char *class; /* its first digits */
	int group;
	bool vfio;
	bool netdevs;
};

struct row {
	struct host_device device;
	struct device_details details;
	char iommu[HOST_NAME_SIZE]; /* as it is shown */
};

struct table {
	const struct sysfs *sysfs;
	struct filter filter;
	size_t count;
	struct row *rows;
};

static bool has_class(const struct host_device *device, const char *digits)
{
	char all[sizeof("00ff00")];

	snprintf(all, sizeof(all), "%06x", device->class & 0xffffff);
	return strncmp(all, digits, strlen(digits)) == 0;
}

/* By its name in sysfs, and by the one that the table shows. */
static bool is_behind(const struct host_device *device, const char *name)
{
	char shown[HOST_NAME_SIZE];

	return strcmp(device->iommu, name) == 0 ||
	       strcmp(iommu_short_name(device->iommu, shown), name) == 0;
}

static bool is_wanted(const struct filter *filter, const struct host_device *device)
{
	if (filter->driver && strcmp(device->driver, filter->driver) != 0)
		return false;
	if (filter->iommu && !is_behind(device, filter->iommu))
		return false;
	if (filter->group >= 0 && device->iommu_group != filter->group)
		return false;
	if (filter->class && !has_class(device, filter->class))
		return false;
	return !filter->vfio || *device->vfio_name;
}

/* A device that went away after it was listed is left out. */
static int read_rows(struct table *table, const struct pci_address_list *list)
{
	struct device_details_physical physical = { .pci = "" };

	for (size_t i = 0; i < list->count; i++) {
		struct row *row = &table->rows[table->count];
		int err = host_device_read_for_list(table->sysfs, list->address[i], &row->device);

		if (err && err != -ENODEV && err != -ENOENT)
			return err;
		if (err || !is_wanted(&table->filter, &row->device))
			continue;
		device_details_read(table->sysfs, &row->device, &physical, &row->details);
		if (table->filter.netdevs && !*row->details.netdev)
			continue;
		iommu_short_name(row->device.iommu, row->iommu);
		table->count++;
	}
	return 0;
}

static json_t *to_json(const struct table *table)
{
	json_t *devices = json_array();

	for (size_t i = 0; i < table->count; i++)
		json_array_append_new(devices,
			device_details_to_json(
				table->sysfs, &table->rows[i].device, &table->rows[i].details));
	return devices;
}

struct columns {
	int pci, driver, cdev, iommu;
	bool numa;
};

static int wider(int width, const char *text)
{
	const int length = (int)strlen(text);

	return length > width ? length : width;
}

/* Drivers give way last: there are few, and their first letters tell them apart. */
static void measure(const struct table *table, struct columns *columns)
{
	int rest;

	*columns = (struct columns){ (int)strlen("PCI ADDRESS"), (int)strlen("DRIVER"),
		(int)strlen("CDEV"), (int)strlen("IOMMU"), false };
	for (size_t i = 0; i < table->count; i++) {
		const struct row *row = &table->rows[i];

		columns->pci = wider(columns->pci, row->device.pci);
		columns->driver = wider(columns->driver, row->device.driver);
		if (row->device.cdev == HOST_CDEV_PRESENT)
			columns->cdev = wider(columns->cdev, row->device.vfio_name);
		columns->iommu = wider(columns->iommu, row->iommu);
		columns->numa |= row->device.numa_node >= 0;
	}
	rest = TABLE_WIDTH - columns->pci - columns->cdev - columns->iommu -
	       (int)strlen("  ffff:ffff  GROUP        ") -
	       (columns->numa ? (int)strlen("  NUMA") : 0);
	if (rest < (int)strlen("DRIVER"))
		rest = (int)strlen("DRIVER");
	if (columns->driver > rest)
		columns->driver = rest;
}

static void print_number(FILE *out, int width, int number)
{
	if (number < 0)
		fprintf(out, "  %*s", width, "-");
	else
		fprintf(out, "  %*d", width, number);
}

static void print_detail(FILE *out, const struct columns *columns, bool *begun, const char *text)
{
	if (*begun)
		fputs(", ", out);
	else
		fprintf(out, "%*s", columns->pci + 2, "");
	*begun = true;
	text_print(out, text, 0);
}

/* On a line of its own: most devices have none of this. */
static void print_details(FILE *out, const struct columns *columns, const struct row *row)
{
	const struct host_device *device = &row->device;
	bool begun = false;
	char text[96];

	if (*row->details.netdev)
		print_detail(out, columns, &begun, row->details.netdev);
	if (*device->physfn) {
		snprintf(text, sizeof(text), "VF %d of %s", row->details.virtual_function,
			device->physfn);
		print_detail(out, columns, &begun, row->details.virtual_function < 0 ? "VF" : text);
	}
	if (device->sriov_totalvfs) {
		snprintf(text, sizeof(text), "%u of %u VFs", device->sriov_numvfs,
			device->sriov_totalvfs);
		print_detail(out, columns, &begun, text);
	}
	for (int i = 0; i < PCI_FEATURES; i++) {
		if (row->details.features.has[i])
			print_detail(out, columns, &begun, pci_feature_name((enum pci_feature)i));
	}
	if (begun)
		fputc('\n', out);
}

static void print_row(FILE *out, const struct columns *columns, const struct row *row)
{
	const struct host_device *device = &row->device;

	fprintf(out, "%-*s  %04x:%04x", columns->pci, device->pci, device->vendor, device->device);
	print_number(out, (int)strlen("GROUP"), device->iommu_group);
	if (columns->numa)
		print_number(out, (int)strlen("NUMA"), device->numa_node);
	device_print_name(out, columns->driver, device->driver);
	device_print_name(
		out, columns->cdev, device->cdev == HOST_CDEV_PRESENT ? device->vfio_name : "");
	fputs("  ", out);
	text_print(out, device->no_iommu ? "none" : *row->iommu ? row->iommu : "-", 0);
	fputc('\n', out);
	print_details(out, columns, row);
}

static void print_table(FILE *out, const void *data)
{
	const struct table *table = data;
	struct columns columns;

	measure(table, &columns);
	fprintf(out, "%-*s  %-9s  GROUP%s  %-*s  %-*s  IOMMU\n", columns.pci, "PCI ADDRESS", "ID",
		columns.numa ? "  NUMA" : "", columns.driver, "DRIVER", columns.cdev, "CDEV");
	for (size_t i = 0; i < table->count; i++)
		print_row(out, &columns, &table->rows[i]);
}

static enum exit_status read_filter(const struct invocation *invocation, struct filter *filter)
{
	const char *group = invocation_option(invocation, "group");
	const char *class = invocation_option(invocation, "class");

	*filter = (struct filter){
		.driver = invocation_option(invocation, "driver"),
		.iommu = invocation_option(invocation, "iommu"),
		.group = -1,
		.vfio = invocation_option(invocation, "vfio"),
		.netdevs = invocation_option(invocation, "netdevs"),
	};
	if (group && (strlen(group) > 9 || group[strspn(group, "0123456789")]))
		return report_usage(invocation->report,
			"--group=%s: expected the number of an IOMMU group", group);
	if (group)
		filter->group = atoi(group);
	filter->class = class && strncmp(class, "0x", 2) == 0 ? class + 2 : class;
	if (class && (strlen(filter->class) > 6 || !*filter->class ||
			     filter->class[strspn(filter->class, "0123456789abcdef")]))
		return report_usage(invocation->report,
			"--class=%s: expected the first digits of a PCI class, such as 02 for "
			"network cards or 0108 for NVMe and the like",
			class);
	return STATUS_DONE;
}

/* Unprivileged users read 64 bytes of a configuration space. */
static void note_unknown(struct report *report, const struct table *table)
{
	size_t unknown = 0;

	for (size_t i = 0; i < table->count; i++)
		unknown += !table->rows[i].details.features.known;
	if (unknown)
		report_note(report,
			"iommuctl: unknown for %zu device%s whether %s PASID, ATS and PRI: only root "
			"can read that",
			unknown, unknown == 1 ? "" : "s", unknown == 1 ? "it has" : "they have");
}

static enum exit_status show(struct invocation *invocation, struct table *table)
{
	struct report *report = invocation->report;
	enum exit_status status;

	status = report_written(
		report, "devices", report->json ? to_json(table) : json_null(), print_table, table);
	if (status == STATUS_DONE)
		note_unknown(report, table);
	return status;
}

static enum exit_status run(struct invocation *invocation)
{
	struct pci_address_list list = { 0 };
	struct table table = { 0 };
	struct sysfs sysfs;
	enum exit_status status = read_filter(invocation, &table.filter);
	int err;

	if (status == STATUS_DONE)
		status = device_sysfs(invocation, &sysfs);
	if (status != STATUS_DONE)
		return status;
	table.sysfs = &sysfs;
	sysfs_stay_near(&sysfs, "/sys/bus/pci/devices");
	err = host_enumerate_pci(&sysfs, &list);
	if (!err)
		table.rows = calloc(list.count + 1, sizeof(*table.rows));
	if (!err && !table.rows)
		err = -ENOMEM;
	if (!err)
		err = read_rows(&table, &list);
	if (err)
		status = report_errno(invocation->report, invocation->command->name, NULL, err);
	else
		status = show(invocation, &table);
	free(table.rows);
	host_enumerate_free(&list);
	sysfs_leave(&sysfs);
	return status;
}

static const struct command_option options[] = {
	{ "vfio", NULL, "Only devices on a VFIO driver" },
	{ "netdevs", NULL, "Only devices with a network interface" },
	{ "driver", "NAME", "Only devices on the driver NAME" },
	{ "iommu", "NAME", "Only devices behind the IOMMU NAME, as shown or as in sysfs" },
	{ "group", "N", "Only devices of IOMMU group N" },
	{ "class", "DIGITS",
		"Only devices whose PCI class begins with DIGITS: 02 for network cards" },
	{ DEVICE_OPTION_ROOT },
	{ NULL },
};

const struct command command_device_list = {
	.name = "device list",
	.group = COMMANDS_HOST,
	.arguments = "",
	.summary = "List the PCI devices of this host, their drivers and IOMMU groups",
	.description =
		"Lists every PCI device with its vendor and device id, its IOMMU group, its NUMA node "
		"if the host has any, its driver, its VFIO character device (cdev, in "
		"/dev/vfio/devices) and the IOMMU that translates its DMA, whose name is shown "
		"without the zeros that sysfs has in it. A dash means that a device has none; \"none\" "
		"as its IOMMU, that VFIO drives the device without one.\n"
		"\n"
		"A second line shows anything else: its network interface, which virtual function it "
		"is of which device, how many virtual functions it has and can have, and which of "
		"PASID, ATS and PRI it supports. With --json, each object has all of that, and null "
		"stands for what is unknown.\n"
		"\n"
		"A name that is too wide is cut, and ends in ~. Options combine: only devices that "
		"match all of them are listed.",
	.options = options,
	.run = run,
};
