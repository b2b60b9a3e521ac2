// SPDX-License-Identifier: MIT
#include "model/platform_schema.h"

/* As the model has them. */
#define CMDQV_QUEUES_MAX     128
#define CMDQV_VSIDS_MAX	     16
#define CMDQV_INTERFACES_MAX 64

static const struct schema_choice type_choices[] = {
	{ "smmuv3", IOMMUCTL_MODEL_IOMMU_SMMUV3 },
	{ "vtd", IOMMUCTL_MODEL_IOMMU_VTD },
	{ "amd", IOMMUCTL_MODEL_IOMMU_AMD },
	{ NULL },
};

static const struct schema_key cmdqv_keys[] = {
	{ "queues", SCHEMA_NUMBER, MEMBER(platform_cmdqv, queues), .min = 1,
		.max = CMDQV_QUEUES_MAX, .fallback = 2,
		.help = "Number of HW queues of a vIOMMU, a power of two." },
	{ "vsids", SCHEMA_NUMBER, MEMBER(platform_cmdqv, vsids), .min = 1, .max = CMDQV_VSIDS_MAX,
		.fallback = 16, .help = "Number of vDEVICEs of a vIOMMU, a power of two." },
	{ "interfaces", SCHEMA_NUMBER, MEMBER(platform_cmdqv, interfaces), .min = 1,
		.max = CMDQV_INTERFACES_MAX, .fallback = 64,
		.help = "Number of users, a power of two: the kernel, and each vIOMMU." },
	{ NULL },
};

static const struct schema_shape cmdqv_shape = {
	"cmdqv",
	sizeof(struct platform_cmdqv),
	cmdqv_keys,
	.help = "The CMDQV of a Tegra241. Its rules are modelled; nothing reads the queues.",
};

static const struct schema_key smmu_keys[] = {
	{ "type", SCHEMA_CHOICE, MEMBER(platform_smmu, type), .choices = type_choices,
		.fallback = IOMMUCTL_MODEL_IOMMU_SMMUV3,
		.help = "Its type: an SMMUv3, or a VT-d unit or an AMD IOMMU in its place." },
	{ "nesting", SCHEMA_BOOL, MEMBER(platform_smmu, nesting), .fallback = true,
		.help = "It has stage 1 and stage 2; without, only stage 1." },
	{ "s2fwb", SCHEMA_BOOL, MEMBER(platform_smmu, s2fwb), .help = "IDR3.FWB." },
	{ "ril", SCHEMA_BOOL, MEMBER(platform_smmu, ril), .fallback = true,
		.help = "Range invalidation, IDR3.RIL." },
	{ "stall", SCHEMA_BOOL, MEMBER(platform_smmu, stall),
		.help = "It can stall faulting transactions as well as terminate them: with S of a CD, "
			"they wait in the fault-queue of the HWPT." },
	{ "global-entries", SCHEMA_BOOL, MEMBER(platform_smmu, global_entries),
		.help = "Its TLB holds translations with nG 0 for all ASIDs." },
	{ "dirty-tracking", SCHEMA_BOOL, MEMBER(platform_smmu, dirty_tracking),
		.help = "IDR0.HTTU is 2: HWPTs can track what devices write. It refuses CDs with HA or HD." },
	{ "repeat-tlbi-cfgi", SCHEMA_BOOL, MEMBER(platform_smmu, repeat_tlbi_cfgi),
		.help = "The kernel says that TLBI and CFGI commands have to be issued twice: "
			"ERRATA_REPEAT_TLBI_CFGI. In the model, they work the first time." },
	{ "oas-bits", SCHEMA_NUMBER, MEMBER(platform_smmu, oas_bits), .min = 32, .max = 48,
		.fallback = 44, .help = "Output address size: 32, 36, 40, 42, 44 or 48." },
	{ "ssid-bits", SCHEMA_NUMBER, MEMBER(platform_smmu, ssid_bits), .max = 20,
		.help = "IDR1.SSIDSIZE; elsewhere the bits of a PASID." },
	{ "tlb-entries", SCHEMA_NUMBER, MEMBER(platform_smmu, tlb_entries), .min = 1,
		.max = 1 << 15, .fallback = 256,
		.help = "Number of translations that its TLB holds, a power of two." },
	{ "cmdqv", SCHEMA_OBJECT, MEMBER(platform_smmu, cmdqv), .shape = &cmdqv_shape,
		.help = "Of an SMMUv3: it has HW queues, as on NVIDIA's Grace." },
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
	.help = "Memory that firmware wants mapped one to one (RMR, iommu-addresses).",
};

static const struct schema_key device_keys[] = {
	{ "pci", SCHEMA_STRING, MEMBER(platform_pci, pci), .required = true,
		.help = "PCI address, such as \"0000:00:01.0\". Off bus 0 it is behind a port, with all "
			"devices of its bus." },
	{ "smmu", SCHEMA_NUMBER, MEMBER(platform_pci, smmu), .max = IOMMUCTL_MODEL_SMMUS_MAX - 1,
		.help = "The SMMU that it is behind; 0 is the first." },
	{ "canwbs", SCHEMA_BOOL, MEMBER(platform_pci, canwbs), .fallback = true,
		.help = "Firmware reports its path to memory as coherent." },
	{ "stream-id", SCHEMA_NUMBER, MEMBER(platform_pci, stream_id), .max = UINT16_MAX,
		.help = "Physical StreamID; 0: that of its PCI address." },
	{ "group", SCHEMA_NUMBER, MEMBER(platform_pci, group), .max = INT16_MAX,
		.help = "IOMMU group; 0: one of its own." },
	{ "resets", SCHEMA_BOOL, MEMBER(platform_pci, resets),
		.help = "It has a reset of its own, unlike QEMU's edu." },
	{ "memory-bar", SCHEMA_BOOL, MEMBER(platform_pci, memory_bar),
		.help = "Its BAR 2 is 1M of memory. A process can map it, unlike the registers in BAR 0; an "
			"IOAS maps either." },
	{ "direct", SCHEMA_OBJECT, MEMBER(platform_pci, direct), .shape = &direct_shape,
		.help = "Firmware wants this memory mapped one to one for the device: no device of its "
			"group can be bound." },
	{ "pf", SCHEMA_STRING, MEMBER(platform_pci, pf),
		.help = "PCI address of the device that it is a virtual function of. Both are on vfio-pci, "
			"so it is bound with the VF token that was set on that device." },
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
	.help = "An edu device. It does DMA and raises MSIs, like that of QEMU.",
};

static const struct schema_key platform_keys[] = {
	{ "$schema", SCHEMA_STRING, MEMBER(platform_document, schema),
		.help = "The JSON Schema of this format, for editors; ignored." },
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
