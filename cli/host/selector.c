// SPDX-License-Identifier: MIT
#include "host/selector.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/events.h"
#include "host/mounted.h"
#include "host/netdev.h"
#include "output/text.h"

#define DIGITS "0123456789"

static int parse_pci(const char *text, char *name)
{
	return pci_address_normalise(text, name);
}

static int parse_netdev(const char *text, char *name)
{
	if (!*text || *text == '.' || strchr(text, '/') || strlen(text) >= IFNAMSIZ)
		return -EINVAL;
	snprintf(name, IFNAMSIZ, "%s", text);
	return 0;
}

static int parse_vfio(const char *text, char *name)
{
	const char *digits = text + strspn(text, "vfio");

	if (strncmp(text, "vfio", 4) != 0 || digits != text + 4 || strlen(digits) > 9 || !*digits ||
		digits[strspn(digits, DIGITS)])
		return -EINVAL;
	snprintf(name, sizeof("vfio") + 9, "%s", text);
	return 0;
}

/* The ways to name a device; the first form whose prefix fits is meant. */
static const struct form {
	const char *prefix;
	enum selector_kind kind;
	int (*parse)(const char *text, char *name);
} forms[] = {
	{ "netdev:", SELECTOR_NETDEV, parse_netdev }, { "pci:", SELECTOR_PCI, parse_pci },
	{ "vfio", SELECTOR_VFIO, parse_vfio }, { "", SELECTOR_PCI, parse_pci }, /* fits always */
};

static const struct form *form_of(const char *text)
{
	size_t i = 0;

	while (strncmp(text, forms[i].prefix, strlen(forms[i].prefix)) != 0)
		i++;
	return &forms[i];
}

/* Cuts "/vf/N" off @text. */
static int cut_virtual_function(char *text, struct selector *selector)
{
	char *behind = strstr(text, "/vf/");
	const char *number = behind ? behind + strlen("/vf/") : "";
	size_t digits = strspn(number, DIGITS);

	if (!behind)
		return 0;
	if (!digits || digits > 5 || number[digits])
		return -EINVAL;
	selector->has_vf = true;
	selector->vf = (unsigned int)strtoul(number, NULL, 10);
	*behind = '\0';
	return 0;
}

int selector_parse(const char *text, struct selector *selector)
{
	const struct form *form = form_of(text);
	struct selector parsed = { .kind = form->kind };
	const size_t prefix = form->kind == SELECTOR_VFIO ? 0 : strlen(form->prefix);
	char name[64];
	int err;

	if (strlen(text) >= sizeof(name))
		return -EINVAL;
	snprintf(name, sizeof(name), "%s", text + prefix);
	err = cut_virtual_function(name, &parsed);
	if (!err)
		err = form->parse(name, parsed.name);
	if (!err)
		*selector = parsed;
	return err;
}

/* Offers all names in a directory of sysfs, each with the prefix that selects it. */
static void offer_names(const struct sysfs *sysfs, const char *path, const char *prefix,
	const char *typed, struct nearest *nearest)
{
	DIR *directory = sysfs_opendir(sysfs, path);
	const char *name;
	char whole[64];

	while ((name = sysfs_next(directory))) {
		snprintf(whole, sizeof(whole), "%s%s", prefix, name);
		nearest_offer(nearest, whole, strlen(whole));
		/* The name alone is what is forgotten most: nothing is nearer. */
		if (*prefix && strcmp(name, typed) == 0) {
			nearest->name[0] = '\0';
			text_append(nearest->name, sizeof(nearest->name), "%s", whole);
			nearest->distance = 0;
		}
	}
	if (directory)
		closedir(directory);
}

void selector_explain(const struct sysfs *sysfs, const char *text, char *message, size_t size)
{
	struct nearest nearest;

	nearest_start(&nearest, text);
	offer_names(sysfs, "/sys/bus/pci/devices", "", text, &nearest);
	offer_names(sysfs, "/sys/class/vfio-dev", "", text, &nearest);
	offer_names(sysfs, "/sys/class/net", "netdev:", text, &nearest);
	*message = '\0';
	text_append(message, size, "'%s' names no device: expected " SELECTOR_FORMS, text);
	if (*nearest.name)
		text_append(message, size, "; did you mean '%s'?", nearest.name);
}

bool selector_is_same(const struct selector *one, const struct selector *other)
{
	return one->kind == other->kind && one->has_vf == other->has_vf && one->vf == other->vf &&
	       strcmp(one->name, other->name) == 0;
}

static int find_vfio(const struct sysfs *sysfs, const char *name, char pci[PCI_ADDRESS_SIZE],
	struct failure *failure)
{
	char directory[sizeof("/sys/class/vfio-dev/") + 32], path[PATH_MAX];

	snprintf(directory, sizeof(directory), "/sys/class/vfio-dev/%s", name);
	if (sysfs_resolve(sysfs, directory, "device", path))
		return failure_set(failure, -ENODEV,
			"there is no such VFIO device\nSee: iommuctl device list --vfio");
	device_event_find_pci(path, pci);
	if (!*pci)
		return failure_set(failure, -ENODEV, "there is no PCI device below it");
	return 0;
}

static int find_netdev(const struct sysfs *sysfs, const char *name, char pci[PCI_ADDRESS_SIZE],
	struct failure *failure)
{
	int err = netdev_find_pci(sysfs, name, pci);

	switch (err) {
	case 0: return 0;
	case -ENODEV:
		return failure_set(failure, err,
			"there is no such network interface in this network namespace");
	case -EOPNOTSUPP:
		return failure_set(failure, -ENODEV, "there is no PCI device below this interface");
	default: return failure_set(failure, err, "%s", strerror(-err));
	}
}

static int find_virtual_function(const struct sysfs *sysfs, unsigned int index,
	char pci[PCI_ADDRESS_SIZE], struct failure *failure)
{
	struct host_device physical;
	int err = host_device_read(sysfs, pci, &physical);

	if (err == -ENODEV)
		return failure_set(
			failure, err, "there is no such PCI device\nSee: iommuctl device list");
	if (err)
		return failure_set(failure, err, "%s", strerror(-err));
	if (!physical.sriov_totalvfs)
		return failure_set(failure, -ENODEV,
			"%s has no virtual functions: it has no SR-IOV, or its driver has not",
			physical.pci);
	err = index < physical.sriov_numvfs
		      ? host_device_virtual_function(sysfs, &physical, index, pci)
		      : -ENODEV;
	if (!err)
		return 0;
	return failure_set(failure, err,
		"%s has no virtual function %u: %u of %u exist\nTo have more: iommuctl device "
		"vf create %s NUMBER",
		physical.pci, index, physical.sriov_numvfs, physical.sriov_totalvfs, physical.pci);
}

int selector_find(const struct sysfs *sysfs, const struct selector *selector,
	char pci[PCI_ADDRESS_SIZE], struct failure *failure)
{
	char found[PCI_ADDRESS_SIZE] = "";
	int err = mounted_check_sys(sysfs, failure);

	if (err)
		return err;
	switch (selector->kind) {
	case SELECTOR_PCI: memcpy(found, selector->name, sizeof(found)); break;
	case SELECTOR_VFIO: err = find_vfio(sysfs, selector->name, found, failure); break;
	case SELECTOR_NETDEV: err = find_netdev(sysfs, selector->name, found, failure); break;
	}
	if (!err && selector->has_vf)
		err = find_virtual_function(sysfs, selector->vf, found, failure);
	if (!err)
		memcpy(pci, found, sizeof(found));
	return err;
}
