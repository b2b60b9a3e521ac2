// SPDX-License-Identifier: MIT
#include "host/device_details.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

/* 24-bit PCI classes. */
#define CLASS_NETWORK 0x02

/* The interface of a virtio device is below its own device, on the virtio bus. */
static void find_virtio_netdev(
	const struct sysfs *sysfs, const struct host_device *device, char *netdev)
{
	DIR *entries = sysfs_opendir(sysfs, device->directory);
	char net[64];
	bool found = false;
	const char *name;

	while (!found && (name = sysfs_next(entries))) {
		if (strncmp(name, "virtio", strlen("virtio")) != 0)
			continue;
		snprintf(net, sizeof(net), "%.32s/net", name);
		found = sysfs_first_name(sysfs, device->directory, net, netdev, HOST_NAME_SIZE);
	}
	if (entries)
		closedir(entries);
}

/* Looks for an interface only on a network card with a host driver. */
static void find_netdev(const struct sysfs *sysfs, const struct host_device *device, char *netdev)
{
	if (device->class >> 16 != CLASS_NETWORK || !*device->driver || *device->vfio_name)
		return;
	if (strncmp(device->driver, "virtio", strlen("virtio")) == 0)
		find_virtio_netdev(sysfs, device, netdev);
	else
		sysfs_first_name(sysfs, device->directory, "net", netdev, HOST_NAME_SIZE);
}

/* Bus, device and function as one number: the requester ID. */
static long requester_id(const char *pci)
{
	static const char separators[] = "::.";
	unsigned long numbers[] = { 0, 0, 0, 0 }; /* domain, bus, device, function */
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		numbers[i] = strtoul(pci, &end, 16);
		if (end == pci || *end != separators[i])
			return -1;
		pci = end + 1;
	}
	return (long)(numbers[1] << 8 | numbers[2] << 3 | numbers[3]);
}

/* Virtual functions are numbered from their physical function on, in equal steps. */
static int number_of(
	const struct host_device *device, const struct device_details_physical *physical)
{
	const long distance =
		requester_id(device->pci) - requester_id(physical->pci) - physical->offset;

	if (physical->offset < 0 || distance < 0 || (distance && physical->stride <= 0))
		return -1;
	return distance ? (int)(distance / physical->stride) : 0;
}

static void read_physical(
	const struct sysfs *sysfs, const char *pci, struct device_details_physical *physical)
{
	char directory[sizeof(((struct host_device *)NULL)->directory)];

	if (strcmp(physical->pci, pci) == 0)
		return;
	snprintf(physical->pci, sizeof(physical->pci), "%s", pci);
	snprintf(directory, sizeof(directory), "/sys/bus/pci/devices/%s", pci);
	if (sysfs_read_number(sysfs, directory, "sriov_offset", &physical->offset))
		physical->offset = -1;
	if (sysfs_read_number(sysfs, directory, "sriov_stride", &physical->stride))
		physical->stride = -1;
	pci_features_read(sysfs, pci, &physical->features);
}

void device_details_read(const struct sysfs *sysfs, const struct host_device *device,
	struct device_details_physical *physical, struct device_details *details)
{
	struct device_details_physical alone = { .pci = "" };

	*details = (struct device_details){ .virtual_function = -1 };
	find_netdev(sysfs, device, details->netdev);
	physical = physical ? physical : &alone;
	if (device->sriov_numvfs) {
		read_physical(sysfs, device->pci, physical);
		details->features = physical->features;
		return;
	}
	if (!*device->physfn) {
		pci_features_read(sysfs, device->pci, &details->features);
		return;
	}
	read_physical(sysfs, device->physfn, physical);
	details->virtual_function = number_of(device, physical);
	pci_features_read_virtual(sysfs, device->pci, &physical->features, &details->features);
}
