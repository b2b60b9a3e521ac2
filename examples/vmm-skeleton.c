// SPDX-License-Identifier: MIT
/*
 * What a VMM has to do for nested translation, from opening /dev/iommu to the end:
 *
 *     vmm-skeleton /dev/vfio/devices/vfio0     one edu device, bound to vfio-pci
 *     vmm-skeleton --model                     the same on the model machine, anywhere
 *
 * vmm-skeleton-smmu.c is the SMMU that the guest sees; vmm-skeleton-guest.c plays the guest, in
 * this process. A VMM links libiommuctl. --model needs vmm-skeleton-model.c, which links
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

/*
 * A product reads it from /sys/kernel/iommu_groups/N/reserved_regions:
 * iommuctl_reserved_regions_parse().
 */
const struct iommuctl_reserved_region vmm_msi_window = {
	.start = IOMMUCTL_MSI_WINDOW_START,
	.last = IOMMUCTL_MSI_WINDOW_START + IOMMUCTL_MSI_WINDOW_SIZE - 1,
	.type = IOMMUCTL_RESERVED_MSI,
};

static int open_device(struct vmm *vmm, const char *path)
{
	int err = iommuctl_vfio_device_open(vmm->ctx, path, &vmm->device);

	if (err)
		return err;
	err = iommuctl_vfio_bind_iommufd(vmm->ctx, vmm->device, vmm->iommufd, NULL, &vmm->dev_id);
	if (err)
		goto close;
	err = iommuctl_vfio_region_get_info(
		vmm->ctx, vmm->device, IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX, &vmm->bar0);
	if (err)
		goto close;
	err = iommuctl_vfio_region_get_info(
		vmm->ctx, vmm->device, IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &vmm->config);
	if (err)
		goto close;
	return 0;
close:
	iommuctl_close(vmm->ctx, vmm->device);
	return err;
}

/* Stage 2: the guest's memory, which must not overlap the MSI window. */
static int map_memory(struct vmm *vmm)
{
	struct iommuctl_ioas_map_args args = {
		.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
			 IOMMUCTL_IOAS_MAP_WRITEABLE,
		.length = GUEST_SIZE,
	};
	uint64_t ipa = GUEST_IPA;
	int err;

	args.host =
		mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (args.host == MAP_FAILED)
		return -errno;
	vmm->range = (struct iommuctl_guest_range){ GUEST_IPA, GUEST_SIZE, args.host };
	vmm->memory = (struct iommuctl_guest_memory){ &vmm->range, 1 };
	err = iommuctl_msi_check_memory(&vmm_msi_window, &vmm->memory, NULL);
	if (err)
		goto unmap;
	err = iommuctl_ioas_alloc(vmm->ctx, vmm->iommufd, &vmm->ioas);
	if (err)
		goto unmap;
	args.ioas_id = vmm->ioas;
	err = iommuctl_ioas_map(vmm->ctx, vmm->iommufd, &args, &ipa);
	if (err)
		goto destroy;
	return 0;
destroy:
	iommuctl_destroy(vmm->ctx, vmm->iommufd, vmm->ioas);
unmap:
	munmap(args.host, GUEST_SIZE);
	return err;
}

/* The pages stay pinned as long as the IOAS has them: the kernel's part goes first. */
static void unmap_memory(struct vmm *vmm)
{
	iommuctl_destroy(vmm->ctx, vmm->iommufd, vmm->ioas);
	munmap(vmm->range.host, vmm->range.size);
}

static int make_nest(struct vmm *vmm)
{
	const struct iommuctl_nest_config config = {
		.iommufd = vmm->iommufd,
		.ioas_id = vmm->ioas,
		.dev_id = vmm->dev_id,
		.bypass = true, /* until the guest enables its SMMU */
		.event_depth = EVENT_DEPTH,
	};
	int err = iommuctl_nest_new(vmm->ctx, &config, &vmm->nest);

	if (err)
		return err;
	iommuctl_event_reader_init(&vmm->events, vmm->ctx, iommuctl_nest_get_event_fd(vmm->nest));
	err = iommuctl_nest_add_device(vmm->nest, vmm->device, vmm->dev_id, DEVICE_SID);
	if (err)
		iommuctl_nest_free(vmm->nest);
	return err;
}

int vmm_deliver_events(struct vmm *vmm, int ms)
{
	struct pollfd waiting = { .fd = vmm->events.fd, .events = POLLIN };
	struct iommuctl_smmuv3_event event;
	uint64_t lost;
	int count = 0;

	/* Events wait as long as the guest has no queue for them. */
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
	int err;

	vmm->irq = eventfd(0, EFD_CLOEXEC);
	if (vmm->irq < 0)
		return -errno;
	err = iommuctl_vfio_irqs_enable(
		vmm->ctx, vmm->device, IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, 0, &vmm->irq, 1);
	if (err) {
		close(vmm->irq);
		vmm->irq = -1;
	}
	return err;
}

bool vmm_takes_msi(struct vmm *vmm, int ms)
{
	struct pollfd waiting = { .fd = vmm->irq, .events = POLLIN };
	uint64_t count;

	return poll(&waiting, 1, ms) == 1 && read(vmm->irq, &count, sizeof(count)) > 0;
}

static int run(struct vmm *vmm, const char *path)
{
	int err = iommuctl_iommufd_open(vmm->ctx, &vmm->iommufd);

	if (err)
		return err;
	err = open_device(vmm, path);
	if (err)
		goto close_iommufd;
	err = map_memory(vmm);
	if (err)
		goto close_device;
	err = make_nest(vmm);
	if (err)
		goto unmap_memory;
	err = guest_run(vmm);
	if (vmm->irq >= 0)
		close(vmm->irq);
	iommuctl_nest_free(vmm->nest);
unmap_memory:
	unmap_memory(vmm);
close_device:
	iommuctl_close(vmm->ctx, vmm->device);
close_iommufd:
	iommuctl_close(vmm->ctx, vmm->iommufd);
	return err;
}

static void report(struct vmm *vmm, int err)
{
	const struct iommuctl_error *error = iommuctl_last_error(vmm->ctx);
	char text[1024] = "";

	if (error)
		iommuctl_error_format(error, text, sizeof(text));
	fprintf(stderr, "vmm-skeleton: %s\n%s\n", strerror(-err), text);
}

/* Without a transport of its own, a context talks to the running kernel. */
static int make_context(struct vmm *vmm, bool on_model)
{
	struct iommuctl_transport *transport = NULL;
	int err;

	if (on_model) {
		if (!vmm_model_new)
			return -EOPNOTSUPP;
		err = vmm_model_new(&vmm->model, &transport);
		if (err)
			return err;
	}
	err = iommuctl_new(transport, &vmm->ctx);
	if (err)
		goto free_transport;
	return 0;
free_transport:
	iommuctl_transport_free(transport);
	if (on_model)
		vmm_model_free(vmm->model);
	return err;
}

static void free_context(struct vmm *vmm)
{
	iommuctl_free(vmm->ctx);
	if (vmm->model)
		vmm_model_free(vmm->model);
}

int main(int argc, char **argv)
{
	struct vmm vmm = { .irq = -1 };
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
	free_context(&vmm);
	return err ? 1 : 0;
}
