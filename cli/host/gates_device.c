// SPDX-License-Identifier: MIT
/* The gates for one device that can be checked without touching it. */
#include <errno.h>
#include <string.h>

#include "host/gate.h"
#include "host/group.h"
#include "host/interrupt_remapping.h"
#include "host/iommu.h"
#include "host/nesting.h"
#include "host/reserved_regions.h"
#include "host/use.h"

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

	examination->known = host_device_known(examination->sysfs, device);
	if (device->no_iommu)
		gate_fail(result, STATUS_UNSUPPORTED,
			"it has no IOMMU: VFIO drives it in no-IOMMU mode, where nothing translates its "
			"DMA\nEnable the IOMMU in the firmware and the kernel, on Arm with the device in "
			"the IORT or the device tree; then leave vfio.enable_unsafe_noiommu_mode off");
	else if (device->iommu_group < 0)
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
	char remedy[IOMMU_GROUP_REMEDY_SIZE];

	if (iommu_group_find_claimer(examination->sysfs, &examination->device, &claimer))
		gate_fail(result, STATUS_FAILED,
			"%s shares its IOMMU group and is on the host driver %s\n%s", claimer.name,
			claimer.driver, iommu_group_remedy(&claimer, remedy));
	else
		gate_pass(result, "no other device of its IOMMU group is on a host driver");
}

/* An SMMU attaches a stage 1 to the whole group, and each member then needs a vDEVICE. */
static void check_nested_group(struct examination *examination, struct gate_result *result)
{
	const struct host_device *device = &examination->device;
	struct iommu_group_peers peers;

	iommu_group_read_peers(examination->sysfs, device, &peers);
	if (!peers.count)
		gate_pass(result, "it is alone in its IOMMU group");
	else if (!(iommu_known(device->iommu) & IOMMUCTL_KNOWN_SMMUV3))
		gate_unknown(result,
			"it shares its IOMMU group with %s\nGive all of them to the same guest: what "
			"is attached is the whole group",
			peers.names);
	else if (peers.bridges)
		gate_fail(result, STATUS_UNSUPPORTED,
			"it shares its IOMMU group with %s: a bridge or root port never has a vDEVICE, "
			"without which the group takes no stage 1 of a guest\nPut the device behind "
			"a port that isolates it (ACS), or use another slot",
			peers.names);
	else if (peers.without_vfio)
		gate_fail(result, STATUS_FAILED,
			"it shares its IOMMU group with %s: each needs a vDEVICE, and a VFIO driver "
			"for that, before the group takes a stage 1\n%s%s",
			peers.names,
			*peers.unbound ? "iommuctl device bind "
				       : "Bind it by hand: it is not a PCI device",
			peers.unbound);
	else
		gate_unknown(result,
			"it shares its IOMMU group with %s\nGive all of them to the same guest, each "
			"with a vDEVICE: the group takes one stage 1 for all",
			peers.names);
}

/*
 * The kernel blocks the DMA of a group that somebody claims, and refuses that if a device in it has
 * a region that firmware needs to reach all the time. Sysfs has one list for the group.
 */
static void check_reserved_regions(struct examination *examination, struct gate_result *result)
{
	const struct host_device *device = &examination->device;
	struct reserved_regions regions;
	struct iommu_group_peers peers;
	char direct[160];
	int err = reserved_regions_read(examination->sysfs, device->iommu_group, &regions);

	if (err) {
		gate_unknown(result, "reserved_regions of its IOMMU group cannot be read: %s",
			strerror(-err));
		return;
	}
	if (!reserved_regions_describe_direct(&regions, direct, sizeof(direct))) {
		gate_pass(result, "firmware asks for no 1:1 mapping for it");
		return;
	}
	iommu_group_read_peers(examination->sysfs, device, &peers);
	gate_fail(result, STATUS_UNSUPPORTED,
		"firmware asks for a 1:1 mapping of %s (\"direct\" in reserved_regions of IOMMU group "
		"%d%s%s): the kernel keeps the group, and a bind fails with EINVAL\nHave firmware "
		"drop the region (an RMR node of the IORT, iommu-addresses in the device tree, an RMRR; "
		"in a guest, its VMM writes them) or permit remapping in the RMR, or use another "
		"device; no option of the kernel lifts this",
		direct, device->iommu_group, peers.count ? "; it may be for " : "", peers.names);
}

static void check_driver(struct examination *examination, struct gate_result *result)
{
	const struct host_device *device = &examination->device;

	if (*device->vfio_name)
		gate_pass(result, "it is on the VFIO driver %s", device->driver);
	else if (host_device_is_bridge(device))
		gate_fail(result, STATUS_UNSUPPORTED,
			"it is a bridge, which no VFIO driver takes: it stays with the host\nAsk about "
			"a device behind it");
	else
		gate_fail(result, STATUS_FAILED, "it is on %s%s\niommuctl device bind %s",
			*device->driver ? "the host driver " : "no driver", device->driver,
			device->pci);
}

static void check_cdev(struct examination *examination, struct gate_result *result)
{
	const struct host_device *device = &examination->device;

	if (device->no_iommu && device->cdev == HOST_CDEV_NOT_BUILT) {
		gate_unknown(result, "without an IOMMU it has one only from Linux 7.3 on, with "
				     "CONFIG_IOMMUFD_NOIOMMU");
		return;
	}
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

/* A device can be bound once, and not while its legacy group is open. */
static void check_use(struct examination *examination, struct gate_result *result)
{
	if (examination->recorded) {
		gate_unknown(result, "a record of a host has no processes");
		return;
	}
	if (!host_use_check_processes(examination->sysfs, &examination->device, &result->found)) {
		gate_pass(result, "no process visible from here has it open");
		return;
	}
	result->outcome = result->found.error == -EBUSY ? GATE_FAIL : GATE_UNKNOWN;
	result->found.status = result->outcome == GATE_FAIL ? STATUS_FAILED : STATUS_DONE;
}

const struct gate device_gates[] = {
	{ "device", 0, GATE_FACT_DEVICE, check_device },
	{ "iommu-group", GATE_FACT_DEVICE, GATE_FACT_GROUP, check_group },
	{ "group-peers", GATE_FACT_GROUP, 0, check_peers },
	{ "nested-group", GATE_FACT_GROUP, 0, check_nested_group },
	{ "reserved-regions", GATE_FACT_GROUP, 0, check_reserved_regions },
	{ "irq-remapping", GATE_FACT_GROUP, 0, interrupt_remapping_check,
		interrupt_remapping_concerns },
	{ "nesting-hardware", GATE_FACT_GROUP, 0, nesting_check },
	{ "driver", GATE_FACT_DEVICE, GATE_FACT_VFIO, check_driver },
	{ "cdev", GATE_FACT_DEVICE, GATE_FACT_CDEV, check_cdev },
	{ "cdev-access", GATE_FACT_CDEV, GATE_FACT_ACCESS, check_access },
	{ "use", GATE_FACT_DEVICE | GATE_FACT_VFIO, 0, check_use },
	{ NULL },
};
