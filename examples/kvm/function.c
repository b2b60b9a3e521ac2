// SPDX-License-Identifier: MIT
/* Opens, resets and closes a function. */
#include "function.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "report.h"

#define LONGEST_PATH 96

#define REGISTER_HEADER_TYPE 0x0eu
#define HEADER_TYPE	     0x7fu
#define BAR_PORTS	     0x1u
#define BAR_TYPE	     0x6u
#define BAR_TYPE_64	     0x4u
#define BAR_PREFETCHABLE     0x8u

uint32_t function_read_device(const struct function *function, uint32_t offset, uint32_t size)
{
	uint32_t value = 0;

	if (iommuctl_vfio_region_read(
		    function->ctx, function->device, &function->config, offset, &value, size))
		return UINT32_MAX;
	return le32toh(value);
}

void function_write_device(
	const struct function *function, uint32_t offset, uint32_t size, uint32_t value)
{
	const uint32_t bytes = htole32(value);

	iommuctl_vfio_region_write(
		function->ctx, function->device, &function->config, offset, &bytes, size);
}

/* vfio-pci gives the device a child in sysfs, named like its node in /dev. */
static int find_node(const struct function *function, char path[static LONGEST_PATH])
{
	char directory[LONGEST_PATH];
	const struct dirent *entry;
	DIR *children;
	int err = -ENOENT;

	snprintf(directory, sizeof(directory), "/sys/bus/pci/devices/%s/vfio-dev",
		function->address);
	children = opendir(directory);
	if (!children)
		return report_error(function->address, errno, "is it bound to vfio-pci?");
	while (err && (entry = readdir(children))) {
		if (strncmp(entry->d_name, "vfio", strlen("vfio")) != 0)
			continue;
		snprintf(path, LONGEST_PATH, "/dev/vfio/devices/%.32s", entry->d_name);
		err = 0;
	}
	closedir(children);
	return err ? report_error(function->address, -err, "is it bound to vfio-pci?") : 0;
}

/* vfio-pci hides the addresses in BARs from us, but not their types. */
static void read_bar(
	struct bar *bar, const uint8_t *image, const struct iommuctl_vfio_region_info *region)
{
	const uint8_t flags = image[PCI_REGISTER_BARS + 4 * region->index];

	if (flags & BAR_PORTS || !region->size || region->size & (region->size - 1))
		return;
	*bar = (struct bar){
		.size = region->size,
		.is_64 = (flags & BAR_TYPE) == BAR_TYPE_64,
		.prefetchable = flags & BAR_PREFETCHABLE,
	};
}

/* Errors are the library's. */
static int read_bars(struct function *function,
	struct iommuctl_vfio_region_info regions[static PCI_BARS], struct bar bars[static PCI_BARS])
{
	for (uint32_t i = 0; i < PCI_BARS; i++) {
		int err = iommuctl_vfio_region_get_info(function->ctx, function->device,
			IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX + i, &regions[i]);

		if (err)
			return err;
		read_bar(&bars[i], function->image, &regions[i]);
	}
	return 0;
}

static void power_on(struct function *function, const struct bar bars[static PCI_BARS])
{
	config_space_init(&function->space, function->image, (uint32_t)function->config.size, bars);
	msi_init(&function->msi, &function->space, function->image);
}

/* Reads configuration space and BARs of a bound device. Errors are the library's. */
static int look_at(struct function *function)
{
	struct iommuctl_vfio_device_info info;
	struct iommuctl_vfio_region_info regions[PCI_BARS];
	struct bar bars[PCI_BARS] = { 0 };
	int err = iommuctl_vfio_device_get_info(function->ctx, function->device, &info);

	if (err)
		return err;
	err = iommuctl_vfio_region_get_info(function->ctx, function->device,
		IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &function->config);
	if (err)
		return err;
	function->can_reset = info.flags & IOMMUCTL_VFIO_DEVICE_FLAGS_RESET;
	if (function->config.size > CONFIG_SPACE_SIZE)
		function->config.size = CONFIG_SPACE_SIZE;
	err = iommuctl_vfio_region_read(function->ctx, function->device, &function->config, 0,
		function->image, function->config.size);
	if (err)
		return err;
	err = read_bars(function, regions, bars);
	if (err)
		return err;
	power_on(function, bars);
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		err = bar_map_open(&function->bars[i], function->ctx, function->device, &regions[i],
			&function->msi);
		if (err)
			return err;
	}
	return 0;
}

