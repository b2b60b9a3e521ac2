/* SPDX-License-Identifier: MIT */
/* What the commands about PCI devices have in common. */
#ifndef CLI_COMMANDS_DEVICE_COMMON_H
#define CLI_COMMANDS_DEVICE_COMMON_H

#include <jansson.h>

#include "host/bound_device.h"
#include "host/device.h"
#include "invocation.h"

/* The options that name a device in place of its PCI address: what is in their rows. */
#define DEVICE_OPTION_NETDEV "netdev", "NAME", "Take the PCI device of the network interface NAME"
#define DEVICE_OPTION_VF     "vf", "N", "Take virtual function N of that device, counted from 0"

/* Finds the device that the arguments of @invocation name. Reports its own failure. */
enum exit_status device_of_invocation(
	const struct invocation *invocation, struct host_device *device);

/* Reports @failure of the device @pci. */
enum exit_status device_report_failure(
	const struct invocation *invocation, const char *pci, struct failure *failure);

/* The vendor's and the device's number, as every command shows them: "1234:11e8". */
#define DEVICE_ID_SIZE sizeof("ffff:ffff")
void device_id_text(const struct host_device *device, char text[DEVICE_ID_SIZE]);

/* What every command says of a device as JSON. */
json_t *device_to_json(const struct host_device *device);

/* The path of the cdev, or why there is none ("it is on no VFIO driver"), which @text is for. */
const char *device_cdev_text(const struct host_device *device, char *text, size_t size);

/* JSON null for "", which is how struct host_device says that there is none. */
json_t *device_name_to_json(const char *name);

/* What the IOMMU behind a device can do, as JSON and as lines of text. */
json_t *device_hw_info_to_json(const struct bound_device_hw_info *hw);
void device_hw_info_print(FILE *out, const struct bound_device_hw_info *hw);

#endif
