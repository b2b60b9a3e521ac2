// SPDX-License-Identifier: MIT
#include "enumerate.h"
#include "output/memory.h"

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
	/* The next entry overwrites what is no PCI address. */
	if (!pci_address_normalise(name, list->address[list->count]))
		list->count++;
	return 0;
}

static int compare(const void *left, const void *right)
{
	return strcmp(left, right);
}

static int scan(struct udev_enumerate *devices, struct pci_address_list *list)
{
	struct udev_list_entry *entry;
	int err = udev_enumerate_add_match_subsystem(devices, "pci");

	if (err >= 0)
		err = udev_enumerate_scan_devices(devices);
	if (err < 0)
		return err;
	err = 0;
	udev_list_entry_foreach(entry, memory_checked(udev_enumerate_get_list_entry(devices))) {
		err = append(list, strrchr(udev_list_entry_get_name(entry), '/') + 1);
		if (err)
			break;
	}
	if (list->count)
		qsort(list->address, list->count, sizeof(*list->address), compare);
	return err;
}

int host_enumerate_pci(struct pci_address_list *list)
{
	struct udev *udev = udev_new();
	struct udev_enumerate *devices = udev ? udev_enumerate_new(udev) : NULL;
	struct pci_address_list found = { 0 };
	int err = devices ? scan(devices, &found) : -ENOMEM;

	udev_enumerate_unref(devices);
	udev_unref(udev);
	if (err)
		host_enumerate_free(&found);
	else
		*list = found;
	return err;
}

void host_enumerate_free(struct pci_address_list *list)
{
	free(list->address);
}

void host_device_model(const char *pci, char *model, size_t size)
{
	struct udev *udev = memory_checked(udev_new());
	struct udev_device *device = NULL;
	const char *vendor = NULL, *name = NULL;

	if (udev)
		device = memory_checked(
			udev_device_new_from_subsystem_sysname(udev, "pci", pci));
	if (device) {
		vendor = udev_device_get_property_value(device, "ID_VENDOR_FROM_DATABASE");
		name = udev_device_get_property_value(device, "ID_MODEL_FROM_DATABASE");
	}
	snprintf(model, size, "%s%s%s", vendor ? vendor : "", vendor && name ? " " : "",
		name ? name : "");
	udev_device_unref(device);
	udev_unref(udev);
}