/* Rejects functions that this VMM cannot handle. */
static int check(const struct function *function)
{
	if ((function->image[REGISTER_HEADER_TYPE] & HEADER_TYPE) != 0)
		return report_problem(
			function->address, "a bridge, which cannot be passed through");
	if (function->space.msix && !function->msi.x_count)
		return report_problem(
			function->address, "its table of MSI-X is not in a BAR of memory");
	return 0;
}

/* The kernel repeats the request until the device is closed; each time the eventfd fires. */
static int take_requests(struct function *function, int requests)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = function->number };
	int err;

	function->request = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (function->request < 0)
		return report_error("eventfd", errno, NULL);
	err = iommuctl_vfio_irqs_enable(function->ctx, function->device,
		IOMMUCTL_VFIO_PCI_REQ_IRQ_INDEX, 0, &function->request, 1);
	if (err)
		return report_library(function->ctx, function->address, -err);
	/* Closing the eventfd also removes it from the epoll. */
	if (epoll_ctl(requests, EPOLL_CTL_ADD, function->request, &event))
		return report_error("epoll", errno, NULL);
	return 0;
}

bool function_is_wanted(const struct function *function)
{
	eventfd_t count;

	return !eventfd_read(function->request, &count);
}

int function_open(struct function *function, struct iommuctl *ctx, int iommufd, int requests)
{
	char path[LONGEST_PATH];
	int err = find_node(function, path);

	if (err)
		return err;
	function->ctx = ctx;
	function->command = 0;
	err = iommuctl_vfio_device_open(ctx, path, &function->device);
	if (err)
		return report_library(ctx, function->address, -err);
	err = iommuctl_vfio_bind_iommufd(ctx, function->device, iommufd, NULL, &function->dev_id);
	if (!err)
		err = look_at(function);
	if (err) {
		report_library(ctx, function->address, -err);
		goto close;
	}
	err = check(function);
	if (err)
		goto close;
	err = function_set_master(function, false);
	if (err)
		goto close;
	err = take_requests(function, requests);
	if (err)
		goto close;
	function->present = true;
	return 0;
close:
	function_close(function);
	return err;
}

void function_close(struct function *function)
{
	for (unsigned int i = 0; i < PCI_BARS; i++)
		bar_map_close(&function->bars[i], function->ctx);
	iommuctl_close(function->ctx, function->device);
	function->device = -1;
	if (function->request >= 0)
		close(function->request);
	function->request = -1;
	function->present = false;
}

/*
 * The device always decodes memory, whatever the guest's bit says: accessing a mapped BAR of a
 * device that does not is fatal for the vCPU. While the guest's bit is clear, the BARs are not
 * mapped into the guest.
 */
int function_set_master(struct function *function, bool master)
{
	const uint16_t command = (uint16_t)(PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE |
					    (master ? PCI_COMMAND_MASTER : 0));
	const uint16_t bytes = htole16(command);
	int err;

	if (function->command == command)
		return 0;
	err = iommuctl_vfio_region_write(function->ctx, function->device, &function->config,
		PCI_REGISTER_COMMAND, &bytes, sizeof(bytes));
	if (err)
		return report_library(function->ctx, function->address, -err);
	function->command = command;
	return 0;
}

int function_reset(struct function *function)
{
	struct bar bars[PCI_BARS];
	int err = function_set_master(function, false);

	if (!err && function->can_reset) {
		err = iommuctl_vfio_reset(function->ctx, function->device);
		if (err)
			report_library(function->ctx, function->address, -err);
		function->command = 0;
	}
	memcpy(bars, function->space.bars, sizeof(bars));
	power_on(function, bars);
	return err ? err : function_set_master(function, false);
}
