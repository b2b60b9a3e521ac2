// SPDX-License-Identifier: MIT
/*
 * What a VMM has to do for nested translation, from the open of /dev/iommu to the end:
 *
 *     vmm-skeleton /dev/vfio/devices/vfio0     one edu device, bound to vfio-pci
 *     vmm-skeleton --model                     the same on the model machine, anywhere
 *
 * vmm-skeleton-smmu.c is the SMMU that the guest sees; the guest is played by vmm-skeleton-guest.c,
 * in this process. A VMM links libiommuctl. For --model there is vmm-skeleton-model.c, which links
 * libiommuctl-model as well:
 *
 *     cc vmm-skeleton.c vmm-skeleton-smmu.c vmm-skeleton-guest.c \
 *             $(pkg-config --cflags --libs libiommuctl) -o vmm-skeleton
 *     cc vmm-skeleton*.c $(pkg-config --cflags --libs libiommuctl-model) -o vmm-skeleton
 */
#include "vmm-skeleton.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define EVENT_DEPTH 64

/* To be sure of it, read /sys/kernel/iommu_groups/N/reserved_regions:
 * iommuctl_reserved_regions_parse(). */
const struct iommuctl_reserved_region vmm_msi_window = {
	.start = IOMMUCTL_MSI_WINDOW_START,
	.last = IOMMUCTL_MSI_WINDOW_START + IOMMUCTL_MSI_WINDOW_SIZE - 1,
	.type = IOMMUCTL_RESERVED_MSI,
};

static int open_device(struct vmm *vmm, const char *path)
{
	int err = iommuctl_iommufd_open(vmm->ctx, &vmm->iommufd);

	if (!err)
		err = iommuctl_vfio_device_open(vmm->ctx, path, &vmm->device);
	if (!err)
		err = iommuctl_vfio_bind_iommufd(
			vmm->ctx, vmm->device, vmm->iommufd, NULL, &vmm->dev_id);
	if (!err)
		err = iommuctl_vfio_region_get_info(
			vmm->ctx, vmm->device, IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX, &vmm->bar0);
	if (!err)
		err = iommuctl_vfio_region_get_info(
			vmm->ctx, vmm->device, IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &vmm->config);
	return err;
}

/* Stage 2: the guest's memory, which must leave the window for MSIs alone. */
static int map_memory(struct vmm *vmm)
{
	struct iommuctl_ioas_map_args args = {
		.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
			 IOMMUCTL_IOAS_MAP_WRITEABLE,
		.length = GUEST_SIZE,
	};
	uint64_t ipa = GUEST_IPA;
	void *host =
		mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int err;

	if (host == MAP_FAILED)
		return -errno;
	vmm->range = (struct iommuctl_guest_range){ GUEST_IPA, GUEST_SIZE, host };
	vmm->memory = (struct iommuctl_guest_memory){ &vmm->range, 1 };
	err = iommuctl_msi_check_memory(&vmm_msi_window, &vmm->memory, NULL);
	if (!err)
		err = iommuctl_ioas_alloc(vmm->ctx, vmm->iommufd, &vmm->ioas);
	args.ioas_id = vmm->ioas;
	args.host = host;
	return err ? err : iommuctl_ioas_map(vmm->ctx, vmm->iommufd, &args, &ipa);
}

static int make_nest(struct vmm *vmm)
{
	const struct iommuctl_nest_config config = {
		.iommufd = vmm->iommufd,
		.ioas_id = vmm->ioas,
		.dev_id = vmm->dev_id,
		.bypass = true, /* as long as the guest has not enabled its SMMU */
		.event_depth = EVENT_DEPTH,
	};
	int err = iommuctl_nest_new(vmm->ctx, &config, &vmm->nest);

	if (err)
		return err;
	iommuctl_event_reader_init(&vmm->events, vmm->ctx, iommuctl_nest_get_event_fd(vmm->nest));
	return iommuctl_nest_add_device(vmm->nest, vmm->device, vmm->dev_id, DEVICE_SID);
}

