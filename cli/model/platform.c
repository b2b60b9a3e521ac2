// SPDX-License-Identifier: MIT
#include "model/platform.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/msi.h>

#include "host/pci_address.h"
#include "job/device_selector.h"
#include "job/load.h"
#include "model/platform_file.h"
#include "output/text.h"

/* Defaults for an SMMU whose description says nothing. */
#define OAS_BITS_USUAL 44

static const struct iommuctl_model_config *config_of(const struct platform *platform)
{
	return ((const struct platform_model *)platform)->config;
}

/* The name of an IOMMU, and facts about it for explanations. */
static const struct {
	const char *name;
	enum platform_iommu iommu;
	uint64_t known;
} kinds[] = {
	[IOMMUCTL_MODEL_IOMMU_SMMUV3] = { "SMMU", PLATFORM_SMMUV3, IOMMUCTL_KNOWN_SMMUV3 },
	[IOMMUCTL_MODEL_IOMMU_VTD] = { "VT-d unit", PLATFORM_VTD, IOMMUCTL_KNOWN_VTD },
	[IOMMUCTL_MODEL_IOMMU_AMD] = { "AMD IOMMU", PLATFORM_AMD, IOMMUCTL_KNOWN_AMD },
};

static const struct iommuctl_model_smmu *smmu_of(
	const struct iommuctl_model_config *config, const struct iommuctl_model_device *device)
{
	return &config->smmus[device->smmu];
}

/* The device at @pci, which is normalised, or NULL. */
static const struct iommuctl_model_device *device_at(
	const struct iommuctl_model_config *config, const char *pci)
{
	for (size_t i = 0; i < config->device_count; i++) {
		if (strcmp(config->devices[i].pci, pci) == 0)
			return &config->devices[i];
	}
	return NULL;
}

/* The virtual function @number of @pf, in the order of the file, or NULL. */
static const struct iommuctl_model_device *vf_of(const struct iommuctl_model_config *config,
	const struct iommuctl_model_device *pf, unsigned int number)
{
	for (size_t i = 0; i < config->device_count; i++) {
		if (config->devices[i].pf == pf - config->devices + 1 && !number--)
			return &config->devices[i];
	}
	return NULL;
}

/* The device that @selector names, or NULL. In the order of the file, they are vfio0, vfio1, … */
static const struct iommuctl_model_device *device_selected(
	const struct iommuctl_model_config *config, const struct selector *selector)
{
	const struct iommuctl_model_device *at = NULL;
	size_t place;

	if (selector->kind == SELECTOR_PCI) {
		at = device_at(config, selector->name);
	} else if (selector->kind == SELECTOR_VFIO) {
		place = strtoul(selector->name + strlen("vfio"), NULL, 10);
		at = place < config->device_count ? &config->devices[place] : NULL;
	}
	return at && selector->has_vf ? vf_of(config, at, selector->vf) : at;
}

static int fail_find(const struct selector *selector, struct failure *failure)
{
	if (selector->kind == SELECTOR_NETDEV)
		return failure_set(
			failure, -ENODEV, "the model has no network interface %s", selector->name);
	if (selector->has_vf)
		return failure_set(failure, -ENODEV, "the model has no virtual function %u of %s",
			selector->vf, selector->name);
	return failure_set(failure, -ENODEV, "the model has no %s %s",
		selector->kind == SELECTOR_PCI ? "PCI device" : "VFIO device", selector->name);
}

static int find(const struct platform *platform, const struct job_device *device,
	struct platform_device *found, struct failure *failure)
{
	const struct iommuctl_model_config *config = config_of(platform);
	const struct iommuctl_model_device *at;
	struct selector selector;
	int err;

	if (device->mock) {
		platform_find_mock(device, found);
		return 0;
	}
	err = job_device_selector(device, &selector, failure);
	if (err)
		return err;
	at = device_selected(config, &selector);
	if (!at)
		return fail_find(&selector, failure);
	*found = (struct platform_device){ .iommu_group =
						   at->group ? at->group : PLATFORM_OWN_GROUP };
	snprintf(found->pci, sizeof(found->pci), "%s", at->pci);
	snprintf(found->iommu, sizeof(found->iommu), "%s %u", kinds[smmu_of(config, at)->kind].name,
		at->smmu);
	snprintf(found->cdev_path, sizeof(found->cdev_path), "/dev/vfio/devices/vfio%td",
		at - config->devices);
	return 0;
}

/* Group 0 means a group of its own. */
static bool is_peer(
	const struct iommuctl_model_device *device, const struct iommuctl_model_device *other)
{
	return other != device && device->group && other->group == device->group;
}

