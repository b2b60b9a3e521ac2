// SPDX-License-Identifier: MIT
#include "host/driver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/cdev_wait.h"
#include "host/group.h"
#include "host/unwritable.h"
#include "host/use.h"
#include "host/wait.h"

#define PCI_BUS "/sys/bus/pci"

static void driver_directory(const char *driver, char *directory, size_t size)
{
	snprintf(directory, size, PCI_BUS "/drivers/%s", driver);
}

static int write_to_driver(
	const struct sysfs *sysfs, const char *driver, const char *attribute, const char *pci)
{
	char directory[sizeof(PCI_BUS "/drivers/") + HOST_NAME_SIZE];

	driver_directory(driver, directory, sizeof(directory));
	return sysfs_write(sysfs, directory, attribute, pci);
}

/* An empty line clears driver_override. */
static int write_override(
	const struct sysfs *sysfs, const struct host_device *device, const char *driver)
{
	return sysfs_write(sysfs, device->directory, "driver_override", *driver ? driver : "\n");
}

/* The override that stays: one for another driver would be acted on as soon as this one binds. */
static const char *override_to_keep(const struct host_device *before)
{
	const bool names_another = *before->driver && strcmp(before->override, before->driver) != 0;

	return names_another ? "" : before->override;
}

/* While the driver binds, the override names it: the bus may not match it by ids. */
static int rebind(
	const struct sysfs *sysfs, const struct host_device *before, const struct host_device *now)
{
	const char *keep = override_to_keep(before);
	const char *meanwhile = *before->driver ? before->driver : keep;
	int err = 0;

	if (strcmp(now->override, meanwhile) != 0)
		err = write_override(sysfs, before, meanwhile);
	if (!err && *now->driver)
		err = write_to_driver(sysfs, now->driver, "unbind", before->pci);
	if (!err && *before->driver)
		err = write_to_driver(sysfs, before->driver, "bind", before->pci);
	if (!err && strcmp(meanwhile, keep) != 0)
		err = write_override(sysfs, before, keep);
	return err;
}

int host_driver_restore(const struct sysfs *sysfs, const struct host_device *before)
{
	struct host_device now;
	int err = host_device_read(sysfs, before->pci, &now);

	if (err)
		return err;
	if (strcmp(now.driver, before->driver) != 0)
		return rebind(sysfs, before, &now);
	return strcmp(now.override, before->override) != 0
		       ? write_override(sysfs, before, before->override)
		       : 0;
}

/* Restores @before and returns the error of @failure; if that fails as well, the hint says so. */
static int fail_restored(
	const struct sysfs *sysfs, const struct host_device *before, struct failure *failure)
{
	int err = host_driver_restore(sysfs, before);

	if (!err)
		return failure->error;
	failure->explanation_count = 0;
	if (*before->driver)
		failure_explain(failure, NULL,
			failure_print(failure,
				"It could not be given back to the driver %s either (%s): write %s into "
				"%s/driver_override, and %s into " PCI_BUS "/drivers/%s/bind",
				before->driver, strerror(-err), before->driver, before->directory,
				before->pci, before->driver));
	else
		failure_explain(failure, NULL,
			failure_print(failure,
				"It could not be taken from its new driver either (%s): unbind it by hand "
				"through sysfs",
				strerror(-err)));
	return failure->error;
}

/*
 * Unbinds the driver and makes the bus look for another one, by @override. If no driver takes the
 * device, that is not an error here.
 */
static int change_driver(const struct sysfs *sysfs, const struct host_device *before,
	const char *override, struct host_device *after, struct failure *failure)
{
	int err;

	if (before->override_is_cut)
		return failure_set(failure, -ENAMETOOLONG,
			"its driver_override is longer than the name of any driver, and could not be "
			"restored\nClear it first: echo > %s/driver_override",
			before->directory);
	err = write_override(sysfs, before, override);
	if (err)
		return unwritable_explain(failure, err, "driver_override");
	if (*before->driver) {
		err = write_to_driver(sysfs, before->driver, "unbind", before->pci);
		if (err)
			return failure_set(failure, err, "the driver %s cannot be unbound: %s",
				before->driver, strerror(-err));
	}
	err = sysfs_write(sysfs, PCI_BUS, "drivers_probe", before->pci);
	if (!err)
		err = host_device_read(sysfs, before->pci, after);
	if (err)
		return failure_set(failure, err,
			"the PCI bus cannot probe it: %s\nThe kernel's log may say why",
			strerror(-err));
	return 0;
}

