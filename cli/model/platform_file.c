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

struct platform_smmu {
	uint64_t type; /* enum iommuctl_model_iommu */
	bool nesting;
	bool s2fwb;
	bool ril;
	bool stall;
	bool global_entries;
	bool dirty_tracking;
	bool repeat_tlbi_cfgi;
	bool scalable_mode;
	bool five_levels;
	bool supervisor;
	bool extended_access;
	const struct document_path *path;
	uint64_t oas_bits;
	uint64_t ssid_bits;
	uint64_t tlb_entries;
};

struct platform_pci {
	const char *pci;
	const struct document_path *path;
	uint64_t smmu;
	uint64_t stream_id;
	uint64_t group;
	struct platform_direct *direct;
	const char *pf;
	bool canwbs;
	bool resets;
	bool memory_bar;
};

struct platform_direct {
	uint64_t start;
	uint64_t size;
};

struct platform_document {
	const char *schema;
	uint64_t version;
	struct document_list smmus;   /* struct platform_smmu */
	struct document_list devices; /* struct platform_pci */
};

static const struct schema_choice type_choices[] = {
	{ "smmuv3", IOMMUCTL_MODEL_IOMMU_SMMUV3 },
	{ "vtd", IOMMUCTL_MODEL_IOMMU_VTD },
	{ "amd", IOMMUCTL_MODEL_IOMMU_AMD },
	{ NULL },
};

static const struct schema_key smmu_keys[] = {
	{ "type", SCHEMA_CHOICE, MEMBER(platform_smmu, type), .choices = type_choices,
		.fallback = IOMMUCTL_MODEL_IOMMU_SMMUV3,
		.help = "What it is: an SMMUv3, or a unit of VT-d or an AMD IOMMU in the place of one." },
	{ "nesting", SCHEMA_BOOL, MEMBER(platform_smmu, nesting), .fallback = true,
		.help = "It has stage 1 and stage 2; without, stage 1 alone." },
	{ "s2fwb", SCHEMA_BOOL, MEMBER(platform_smmu, s2fwb), .help = "IDR3.FWB." },
	{ "ril", SCHEMA_BOOL, MEMBER(platform_smmu, ril), .fallback = true,
		.help = "Range invalidation, IDR3.RIL." },
	{ "stall", SCHEMA_BOOL, MEMBER(platform_smmu, stall),
		.help = "It can stall faulting transactions as well as terminate them: with S of a CD, "
			"they wait in the fault-queue of the HWPT." },
	{ "global-entries", SCHEMA_BOOL, MEMBER(platform_smmu, global_entries),
		.help = "Its TLB holds what is mapped with nG 0 for all ASIDs." },
	{ "dirty-tracking", SCHEMA_BOOL, MEMBER(platform_smmu, dirty_tracking),
		.help = "IDR0.HTTU is 2: HWPTs can track what devices write. CDs with HA or HD are refused." },
	{ "repeat-tlbi-cfgi", SCHEMA_BOOL, MEMBER(platform_smmu, repeat_tlbi_cfgi),
		.help = "The kernel says that TLBI and CFGI commands have to be issued twice: "
			"ERRATA_REPEAT_TLBI_CFGI. Of the model, they work the first time." },
	{ "oas-bits", SCHEMA_NUMBER, MEMBER(platform_smmu, oas_bits), .min = 32, .max = 48,
		.fallback = 44, .help = "Output address size: 32, 36, 40, 42, 44 or 48." },
	{ "ssid-bits", SCHEMA_NUMBER, MEMBER(platform_smmu, ssid_bits), .max = 20,
		.help = "IDR1.SSIDSIZE; elsewhere how many bits a PASID has, up to 16." },
	{ "tlb-entries", SCHEMA_NUMBER, MEMBER(platform_smmu, tlb_entries), .min = 1,
		.max = 1 << 15, .fallback = 256,
		.help = "How many translations its TLB holds, a power of two." },
	{ "scalable-mode", SCHEMA_BOOL, MEMBER(platform_smmu, scalable_mode), .fallback = true,
		.help = "Of a VT-d unit: ECAP.SMTS, without which nothing is nested." },
	{ "five-levels", SCHEMA_BOOL, MEMBER(platform_smmu, five_levels),
		.help = "Of a VT-d unit: first-stage tables may have 5 levels, CAP.FS5LP." },
	{ "supervisor", SCHEMA_BOOL, MEMBER(platform_smmu, supervisor),
		.help = "Of a VT-d unit: supervisor requests, ECAP.SRS." },
	{ "extended-access", SCHEMA_BOOL, MEMBER(platform_smmu, extended_access),
		.help = "Of a VT-d unit: the extended accessed flag, ECAP.EAFS." },
	{ NULL },
};

static const struct schema_key direct_keys[] = {
	{ "start", SCHEMA_NUMBER, MEMBER(platform_direct, start), .required = true,
		.max = (UINT64_C(1) << 52) - 1, .help = "Its first address." },
	{ "size", SCHEMA_NUMBER, MEMBER(platform_direct, size), .required = true, .min = 1,
		.max = UINT64_C(1) << 52, .help = "Bytes." },
	{ NULL },
};

static const struct schema_shape direct_shape = {
	"direct",
	sizeof(struct platform_direct),
	direct_keys,
	.help = "Memory that firmware has mapped onto itself (RMR, iommu-addresses).",
};