static void each_peer(const struct platform *platform, const struct platform_device *device,
	void (*each)(const char *pci, const char *driver, void *data), void *data)
{
	const struct iommuctl_model_config *config = config_of(platform);
	const struct iommuctl_model_device *own = device_at(config, device->pci);

	for (size_t i = 0; i < config->device_count; i++) {
		if (own && is_peer(own, &config->devices[i]))
			each(config->devices[i].pci, "vfio-pci", data);
	}
}

/* Firmware keeps a group because of any of its devices. */
static bool find_direct(const struct platform *platform, const struct platform_device *device,
	struct platform_window *region)
{
	const struct iommuctl_model_config *config = config_of(platform);
	const struct iommuctl_model_device *own = device_at(config, device->pci);

	for (size_t i = 0; i < config->device_count; i++) {
		const struct iommuctl_model_device *at = &config->devices[i];

		if (!own || !at->direct_size || (at != own && !is_peer(own, at)))
			continue;
		*region = (struct platform_window){ at->direct_start, at->direct_size };
		return true;
	}
	return false;
}

static void note_peer(const char *pci, const char *driver, void *data)
{
	(void)pci;
	(void)driver;
	*(bool *)data = true;
}

static uint64_t known(const struct platform *platform, const struct platform_device *device)
{
	const struct iommuctl_model_config *config = config_of(platform);
	struct platform_window region;
	bool has_peers = false;

	if (platform_is_mock(device))
		return IOMMUCTL_KNOWN_OTHER_KIND;
	each_peer(platform, device, note_peer, &has_peers);
	return kinds[smmu_of(config, device_at(config, device->pci))->kind].known |
	       IOMMUCTL_KNOWN_NO_PEER_ON_HOST |
	       (has_peers ? IOMMUCTL_KNOWN_PEERS : IOMMUCTL_KNOWN_NO_PEERS) |
	       (find_direct(platform, device, &region) ? IOMMUCTL_KNOWN_DIRECT_REGION
						       : IOMMUCTL_KNOWN_NO_DIRECT_REGION);
}

/* If the file names no group, a device has its own. */
static int group_of(
	const struct iommuctl_model_config *config, const struct iommuctl_model_device *device)
{
	return device->group ? device->group : -1 - (int)(device - config->devices);
}

static struct platform_window msi_window_of(const struct iommuctl_model_smmu *smmu)
{
	if (smmu->kind == IOMMUCTL_MODEL_IOMMU_SMMUV3)
		return (struct platform_window){ IOMMUCTL_MSI_WINDOW_START,
			IOMMUCTL_MSI_WINDOW_SIZE };
	return (struct platform_window){ IOMMUCTL_MSI_X86_START, IOMMUCTL_MSI_X86_SIZE };
}

static bool has_legacy_mode(const struct iommuctl_model_smmu *smmu)
{
	return smmu->kind == IOMMUCTL_MODEL_IOMMU_VTD && smmu->no_scalable_mode;
}

static int facts(const struct platform *platform, const struct job_device *device,
	struct platform_facts *facts)
{
	const struct iommuctl_model_config *config = config_of(platform);
	const struct iommuctl_model_device *at;
	const struct iommuctl_model_smmu *smmu;
	struct platform_device found = { 0 };
	struct selector selector;
	struct failure failure;

	if (job_device_selector(device, &selector, &failure))
		return -ENODEV;
	at = device_selected(config, &selector);
	if (!at)
		return -ENODEV;
	smmu = smmu_of(config, at);
	*facts = (struct platform_facts){
		.smmu = at->smmu,
		.group = group_of(config, at),
		.ssid_bits = smmu->ssid_bits,
		.ipa_bits = smmu->oas_bits ? smmu->oas_bits : OAS_BITS_USUAL,
		.iommu = kinds[smmu->kind].iommu,
		.nests = !smmu->no_nesting && !has_legacy_mode(smmu),
		.coherent = smmu->s2fwb || !at->no_canwbs,
		.tracks_dirty = smmu->dirty_tracking && !has_legacy_mode(smmu),
		.cmdqv_queues = smmu->cmdqv ? smmu->cmdqv_queues : 0,
		.cmdqv_vsids = smmu->cmdqv_vsids,
		.cmdqv_interfaces = smmu->cmdqv_interfaces,
		.vectors = { 1, 1, 0 },
		.msi_window = msi_window_of(smmu),
	};
	memcpy(found.pci, at->pci, sizeof(at->pci));
	find_direct(platform, &found, &facts->direct);
	return 0;
}

static uint64_t refused(const struct platform *platform)
{
	struct iommuctl_model_counters counters;

	iommuctl_model_get_counters(((const struct platform_model *)platform)->model, &counters);
	return counters.refused;
}