static int check_driver(const struct sysfs *sysfs, const char *driver, struct failure *failure)
{
	char directory[sizeof(PCI_BUS "/drivers/") + HOST_NAME_SIZE];

	if (!*driver || strlen(driver) >= HOST_NAME_SIZE || strchr(driver, '/') || *driver == '.')
		return failure_set(failure, -EINVAL, "'%.64s' is not a driver name", driver);
	driver_directory(driver, directory, sizeof(directory));
	if (sysfs_exists(sysfs, directory, ""))
		return 0;
	return failure_set(failure, -ENOENT,
		"the driver %s is not loaded\nmodprobe %s; if there is no such module, the kernel "
		"was built without it",
		driver, driver);
}

static int check_bindable(
	const struct sysfs *sysfs, const struct host_device *device, struct failure *failure)
{
	struct iommu_group_member claimer;
	char remedy[IOMMU_GROUP_REMEDY_SIZE];

	if (host_device_is_bridge(device))
		return failure_set(failure, -EOPNOTSUPP,
			"it is a bridge, which no VFIO driver takes: it stays with the host\nBind "
			"the devices behind it, each by itself");
	if (device->iommu_group < 0)
		return failure_set(failure, -EOPNOTSUPP,
			"it is in no IOMMU group: no IOMMU translates its DMA\nEnable the IOMMU in "
			"the firmware and the kernel (intel_iommu=on, CONFIG_ARM_SMMU_V3)");
	if (iommu_group_find_claimer(sysfs, device, &claimer))
		return failure_set(failure, -EBUSY,
			"%s shares IOMMU group %d with it and is on the host driver %s\n%s",
			claimer.name, device->iommu_group, claimer.driver,
			iommu_group_remedy(&claimer, remedy));
	return host_use_check(sysfs, device, failure);
}

static int explain_timeout(const struct host_device *device, struct failure *failure)
{
	switch (device->cdev) {
	case HOST_CDEV_PRESENT:
		return failure_set(failure, -ETIMEDOUT,
			"%s is there, but udevd has not finished with it\n" HOST_WAIT_UDEVD_REMEDY,
			device->cdev_path);
	case HOST_CDEV_NO_NODE:
		return failure_set(failure, -ETIMEDOUT,
			"%s does not appear, though the kernel has the device\nIn a container "
			"/dev/vfio has to be passed in; else see what udevd does",
			device->cdev_path);
	default:
		return failure_set(failure, -ETIMEDOUT,
			"the driver made no VFIO device for it\nIs %s a VFIO driver? The kernel's "
			"log may say more",
			device->driver);
	}
}

static int explain_wait(const struct host_device *device, int err, struct failure *failure)
{
	switch (err) {
	case 0: return 0;
	case -EOPNOTSUPP:
		return failure_set(failure, err,
			"the kernel gives VFIO devices no character device\nIt needs "
			"CONFIG_VFIO_DEVICE_CDEV");
	case -ETIMEDOUT: return explain_timeout(device, failure);
	default:
		return failure_set(
			failure, err, "waiting for its character device: %s", strerror(-err));
	}
}

int host_driver_bind(const struct sysfs *sysfs, struct host_device *device, const char *driver,
	int milliseconds, struct failure *failure)
{
	struct host_device after = *device;
	int err = check_driver(sysfs, driver, failure);

	if (!err && device->no_iommu && device->cdev == HOST_CDEV_NOT_BUILT)
		err = failure_set(failure, -EOPNOTSUPP,
			"it has no IOMMU: VFIO drives it in no-IOMMU mode\nSee: iommuctl doctor %s",
			device->pci);
	if (err)
		return err;
	if (strcmp(device->driver, driver) != 0) {
		err = check_bindable(sysfs, device, failure);
		if (err)
			return err;
		err = change_driver(sysfs, device, driver, &after, failure);
		if (!err && strcmp(after.driver, driver) != 0)
			err = failure_set(failure, -ENODEV,
				"the driver %s refused it\nThe kernel's log says why", driver);
	}
	if (!err)
		err = explain_wait(&after, host_cdev_wait(sysfs, &after, milliseconds), failure);
	if (err)
		return fail_restored(sysfs, device, failure);
	*device = after;
	return 0;
}

int host_driver_release(
	const struct sysfs *sysfs, struct host_device *device, struct failure *failure)
{
	struct host_device after = *device;
	int err;

	if (!*device->vfio_name)
		return failure_set(failure, -EINVAL, "it is on no VFIO driver, but on %s",
			*device->driver ? device->driver : "none");
	err = host_use_check(sysfs, device, failure);
	if (err)
		return err;
	err = change_driver(sysfs, device, "", &after, failure);
	if (!err && *after.vfio_name)
		err = failure_set(failure, -EBUSY,
			"the driver %s took it again\nIt matches the device by its ids: echo '%04x "
			"%04x' > " PCI_BUS "/drivers/%s/remove_id",
			after.driver, device->vendor, device->device, after.driver);
	if (err)
		return fail_restored(sysfs, device, failure);
	*device = after;
	return 0;
}
