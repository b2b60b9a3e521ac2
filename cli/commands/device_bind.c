// SPDX-License-Identifier: MIT
#include "commands/device_common.h"
#include "host/driver.h"
#include "host/persistent.h"
#include "host/reserved_regions.h"
#include "job/interrupt.h"

/* The driver takes the device nevertheless: only an iommufd does not get it. */
static void note_direct_regions(struct report *report, const struct host_device *device)
{
	struct reserved_regions regions;
	char direct[160];

	if (reserved_regions_read(&sysfs_of_host, device->iommu_group, &regions) ||
		!reserved_regions_describe_direct(&regions, direct, sizeof(direct)))
		return;
	report_note(report,
		"iommuctl: firmware asks for a 1:1 mapping of %s: no iommufd will get the device; "
		"see: iommuctl doctor %s",
		direct, device->pci);
}

/*
 * The file comes first, because its failure leaves no trace; its old content is restored if the
 * device is not bound.
 */
static int bind_persistent(struct host_device *device, const char *driver, struct failure *failure)
{
	struct persistent_binding before;
	struct host_device old = *device;
	const bool was = !persistent_read(&sysfs_of_host, device->pci, &before);
	int err = persistent_write(&sysfs_of_host, device, driver, failure);
	struct failure second;

	if (err)
		return err;
	err = host_driver_bind(&sysfs_of_host, device, driver, HOST_CDEV_TIMEOUT_MS, failure);
	if (!err)
		return 0;
	old.vendor = was ? before.vendor : old.vendor;
	old.device = was ? before.device : old.device;
	if (was ? persistent_write(&sysfs_of_host, &old, before.driver, &second)
		: persistent_forget(&sysfs_of_host, old.pci, &second))
		failure_explain(failure, NULL,
			failure_print(failure,
				"Its file in %s could not be restored: iommuctl device persistent %s",
				PERSISTENT_DIRECTORY, old.pci));
	return err;
}

static enum exit_status run_bind(struct invocation *invocation)
{
	const char *option = invocation_option(invocation, "driver");
	const char *driver = option ? option : "vfio-pci";
	struct failure failure;
	struct host_device device;
	enum exit_status status = device_of_invocation(invocation, &sysfs_of_host, &device);
	sigset_t old_mask;
	int err;

	if (status != STATUS_DONE)
		return status;
	interrupt_hold(&old_mask);
	if (invocation_option(invocation, "persist"))
		err = bind_persistent(&device, driver, &failure);
	else
		err = host_driver_bind(
			&sysfs_of_host, &device, driver, HOST_CDEV_TIMEOUT_MS, &failure);
	interrupt_release(&old_mask);
	if (err)
		return device_report_failure(invocation, device.pci, &failure);
	note_direct_regions(invocation->report, &device);
	report_result(invocation->report, "device", device_to_json(&device), "%s: %s, %s",
		device.pci, device.driver, device.cdev_path);
	return STATUS_DONE;
}

static enum exit_status run_unbind(struct invocation *invocation)
{
	struct failure failure;
	struct host_device device;
	enum exit_status status = device_of_invocation(invocation, &sysfs_of_host, &device);
	sigset_t old_mask;
	int err;

	if (status != STATUS_DONE)
		return status;
	interrupt_hold(&old_mask);
	err = host_driver_release(&sysfs_of_host, &device, &failure);
	if (!err && invocation_option(invocation, "forget"))
		err = persistent_forget(&sysfs_of_host, device.pci, &failure);
	interrupt_release(&old_mask);
	if (err)
		return device_report_failure(invocation, device.pci, &failure);
	report_result(invocation->report, "device", device_to_json(&device), "%s: %s", device.pci,
		*device.driver ? device.driver : "no driver");
	return STATUS_DONE;
}

static const struct command_option bind_options[] = {
	{ "driver", "NAME", "Bind it to the VFIO driver NAME instead of vfio-pci" },
	{ "persist", NULL, "Also bind it whenever the host starts" },
	{ NULL },
};

const struct command command_device_bind = {
	.name = "device bind",
	.group = COMMANDS_HOST,
	.arguments = "DEVICE",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Hand a device from its host driver to a VFIO driver",
	.description =
		"Sets the device's driver_override, unbinds its host driver and makes the PCI bus "
		"probe it again; then waits until its character device /dev/vfio/devices/vfioN "
		"exists. Does nothing if the device is bound already. If a step fails, the device "
		"goes back to the driver that it had. SIGINT, SIGTERM, SIGHUP and SIGQUIT wait until "
		"it is bound or back.\n"
		"\n"
		"Warns, on standard error, if no iommufd will get the device because firmware wants "
		"memory mapped one to one for it or for another device of its group: iommuctl doctor "
		"has the remedy.\n"
		"\n"
		"Refuses a device that is in use: an interface that is up or in another network "
		"namespace, a disk that is mounted or held, virtual functions that are enabled. Also "
		"refuses a bridge, which VFIO never takes, and a device that shares its IOMMU group with "
		"one that is still on a host driver.\n"
		"\n"
		"With --persist, a file of udev rules does the same whenever the host starts: see "
		"'device persistent'. If the file cannot be written, the device is not bound.\n\n" DEVICE_FORMS,
	.options = bind_options,
	.run = run_bind,
};

static const struct command_option unbind_options[] = {
	{ "forget", NULL, "Also end the persistence of its binding" },
	{ NULL },
};

const struct command command_device_unbind = {
	.name = "device unbind",
	.group = COMMANDS_HOST,
	.arguments = "DEVICE",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Give a device back to its host driver",
	.description =
		"Clears the device's driver_override, unbinds its VFIO driver and makes the PCI bus "
		"probe it again, so that the host's own driver, if any, takes it. If a step fails, "
		"the device goes back to its VFIO driver.\n"
		"\n"
		"Refuses a device that a process has open: the kernel would wait for that process. It "
		"finds only processes that this user may see.\n"
		"\n"
		"With --forget, it is not bound again when the host starts. For a device that is on "
		"its host driver, or absent: iommuctl device persistent --forget.\n\n" DEVICE_FORMS,
	.options = unbind_options,
	.run = run_unbind,
};
