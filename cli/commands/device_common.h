/* SPDX-License-Identifier: MIT */
/* What the commands about PCI devices have in common. */
#ifndef CLI_COMMANDS_DEVICE_COMMON_H
#define CLI_COMMANDS_DEVICE_COMMON_H

#include <jansson.h>

#include "document/value.h"
#include "host/bound_device.h"
#include "host/device.h"
#include "host/device_details.h"
#include "invocation.h"

/* The option of commands that only look: what is in its row. */
#define DEVICE_OPTION_ROOT                                                                         \
	"root", "DIR", "Look at a host whose /sys, /proc and /dev are in DIR, not at this one"

/* The option of commands that bind a device themselves: what is in its row. */
#define DEVICE_OPTION_VF_TOKEN                                                                     \
	"vf-token", "UUID",                                                                        \
		"Bind it with this VF token: that of its PF, where vfio-pci has both; a PF "       \
		"without VFs in use takes it as a new one"

/*
 * What that option says, which is kept in @room; NULL: it is not given. Reports its own failure.
 */
enum exit_status device_vf_token(
	const struct invocation *invocation, uint8_t room[VALUE_UUID_SIZE], const uint8_t **token);

/* What all that name a device say of how that is done. */
#define DEVICE_FORMS                                                                               \
	"DEVICE is a PCI address (0000:00:01.0, or 00:01.0 in domain 0), vfioN by the name of "    \
	"its cdev, netdev:NAME by its network interface, or a virtual function: "                  \
	"netdev:NAME/vf/N or pci:ADDRESS/vf/N, counted from 0."

/* The host that --root names, or this one. Reports its own failure. */
enum exit_status device_sysfs(const struct invocation *invocation, struct sysfs *sysfs);

/* Finds the address of the device that @text selects. Reports its own failure. */
enum exit_status device_select(const struct invocation *invocation, const struct sysfs *sysfs,
	const char *text, char pci[PCI_ADDRESS_SIZE]);

/* Finds the device that the first argument selects. Reports its own failure. */
enum exit_status device_of_invocation(
	const struct invocation *invocation, const struct sysfs *sysfs, struct host_device *device);

/* Reports @failure of the device @pci. */
enum exit_status device_report_failure(
	const struct invocation *invocation, const char *pci, struct failure *failure);

/* The vendor's and the device's number, as every command shows them: "1234:11e8". */
#define DEVICE_ID_SIZE sizeof("ffff:ffff")
void device_id_text(const struct host_device *device, char text[DEVICE_ID_SIZE]);

/* What every command says of a device as JSON. */
json_t *device_to_json(const struct host_device *device);

/* The same with its details and virtual functions. */
json_t *device_details_to_json(const struct sysfs *sysfs, const struct host_device *device,
	const struct device_details *details);

/* Writes two spaces and a column with @name, cut with a ~ where it is too wide, or with a dash. */
void device_print_name(FILE *out, int width, const char *name);

/* The path of the cdev, or why there is none ("it is on no VFIO driver"), which @text is for. */
const char *device_cdev_text(const struct host_device *device, char *text, size_t size);

/* JSON null for a negative number, which is how it says the same. */
json_t *device_number_to_json(int number);

/* JSON null for "", which is how struct host_device says that there is none. */
json_t *device_name_to_json(const char *name);

/* What the IOMMU behind a device can do, as JSON and as lines of text. */
json_t *device_hw_info_to_json(const struct bound_device_hw_info *hw);
void device_hw_info_print(FILE *out, const struct bound_device_hw_info *hw);

#endif
