// SPDX-License-Identifier: MIT
#include "host/group.h"

#include <stdio.h>
#include <string.h>

#include <iommuctl/context.h>
#include <iommuctl/transport.h>

#include "host/iommu.h"
#include "output/text.h"
#include "host/reserved_regions.h"

#define GROUPS "/sys/kernel/iommu_groups"

static void members_directory(int group, char *directory, size_t size)
{
	snprintf(directory, size, GROUPS "/%d/devices", group);
}

DIR *iommu_group_open(const struct sysfs *sysfs, int group)
{
	char directory[64];

	members_directory(group, directory, sizeof(directory));
	return sysfs_opendir(sysfs, directory);
}

/*
 * Drivers of the VFIO bus have a child in the class vfio-dev; besides these, only two PCI drivers
 * manage DMA themselves (driver_managed_dma in drivers/pci/pcie/portdrv.c and pci-stub.c).
 */
static bool driver_claims_dma(const struct iommu_group_member *member)
{
	return *member->driver && strcmp(member->driver, "pcieport") != 0 &&
	       strcmp(member->driver, "pci-stub") != 0 && !member->is_vfio;
}

/* Platform devices have no class. */
static bool is_bridge(const struct sysfs *sysfs, const char *device)
{
	long class;

	return !sysfs_read_number(sysfs, device, "class", &class) &&
	       iommuctl_pci_is_bridge((uint32_t) class);
}

bool iommu_group_next(
	const struct sysfs *sysfs, int group, DIR *directory, struct iommu_group_member *member)
{
	char devices[64], path[sizeof(devices) + HOST_NAME_SIZE], pci[PCI_ADDRESS_SIZE];
	const char *name = sysfs_next(directory);

	if (!name)
		return false;
	members_directory(group, devices, sizeof(devices));
	snprintf(member->name, sizeof(member->name), "%s", name);
	snprintf(path, sizeof(path), "%s/%s", devices, member->name);
	if (sysfs_read_link_name(sysfs, path, "driver", member->driver, sizeof(member->driver)))
		member->driver[0] = '\0';
	member->is_pci = !pci_address_normalise(member->name, pci);
	member->is_bridge = is_bridge(sysfs, path);
	member->is_vfio = sysfs_exists(sysfs, path, "vfio-dev");
	member->claims_dma = driver_claims_dma(member);
	return true;
}

bool iommu_group_find_claimer(const struct sysfs *sysfs, const struct host_device *device,
	struct iommu_group_member *member)
{
	DIR *directory = iommu_group_open(sysfs, device->iommu_group);
	struct iommu_group_member other;
	bool found = false;

	while (!found && iommu_group_next(sysfs, device->iommu_group, directory, &other))
		found = other.claims_dma && strcmp(other.name, device->pci) != 0;
	if (directory)
		closedir(directory);
	if (found)
		*member = other;
	return found;
}

const char *iommu_group_remedy(
	const struct iommu_group_member *claimer, char text[IOMMU_GROUP_REMEDY_SIZE])
{
	*text = '\0';
	if (!claimer->is_pci)
		text_append(
			text, IOMMU_GROUP_REMEDY_SIZE, "Unbind its driver: it is not a PCI device");
	else if (claimer->is_bridge)
		text_append(text, IOMMU_GROUP_REMEDY_SIZE,
			"VFIO takes no bridges; without a driver it is not in the way: echo %s > "
			"/sys/bus/pci/drivers/%s/unbind",
			claimer->name, claimer->driver);
	else
		text_append(
			text, IOMMU_GROUP_REMEDY_SIZE, "iommuctl device bind %s", claimer->name);
	return text;
}

static void add_peer(struct iommu_group_peers *peers, const struct iommu_group_member *peer)
{
	peers->count++;
	text_append(peers->names, sizeof(peers->names), "%s%s (%s%s%s)",
		peers->count > 1 ? ", " : "", peer->name, peer->is_bridge ? "a bridge, " : "",
		*peer->driver ? "driver " : "no driver", peer->driver);
	if (peer->is_bridge)
		peers->bridges++;
	if (peer->is_bridge || peer->is_vfio)
		return;
	peers->without_vfio++;
	if (peer->is_pci && !*peers->unbound)
		memcpy(peers->unbound, peer->name, sizeof(peers->unbound));
}

void iommu_group_read_peers(const struct sysfs *sysfs, const struct host_device *device,
	struct iommu_group_peers *peers)
{
	DIR *directory = iommu_group_open(sysfs, device->iommu_group);
	struct iommu_group_member member;

	*peers = (struct iommu_group_peers){ 0 };
	while (iommu_group_next(sysfs, device->iommu_group, directory, &member)) {
		if (strcmp(member.name, device->pci) != 0)
			add_peer(peers, &member);
	}
	if (directory)
		closedir(directory);
}

static uint64_t known_of_group(const struct sysfs *sysfs, const struct host_device *device)
{
	struct iommu_group_member claimer;
	struct reserved_regions regions;
	struct iommu_group_peers peers;
	uint64_t known;

	iommu_group_read_peers(sysfs, device, &peers);
	known = peers.count ? IOMMUCTL_KNOWN_PEERS : IOMMUCTL_KNOWN_NO_PEERS;
	known |= iommu_group_find_claimer(sysfs, device, &claimer)
			 ? IOMMUCTL_KNOWN_PEER_ON_HOST
			 : IOMMUCTL_KNOWN_NO_PEER_ON_HOST;
	if (reserved_regions_read(sysfs, device->iommu_group, &regions))
		return known;
	return known | (reserved_regions_find_direct(&regions) ? IOMMUCTL_KNOWN_DIRECT_REGION
							       : IOMMUCTL_KNOWN_NO_DIRECT_REGION);
}

uint64_t host_device_known(const struct sysfs *sysfs, const struct host_device *device)
{
	uint64_t known = iommu_known(device->iommu);

	if (device->no_iommu)
		return IOMMUCTL_KNOWN_NO_IOMMU;
	if (device->iommu_group >= 0)
		known |= known_of_group(sysfs, device);
	return known;
}
