// SPDX-License-Identifier: MIT
#include "host/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The attribute @name, or @missing if there is none. */
static int read_optional(const struct sysfs *sysfs, const char *directory, const char *name,
	long missing, long *value)
{
	int err = sysfs_read_number(sysfs, directory, name, value);

	if (err == -ENOENT)
		*value = missing;
	return err == -ENOENT ? 0 : err;
}

static int read_numbers(const struct sysfs *sysfs, struct host_device *device)
{
	long vendor, id, class, numa_node, numvfs, totalvfs;
	int err = sysfs_read_number(sysfs, device->directory, "vendor", &vendor);

	if (!err)
		err = sysfs_read_number(sysfs, device->directory, "device", &id);
	if (!err)
		err = sysfs_read_number(sysfs, device->directory, "class", &class);
	if (!err)
		err = read_optional(sysfs, device->directory, "numa_node", -1, &numa_node);
	if (!err)
		err = read_optional(sysfs, device->directory, "sriov_numvfs", 0, &numvfs);
	if (!err)
		err = read_optional(sysfs, device->directory, "sriov_totalvfs", 0, &totalvfs);
	if (err)
		return err;
	device->vendor = (unsigned int)vendor;
	device->device = (unsigned int)id;
	device->class = (unsigned int)class;
	device->numa_node = (int)numa_node;
	device->sriov_numvfs = (unsigned int)numvfs;
	device->sriov_totalvfs = (unsigned int)totalvfs;
	return 0;
}

/* A link that is missing leaves "". */
static int read_optional_link(const struct sysfs *sysfs, const char *directory, const char *name,
	char *last, size_t size)
{
	int err = sysfs_read_link_name(sysfs, directory, name, last, size);

	if (err == -ENOENT)
		*last = '\0';
	return err == -ENOENT ? 0 : err;
}

static int read_links(const struct sysfs *sysfs, struct host_device *device)
{
	char group[16];
	int err = read_optional_link(sysfs, device->directory, "driver", device->driver,
		sizeof(device->driver));

	if (!err)
		err = read_optional_link(sysfs, device->directory, "iommu", device->iommu,
			sizeof(device->iommu));
	if (!err)
		err = read_optional_link(sysfs, device->directory, "physfn", device->physfn,
			sizeof(device->physfn));
	if (!err)
		err = read_optional_link(sysfs, device->directory, "iommu_group", group,
			sizeof(group));
	if (err)
		return err;
	device->iommu_group = *group ? atoi(group) : -1;
	return 0;
}

static int read_override(const struct sysfs *sysfs, struct host_device *device)
{
	int err = sysfs_read(sysfs, device->directory, "driver_override", device->override,
		sizeof(device->override));

	if (err == -ENOENT || (!err && strcmp(device->override, "(null)") == 0)) {
		device->override[0] = '\0';
		return 0;
	}
	return err;
}

/* The child of the vfio-dev class: "vfio0", or "noiommu-vfio0". */
static void read_vfio(const struct sysfs *sysfs, struct host_device *device)
{
	char classes[sizeof(device->directory) + sizeof("/vfio-dev")];
	char child[sizeof(device->vfio_name) + sizeof("/dev")];
	const char *name;
	DIR *directory;

	snprintf(classes, sizeof(classes), "%s/vfio-dev", device->directory);
	directory = sysfs_opendir(sysfs, classes);
	name = sysfs_next(directory);
	if (name && strlen(name) < sizeof(device->vfio_name))
		memcpy(device->vfio_name, name, strlen(name) + 1);
	if (directory)
		closedir(directory);
	if (!*device->vfio_name)
		return;
	snprintf(device->cdev_path, sizeof(device->cdev_path), "/dev/vfio/devices/%s",
		device->vfio_name);
	snprintf(child, sizeof(child), "%s/dev", device->vfio_name);
	if (!sysfs_exists(sysfs, classes, child))
		device->cdev = HOST_CDEV_NOT_BUILT;
	else if (!sysfs_exists(sysfs, device->cdev_path, ""))
		device->cdev = HOST_CDEV_NO_NODE;
	else
		device->cdev = HOST_CDEV_PRESENT;
}

/* VFIO makes groups of its own for devices without IOMMU, and says so in their names. */
static bool has_no_iommu(const struct sysfs *sysfs, const struct host_device *device)
{
	char name[HOST_NAME_SIZE];

	if (strncmp(device->vfio_name, "noiommu-", strlen("noiommu-")) == 0)
		return true;
	return !sysfs_read(sysfs, device->directory, "iommu_group/name", name, sizeof(name)) &&
		strcmp(name, "vfio-noiommu") == 0;
}

int host_device_read(const struct sysfs *sysfs, const char *pci, struct host_device *device)
{
	struct host_device read = { .cdev = HOST_CDEV_NO_DRIVER };
	int err;

	snprintf(read.pci, sizeof(read.pci), "%s", pci);
	snprintf(read.directory, sizeof(read.directory), "/sys/bus/pci/devices/%s", read.pci);
	if (!sysfs_exists(sysfs, read.directory, ""))
		return -ENODEV;
	err = read_numbers(sysfs, &read);
	if (!err)
		err = read_links(sysfs, &read);
	if (!err)
		err = read_override(sysfs, &read);
	if (err)
		return err;
	read_vfio(sysfs, &read);
	read.no_iommu = has_no_iommu(sysfs, &read);
	*device = read;
	return 0;
}

int host_device_probe_cdev(const struct sysfs *sysfs, const struct host_device *device)
{
	int fd = sysfs_open_node(sysfs, device->cdev_path, 0);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int host_device_virtual_function(const struct sysfs *sysfs, const struct host_device *pf,
	unsigned int index, char pci[PCI_ADDRESS_SIZE])
{
	char link[32];
	int err;

	snprintf(link, sizeof(link), "virtfn%u", index);
	err = sysfs_read_link_name(sysfs, pf->directory, link, pci, PCI_ADDRESS_SIZE);
	return err == -ENOENT ? -ENODEV : err;
}
