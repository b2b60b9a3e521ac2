// SPDX-License-Identifier: MIT
#include "model/platform.h"

#include <errno.h>
#include <string.h>

#include "host/pci_address.h"
#include "job/load.h"
#include "model/platform_file.h"

/* Where the kernel keeps the MSI window of every SMMUv3. */
#define MSI_WINDOW_START 0x8000000
#define MSI_WINDOW_SIZE  0x100000

/* What an SMMU has whose description says nothing. */
#define OAS_BITS_USUAL 44

/* The place of @device in the list of the machine's, which is its count if it is not there. */
static size_t index_of(const struct iommuctl_model_config *config, const struct job_device *device)
{
	char pci[PCI_ADDRESS_SIZE] = "";
	size_t i = 0;

	if (device->pci)
		pci_address_normalise(device->pci, pci);
	while (i < config->device_count && strcmp(config->devices[i].pci, pci) != 0)
		i++;
	return i;
}

static int find(const struct platform *platform, const struct job_device *device,
	struct platform_device *found, char why[PLATFORM_WHY_SIZE])
{
	const struct iommuctl_model_config *config = &((const struct platform_model *)platform)->config;
	const size_t index = index_of(config, device);
	char pci[PCI_ADDRESS_SIZE] = "";

	if (device->netdev) {
		snprintf(why, PLATFORM_WHY_SIZE, "the model has no network interface %s", device->netdev);
		return -ENODEV;
	}
	if (index == config->device_count) {
		pci_address_normalise(device->pci, pci);
		snprintf(why, PLATFORM_WHY_SIZE, "the model has no PCI device %s", pci);
		return -ENODEV;
	}
	*found = (struct platform_device){ .iommu_group = config->devices[index].group };
	snprintf(found->cdev_path, sizeof(found->cdev_path), "/dev/vfio/devices/vfio%zu", index);
	return 0;
}

/* Where the file names no group, a device has one of its own. */
static int group_of(const struct iommuctl_model_config *config, size_t index)
{
	return config->devices[index].group ? config->devices[index].group : -1 - (int)index;
}

static int facts(const struct platform *platform, const struct job_device *device,
	struct platform_facts *facts)
{
	const struct iommuctl_model_config *config = &((const struct platform_model *)platform)->config;
	const size_t index = index_of(config, device);
	const struct iommuctl_model_smmu *smmu;

	if (index == config->device_count)
		return -ENODEV;
	smmu = &config->smmus[config->devices[index].smmu];
	*facts = (struct platform_facts){
		.smmu = config->devices[index].smmu,
		.group = group_of(config, index),
		.ssid_bits = smmu->ssid_bits,
		.ipa_bits = smmu->oas_bits ? smmu->oas_bits : OAS_BITS_USUAL,
		.vectors = { 1, 1, 0 },
		.msi_window = { MSI_WINDOW_START, MSI_WINDOW_SIZE },
	};
	return 0;
}

static uint64_t refused(const struct platform *platform)
{
	struct iommuctl_model_counters counters;

	iommuctl_model_get_counters(((const struct platform_model *)platform)->model, &counters);
	return counters.refused;
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
		.base = {
			.backend = "model",
			.find = find,
			.find_msi_window = find_msi_window,
			.facts = facts,
			.refused = refused,
		},
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
			.object = file_name,
			.message = "two devices contradict each other: behind one SMMU, each has a "
				"StreamID of its own; a group is behind one SMMU",
		});
	return err ? report_errno(report, "model", NULL, err) : STATUS_DONE;
}

void platform_model_close(struct platform_model *machine)
{
	iommuctl_model_free(machine->model);
}

static enum exit_status check_devices(const struct platform_model *machine, struct report *report,
	const char *job_name, const struct job *job)
{
	const struct job_device *devices = job->objects[JOB_DEVICES].items;
	struct job_problem problem;
	struct platform_device found;
	char why[PLATFORM_WHY_SIZE];

	for (size_t i = 0; i < job->objects[JOB_DEVICES].count; i++) {
		if (!find(&machine->base, &devices[i], &found, why))
			continue;
		job_problem_set(&problem, job, devices[i].object.path, "%s", why);
		return job_report_unread(report, job_name, "bad-job", -EINVAL, &problem);
	}
	return STATUS_DONE;
}

enum exit_status platform_model_check(const char *file_name, struct report *report,
	const char *job_name, const struct job *job)
{
	struct platform_model machine;
	enum exit_status status;

	if (!file_name)
		return STATUS_DONE;
	status = platform_model_open(&machine, file_name, report);
	if (status)
		return status;
	status = check_devices(&machine, report, job_name, job);
	if (!status)
		status = job_load_check(job_name, report, job, &machine.base);
	platform_model_close(&machine);
	return status;
}
