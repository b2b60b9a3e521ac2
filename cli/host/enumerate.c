// SPDX-License-Identifier: MIT
#include "host/enumerate.h"
#include "output/memory.h"
#include "host/sysfs.h"

#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int append(struct pci_address_list *list, const char *name)
{
	void *more = reallocarray(list->address, list->count + 1, sizeof(*list->address));

	if (!more)
		return -ENOMEM;
	list->address = more;
	/* The next entry overwrites one that is not a PCI address. */
	if (!pci_address_normalise(name, list->address[list->count]))
		list->count++;
	return 0;
}

static int compare(const void *left, const void *right)
{
	return strcmp(left, right);
}

int host_enumerate_pci(const struct sysfs *sysfs, struct pci_address_list *list)
{
	DIR *directory = sysfs_opendir(sysfs, "/sys/bus/pci/devices");
	struct pci_address_list found = { 0 };
	const char *name;
	int err = 0;

	while (!err && (name = sysfs_next(directory)))
		err = append(&found, name);
	if (directory)
		closedir(directory);
	if (err) {
		host_enumerate_free(&found);
		return err;
	}
	if (found.count)
		qsort(found.address, found.count, sizeof(*found.address), compare);
	*list = found;
	return 0;
}

void host_enumerate_free(struct pci_address_list *list)
{
	free(list->address);
}

void host_device_model(const struct sysfs *sysfs, const char *pci, char *model, size_t size)
{
	struct udev *udev = *sysfs->root ? NULL : memory_checked(udev_new());
	struct udev_device *device = NULL;
	const char *vendor = NULL, *name = NULL;

	if (udev)
		device = memory_checked(udev_device_new_from_subsystem_sysname(udev, "pci", pci));
	if (device) {
		vendor = udev_device_get_property_value(device, "ID_VENDOR_FROM_DATABASE");
		name = udev_device_get_property_value(device, "ID_MODEL_FROM_DATABASE");
	}
	snprintf(model, size, "%s%s%s", vendor ? vendor : "", vendor && name ? " " : "",
		name ? name : "");
	udev_device_unref(device);
	udev_unref(udev);
}
