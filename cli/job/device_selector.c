// SPDX-License-Identifier: MIT
#include "job/device_selector.h"

#include <errno.h>

#include "output/text.h"

int job_device_without_machine(const struct job_device *device, struct failure *failure)
{
	failure_set(failure, 0,
		"is \"%s\" of the machine, but no machine is given\ndescribe its devices with "
		"--machine=FILE; in a session, use \"pci\" or \"select\" instead",
		device->machine);
	failure->status = STATUS_BAD_JOB;
	failure->code = "no-machine";
	return -EINVAL;
}

bool job_device_lacks_machine(const struct job_device *device)
{
	return device->machine && !device->select && !device->pci && !device->netdev &&
	       !device->mock;
}

int job_device_selector(
	const struct job_device *device, struct selector *selector, struct failure *failure)
{
	if (job_device_lacks_machine(device))
		return job_device_without_machine(device, failure);
	*selector = (struct selector){ .kind = SELECTOR_PCI };
	if (device->select)
		return selector_parse(device->select, selector)
			       ? failure_set(failure, -EINVAL,
					 "\"%s\" does not name a "
					 "device: " SELECTOR_FORMS " was expected",
					 device->select)
			       : 0;
	if (device->pci)
		return pci_address_normalise(device->pci, selector->name)
			       ? failure_set(failure, -EINVAL,
					 "\"%s\" is not a PCI address such as 0000:00:01.0",
					 device->pci)
			       : 0;
	selector->kind = SELECTOR_NETDEV;
	selector->has_vf = true;
	selector->vf = (unsigned int)device->vf;
	text_append(
		selector->name, sizeof(selector->name), "%s", device->netdev ? device->netdev : "");
	return 0;
}

int job_device_check(
	const struct job_device *device, struct selector *selector, struct failure *failure)
{
	if (!device->netdev != (device->vf == DOCUMENT_UNSET))
		return failure_set(failure, -EINVAL,
			"\"netdev\" needs \"vf\" and the reverse: the interface itself is in use "
			"by its driver");
	if (job_device_lacks_machine(device) || device->mock)
		return 0;
	if (job_device_selector(device, selector, failure))
		return -EINVAL;
	if (selector->kind == SELECTOR_NETDEV && !selector->has_vf)
		return failure_set(failure, -EINVAL,
			"\"%s\" is in use by its driver: name one of its virtual functions, "
			"netdev:%s/vf/N",
			device->select, selector->name);
	return 0;
}
