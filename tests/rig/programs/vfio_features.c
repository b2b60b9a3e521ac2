// SPDX-License-Identifier: MIT
/*
 * vfio_features NODE: what the kernel says to each call that only some devices or places have, of an
 * edu device (/dev/vfio/devices/vfioN): resets of its bus, power, an eventfd that writes a register,
 * migration, and a log of DMA.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/vfio.h>

/* What is written there is read back inverted. */
#define LIVENESS 0x04
#define WORD	 UINT32_C(0x12345678)

#define DEVICES_MAX 8

struct device {
	struct iommuctl *ctx;
	int fd;
	uint32_t id;
	struct iommuctl_vfio_region_info bar0;
};

static void say(const char *what, int err)
{
	printf("%s: %s\n", what, err ? strerrorname_np(-err) : "ok");
}

static void reset_bus(const struct device *device)
{
	struct iommuctl_vfio_pci_dependent_device others[DEVICES_MAX];
	uint32_t flags, count = DEVICES_MAX;
	int err = iommuctl_vfio_pci_hot_reset_get_info(
		device->ctx, device->fd, &flags, others, &count);

	say("hot reset info", err);
	for (uint32_t i = 0; !err && i < count; i++)
		printf("%04x:%02x:%02x.%x is reset, %s\n", others[i].segment, others[i].bus,
			others[i].devfn >> 3, others[i].devfn & 7U,
			others[i].id == device->id ? "the device itself" : "another");
	if (!err)
		printf("flags: 0x%" PRIx32 "\n", flags);
	say("hot reset", iommuctl_vfio_pci_hot_reset(device->ctx, device->fd, NULL, 0));
	say("hot reset with a group",
		iommuctl_vfio_pci_hot_reset(device->ctx, device->fd, &device->fd, 1));
}

static void use_power(const struct device *device)
{
	const int event = eventfd(0, EFD_CLOEXEC);

	say("low power", iommuctl_vfio_low_power_entry(device->ctx, device->fd));
	say("low power again", iommuctl_vfio_low_power_entry(device->ctx, device->fd));
	say("awake", iommuctl_vfio_low_power_exit(device->ctx, device->fd));
	say("low power with wake-up",
		iommuctl_vfio_low_power_entry_with_wakeup(device->ctx, device->fd, event));
	say("awake", iommuctl_vfio_low_power_exit(device->ctx, device->fd));
	say("low power with a file that is no eventfd",
		iommuctl_vfio_low_power_entry_with_wakeup(device->ctx, device->fd, device->fd));
	say("bus master", iommuctl_vfio_bus_master_set(device->ctx, device->fd, true));
	close(event);
}

static int enable_memory(const struct device *device)
{
	struct iommuctl_vfio_region_info config;
	const uint16_t memory_space_enable = 2;
	int err = iommuctl_vfio_region_get_info(
		device->ctx, device->fd, IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &config);

	return err ? err
		   : iommuctl_vfio_region_write(device->ctx, device->fd, &config, 4,
			     &memory_space_enable, sizeof(memory_space_enable));
}

static void write_by_eventfd(const struct device *device)
{
	const int event = eventfd(0, EFD_CLOEXEC);
	struct iommuctl_vfio_ioeventfd_args args = {
		.region = &device->bar0,
		.offset = LIVENESS,
		.data = WORD,
		.size = sizeof(WORD),
		.eventfd = event,
	};
	uint32_t read_back = 0;

	say("ioeventfd", iommuctl_vfio_ioeventfd_set(device->ctx, device->fd, &args));
	say("ioeventfd again", iommuctl_vfio_ioeventfd_set(device->ctx, device->fd, &args));
	if (eventfd_write(event, 1) ||
		iommuctl_vfio_region_read(device->ctx, device->fd, &device->bar0, LIVENESS,
			&read_back, sizeof(read_back)))
		read_back = 0;
	printf("register: %s\n", read_back == ~WORD ? "written" : "as it was");
	args.eventfd = -1;
	say("no ioeventfd", iommuctl_vfio_ioeventfd_set(device->ctx, device->fd, &args));
	say("no ioeventfd again", iommuctl_vfio_ioeventfd_set(device->ctx, device->fd, &args));
	args.eventfd = device->fd;
	say("ioeventfd of a file that is none",
		iommuctl_vfio_ioeventfd_set(device->ctx, device->fd, &args));
	close(event);
}

static void migrate(const struct device *device)
{
	const struct iommuctl_vfio_dma_range range = { 0x40000000, 0x1000 };
	struct iommuctl_vfio_precopy_info precopy;
	struct iommuctl *ctx = device->ctx;
	uint64_t value = 4096;
	uint32_t state;
	int fd = -1;

	say("migration", iommuctl_vfio_migration_get_flags(ctx, device->fd, &value));
	say("state", iommuctl_vfio_migration_get_state(ctx, device->fd, &state));
	say("stop", iommuctl_vfio_migration_set_state(
			    ctx, device->fd, IOMMUCTL_VFIO_DEVICE_STATE_STOP, &fd));
	say("data size", iommuctl_vfio_migration_get_data_size(ctx, device->fd, &value));
	say("precopy flags", iommuctl_vfio_migration_enable_precopy_flags(ctx, device->fd));
	say("precopy", iommuctl_vfio_migration_get_precopy_info(ctx, device->fd, &precopy));
	say("log", iommuctl_vfio_dma_logging_start(ctx, device->fd, &range, 1, &value));
	say("report", iommuctl_vfio_dma_logging_report(ctx, device->fd, &range, 4096, &value));
	say("no log", iommuctl_vfio_dma_logging_stop(ctx, device->fd));
}

static int start(struct device *device, const char *node, int *iommufd)
{
	int err = iommuctl_new(NULL, &device->ctx);

	if (!err)
		err = iommuctl_iommufd_open(device->ctx, iommufd);
	if (!err)
		err = iommuctl_vfio_device_open(device->ctx, node, &device->fd);
	if (!err)
		err = iommuctl_vfio_bind_iommufd(
			device->ctx, device->fd, *iommufd, NULL, &device->id);
	if (!err)
		err = iommuctl_vfio_region_get_info(device->ctx, device->fd,
			IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX, &device->bar0);
	return err ? err : enable_memory(device);
}

int main(int argc, char **argv)
{
	struct device device;
	int iommufd;

	if (argc != 2 || start(&device, argv[1], &iommufd))
		return 2;
	use_power(&device);
	write_by_eventfd(&device);
	migrate(&device);
	reset_bus(&device);
	iommuctl_close(device.ctx, device.fd);
	iommuctl_close(device.ctx, iommufd);
	iommuctl_free(device.ctx);
	return 0;
}
