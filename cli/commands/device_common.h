/* SPDX-License-Identifier: MIT */
/* What the commands for PCI devices have in common. */
#ifndef CLI_COMMANDS_DEVICE_COMMON_H
#define CLI_COMMANDS_DEVICE_COMMON_H

#include <jansson.h>

#include "document/value.h"
#include "host/bound_device.h"
#include "host/device.h"
#include "host/device_details.h"
#include "invocation.h"

/* The table row of an option of commands that only look. */
#define DEVICE_OPTION_ROOT                                                                         \
	"root", "DIR", "Look at a host whose /sys, /proc and /dev are in DIR, not at this one"

/* The table row of an option of commands that bind a device themselves. */
#define DEVICE_OPTION_VF_TOKEN                                                                     \
	"vf-token", "UUID",                                                                        \
		"Bind it with this VF token: that of its PF, where vfio-pci has both; a PF "       \
		"without VFs in use takes it as a new one"

/*
 * The value of that option, which is kept in @room; NULL: it is not given. Reports its own failure.
 */
enum exit_status device_vf_token(
	const struct invocation *invocation, uint8_t room[VALUE_UUID_SIZE], const uint8_t **token);

/* How to name a device, for the descriptions of commands that take one. */
#define DEVICE_FORMS                                                                               \
	"DEVICE is a PCI address (0000:00:01.0, or 00:01.0 in domain 0), the name of its cdev "    \
	"(vfioN), its network interface (netdev:NAME), or a virtual function: "                    \
	"netdev:NAME/vf/N or pci:ADDRESS/vf/N, counted from 0."

/* Without sysfs, this host would seem to have no devices. Reports its own failure. */
enum exit_status device_check_mounted(const struct invocation *invocation);

/* The host that --root names, or this one. Reports its own failure. */
enum exit_status device_sysfs(const struct invocation *invocation, struct sysfs *sysfs);

/* Finds the address of the device that @text selects. Reports its own failure. */
enum exit_status device_select(const struct invocation *invocation, const struct sysfs *sysfs,
	const char *text, char pci[PCI_ADDRESS_SIZE]);

/* Finds the device that the first argument selects. Reports its own failure. */
enum exit_status device_of_invocation(
	const struct invocation *invocation, const struct sysfs *sysfs, struct host_device *device);

/* Reports @failure, with the device @pci as its object. */
enum exit_status device_report_failure(
	const struct invocation *invocation, const char *pci, struct failure *failure);

/* The vendor and device ids, as every command shows them: "1234:11e8". */
#define DEVICE_ID_SIZE sizeof("ffff:ffff")
void device_id_text(const struct host_device *device, char text[DEVICE_ID_SIZE]);

/* A device as JSON, as every command shows it. */
json_t *device_to_json(const struct host_device *device);

/* The same with its details and virtual functions. */
json_t *device_details_to_json(const struct sysfs *sysfs, const struct host_device *device,
	const struct device_details *details);

/* Writes two spaces and a column with @name, cut with a ~ if it is too wide, or with a dash. */
void device_print_name(FILE *out, int width, const char *name);

/* The path of the cdev, or in @text why there is none ("it is on no VFIO driver"). */
const char *device_cdev_text(const struct host_device *device, char *text, size_t size);

/* JSON null for a negative number, which stands for none. */
json_t *device_number_to_json(int number);

/* JSON null for "", which stands for none in struct host_device. */
json_t *device_name_to_json(const char *name);

/* The capabilities of a device's IOMMU, as JSON and as lines of text. */
json_t *device_hw_info_to_json(const struct bound_device_hw_info *hw);
void device_hw_info_print(FILE *out, const struct bound_device_hw_info *hw);

#endif
