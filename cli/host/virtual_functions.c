// SPDX-License-Identifier: MIT
#include "host/virtual_functions.h"

#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/driver.h"
#include "host/unwritable.h"
#include "host/use.h"
#include "host/wait.h"
#include "output/memory.h"

static int write_count(
	const struct sysfs *sysfs, const struct host_device *physical, unsigned int count)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", count);
	return sysfs_write(sysfs, physical->directory, "sriov_numvfs", text);
}

static int check(const struct host_device *physical, unsigned int count, struct failure *failure)
{
	if (*physical->physfn)
		return failure_set(failure, -EINVAL,
			"it is a virtual function itself\nAsk for those of %s", physical->physfn);
	if (!physical->sriov_totalvfs)
		return failure_set(failure, -EOPNOTSUPP,
			"it can have no virtual functions: it has no SR-IOV, the kernel lacks "
			"CONFIG_PCI_IOV, or firmware has switched it off");
	if (count > physical->sriov_totalvfs)
		return failure_set(failure, -ERANGE, "it can have %u virtual functions, not %u",
			physical->sriov_totalvfs, count);
	if (!*physical->driver)
		return failure_set(failure, -ENODEV,
			"it is on no driver, but only its driver can make them\nmodprobe its own "
			"driver; if that is loaded: echo %s > /sys/bus/pci/drivers_probe. Or "
			"bind it to vfio-pci, which makes them with its parameter enable_sriov",
			physical->pci);
	if (physical->sriov_numvfs && physical->sriov_numvfs != count)
		return failure_set(failure, -EBUSY,
			"it has %u virtual functions, and that number changes only through zero\n"
			"Remove them first: iommuctl device vf destroy %s",
			physical->sriov_numvfs, physical->pci);
	return 0;
}

static int explain_write(const struct host_device *physical, int err, struct failure *failure)
{
	if (unwritable_here(err))
		return unwritable_explain(failure, err, "sriov_numvfs");
	switch (err) {
	case -ENOENT:
	case -ENOSYS:
		if (strcmp(physical->driver, "vfio-pci") == 0)
			return failure_set(failure, -EOPNOTSUPP,
				"vfio-pci makes no virtual functions unless it is told to\necho Y > "
				"/sys/module/vfio_pci/parameters/enable_sriov, or boot with "
				"vfio_pci.enable_sriov=1; or give it to its own driver: iommuctl "
				"device unbind %s",
				physical->pci);
		return failure_set(failure, -EOPNOTSUPP,
			"its driver %s makes no virtual functions\nAnother driver may, or firmware has "
			"to switch them on",
			physical->driver);
	default:
		return failure_set(failure, err,
			"its driver %s refuses: %s\nThe kernel's log says why", physical->driver,
			strerror(-err));
	}
}

struct look {
	const struct sysfs *sysfs;
	const struct host_device *physical;
	unsigned int index;
	struct host_device *found;
	bool is_there;
};

/* Also true where no udevd runs that could apply rules. */
static bool rules_applied(const struct sysfs *sysfs, const char *pci)
{
	struct udev_device *device = NULL;
	struct udev *udev;
	bool applied;

	if (*sysfs->root || access("/run/udev/control", F_OK))
		return true;
	udev = udev_new();
	if (udev)
		device = memory_checked(udev_device_new_from_subsystem_sysname(udev, "pci", pci));
	applied = !device || udev_device_get_is_initialized(device) > 0;
	udev_device_unref(device);
	udev_unref(udev);
	return applied;
}

static int look_for_one(void *data)
{
	struct look *look = data;
	char pci[PCI_ADDRESS_SIZE];
	int err = host_device_virtual_function(look->sysfs, look->physical, look->index, pci);

	if (!err)
		err = host_device_read(look->sysfs, pci, look->found);
	look->is_there = !err;
	if (!err && !rules_applied(look->sysfs, pci))
		err = -EAGAIN;
	return err == -ENODEV ? -EAGAIN : err;
}

static int wait_for_one(const struct sysfs *sysfs, const struct host_device *physical,
	const struct virtual_functions *functions, unsigned int index, struct failure *failure)
{
	struct look look = { sysfs, physical, index, &functions->made[index] };
	int err = host_wait("pci", look_for_one, &look, functions->milliseconds);

	if (!err)
		return 0;
	if (look.is_there)
		return failure_set(failure, err,
			"virtual function %u (%s) is there, but udevd has not finished with "
			"it\n" HOST_WAIT_UDEVD_REMEDY,
			index, look.found->pci);
	return failure_set(
		failure, err, "virtual function %u does not appear: %s", index, strerror(-err));
}

