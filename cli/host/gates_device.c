// SPDX-License-Identifier: MIT
/* The gates that concern one device, as far as they can be told without touching it. */
#include <errno.h>
#include <string.h>

#include "gate.h"

static void check_device(struct examination *examination, struct gate_result *result)
{
	const struct host_device *device = &examination->device;
	int err = host_device_read(examination->sysfs, examination->pci, &examination->device);

	if (err == -ENODEV)
		gate_fail(result, STATUS_FAILED,
			"there is no PCI device %s\nSee: iommuctl device list", examination->pci);
	else if (err)
		gate_fail(result, STATUS_FAILED, "%s cannot be read in sysfs: %s", examination->pci,
			strerror(-err));
	else
		gate_pass(result, "%s is there: %04x:%04x", device->pci, device->vendor,
			device->device);
}

static void check_group(struct examination *examination, struct gate_result *result)
{
	const struct host_device *device = &examination->device;

	if (device->iommu_group < 0)
		gate_fail(result, STATUS_UNSUPPORTED,
			"it is in no IOMMU group: no IOMMU translates its DMA\nEnable the IOMMU in "
			"the firmware and the kernel; on Arm the IORT or the device tree has to "
			"name it");
	else
		gate_pass(result, "IOMMU group %d%s%s", device->iommu_group,
			*device->iommu ? " behind " : "", device->iommu);
}

static void check_peers(struct examination *examination, struct gate_result *result)
{
	struct iommu_group_member claimer;

	if (iommu_group_find_claimer(examination->sysfs, &examination->device, &claimer))
		gate_fail(result, STATUS_FAILED,
			"%s shares its IOMMU group and is on the host driver %s\niommuctl device "
			"bind %s",
			claimer.name, claimer.driver, claimer.name);
	else
		gate_pass(result, "no other device of its IOMMU group is on a host driver");
}

static void check_driver(struct examination *examination, struct gate_result *result)
{
	const struct host_device *device = &examination->device;

	if (*device->vfio_name)
		gate_pass(result, "it is on the VFIO driver %s", device->driver);
	else
		gate_fail(result, STATUS_FAILED, "it is on %s%s\niommuctl device bind %s",
			*device->driver ? "the host driver " : "no driver", device->driver,
			device->pci);
}

static void check_cdev(struct examination *examination, struct gate_result *result)
{
	const struct host_device *device = &examination->device;

	switch (device->cdev) {
	case HOST_CDEV_NO_DRIVER: gate_unknown(result, "needs a VFIO driver"); break;
	case HOST_CDEV_NOT_BUILT:
		gate_fail(result, STATUS_UNSUPPORTED,
			"sysfs has vfio-dev/%s, but the kernel gives it no character device\nThe "
			"kernel needs CONFIG_VFIO_DEVICE_CDEV",
			device->vfio_name);
		break;
	case HOST_CDEV_NO_NODE:
		gate_fail(result, STATUS_FAILED,
			"the kernel has its character device, but %s is missing\nIn a container, "
			"pass /dev/vfio in; else mount a devtmpfs at /dev, or see what udevd does",
			device->cdev_path);
		break;
	case HOST_CDEV_PRESENT: gate_pass(result, "%s is there", device->cdev_path); break;
	}
}

static void check_access(struct examination *examination, struct gate_result *result)
{
	int err = host_device_probe_cdev(examination->sysfs, &examination->device);

	if (err == -EACCES || err == -EPERM)
		gate_fail(result, STATUS_NO_PERMISSION,
			"%s does not open: %s\nGive the node to this user, run as root, or, in a "
			"container, allow the device",
			examination->device.cdev_path, strerror(-err));
	else if (err)
		gate_fail(result, STATUS_FAILED, "%s does not open: %s",
			examination->device.cdev_path, strerror(-err));
	else
		gate_pass(result, "%s opens", examination->device.cdev_path);
}

const struct gate device_gates[] = {
	{ "device", 0, GATE_FACT_DEVICE, check_device },
	{ "iommu-group", GATE_FACT_DEVICE, GATE_FACT_GROUP, check_group },
	{ "group-peers", GATE_FACT_GROUP, 0, check_peers },
	{ "driver", GATE_FACT_DEVICE, 0, check_driver },
	{ "cdev", GATE_FACT_DEVICE, GATE_FACT_CDEV, check_cdev },
	{ "cdev-access", GATE_FACT_CDEV, GATE_FACT_ACCESS, check_access },
	{ NULL },
};