static const struct schema_key device_keys[] = {
	{ "pci", SCHEMA_STRING, MEMBER(platform_pci, pci), .required = true,
		.help = "PCI address, such as \"0000:00:01.0\". Off bus 0 it is behind a port, with all "
			"that is on its bus." },
	{ "smmu", SCHEMA_NUMBER, MEMBER(platform_pci, smmu), .max = IOMMUCTL_MODEL_SMMUS_MAX - 1,
		.help = "Which of the SMMUs it is behind; 0 is the first." },
	{ "canwbs", SCHEMA_BOOL, MEMBER(platform_pci, canwbs), .fallback = true,
		.help = "Firmware reports its path to memory as coherent." },
	{ "stream-id", SCHEMA_NUMBER, MEMBER(platform_pci, stream_id), .max = UINT16_MAX,
		.help = "Physical StreamID; 0: the one that its PCI address gives." },
	{ "group", SCHEMA_NUMBER, MEMBER(platform_pci, group), .max = INT16_MAX,
		.help = "IOMMU group; 0: one of its own." },
	{ "resets", SCHEMA_BOOL, MEMBER(platform_pci, resets),
		.help = "It has a reset of its own, which QEMU's edu has not." },
	{ "memory-bar", SCHEMA_BOOL, MEMBER(platform_pci, memory_bar),
		.help = "Its BAR 2 is 1M of memory, which can be mapped, unlike the registers in BAR 0." },
	{ "direct", SCHEMA_OBJECT, MEMBER(platform_pci, direct), .shape = &direct_shape,
		.help = "Firmware wants this memory mapped onto itself for the device: none of its group "
			"can be bound." },
	{ "pf", SCHEMA_STRING, MEMBER(platform_pci, pf),
		.help = "PCI address of the device that it is a virtual function of. Both are on vfio-pci, "
			"so that it is bound with the VF token that was set on that one." },
	{ NULL },
};

static const struct schema_shape smmu_shape = {
	"smmu",
	sizeof(struct platform_smmu),
	smmu_keys,
	.path_offset = offsetof(struct platform_smmu, path),
	.help = "An SMMUv3, or an IOMMU of another kind in its place.",
};

static const struct schema_shape device_shape = {
	"model-device",
	sizeof(struct platform_pci),
	device_keys,
	.path_offset = offsetof(struct platform_pci, path),
	.help = "An edu device. It does DMA and raises MSIs, as the one of QEMU.",
};

static const struct schema_key platform_keys[] = {
	{ "$schema", SCHEMA_STRING, MEMBER(platform_document, schema),
		.help = "The JSON Schema of this format, for editors; not looked at." },
	{ "iommuctl", SCHEMA_NUMBER, MEMBER(platform_document, version), .required = true, .min = 1,
		.max = 1, .help = "The version of this format: 1." },
	{ "smmus", SCHEMA_ARRAY, MEMBER(platform_document, smmus), .required = true,
		.max = IOMMUCTL_MODEL_SMMUS_MAX, .shape = &smmu_shape, .help = "Its SMMUs." },
	{ "devices", SCHEMA_ARRAY, MEMBER(platform_document, devices), .required = true,
		.max = IOMMUCTL_MODEL_DEVICES_MAX, .shape = &device_shape, .help = "Its devices." },
	{ NULL },
};

const struct schema_shape schema_platform = {
	"machine",
	sizeof(struct platform_document),
	platform_keys,
	.help = "A model machine, as the FILE of --model describes it.",
};

static bool oas_exists(uint64_t bits)
{
	struct iommuctl_smmuv3_idr idr = { .oas = IOMMUCTL_SMMUV3_IPS_32 };

	while (idr.oas <= IOMMUCTL_SMMUV3_IPS_48 && iommuctl_smmuv3_idr_oas_bits(&idr) != bits)
		idr.oas++;
	return idr.oas <= IOMMUCTL_SMMUV3_IPS_48;
}

static int add_smmu(struct iommuctl_model_config *config, const struct platform_smmu *smmu,
	const struct document *document, struct document_problem *problem)
{
	if (!oas_exists(smmu->oas_bits))
		return document_problem_set(problem, document, smmu->path,
			"no SMMU has %" PRIu64 " bits of output address", smmu->oas_bits);
	if (smmu->tlb_entries & (smmu->tlb_entries - 1))
		return document_problem_set(
			problem, document, smmu->path, "tlb-entries must be a power of two");
	config->smmus[config->smmu_count++] = (struct iommuctl_model_smmu){
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
	return 0;
}

/* The StreamID that a PCI address gives: bus, device and function. */
static uint32_t stream_id_of(const struct iommuctl_model_device *device)
{
	unsigned int domain, bus, slot, function;

	if (device->stream_id ||
		sscanf(device->pci, "%4x:%2x:%2x.%1x", &domain, &bus, &slot, &function) != 4)
		return device->stream_id;
	return bus << 8 | slot << 3 | function;
}

/* Two devices cannot have an address or a StreamID in common, nor groups two SMMUs. */
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
			"%s has StreamID 0x%x as well: behind one SMMU, each device has its own",
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
			"there is no SMMU %" PRIu64 " that it could be behind", device->smmu);
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

/* The PF of the device at @index, which may come behind it. */
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
		if (!document_goes_on(&err, add_smmu(config, &smmus[i], document, problem)))
			return err;
	}
	/* Devices count the SMMUs: with one too few, all would be behind none. */
	if (err)
		return err;
	for (size_t i = 0; i < platform->devices.count; i++) {
		if (!document_goes_on(&err, add_device(config, &devices[i], document, problem)))
			return err;
	}
	/* One that was refused is not where its place in the list says. */
	if (err)
		return err;
	for (size_t i = 0; i < platform->devices.count; i++) {
		if (!document_goes_on(&err, find_pf(config, i, platform, document, problem)))
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
