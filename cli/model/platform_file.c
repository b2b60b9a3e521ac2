// SPDX-License-Identifier: MIT
#include "model/platform_file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_idr.h>

#include "host/pci_address.h"
#include "job/load.h"
#include "document/parse.h"
#include "model/platform_schema.h"

static bool oas_exists(uint64_t bits)
{
	struct iommuctl_smmuv3_idr idr = { .oas = IOMMUCTL_SMMUV3_IPS_32 };

	while (idr.oas <= IOMMUCTL_SMMUV3_IPS_48 && iommuctl_smmuv3_idr_oas_bits(&idr) != bits)
		idr.oas++;
	return idr.oas <= IOMMUCTL_SMMUV3_IPS_48;
}

static bool is_power_of_two(uint64_t value)
{
	return !(value & (value - 1));
}

static int add_cmdqv(struct iommuctl_model_smmu *made, const struct platform_smmu *smmu,
	const struct document *document, struct document_problem *problem)
{
	const struct document_path path = { .parent = smmu->path, .key = "cmdqv" };
	const struct platform_cmdqv *cmdqv = smmu->cmdqv;

	if (!cmdqv)
		return 0;
	if (smmu->type != IOMMUCTL_MODEL_IOMMU_SMMUV3)
		return document_problem_set(problem, document, &path, "only an SMMUv3 has a CMDQV");
	if (!is_power_of_two(cmdqv->queues) || !is_power_of_two(cmdqv->vsids) ||
		!is_power_of_two(cmdqv->interfaces))
		return document_problem_set(problem, document, &path,
			"queues, vsids and interfaces must be powers of two");
	made->cmdqv = true;
	made->cmdqv_queues = (uint8_t)cmdqv->queues;
	made->cmdqv_vsids = (uint8_t)cmdqv->vsids;
	made->cmdqv_interfaces = (uint8_t)cmdqv->interfaces;
	return 0;
}

static int add_smmu(struct iommuctl_model_config *config, const struct platform_smmu *smmu,
	const struct document *document, struct document_problem *problem)
{
	if (!oas_exists(smmu->oas_bits))
		return document_problem_set(problem, document, smmu->path,
			"no SMMU has %" PRIu64 " bits of output address", smmu->oas_bits);
	if (!is_power_of_two(smmu->tlb_entries))
		return document_problem_set(
			problem, document, smmu->path, "tlb-entries must be a power of two");
	config->smmus[config->smmu_count] = (struct iommuctl_model_smmu){
		.kind = (enum iommuctl_model_iommu)smmu->type,
		.no_scalable_mode = !smmu->scalable_mode,
		.five_levels = smmu->five_levels,
		.supervisor = smmu->supervisor,
		.extended_access = smmu->extended_access,
		.no_nesting = !smmu->nesting,
		.s2fwb = smmu->s2fwb,
		.no_ril = !smmu->ril,
		.stall = smmu->stall,
		.global_entries = smmu->global_entries,
		.dirty_tracking = smmu->dirty_tracking,
		.repeat_tlbi_cfgi = smmu->repeat_tlbi_cfgi,
		.oas_bits = (uint8_t)smmu->oas_bits,
		.ssid_bits = (uint8_t)smmu->ssid_bits,
		.tlb_entries = (uint16_t)smmu->tlb_entries,
	};
	return add_cmdqv(&config->smmus[config->smmu_count++], smmu, document, problem);
}

/* The StreamID of a PCI address: bus, device and function. */
static uint32_t stream_id_of(const struct iommuctl_model_device *device)
{
	unsigned int domain, bus, slot, function;

	if (device->stream_id ||
		sscanf(device->pci, "%4x:%2x:%2x.%1x", &domain, &bus, &slot, &function) != 4)
		return device->stream_id;
	return bus << 8 | slot << 3 | function;
}

/* Two devices cannot share an address or a StreamID, nor can a group have two SMMUs. */
static int check_pair(const struct iommuctl_model_device *device,
	const struct iommuctl_model_device *other, const struct document_path *path,
	const struct document *document, struct document_problem *problem)
{
	if (strcmp(other->pci, device->pci) == 0)
		return document_problem_set(
			problem, document, path, "another device is at %s", device->pci);
	if (other->smmu != device->smmu && device->group && other->group == device->group)
		return document_problem_set(problem, document, path,
			"group %d is behind SMMU %u with %s: a group is behind one SMMU",
			device->group, other->smmu, other->pci);
	if (other->smmu == device->smmu && stream_id_of(other) == stream_id_of(device))
		return document_problem_set(problem, document, path,
			"%s also has StreamID 0x%x: behind one SMMU, each device has its own",
			other->pci, stream_id_of(device));
	return 0;
}

