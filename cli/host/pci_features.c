// SPDX-License-Identifier: MIT
#include "host/pci_features.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONVENTIONAL_SIZE 256
#define EXTENDED_SIZE	  4096

/* A capability takes at least 8 bytes, which limits the list. */
#define CAPABILITIES_MAX ((EXTENDED_SIZE - CONVENTIONAL_SIZE) / 8)

static const struct {
	const char *name;
	uint16_t id; /* of its extended capability */
} rows[PCI_FEATURES] = {
	[PCI_FEATURE_PASID] = { "PASID", 0x1b },
	[PCI_FEATURE_ATS] = { "ATS", 0x0f },
	[PCI_FEATURE_PRI] = { "PRI", 0x13 },
};

const char *pci_feature_name(enum pci_feature feature)
{
	return rows[feature].name;
}

static bool read_word(int config, uint32_t at, uint32_t *word)
{
	uint8_t bytes[4];

	if (pread(config, bytes, sizeof(bytes), at) != sizeof(bytes))
		return false;
	*word = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
		(uint32_t)bytes[3] << 24;
	return true;
}

static bool has_all(const struct pci_features *features, size_t count)
{
	size_t i = 0;

	while (i < count && features->has[i])
		i++;
	return i == count;
}

/* Each read goes to the device itself: read only headers, and no more than needed. */
static void walk(int config, size_t count, struct pci_features *features)
{
	uint32_t at = CONVENTIONAL_SIZE, header;

	for (size_t i = 0;
		i < CAPABILITIES_MAX && at >= CONVENTIONAL_SIZE && !has_all(features, count); i++) {
		if (!read_word(config, at, &header))
			return;
		features->known = true;
		if (!header || header == UINT32_MAX)
			return;
		for (size_t j = 0; j < count; j++)
			features->has[j] |= (header & 0xffff) == rows[j].id;
		at = header >> 20 & 0xffc;
	}
}

/* Reads the first @count of them. */
static void read_some(
	const struct sysfs *sysfs, const char *pci, size_t count, struct pci_features *features)
{
	char directory[sizeof(((struct host_device *)NULL)->directory)];
	struct stat status;
	int config;

	*features = (struct pci_features){ 0 };
	snprintf(directory, sizeof(directory), "/sys/bus/pci/devices/%s", pci);
	config = sysfs_open_attribute(sysfs, directory, "config");
	if (config < 0)
		return;
	walk(config, count, features);
	/* Without extended space there are none. */
	if (!features->known && !fstat(config, &status))
		features->known = status.st_size == CONVENTIONAL_SIZE;
	close(config);
}

void pci_features_read(const struct sysfs *sysfs, const char *pci, struct pci_features *features)
{
	read_some(sysfs, pci, PCI_FEATURES, features);
}

void pci_features_read_virtual(const struct sysfs *sysfs, const char *pci,
	const struct pci_features *physical, struct pci_features *features)
{
	*features = *physical;
	if (!physical->known || !physical->has[PCI_FEATURE_ATS])
		return;
	read_some(sysfs, pci, PCI_FEATURE_ATS + 1, features);
	features->has[PCI_FEATURE_PASID] = physical->has[PCI_FEATURE_PASID];
	features->has[PCI_FEATURE_PRI] = physical->has[PCI_FEATURE_PRI];
}
