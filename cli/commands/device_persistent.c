// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "commands/device_common.h"
#include "commands/device_persistent.h"
#include "host/driver.h"
#include "job/interrupt.h"

json_t *persistent_to_json(const struct persistent_binding *binding)
{
	char path[PERSISTENT_PATH_SIZE];

	persistent_path(binding->pci, path);
	return json_pack("{s:s, s:s, s:o, s:o, s:s}", "pci", binding->pci, "driver",
		binding->driver, "vendor", hex_digits_to_json(binding->vendor, 4), "device",
		hex_digits_to_json(binding->device, 4), "file", path);
}

static void say_binding(struct report *report, const struct persistent_binding *binding)
{
	char path[PERSISTENT_PATH_SIZE];

	persistent_path(binding->pci, path);
	report_result(report, "persistent", persistent_to_json(binding), "%s: %s, %04x:%04x, %s",
		binding->pci, binding->driver, binding->vendor, binding->device, path);
}

static enum exit_status list_bindings(const struct invocation *invocation)
{
	struct persistent_list list;
	int err = persistent_list(&sysfs_of_host, &list);

	if (err)
		return report_errno(
			invocation->report, invocation->command->name, PERSISTENT_DIRECTORY, err);
	for (size_t i = 0; i < list.count; i++)
		say_binding(invocation->report, &list.binding[i]);
	persistent_list_free(&list);
	return STATUS_DONE;
}

static int read_known(const char *pci, struct persistent_binding *binding, struct failure *failure)
{
	int err = persistent_read(&sysfs_of_host, pci, binding);

	if (err == -ENOENT)
		return failure_set(failure, err,
			"its binding is not persistent\niommuctl device bind --persist %s", pci);
	return err ? failure_set(failure, err, "%s: %s", PERSISTENT_DIRECTORY, strerror(-err)) : 0;
}

static int forget(const char *pci, struct persistent_binding *binding, struct failure *failure)
{
	int err = persistent_read(&sysfs_of_host, pci, binding);

	/* persistent_forget() itself reports a binding that is not there. */
	return err && err != -ENOENT ? read_known(pci, binding, failure)
				     : persistent_forget(&sysfs_of_host, pci, failure);
}

static int apply(const char *pci, struct persistent_binding *binding, struct failure *failure)
{
	struct host_device device;
	sigset_t old_mask;
	int err = read_known(pci, binding, failure);

	if (err)
		return err;
	err = host_device_read(&sysfs_of_host, pci, &device);
	if (err)
		return failure_set(failure, err, "there is no such PCI device");
	if (device.vendor != binding->vendor || device.device != binding->device)
		return failure_set(failure, -ENODEV,
			"it is %04x:%04x, but the binding is for %04x:%04x\niommuctl device bind "
			"--persist %s, if the new one is meant",
			device.vendor, device.device, binding->vendor, binding->device, pci);
	interrupt_hold(&old_mask);
	err = host_driver_bind(
		&sysfs_of_host, &device, binding->driver, HOST_CDEV_TIMEOUT_MS, failure);
	interrupt_release(&old_mask);
	return err;
}

static enum exit_status run(struct invocation *invocation)
{
	const bool forgets = invocation_option(invocation, "forget") != NULL;
	const bool applies = invocation_option(invocation, "apply") != NULL;
	struct persistent_binding binding;
	struct failure failure;
	char pci[PCI_ADDRESS_SIZE];
	int err;

	if (forgets && applies)
		return report_exclusive(invocation->report, "apply", "forget");
	if (!invocation->argument_count) {
		if (forgets || applies)
			return report_requires(
				invocation->report, forgets ? "forget" : "apply", "PCI-ADDRESS");
		return list_bindings(invocation);
	}
	if (pci_address_normalise(invocation->arguments[0], pci))
		return report_usage(invocation->report,
			"'%s' is not a PCI address: these files name devices by those",
			invocation->arguments[0]);
	if (forgets)
		err = forget(pci, &binding, &failure);
	else if (applies)
		err = apply(pci, &binding, &failure);
	else
		err = read_known(pci, &binding, &failure);
	if (err)
		return device_report_failure(invocation, pci, &failure);
	say_binding(invocation->report, &binding);
	return STATUS_DONE;
}

static const struct command_option options[] = {
	{ "apply", NULL, "Bind the device now, as when the host starts" },
	{ "forget", NULL, "End the persistence; the device stays on its present driver" },
	{ NULL },
};

const struct command command_device_persistent = {
	.name = "device persistent",
	.group = COMMANDS_HOST,
	.arguments = "[PCI-ADDRESS]",
	.arguments_max = 1,
	.summary = "List bindings that survive a reboot, or end one",
	.description =
		"Lists the bindings that 'device bind --persist' has left on this host. Each is a file of "
		"udev rules, " PERSISTENT_DIRECTORY "/" PERSISTENT_PREFIX
		"ADDRESS" PERSISTENT_SUFFIX
		", recognised by its first line. Other files are never touched, and symbolic links are "
		"not followed.\n\n"
		"When the host starts, and whenever the device appears, the rules set the device's "
		"driver_override before a host driver is loaded, load the VFIO driver and make the PCI "
		"bus probe the device. If the device has a host driver by then (one that is built in, or "
		"loaded by the initramfs, or that of a virtual function), the service "
		"iommuctl-bind@ADDRESS takes it from that driver, unless it is in use. Another device in "
		"the same slot, with another vendor or device id, is left alone, and so is one that "
		"'device unbind' has given back.",
	.options = options,
	.run = run,
};
