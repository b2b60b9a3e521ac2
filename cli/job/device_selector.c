// SPDX-License-Identifier: MIT
#include "job/device_selector.h"

#include <errno.h>

#include "output/text.h"

int job_device_without_machine(const struct job_device *device, struct failure *failure)
{
	failure_set(failure, 0,
		"is \"%s\" of the machine, and no machine is given\n"
		"--machine=FILE says which devices it has; a session takes no machine, but \"pci\" "
		"or \"select\"",
		device->machine);
	failure->status = STATUS_BAD_JOB;
	failure->code = "no-machine";
	return -EINVAL;
}

/* It has been looked up there: then it is named in one of the other ways as well. */
static bool lacks_machine(const struct job_device *device)
{
	return device->machine && !device->select && !device->pci && !device->netdev;
}

int job_device_selector(
	const struct job_device *device, struct selector *selector, struct failure *failure)
{
	if (lacks_machine(device))
		return job_device_without_machine(device, failure);
	*selector = (struct selector){ .kind = SELECTOR_PCI };
	if (device->select)
		return selector_parse(device->select, selector)
			       ? failure_set(failure, -EINVAL,
					 "\"%s\" names no device: " SELECTOR_FORMS " was expected",
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
			"\"netdev\" and \"vf\" go together: the interface itself is in use by its driver");
	if (device->machine || device->mock)
		return 0;
	if (job_device_selector(device, selector, failure))
		return -EINVAL;
	if (selector->kind == SELECTOR_NETDEV && !selector->has_vf)
		return failure_set(failure, -EINVAL,
			"\"%s\" is in use by its driver: one of its virtual functions is netdev:%s/vf/N",
			device->select, selector->name);
	return 0;
}