/* What the SMMU refuses is counted, as of any access. */
static int dma(const struct platform *platform, const struct platform_device *device,
	const struct platform_access *access)
{
	const struct platform_model *machine = (const struct platform_model *)platform;
	const struct iommuctl_model_device *at = device_at(machine->config, device->pci);

	return iommuctl_model_dma(machine->model,
		&(struct iommuctl_model_access){
			.device = (unsigned int)(at - machine->config->devices),
			.ssid = (int)access->ssid,
			.iova = access->iova,
			.buffer = access->buffer,
			.size = access->size,
			.write = access->write,
		});
}

static int unplug(
	const struct platform *platform, const struct platform_device *device, bool returns)
{
	const struct platform_model *machine = (const struct platform_model *)platform;
	const struct iommuctl_model_device *at = device_at(machine->config, device->pci);

	return iommuctl_model_unplug(
		machine->model, (unsigned int)(at - machine->config->devices), returns);
}

static int find_msi_window(const struct platform *platform, const struct platform_device *device,
	struct platform_window *window, struct failure *failure)
{
	const struct iommuctl_model_config *config = config_of(platform);

	if (platform_is_mock(device))
		return failure_set(failure, -ENOENT, "a mock device has no MSIs");
	*window = msi_window_of(smmu_of(config, device_at(config, device->pci)));
	return 0;
}

static enum exit_status report_contradiction(const char *file_name, struct report *report)
{
	return report_failure(report,
		&(struct failure){
			.status = STATUS_BAD_JOB,
			.code = PLATFORM_FILE_BAD,
			.operation = "model",
			.object = text_file_name(file_name),
			.message = "two devices contradict each other: behind one SMMU, each has a "
				   "StreamID of its own; a group is behind one SMMU",
		});
}

static enum exit_status make(
	struct platform_model *machine, const char *file_name, struct report *report)
{
	enum exit_status status = STATUS_DONE;
	int err;

	if (*file_name)
		status = platform_file_load(file_name, machine->config, report);
	else
		iommuctl_model_default_config(machine->config);
	if (status)
		return status;
	err = iommuctl_model_new(machine->config, &machine->model);
	if (err == -EINVAL)
		return report_contradiction(file_name, report);
	return err ? report_errno(report, "model", NULL, err) : STATUS_DONE;
}

static bool can_stall(const struct iommuctl_model_config *config)
{
	for (size_t i = 0; i < config->smmu_count; i++) {
		if (config->smmus[i].stall)
			return true;
	}
	return false;
}

enum exit_status platform_model_open(
	struct platform_model *machine, const char *file_name, struct report *report)
{
	enum exit_status status;

	*machine = (struct platform_model){
		.base = {
			.backend = "model",
			.find = find,
			.find_msi_window = find_msi_window,
			.known = known,
			.find_direct = find_direct,
			.each_peer = each_peer,
			.facts = facts,
			.refused = refused,
			.dma = dma,
			.unplug = unplug,
		},
		.config = malloc(sizeof(*machine->config)),
	};
	if (!machine->config)
		return report_out_of_memory(report);
	status = make(machine, file_name, report);
	if (status)
		free(machine->config);
	else if (!can_stall(machine->config))
		machine->base.no_page_faults =
			"no SMMU of the model stalls, so no page fault can come";
	return status;
}

void platform_model_close(struct platform_model *machine)
{
	iommuctl_model_free(machine->model);
	free(machine->config);
}

static enum exit_status check_devices(const struct platform_model *machine, struct report *report,
	const char *job_name, const struct job *job)
{
	const struct job_device *devices = job->objects[JOB_DEVICES].items;
	struct document_problem problem = { .message = "" };
	struct platform_device found;
	struct failure failure;

	for (size_t i = 0; i < job->objects[JOB_DEVICES].count; i++) {
		if (!find(&machine->base, &devices[i], &found, &failure))
			continue;
		document_problem_remark(&problem, job->document,
			&(struct document_remark){ .path = devices[i].object.path,
				.hint = failure.explanation_count ? failure.explanations[0].remedy
								  : NULL },
			"%s", failure.message);
		return job_report_unread(report, job_name, "bad-job", -EINVAL, &problem);
	}
	return STATUS_DONE;
}

enum exit_status platform_model_check(
	const char *file_name, struct report *report, const char *job_name, const struct job *job)
{
	struct platform_model machine;
	enum exit_status status;

	if (!file_name)
		return STATUS_DONE;
	status = platform_model_open(&machine, file_name, report);
	if (status)
		return status;
	machine.base.foretells = true;
	status = check_devices(&machine, report, job_name, job);
	if (!status)
		status = job_load_check(job_name, report, job, &machine.base);
	platform_model_close(&machine);
	return status;
}
