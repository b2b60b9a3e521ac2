// SPDX-License-Identifier: MIT
/* The devices of this host, from sysfs only, which is quick. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/completion_offer.h"
#include "host/netdev.h"
#include "host/pci_address.h"
#include "output/memory.h"

#define PCI_DEVICES "/sys/bus/pci/devices"
#define NETDEVS	    "/sys/class/net"

void completion_offer_pci_addresses(const struct completion *completion)
{
	DIR *directory = sysfs_opendir(completion->sysfs, PCI_DEVICES);
	const char *name;

	while ((name = sysfs_next(directory))) {
		char path[PATH_MAX], driver[64];
		int err;

		snprintf(path, sizeof(path), PCI_DEVICES "/%s", name);
		err = sysfs_read_link_name(
			completion->sysfs, path, "driver", driver, sizeof(driver));
		completion_offer(completion, name, err ? NULL : driver);
	}
	if (directory)
		closedir(directory);
}

/* Interfaces above a PCI device, at whatever distance, and its virtual functions. */
static void offer_netdev(const struct completion *completion, const char *name)
{
	char path[PATH_MAX], pci[PCI_ADDRESS_SIZE], word[128], function[32];

	int err = netdev_find_pci(completion->sysfs, name, pci);

	if (err == -ENOMEM)
		memory_note_failure();
	if (err)
		return;
	snprintf(word, sizeof(word), "netdev:%s", name);
	completion_offer(completion, word, pci);
	snprintf(path, sizeof(path), PCI_DEVICES "/%s", pci);
	for (unsigned int i = 0;; i++) {
		snprintf(function, sizeof(function), "virtfn%u", i);
		if (sysfs_read_link_name(completion->sysfs, path, function, pci, sizeof(pci)))
			return;
		snprintf(word, sizeof(word), "netdev:%s/vf/%u", name, i);
		completion_offer(completion, word, pci);
	}
}

static void offer_vfio_nodes(const struct completion *completion)
{
	DIR *directory = sysfs_opendir(completion->sysfs, "/dev/vfio/devices");
	const char *name;

	while ((name = sysfs_next(directory)))
		completion_offer(completion, name, NULL);
	if (directory)
		closedir(directory);
}

void completion_offer_devices(const struct completion *completion)
{
	DIR *directory = sysfs_opendir(completion->sysfs, NETDEVS);
	const char *name;

	completion_offer_pci_addresses(completion);
	offer_vfio_nodes(completion);
	while ((name = sysfs_next(directory)))
		offer_netdev(completion, name);
	if (directory)
		closedir(directory);
}