/* @before is its state before it was bound. */
static int bring_one(const struct sysfs *sysfs, const struct host_device *physical,
	const struct virtual_functions *functions, unsigned int index, struct host_device *before,
	struct failure *failure)
{
	struct host_device *function = &functions->made[index];
	int err = wait_for_one(sysfs, physical, functions, index, failure);

	if (err)
		return err;
	*before = *function;
	if (!functions->driver)
		return 0;
	err = host_driver_bind(
		sysfs, function, functions->driver, functions->milliseconds, failure);
	if (err)
		failure->message = failure_print(failure, "virtual function %u (%s): %s", index,
			function->pci, failure->message);
	return err;
}

/* Restores the first @count of them, the last one first. */
static void put_back(const struct sysfs *sysfs, const struct host_device *before,
	unsigned int count, struct failure *failure)
{
	while (count--) {
		int err = host_driver_restore(sysfs, &before[count]);

		if (err)
			failure_explain(failure, NULL,
				failure_print(failure,
					"Virtual function %u (%s) could not be put back either (%s): "
					"iommuctl device unbind %s",
					count, before[count].pci, strerror(-err),
					before[count].pci));
	}
}

/* New ones are removed together; nobody can have taken one except in this moment. */
static void take_back(
	const struct sysfs *sysfs, const struct host_device *physical, struct failure *failure)
{
	int err = write_count(sysfs, physical, 0);

	if (!err)
		return;
	failure_explain(failure, NULL,
		failure_print(failure,
			"They could not be removed again either (%s): iommuctl device vf destroy %s",
			strerror(-err), physical->pci));
}

/* Existing ones stay, and get their old drivers back if one of them cannot be bound. */
static int bring_all(const struct sysfs *sysfs, const struct host_device *physical,
	const struct virtual_functions *functions, struct failure *failure)
{
	const bool are_new = !physical->sriov_numvfs;
	struct host_device *before = calloc((size_t)functions->count + 1, sizeof(*before));
	unsigned int i = 0;
	int err = before ? 0 : failure_set(failure, -ENOMEM, "out of memory");

	while (before && !err && i < functions->count) {
		err = bring_one(sysfs, physical, functions, i, &before[i], failure);
		if (!err)
			i++;
	}
	if (err && are_new)
		take_back(sysfs, physical, failure);
	else if (err)
		put_back(sysfs, before, i, failure);
	free(before);
	return err;
}

int virtual_functions_create(const struct sysfs *sysfs, const struct host_device *physical,
	const struct virtual_functions *functions, struct failure *failure)
{
	int err = check(physical, functions->count, failure);

	if (err)
		return err;
	if (!physical->sriov_numvfs) {
		err = write_count(sysfs, physical, functions->count);
		if (err)
			return explain_write(physical, err, failure);
	}
	return bring_all(sysfs, physical, functions, failure);
}

static int check_use(const struct sysfs *sysfs, const struct host_device *physical,
	unsigned int index, struct failure *failure)
{
	struct host_device function;
	char pci[PCI_ADDRESS_SIZE];
	int err = host_device_virtual_function(sysfs, physical, index, pci);

	if (!err)
		err = host_device_read(sysfs, pci, &function);
	if (err)
		return err == -ENODEV ? 0 : failure_set(failure, err, "%s", strerror(-err));
	err = host_use_check(sysfs, &function, failure);
	if (err)
		failure->message = failure_print(
			failure, "virtual function %u (%s): %s", index, pci, failure->message);
	return err;
}

int virtual_functions_destroy(
	const struct sysfs *sysfs, const struct host_device *physical, struct failure *failure)
{
	int err = 0;

	if (!physical->sriov_totalvfs)
		return check(physical, 0, failure);
	for (unsigned int i = 0; !err && i < physical->sriov_numvfs; i++)
		err = check_use(sysfs, physical, i, failure);
	if (err || !physical->sriov_numvfs)
		return err;
	err = write_count(sysfs, physical, 0);
	return err ? explain_write(physical, err, failure) : 0;
}
