// SPDX-License-Identifier: MIT
#include "commands/device_common.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/mounted.h"
#include "host/selector.h"
#include "output/text.h"

enum exit_status device_report_failure(
	const struct invocation *invocation, const char *pci, struct failure *failure)
{
	failure->operation = invocation->command->name;
	failure->object = failure_print(failure, "device %s", pci);
	return report_failure(invocation->report, failure);
}

enum exit_status device_check_mounted(const struct invocation *invocation)
{
	struct failure failure;

	if (!mounted_check_sys(&sysfs_of_host, &failure))
		return STATUS_DONE;
	failure.operation = invocation->command->name;
	return report_failure(invocation->report, &failure);
}

enum exit_status device_select(const struct invocation *invocation, const struct sysfs *sysfs,
	const char *text, char pci[PCI_ADDRESS_SIZE])
{
	struct selector selector;
	struct failure failure;
	char message[512];

	if (selector_parse(text, &selector)) {
		selector_explain(sysfs, text, message, sizeof(message));
		return invocation_report_wrong(invocation, text, message);
	}
	if (selector_find(sysfs, &selector, pci, &failure))
		return device_report_failure(invocation, text, &failure);
	return STATUS_DONE;
}

enum exit_status device_vf_token(
	const struct invocation *invocation, uint8_t room[VALUE_UUID_SIZE], const uint8_t **token)
{
	const char *text = invocation_option(invocation, "vf-token");

	*token = text ? room : NULL;
	if (!text || !value_parse_uuid(text, room))
		return STATUS_DONE;
	return report_usage(
		invocation->report, "--vf-token: expected a UUID, such as " VALUE_UUID_EXAMPLE);
}

enum exit_status device_of_invocation(
	const struct invocation *invocation, const struct sysfs *sysfs, struct host_device *device)
{
	struct failure failure;
	char pci[PCI_ADDRESS_SIZE];
	enum exit_status status = device_select(invocation, sysfs, invocation->arguments[0], pci);
	int err;

	if (status != STATUS_DONE)
		return status;
	err = host_device_read(sysfs, pci, device);
	if (!err)
		return STATUS_DONE;
	if (err == -ENODEV)
		failure_set(
			&failure, err, "there is no such PCI device\nSee: iommuctl device list");
	else
		failure_set(&failure, err, "%s", strerror(-err));
	return device_report_failure(invocation, pci, &failure);
}

enum exit_status device_sysfs(const struct invocation *invocation, struct sysfs *sysfs)
{
	const char *root = invocation_option(invocation, "root");

	struct failure failure;
	int fd;

	*sysfs = sysfs_of_host;
	if (!root || strcmp(root, "/") == 0)
		return device_check_mounted(invocation);
	sysfs->root = root;
	fd = sysfs_open_directory(sysfs, "/sys");
	if (fd >= 0) {
		close(fd);
		return STATUS_DONE;
	}
	if (fd != -ENOENT && fd != -ENOTDIR) {
		failure_set_file(&failure, fd, "look into", root);
		return report_failure(invocation->report, &failure);
	}
	return report_usage(invocation->report, "--root=%s: there is no %s/sys", root, root);
}

void device_print_name(FILE *out, int width, const char *name)
{
	char text[HOST_NAME_SIZE * 4];

	text_escape(*name ? name : "-", text, sizeof(text));
	if ((int)strlen(text) > width)
		fprintf(out, "  %.*s~", width - 1, text);
	else
		fprintf(out, "  %-*s", width, text);
}

json_t *device_name_to_json(const char *name)
{
	return text_to_json(*name ? name : NULL);
}

json_t *device_number_to_json(int number)
{
	return number < 0 ? json_null() : json_integer(number);
}

static const char *cdev_name(enum host_cdev cdev)
{
	switch (cdev) {
	case HOST_CDEV_NO_DRIVER: return "no-driver";
	case HOST_CDEV_NOT_BUILT: return "not-built";
	case HOST_CDEV_NO_NODE: return "no-node";
	case HOST_CDEV_PRESENT: return "present";
	}
	return NULL;
}

void device_id_text(const struct host_device *device, char text[DEVICE_ID_SIZE])
{
	snprintf(text, DEVICE_ID_SIZE, "%04x:%04x", device->vendor, device->device);
}

json_t *device_to_json(const struct host_device *device)
{
	char id[DEVICE_ID_SIZE];

	device_id_text(device, id);
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:s, s:o}", "pci",
		device->pci, "vendor", hex_digits_to_json(device->vendor, 4), "device",
		hex_digits_to_json(device->device, 4), "id", text_to_json(id), "class",
		hex_digits_to_json(device->class, 6), "driver", device_name_to_json(device->driver),
		"iommu-group", device_number_to_json(device->iommu_group), "no-iommu",
		device->no_iommu, "iommu", device_name_to_json(device->iommu), "numa-node",
		device_number_to_json(device->numa_node), "cdev-state", cdev_name(device->cdev),
		"cdev",
		device_name_to_json(device->cdev == HOST_CDEV_PRESENT ? device->cdev_path : ""));
}

static json_t *virtual_functions_to_json(
	const struct sysfs *sysfs, const struct host_device *device)
{
	json_t *functions = json_array();
	char pci[PCI_ADDRESS_SIZE];

	for (unsigned int i = 0; i < device->sriov_numvfs; i++) {
		if (!host_device_virtual_function(sysfs, device, i, pci))
			json_array_append_new(functions, json_string(pci));
	}
	return functions;
}

json_t *device_details_to_json(const struct sysfs *sysfs, const struct host_device *device,
	const struct device_details *details)
{
	json_t *json = device_to_json(device);
	char key[16];

	json_object_set_new(json, "netdev", device_name_to_json(details->netdev));
	json_object_set_new(json, "physfn", device_name_to_json(device->physfn));
	json_object_set_new(json, "vf", device_number_to_json(details->virtual_function));
	json_object_set_new(json, "sriov-numvfs", json_integer(device->sriov_numvfs));
	json_object_set_new(json, "sriov-totalvfs", json_integer(device->sriov_totalvfs));
	json_object_set_new(json, "virtual-functions", virtual_functions_to_json(sysfs, device));
	for (int i = 0; i < PCI_FEATURES; i++) {
		const bool has = details->features.has[i];

		snprintf(key, sizeof(key), "%s", pci_feature_name((enum pci_feature)i));
		for (char *at = key; *at; at++)
			*at = (char)tolower((unsigned char)*at);
		json_object_set_new(
			json, key, details->features.known ? json_boolean(has) : json_null());
	}
	return json;
}

const char *device_cdev_text(const struct host_device *device, char *text, size_t size)
{
	switch (device->cdev) {
	case HOST_CDEV_NO_DRIVER: return "it is on no VFIO driver";
	case HOST_CDEV_NOT_BUILT:
		return device->no_iommu ? "the device has no IOMMU"
					: "the kernel lacks CONFIG_VFIO_DEVICE_CDEV";
	case HOST_CDEV_NO_NODE:
		snprintf(text, size, "%s is missing", device->cdev_path);
		return text;
	case HOST_CDEV_PRESENT: break;
	}
	return device->cdev_path;
}
