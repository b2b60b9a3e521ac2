// SPDX-License-Identifier: MIT
#include "model/platform.h"

#include <errno.h>
#include <string.h>

#include "host/pci_address.h"
#include "model/platform_file.h"
#include "output/text.h"

/* Where the kernel keeps the MSI window of every SMMUv3. */
#define MSI_WINDOW_START 0x8000000
#define MSI_WINDOW_SIZE  0x100000

static int find(const struct platform *platform, const struct job_device *device,
	struct platform_device *found, char why[PLATFORM_WHY_SIZE])
{
	const struct iommuctl_model_config *config = &((const struct platform_model *)platform)->config;
	char pci[PCI_ADDRESS_SIZE] = "";

	if (device->netdev) {
		snprintf(why, PLATFORM_WHY_SIZE, "the model has no network interface %s", device->netdev);
		return -ENODEV;
	}
	pci_address_normalise(device->pci, pci);
	for (size_t i = 0; i < config->device_count; i++) {
		if (strcmp(config->devices[i].pci, pci) != 0)
			continue;
		*found = (struct platform_device){ .iommu_group = config->devices[i].group };
		snprintf(found->cdev_path, sizeof(found->cdev_path), "/dev/vfio/devices/vfio%zu", i);
		return 0;
	}
	snprintf(why, PLATFORM_WHY_SIZE, "the model has no PCI device %s", pci);
	return -ENODEV;
}

static int find_msi_window(const struct platform *platform, const struct platform_device *device,
	struct platform_window *window, char why[PLATFORM_WHY_SIZE])
{
	(void)platform;
	(void)device;
	(void)why;
	*window = (struct platform_window){ MSI_WINDOW_START, MSI_WINDOW_SIZE };
	return 0;
}

enum exit_status platform_model_open(
	struct platform_model *machine, const char *file_name, struct report *report)
{
	enum exit_status status = STATUS_DONE;
	int err;

	*machine = (struct platform_model){
		.base = { .backend = "model", .find = find, .find_msi_window = find_msi_window },
	};
	if (*file_name)
		status = platform_file_load(file_name, &machine->config, report);
	else
		iommuctl_model_default_config(&machine->config);
	if (status)
		return status;
	err = iommuctl_model_new(&machine->config, &machine->model);
	if (err == -EINVAL)
		return report_failure(report, &(struct failure){
			.status = STATUS_BAD_JOB,
			.code = PLATFORM_FILE_BAD,
			.operation = "model",
			.object = text_file_name(file_name),
			.message = "two devices contradict each other: behind one SMMU, each has a "
				"StreamID of its own; a group is behind one SMMU",
		});
	return err ? report_errno(report, "model", NULL, err) : STATUS_DONE;
}

enum exit_status platform_model_check(const char *file_name, struct report *report)
{
	struct platform_model machine;
	enum exit_status status;

	if (!file_name)
		return STATUS_DONE;
	status = platform_model_open(&machine, file_name, report);
	if (!status)
		platform_model_close(&machine);
	return status;
}

void platform_model_close(struct platform_model *machine)
{
	iommuctl_model_free(machine->model);
}
