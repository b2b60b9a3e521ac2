// SPDX-License-Identifier: MIT
#include "host/device.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <iommuctl/transport.h>

#include "output/text.h"

/* The attribute @name, or @missing if there is none. */
static int read_optional(int directory, const char *name, long missing, long *value)
{
	int err = sysfs_read_number_at(directory, name, value);

	if (err == -ENOENT)
		*value = missing;
	return err == -ENOENT ? 0 : err;
}

/* A missing link leaves "". */
static int read_optional_link(int directory, const char *name, char *last, size_t size)
{
	int err = sysfs_read_link_name_at(directory, name, last, size);

	if (err == -ENOENT)
		*last = '\0';
	return err == -ENOENT ? 0 : err;
}

/* Reads the number after @before, and moves *@text, which begins there, past it; false: none. */
static bool take_hex(const char **text, const char *before, unsigned int *value)
{
	char *end;

	if (strncmp(*text, before, strlen(before)) != 0)
		return false;
	*text += strlen(before);
	*value = (unsigned int)strtoul(*text, &end, 16);
	if (end == *text)
		return false;
	*text = end;
	return true;
}

/* Reads the ids, the class and the driver from the one attribute that has all of them. */
static bool read_together(int directory, struct host_device *device)
{
	const char *id, *class, *driver;
	char text[1024];

	if (sysfs_read_at(directory, "uevent", text, sizeof(text)))
		return false;
	id = strstr(text, "PCI_ID=");
	class = strstr(text, "PCI_CLASS=");
	if (!id || !class || !take_hex(&id, "PCI_ID=", &device->vendor) ||
		!take_hex(&id, ":", &device->device) ||
		!take_hex(&class, "PCI_CLASS=", &device->class))
		return false;
	driver = strncmp(text, "DRIVER=", strlen("DRIVER=")) ? "" : text + strlen("DRIVER=");
	text_append(
		device->driver, sizeof(device->driver), "%.*s", (int)strcspn(driver, "\n"), driver);
	return true;
}

static int read_identity(int directory, struct host_device *device)
{
	long vendor, id, class;
	int err = 0;
	const bool together = read_together(directory, device);

	if (!*device->driver)
		err = read_optional_link(
			directory, "driver", device->driver, sizeof(device->driver));
	if (err || together)
		return err;
	err = sysfs_read_number_at(directory, "vendor", &vendor);
	if (!err)
		err = sysfs_read_number_at(directory, "device", &id);
	if (!err)
		err = sysfs_read_number_at(directory, "class", &class);
	if (err)
		return err;
	device->vendor = (unsigned int)vendor;
	device->device = (unsigned int)id;
	device->class = (unsigned int)class;
	return 0;
}

static int read_numbers(int directory, struct host_device *device)
{
	long numa_node, numvfs = 0, totalvfs = 0;
	int err = read_optional(directory, "numa_node", -1, &numa_node);

	if (!err && !*device->physfn)
		err = read_optional(directory, "sriov_totalvfs", 0, &totalvfs);
	if (!err && totalvfs)
		err = read_optional(directory, "sriov_numvfs", 0, &numvfs);
	if (err)
		return err;
	device->numa_node = (int)numa_node;
	device->sriov_numvfs = (unsigned int)numvfs;
	device->sriov_totalvfs = (unsigned int)totalvfs;
	return 0;
}

static int read_links(int directory, struct host_device *device)
{
	char group[16];
	int err = read_optional_link(directory, "iommu", device->iommu, sizeof(device->iommu));

	/* An IOMMU that is a PCI device, as AMD's are, has a directory of that name. */
	if (err == -EINVAL)
		err = 0;
	if (!err)
		err = read_optional_link(
			directory, "physfn", device->physfn, sizeof(device->physfn));
	if (!err)
		err = read_optional_link(directory, "iommu_group", group, sizeof(group));
	if (err)
		return err;
	device->iommu_group = *group ? atoi(group) : -1;
	return 0;
}

/* The kernel takes up to a page, so that one device may have more than fits. */
static int read_override(int directory, struct host_device *device)
{
	char text[sizeof(device->override)];
	int err = sysfs_read_at(directory, "driver_override", text, sizeof(text));

	device->override_is_cut = err == -EOVERFLOW;
	if (err == -EOVERFLOW)
		text_append(device->override, sizeof(device->override), "%.*s...",
			(int)(sizeof(text) - sizeof("...")), text);
	else if (!err && strcmp(text, "(null)") != 0)
		memcpy(device->override, text, sizeof(device->override));
	return err == -ENOENT || err == -EOVERFLOW ? 0 : err;
}

/* The child of the vfio-dev class: "vfio0", or "noiommu-vfio0". */
static void read_vfio(const struct sysfs *sysfs, int directory, struct host_device *device)
{
	char child[sizeof("vfio-dev//dev") + sizeof(device->vfio_name)];

	if (!sysfs_first_name_at(
		    directory, "vfio-dev", device->vfio_name, sizeof(device->vfio_name)))
		return;
	snprintf(device->cdev_path, sizeof(device->cdev_path), "/dev/vfio/devices/%s",
		device->vfio_name);
	snprintf(child, sizeof(child), "vfio-dev/%s/dev", device->vfio_name);
	if (sysfs_exists(sysfs, device->cdev_path, ""))
		device->cdev = HOST_CDEV_PRESENT;
	else if (faccessat(directory, child, F_OK, 0))
		device->cdev = HOST_CDEV_NOT_BUILT;
	else
		device->cdev = HOST_CDEV_NO_NODE;
}

/* VFIO makes groups of its own for devices without an IOMMU, and says so in their names. */
static bool has_no_iommu(int directory, const struct host_device *device)
{
	char name[HOST_NAME_SIZE];

	if (strncmp(device->vfio_name, "noiommu-", strlen("noiommu-")) == 0)
		return true;
	if (device->iommu_group < 0 || *device->iommu)
		return false;
	return !sysfs_read_at(directory, "iommu_group/name", name, sizeof(name)) &&
	       strcmp(name, "vfio-noiommu") == 0;
}

static int read_all(const struct sysfs *sysfs, int directory, struct host_device *device)
{
	int err = read_identity(directory, device);

	if (!err)
		err = read_links(directory, device);
	if (!err)
		err = read_numbers(directory, device);
	if (err)
		return err;
	if (*device->driver)
		read_vfio(sysfs, directory, device);
	device->no_iommu = has_no_iommu(directory, device);
	return 0;
}

static int read_device(
	const struct sysfs *sysfs, const char *pci, bool with_override, struct host_device *device)
{
	struct host_device read = { .cdev = HOST_CDEV_NO_DRIVER };
	int err, directory;

	snprintf(read.pci, sizeof(read.pci), "%s", pci);
	snprintf(read.directory, sizeof(read.directory), "/sys/bus/pci/devices/%s", read.pci);
	directory = sysfs_open_directory(sysfs, read.directory);
	if (directory == -ENOENT)
		return -ENODEV;
	if (directory < 0)
		return directory;
	err = read_all(sysfs, directory, &read);
	if (!err && with_override)
		err = read_override(directory, &read);
	close(directory);
	if (!err)
		*device = read;
	return err;
}

int host_device_read(const struct sysfs *sysfs, const char *pci, struct host_device *device)
{
	return read_device(sysfs, pci, true, device);
}

int host_device_read_for_list(
	const struct sysfs *sysfs, const char *pci, struct host_device *device)
{
	return read_device(sysfs, pci, false, device);
}

bool host_device_is_bridge(const struct host_device *device)
{
	return iommuctl_pci_is_bridge(device->class);
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