static int add_device(struct iommuctl_model_config *config, const struct platform_pci *device,
	const struct document *document, struct document_problem *problem)
{
	struct iommuctl_model_device *new = &config->devices[config->device_count];
	char pci[PCI_ADDRESS_SIZE];
	int err = 0;

	if (pci_address_normalise(device->pci, pci) || strlen(pci) >= sizeof(new->pci))
		return document_problem_set(problem, document, device->path,
			"\"%s\" is not a PCI address such as \"0000:00:01.0\"", device->pci);
	if (device->smmu >= config->smmu_count)
		return document_problem_set(problem, document, device->path,
			"it cannot be behind SMMU %" PRIu64 ", which does not exist", device->smmu);
	*new = (struct iommuctl_model_device){
		.smmu = (uint8_t)device->smmu,
		.no_canwbs = !device->canwbs,
		.stream_id = (uint32_t)device->stream_id,
		.group = (int)device->group,
		.resets = device->resets,
		.memory_bar = device->memory_bar,
		.direct_start = device->direct ? device->direct->start : 0,
		.direct_size = device->direct ? device->direct->size : 0,
	};
	memcpy(new->pci, pci, strlen(pci) + 1);
	for (size_t i = 0; !err && i < config->device_count; i++)
		err = check_pair(new, &config->devices[i], device->path, document, problem);
	config->device_count++;
	return err;
}

/* The PF of the device at @index, which may come after it. */
static int find_pf(struct iommuctl_model_config *config, size_t index,
	const struct platform_document *platform, const struct document *document,
	struct document_problem *problem)
{
	const struct platform_pci *devices = platform->devices.items;
	const struct document_path *path = devices[index].path;
	const char *name = devices[index].pf;
	char pci[PCI_ADDRESS_SIZE];

	if (!name)
		return 0;
	if (pci_address_normalise(name, pci))
		return document_problem_set(problem, document, path,
			"pf: \"%s\" is not a PCI address such as \"0000:00:01.0\"", name);
	for (size_t i = 0; i < config->device_count; i++) {
		if (strcmp(config->devices[i].pci, pci) != 0)
			continue;
		if (devices[i].pf)
			return document_problem_set(problem, document, path,
				"pf: %s is a virtual function itself", pci);
		config->devices[index].pf = (uint16_t)(i + 1);
		return 0;
	}
	return document_problem_set(problem, document, path, "pf: no device is at %s", pci);
}

static int fill_config(struct iommuctl_model_config *config,
	const struct platform_document *platform, const struct document *document,
	struct document_problem *problem)
{
	const struct platform_smmu *smmus = platform->smmus.items;
	const struct platform_pci *devices = platform->devices.items;
	int err = 0;

	*config = (struct iommuctl_model_config){ 0 };
	for (size_t i = 0; i < platform->smmus.count; i++) {
		if (!document_note_error(&err, add_smmu(config, &smmus[i], document, problem)))
			return err;
	}
	/* Devices name SMMUs by number: without one of these, none would be right. */
	if (err)
		return err;
	for (size_t i = 0; i < platform->devices.count; i++) {
		if (!document_note_error(&err, add_device(config, &devices[i], document, problem)))
			return err;
	}
	/* A refused one has shifted the indices of the list. */
	if (err)
		return err;
	for (size_t i = 0; i < platform->devices.count; i++) {
		if (!document_note_error(&err, find_pf(config, i, platform, document, problem)))
			break;
	}
	return err;
}

enum exit_status platform_file_load(
	const char *file_name, struct iommuctl_model_config *config, struct report *report)
{
	struct platform_document platform = { 0 };
	struct document_problem problem = { .message = "" };
	struct document *document;
	int err;

	err = document_read(file_name, &document);
	if (!err) {
		err = document_parse(document, &schema_platform, &platform, &problem);
		if (!err)
			err = fill_config(config, &platform, document, &problem);
		document_free(document);
	}
	return err ? job_report_unread(report, file_name, PLATFORM_FILE_BAD, err, &problem)
		   : STATUS_DONE;
}
