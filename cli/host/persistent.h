/* SPDX-License-Identifier: MIT */
/*
 * Bindings to a VFIO driver that survive a reboot: a file of udev rules for each device, known as
 * ours by its name and its first line. No other file is ever touched, and no link followed.
 */
#ifndef CLI_HOST_PERSISTENT_H
#define CLI_HOST_PERSISTENT_H

#include "host/device.h"
#include "output/failure.h"

#define PERSISTENT_DIRECTORY "/etc/udev/rules.d"
#define PERSISTENT_PREFIX    "60-iommuctl-bind-"
#define PERSISTENT_SUFFIX    ".rules"

struct persistent_binding {
	char pci[PCI_ADDRESS_SIZE];
	char driver[HOST_NAME_SIZE];
	unsigned int vendor, device; /* another device in the same slot is left alone */
};

struct persistent_list {
	size_t count;
	struct persistent_binding *binding;
};

/* The path of the file for the device @pci, on this host. */
#define PERSISTENT_PATH_SIZE                                                                       \
	(sizeof(PERSISTENT_DIRECTORY "/" PERSISTENT_PREFIX PERSISTENT_SUFFIX) + PCI_ADDRESS_SIZE)
void persistent_path(const char *pci, char path[PERSISTENT_PATH_SIZE]);

/* Makes the binding of @device to @driver persistent. On failure nothing has changed. */
int persistent_write(const struct sysfs *sysfs, const struct host_device *device,
	const char *driver, struct failure *failure);

/* Reads the binding of @pci. Returns 0; -ENOENT if there is none; -EEXIST: the file is not ours. */
int persistent_read(const struct sysfs *sysfs, const char *pci, struct persistent_binding *binding);

/* Ends the persistence of the binding of @pci; the device stays where it is now. */
int persistent_forget(const struct sysfs *sysfs, const char *pci, struct failure *failure);

/* Lists all, in the order of their addresses. Returns 0 or -errno; the caller frees. */
int persistent_list(const struct sysfs *sysfs, struct persistent_list *list);
void persistent_list_free(struct persistent_list *list);

#endif
