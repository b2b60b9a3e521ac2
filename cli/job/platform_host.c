// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "host/device.h"
#include "host/group.h"
#include "host/reserved_regions.h"
#include "job/device_selector.h"
#include "job/platform.h"

/* Obstacles that sysfs shows, so that the kernel need not be asked. */
static int check_usable(const struct host_device *host, struct failure *failure)
{
	if (host->no_iommu && host->cdev == HOST_CDEV_NOT_BUILT)
		return failure_set(failure, -EOPNOTSUPP,
			"PCI device %s has no IOMMU: VFIO uses it in no-IOMMU mode; \"iommuctl "
			"doctor %s\" says what to do",
			host->pci, host->pci);
	switch (host->cdev) {
	case HOST_CDEV_NO_DRIVER:
		if (host_device_is_bridge(host))
			return failure_set(failure, -EOPNOTSUPP,
				"PCI device %s is a bridge, which no VFIO driver takes; name a device "
				"behind it",
				host->pci);
		return failure_set(failure, -ENODEV,
			"PCI device %s is bound to %s, not to a VFIO driver; \"iommuctl device bind %s\" "
			"binds it to vfio-pci",
			host->pci, host->driver[0] ? host->driver : "no driver", host->pci);
	case HOST_CDEV_NOT_BUILT:
		return failure_set(failure, -EOPNOTSUPP,
			"PCI device %s has no VFIO character device: the kernel was built without "
			"CONFIG_VFIO_DEVICE_CDEV",
			host->pci);
	case HOST_CDEV_NO_NODE:
		return failure_set(failure, -ENOENT,
			"%s of PCI device %s is missing, although the kernel has created it; in a "
			"container, make /dev/vfio available",
			host->cdev_path, host->pci);
	case HOST_CDEV_PRESENT: break;
	}
	return 0;
}

/* It is made when it is bound; the bus of such devices shows that the kernel supports it. */
static int find_mock(const struct sysfs *sysfs, const struct job_device *device,
	struct platform_device *found, struct failure *failure)
{
	if (!sysfs_exists(sysfs, "/sys/bus", "iommufd_mock"))
		return failure_set(failure, -EOPNOTSUPP,
			"the kernel has no mock devices: it was built without CONFIG_IOMMUFD_TEST, "
			"like all kernels that are not for tests");
	platform_find_mock(device, found);
	return 0;
}

static int find(const struct platform *platform, const struct job_device *device,
	struct platform_device *found, struct failure *failure)
{
	const struct sysfs *sysfs = ((const struct platform_host *)platform)->sysfs;
	char pci[PCI_ADDRESS_SIZE];
	struct selector selector;
	struct host_device host;
	int err;

	if (device->mock)
		return find_mock(sysfs, device, found, failure);
	err = job_device_selector(device, &selector, failure);
	if (err)
		return err;
	err = selector_find(sysfs, &selector, pci, failure);
	if (err)
		return err;
	err = host_device_read(sysfs, pci, &host);
	if (err)
		return failure_set(failure, err,
			"PCI device %s: %s; \"iommuctl device list\" shows the devices of this "
			"host",
			pci, strerror(-err));
	err = check_usable(&host, failure);
	if (err)
		return err;
	*found = (struct platform_device){ .iommu_group = host.iommu_group };
	memcpy(found->cdev_path, host.cdev_path, sizeof(host.cdev_path));
	memcpy(found->pci, host.pci, sizeof(host.pci));
	memcpy(found->iommu, host.iommu, sizeof(host.iommu));
	return 0;
}

static int find_msi_window(const struct platform *platform, const struct platform_device *device,
	struct platform_window *window, struct failure *failure)
{
	const struct sysfs *sysfs = ((const struct platform_host *)platform)->sysfs;
	struct iommuctl_reserved_region msi;
	struct reserved_regions regions;
	int err;

	if (platform_is_mock(device))
		return failure_set(failure, -ENOENT, "a mock device has no MSIs");
	err = reserved_regions_read(sysfs, device->iommu_group, &regions);
	if (err)
		return failure_set(failure, err,
			"the reserved regions of its IOMMU group cannot be read: %s",
			strerror(-err));
	if (iommuctl_msi_window_find(regions.region, regions.count, &msi))
		return failure_set(failure, -ENOENT,
			"its IOMMU group has no MSI window: this IOMMU does not translate MSIs");
	*window = (struct platform_window){ msi.start, msi.last - msi.start + 1 };
	return 0;
}

static uint64_t known(const struct platform *platform, const struct platform_device *device)
{
	const struct sysfs *sysfs = ((const struct platform_host *)platform)->sysfs;
	struct host_device host;

	if (platform_is_mock(device))
		return IOMMUCTL_KNOWN_OTHER_KIND;
	return host_device_read(sysfs, device->pci, &host) ? 0 : host_device_known(sysfs, &host);
}

static bool find_direct(const struct platform *platform, const struct platform_device *device,
	struct platform_window *region)
{
	const struct sysfs *sysfs = ((const struct platform_host *)platform)->sysfs;
	const struct iommuctl_reserved_region *direct;
	struct reserved_regions regions;

	if (platform_is_mock(device) || reserved_regions_read(sysfs, device->iommu_group, &regions))
		return false;
	direct = reserved_regions_find_direct(&regions);
	if (direct)
		*region =
			(struct platform_window){ direct->start, direct->last - direct->start + 1 };
	return direct;
}

static void each_peer(const struct platform *platform, const struct platform_device *device,
	void (*each)(const char *pci, const char *driver, void *data), void *data)
{
	const struct sysfs *sysfs = ((const struct platform_host *)platform)->sysfs;
	DIR *directory =
		platform_is_mock(device) ? NULL : iommu_group_open(sysfs, device->iommu_group);
	struct iommu_group_member member;

	while (directory && iommu_group_next(sysfs, device->iommu_group, directory, &member)) {
		if (strcmp(member.name, device->pci) != 0)
			each(member.name, member.driver, data);
	}
	if (directory)
		closedir(directory);
}

void platform_host_init(struct platform_host *host, const struct sysfs *sysfs)
{
	*host = (struct platform_host){
		.base = {
			.backend = "kernel",
			.find = find,
			.find_msi_window = find_msi_window,
			.known = known,
			.find_direct = find_direct,
			.each_peer = each_peer,
		},
		.sysfs = sysfs,
	};
}
