// SPDX-License-Identifier: MIT
#include "host/cdi.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/group.h"
#include "host/use.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	"0123456789"

/* It begins with a letter and ends with a letter or digit. */
static bool is_name(const char *text, size_t length)
{
	if (!length || !strchr(LETTERS, text[0]) || !strchr(LETTERS DIGITS, text[length - 1]))
		return false;
	return strspn(text, LETTERS DIGITS "_-.") >= length;
}

bool cdi_is_kind(const char *kind)
{
	const char *slash = strchr(kind, '/');

	return slash && strlen(kind) < CDI_KIND_SIZE && is_name(kind, (size_t)(slash - kind)) &&
	       is_name(slash + 1, strlen(slash + 1));
}

void cdi_file_name(const char *kind, char name[CDI_KIND_SIZE + sizeof(".json")])
{
	snprintf(name, CDI_KIND_SIZE + sizeof(".json"), "%s.json", kind);
	name[strcspn(name, "/")] = '-';
}

static int check_cdev(const struct host_device *device, struct failure *failure)
{
	if (device->no_iommu)
		return failure_set(failure, -EOPNOTSUPP,
			"it has no IOMMU: VFIO drives it in no-IOMMU mode\nSee: iommuctl doctor %s",
			device->pci);
	switch (device->cdev) {
	case HOST_CDEV_NO_DRIVER:
		if (host_device_is_bridge(device))
			return failure_set(failure, -EOPNOTSUPP,
				"it is a bridge, which no VFIO driver takes: it stays with the "
				"host\nName a device behind it");
		return failure_set(failure, -ENODEV,
			"it is on no VFIO driver\niommuctl device bind %s", device->pci);
	case HOST_CDEV_NOT_BUILT:
		return failure_set(failure, -EOPNOTSUPP,
			"the kernel gives VFIO devices no character device\nIt needs "
			"CONFIG_VFIO_DEVICE_CDEV; the node of a legacy group does not work with an iommufd");
	case HOST_CDEV_NO_NODE:
		return failure_set(failure, -ENOENT,
			"%s is missing, though the kernel has the device\nSee: iommuctl doctor %s",
			device->cdev_path, device->pci);
	case HOST_CDEV_PRESENT: break;
	}
	return 0;
}

int cdi_check_device(
	const struct sysfs *sysfs, const struct host_device *device, struct failure *failure)
{
	struct iommu_group_member claimer;
	char remedy[IOMMU_GROUP_REMEDY_SIZE];
	int err = check_cdev(device, failure);

	if (err)
		return err;
	if (device->iommu_group >= 0 && iommu_group_find_claimer(sysfs, device, &claimer))
		return failure_set(failure, -EBUSY,
			"%s shares IOMMU group %d with it and is on the host driver %s\n%s",
			claimer.name, device->iommu_group, claimer.driver,
			iommu_group_remedy(&claimer, remedy));
	if (!sysfs_exists(sysfs, "/dev/iommu", ""))
		return failure_set(failure, -EOPNOTSUPP,
			"/dev/iommu, which it needs, is missing\nSee: iommuctl doctor");
	return host_use_check_processes(sysfs, device, failure);
}

static json_t *node_to_json(const char *path)
{
	return json_pack("{s:s, s:s, s:s, s:s}", "path", path, "hostPath", path, "type", "c",
		"permissions", "rw");
}

static json_t *device_edits_to_json(const struct host_device *device)
{
	return json_pack("{s:s, s:{s:[o]}}", "name", device->pci, "containerEdits", "deviceNodes",
		node_to_json(device->cdev_path));
}

static const char *version_for(const char *kind)
{
	const char *slash = strchr(kind, '/');

	return slash && strchr(slash, '.') ? CDI_VERSION_DOTS : CDI_VERSION;
}

json_t *cdi_to_json(const char *kind, const struct host_device *devices, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, device_edits_to_json(&devices[i]));
	return json_pack("{s:s, s:s, s:o, s:{s:[o]}}", "cdiVersion", version_for(kind), "kind",
		kind, "devices", array, "containerEdits", "deviceNodes",
		node_to_json("/dev/iommu"));
}
