// SPDX-License-Identifier: MIT
/*
 * A machine of any text, as that of the model and as the one that jobs are run on: it is refused as a bad document, or it is a
 * machine, whose devices bind.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <iommuctl/iommuctl.h>

#include "input.h"
#include "job/machine.h"
#include "model/platform.h"
#include "output/memory.h"

#define FILE_NAME_SIZE 32

static void use_model(const struct platform_model *machine)
{
	struct iommuctl_transport *transport;
	struct iommuctl *ctx;
	char path[64];
	int iommufd;

	require(!iommuctl_model_transport_new(machine->model, &transport));
	require(!iommuctl_new(transport, &ctx));
	require(!iommuctl_iommufd_open(ctx, &iommufd));
	for (size_t i = 0; i < machine->config->device_count; i++) {
		uint32_t dev_id;
		int device;

		snprintf(path, sizeof(path), "/dev/vfio/devices/vfio%zu", i);
		require(!iommuctl_vfio_device_open(ctx, path, &device));
		/* Firmware may want a part of its address space. */
		(void)iommuctl_vfio_bind_iommufd(ctx, device, iommufd, NULL, &dev_id);
		iommuctl_close(ctx, device);
	}
	iommuctl_close(ctx, iommufd);
	iommuctl_free(ctx);
}

static void load_both(const char *name, struct report *report)
{
	struct platform_model model;
	struct machine *machine;
	enum exit_status status = platform_model_open(&model, name, report);

	require(status == STATUS_DONE || status == STATUS_BAD_JOB);
	if (status == STATUS_DONE) {
		use_model(&model);
		platform_model_close(&model);
	}
	status = machine_load(name, report, &machine);
	require(status == STATUS_DONE || status == STATUS_BAD_JOB);
	if (status == STATUS_DONE)
		machine_free(machine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct report report;
	static char name[FILE_NAME_SIZE];
	static int fd;

	if (!report.out) {
		memory_watch_json();
		fd = memfd_create("machine", MFD_CLOEXEC);
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		report = (struct report){ .out = fopen("/dev/null", "we") };
		report.err = report.out;
		require(fd >= 0 && report.out);
	}
	require(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	load_both(name, &report);
	return 0;
}