int vmm_deliver_events(struct vmm *vmm, int ms)
{
	struct pollfd waiting = { .fd = vmm->events.fd, .events = POLLIN };
	struct iommuctl_smmuv3_event event;
	uint64_t lost;
	int count = 0;

	/* Without a queue of the guest's to put them into they wait. */
	if (!(vmm->smmu.cr0 & SMMU_CR0_EVENTQEN))
		return 0;
	if (poll(&waiting, 1, ms) < 0)
		return -errno;
	for (;;) {
		char text[256];
		int err = iommuctl_event_reader_next(&vmm->events, &event, &lost);

		if (lost)
			printf("%llu events were lost\n", (unsigned long long)lost);
		if (err)
			return err == -EAGAIN ? count : err;
		iommuctl_smmuv3_event_print(&event, text, sizeof(text));
		printf("event: %s\n", text);
		count++;
	}
}

int vmm_enable_msi(struct vmm *vmm)
{
	vmm->irq = eventfd(0, EFD_CLOEXEC);
	if (vmm->irq < 0)
		return -errno;
	return iommuctl_vfio_irqs_enable(
		vmm->ctx, vmm->device, IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, 0, &vmm->irq, 1);
}

bool vmm_takes_msi(struct vmm *vmm, int ms)
{
	struct pollfd waiting = { .fd = vmm->irq, .events = POLLIN };
	uint64_t count;

	return poll(&waiting, 1, ms) == 1 && read(vmm->irq, &count, sizeof(count)) > 0;
}

static int run(struct vmm *vmm, const char *path)
{
	int err = open_device(vmm, path);

	if (!err)
		err = map_memory(vmm);
	if (!err)
		err = make_nest(vmm);
	return err ? err : guest_run(vmm);
}

static void report(struct vmm *vmm, int err)
{
	const struct iommuctl_error *error = iommuctl_last_error(vmm->ctx);
	char text[1024] = "";

	if (error)
		iommuctl_error_format(error, text, sizeof(text));
	fprintf(stderr, "vmm-skeleton: %s\n%s\n", strerror(-err), text);
}

/* The nest first: the device is open until then. */
static void stop(struct vmm *vmm)
{
	iommuctl_nest_free(vmm->nest);
	if (vmm->device >= 0)
		iommuctl_close(vmm->ctx, vmm->device);
	if (vmm->iommufd >= 0)
		iommuctl_close(vmm->ctx, vmm->iommufd);
	if (vmm->irq >= 0)
		close(vmm->irq);
	if (vmm->range.host)
		munmap(vmm->range.host, vmm->range.size);
	iommuctl_free(vmm->ctx);
	if (vmm->model)
		vmm_model_free(vmm->model);
}

/* Without a transport of its own a context talks to the running kernel. */
static int make_context(struct vmm *vmm, bool on_model)
{
	struct iommuctl_transport *transport = NULL;
	int err = 0;

	if (on_model)
		err = vmm_model_new ? vmm_model_new(&vmm->model, &transport) : -EOPNOTSUPP;
	if (!err)
		err = iommuctl_new(transport, &vmm->ctx);
	if (err)
		iommuctl_transport_free(transport);
	if (err && vmm->model)
		vmm_model_free(vmm->model);
	return err;
}

int main(int argc, char **argv)
{
	struct vmm vmm = { .iommufd = -1, .device = -1, .irq = -1 };
	bool on_model;
	int err;

	if (argc != 2) {
		fprintf(stderr, "usage: vmm-skeleton --model | /dev/vfio/devices/vfioN\n");
		return 2;
	}
	on_model = strcmp(argv[1], "--model") == 0;
	err = make_context(&vmm, on_model);
	if (err) {
		fprintf(stderr, "vmm-skeleton: %s\n", strerror(-err));
		return 1;
	}
	err = run(&vmm, on_model ? "/dev/vfio/devices/vfio0" : argv[1]);
	if (err)
		report(&vmm, err);
	stop(&vmm);
	return err ? 1 : 0;
}
