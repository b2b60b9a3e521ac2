// SPDX-License-Identifier: MIT
#include "job/device_selector.h"

#include "output/text.h"

int job_device_selector(const struct job_device *device, struct selector *selector)
{
	*selector = (struct selector){ .kind = SELECTOR_PCI };
	if (device->select)
		return selector_parse(device->select, selector);
	if (device->pci)
		return pci_address_normalise(device->pci, selector->name);
	selector->kind = SELECTOR_NETDEV;
	selector->has_vf = true;
	selector->vf = (unsigned int)device->vf;
	text_append(
		selector->name, sizeof(selector->name), "%s", device->netdev ? device->netdev : "");
	return 0;
}
