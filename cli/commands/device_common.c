// SPDX-License-Identifier: MIT
#include "device_common.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/netdev.h"
#include "output/text.h"

enum exit_status device_report_failure(
	const struct invocation *invocation, const char *pci, struct failure *failure)
{
	failure->operation = invocation->command->name;
	failure->object = failure_print(failure, "device %s", pci);
	return report_failure(invocation->report, failure);
}

static enum exit_status report_missing(const struct invocation *invocation, const char *pci,
	int err)
{
	struct failure failure = { .error = err };

	if (err == -ENODEV)
		failure_set(&failure, err, "there is no such PCI device\nSee: iommuctl device list");
	return device_report_failure(invocation, pci, &failure);
}

static enum exit_status report_netdev(const struct invocation *invocation, const char *name,
	int err)
{
	struct failure failure = { .error = err };

	if (err == -ENODEV)
		failure_set(&failure, err,
			"there is no such network interface in this network namespace");
	else if (err == -ENOTSUP)
		failure_set(&failure, -ENODEV, "there is no PCI device below this interface");
	return device_report_failure(invocation, name, &failure);
}

static enum exit_status read_device(const struct invocation *invocation, const char *pci,
	struct host_device *device)
{
	int err = host_device_read(&sysfs_of_host, pci, device);

	return err ? report_missing(invocation, pci, err) : STATUS_DONE;
}

static enum exit_status find_virtual_function(const struct invocation *invocation,
	const struct netdev *netdev, const char *number, struct host_device *device)
{
	char pci[PCI_ADDRESS_SIZE], *end;
	struct failure failure;
	unsigned long index;

	errno = 0;
	index = strtoul(number, &end, 10);
	if (*number < '0' || *number > '9' || *end || errno)
		return report_usage(invocation->report,
			"--vf=%s: the number of a virtual function was expected", number);
	if (index >= netdev->virtual_functions ||
		host_device_virtual_function(&sysfs_of_host, device, (unsigned int)index, pci)) {
		failure_set(&failure, -ENODEV,
			"it has no virtual function %lu: %u are enabled\nTo enable N of them: "
			"echo N > %s/sriov_numvfs",
			index, netdev->virtual_functions, device->directory);
		return device_report_failure(invocation, device->pci, &failure);
	}
	return read_device(invocation, pci, device);
}

enum exit_status device_of_invocation(const struct invocation *invocation,
	struct host_device *device)
{
	const char *name = invocation_option(invocation, "netdev");
	const char *number = invocation_option(invocation, "vf");
	char pci[PCI_ADDRESS_SIZE];
	enum exit_status status;
	struct netdev netdev;
	int err;

	if (number && !name)
		return report_usage(invocation->report,
			"--vf=%s is a virtual function of a network interface: --netdev=NAME is missing",
			number);
	if (name && invocation->argument_count)
		return report_usage(invocation->report,
			"'%s' and --netdev=%s are two devices: one of them is to be named",
			invocation->arguments[0], name);
	if (!name && !invocation->argument_count)
		return report_usage(invocation->report,
			"a device is missing: its PCI address, or --netdev=NAME");
	if (!name) {
		if (pci_address_normalise(invocation->arguments[0], pci))
			return invocation_report_no_address(invocation, invocation->arguments[0]);
		return read_device(invocation, pci, device);
	}
	err = netdev_read(name, &netdev);
	if (err)
		return report_netdev(invocation, name, err);
	status = read_device(invocation, netdev.pci, device);
	if (status != STATUS_DONE || !number)
		return status;
	return find_virtual_function(invocation, &netdev, number, device);
}

json_t *device_name_to_json(const char *name)
{
	return text_to_json(*name ? name : NULL);
}

static json_t *number_or_null(int number)
{
	return number < 0 ? json_null() : json_integer(number);
}

static const char *cdev_name(enum host_cdev cdev)
{
	switch (cdev) {
	case HOST_CDEV_NO_DRIVER: return "no-driver";
	case HOST_CDEV_NOT_BUILT: return "not-built";
	case HOST_CDEV_NO_NODE: return "no-node";
	case HOST_CDEV_PRESENT: return "present";
	}
	return NULL;
}

void device_id_text(const struct host_device *device, char text[DEVICE_ID_SIZE])
{
	snprintf(text, DEVICE_ID_SIZE, "%04x:%04x", device->vendor, device->device);
}

json_t *device_to_json(const struct host_device *device)
{
	char id[DEVICE_ID_SIZE];

	device_id_text(device, id);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:s, s:o}", "pci", device->pci,
		"vendor", hex_digits_to_json(device->vendor, 4), "device",
		hex_digits_to_json(device->device, 4), "id", text_to_json(id), "class",
		hex_digits_to_json(device->class, 6), "driver", device_name_to_json(device->driver),
		"iommu-group", number_or_null(device->iommu_group), "no-iommu", device->no_iommu, "iommu",
		device_name_to_json(device->iommu), "numa-node", number_or_null(device->numa_node),
		"cdev-state", cdev_name(device->cdev), "cdev",
		device_name_to_json(device->cdev == HOST_CDEV_PRESENT ? device->cdev_path : ""));
}

const char *device_cdev_text(const struct host_device *device, char *text, size_t size)
{
	switch (device->cdev) {
	case HOST_CDEV_NO_DRIVER: return "it is on no VFIO driver";
	case HOST_CDEV_NOT_BUILT:
		return device->no_iommu ? "the device has no IOMMU" :
					  "the kernel lacks CONFIG_VFIO_DEVICE_CDEV";
	case HOST_CDEV_NO_NODE: snprintf(text, size, "%s is missing", device->cdev_path); return text;
	case HOST_CDEV_PRESENT: break;
	}
	return device->cdev_path;
}
