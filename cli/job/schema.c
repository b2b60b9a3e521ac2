// SPDX-License-Identifier: MIT
#include "job/action.h"
#include "job/schema.h"

const struct schema_choice schema_prot_choices[] = {
	{ "r", JOB_PROT_READ },
	{ "w", JOB_PROT_WRITE },
	{ "x", JOB_PROT_EXEC },
	{ NULL },
};

const struct schema_choice schema_attr_choices[] = {
	{ "normal", JOB_ATTR_NORMAL },
	{ "device-nGnRE", JOB_ATTR_DEVICE_NGNRE },
	{ NULL },
};

static const struct schema_choice ioas_prot_choices[] = {
	{ "r", JOB_PROT_READ },
	{ "w", JOB_PROT_WRITE },
	{ NULL },
};

static const struct schema_choice granule_choices[] = {
	{ "4K", 4096 },
	{ "16K", 16384 },
	{ "64K", 65536 },
	{ NULL },
};

static const struct schema_choice s1fmt_choices[] = {
	{ "linear", IOMMUCTL_SMMUV3_S1FMT_LINEAR },
	{ "4k-l2", IOMMUCTL_SMMUV3_S1FMT_4K_L2 },
	{ "64k-l2", IOMMUCTL_SMMUV3_S1FMT_64K_L2 },
	{ NULL },
};

static const struct schema_choice viommu_type_choices[] = {
	{ "arm-smmuv3", IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3 },
	{ NULL },
};

static const struct schema_choice irq_choices[] = {
	{ "intx", 0 },
	{ "msi", 1 },
	{ "msix", 2 },
	{ NULL },
};

static const struct schema_key memory_keys[] = {
	{ "size", SCHEMA_NUMBER, MEMBER(job_memory, size), .required = true, .bytes = true, .min = 4096,
		.max = UINT64_C(1) << 40, .help = "Bytes, a multiple of 4K." },
	{ "ipa", SCHEMA_NUMBER, MEMBER(job_memory, ipa), .required = true,
		.max = (UINT64_C(1) << 52) - 1,
		.help = "Where the guest sees it: its first intermediate physical address." },
	{ NULL },
};

static const struct schema_key device_keys[] = {
	{ "pci", SCHEMA_STRING, MEMBER(job_device, pci), .group = 1,
		.help = "PCI address, such as \"0000:00:01.0\"." },
	{ "netdev", SCHEMA_STRING, MEMBER(job_device, netdev), .group = 1,
		.help = "Name of a network interface of which \"vf\" is meant." },
	{ "vf", SCHEMA_NUMBER, MEMBER(job_device, vf), .max = UINT16_MAX, .fallback = DOCUMENT_UNSET,
		.help = "Number of the virtual function of the network interface." },
	{ "bind", SCHEMA_BOOL, MEMBER(job_device, bind), .fallback = true,
		.help = "Bind it to the job's iommufd. If false, it is only opened, for a COMMAND that "
			"binds it itself: a device can be bound once, and nothing in the job can use it." },
	{ NULL },
};

static const struct schema_key ioas_map_keys[] = {
	{ "memory", SCHEMA_REF, MEMBER(job_ioas_map, memory), .required = true,
		.collection = JOB_MEMORY, .help = "What to map." },
	{ "iova", SCHEMA_NUMBER, MEMBER(job_ioas_map, iova), .fallback = DOCUMENT_UNSET,
		.help = "I/O virtual address; the IPA of the mapped part if not given." },
	{ "offset", SCHEMA_NUMBER, MEMBER(job_ioas_map, offset), .bytes = true,
		.help = "Where in the memory the mapped part begins." },
	{ "length", SCHEMA_NUMBER, MEMBER(job_ioas_map, length), .bytes = true, .min = 1,
		.help = "Bytes to map; to the end of the memory if not given." },
	{ "prot", SCHEMA_SET, MEMBER(job_ioas_map, prot), .choices = ioas_prot_choices,
		.fallback = JOB_PROT_READ | JOB_PROT_WRITE,
		.help = "What devices may do: letters of \"rw\"." },
	{ NULL },
};

const struct schema_shape schema_ioas_map = {
	"ioas-map", sizeof(struct job_ioas_map), ioas_map_keys,
	.help = "One mapping of guest memory in an IOAS.",
};

static const struct schema_key ioas_keys[] = {
	{ "map", SCHEMA_ARRAY, MEMBER(job_ioas, map), .max = 4096, .shape = &schema_ioas_map,
		.help = "Guest memory that the IOAS maps." },
	{ NULL },
};

static const struct schema_key ste_keys[] = {
	{ "cd-table", SCHEMA_REF, MEMBER(job_ste, cd_table), .collection = JOB_CD_TABLES,
		.help = "The table that S1ContextPtr, S1Fmt and S1CDMax describe." },
	{ "words", SCHEMA_NUMBERS, MEMBER(job_ste, words), .min = 2, .max = 2,
		.help = "The two words of the STE, instead of fields." },
	{ "unchecked", SCHEMA_BOOL, MEMBER(job_ste, unchecked),
		.help = "Let the kernel judge an STE that is known to be refused." },
	{ NULL },
};

static const struct schema_fields ste_fields = {
	&job_ste_structure, offsetof(struct job_ste, fields),
};

static const struct schema_shape ste_shape = {
	"ste", sizeof(struct job_ste), ste_keys, &ste_fields,
	.help = "The stream table entry of a nested HWPT. V is 1 unless given.",
};

static const struct schema_key hwpt_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(job_hwpt, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device that the HWPT is made for." },
	{ "ioas", SCHEMA_REF, MEMBER(job_hwpt, ioas), .group = 1, .collection = JOB_IOAS,
		.help = "A paging HWPT: the IOAS that it translates." },
	{ "viommu", SCHEMA_REF, MEMBER(job_hwpt, viommu), .group = 1, .collection = JOB_VIOMMUS,
		.help = "A nested HWPT: the vIOMMU that it belongs to." },
	{ "nest-parent", SCHEMA_BOOL, MEMBER(job_hwpt, nest_parent),
		.help = "Make the paging HWPT a nesting parent, that is a stage 2." },
	{ "dirty-tracking", SCHEMA_BOOL, MEMBER(job_hwpt, dirty_tracking),
		.help = "Make the paging HWPT able to track dirty pages." },
	{ "ste", SCHEMA_OBJECT, MEMBER(job_hwpt, ste), .shape = &ste_shape,
		.help = "The guest's STE; a nested HWPT needs one." },
	{ NULL },
};

static const struct schema_key viommu_keys[] = {
	{ "type", SCHEMA_CHOICE, MEMBER(job_viommu, type), .choices = viommu_type_choices,
		.fallback = IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3, .help = "The kind of vIOMMU." },
	{ "device", SCHEMA_REF, MEMBER(job_viommu, device), .required = true,
		.collection = JOB_DEVICES,
		.help = "A device behind the physical IOMMU that the vIOMMU stands for." },
	{ "hwpt", SCHEMA_REF, MEMBER(job_viommu, hwpt), .required = true,
		.collection = JOB_HWPTS, .help = "The nesting parent." },
	{ NULL },
};

static const struct schema_key vdevice_keys[] = {
	{ "viommu", SCHEMA_REF, MEMBER(job_vdevice, viommu), .required = true,
		.collection = JOB_VIOMMUS, .help = "The vIOMMU that the device is behind." },
	{ "device", SCHEMA_REF, MEMBER(job_vdevice, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device." },
	{ "vsid", SCHEMA_NUMBER, MEMBER(job_vdevice, vsid), .required = true, .max = UINT32_MAX,
		.help = "The StreamID by which the guest knows the device." },
	{ NULL },
};

static const struct schema_key veventq_keys[] = {
	{ "viommu", SCHEMA_REF, MEMBER(job_veventq, viommu), .required = true,
		.collection = JOB_VIOMMUS, .help = "The vIOMMU whose events are read." },
	{ "depth", SCHEMA_NUMBER, MEMBER(job_veventq, depth), .min = 1, .max = 1 << 19,
		.fallback = 64, .help = "How many events the kernel keeps." },
	{ NULL },
};

static const struct schema_key leaf_keys[] = {
	LEAF_KEYS(job_leaf, ),
	{ NULL },
};

static const struct schema_shape leaf_shape = {
	"stage1-map", sizeof(struct job_leaf), leaf_keys,
	.help = "One range that stage 1 translates.",
};

static const struct schema_key stage1_keys[] = {
	{ "at", SCHEMA_NUMBER, MEMBER(job_stage1, at), .required = true,
		.help = "IPA of the region for the tables; the root comes first." },
	{ "size", SCHEMA_NUMBER, MEMBER(job_stage1, size), .bytes = true, .min = 4096,
		.fallback = UINT64_C(8) << 16, .help = "Bytes that the tables may take." },
	{ "granule", SCHEMA_CHOICE, MEMBER(job_stage1, granule), .choices = granule_choices,
		.fallback = 4096, .help = "Translation granule." },
	{ "va-bits", SCHEMA_NUMBER, MEMBER(job_stage1, va_bits), .min = 25, .max = 48,
		.fallback = 48, .help = "Bits of input address: 64 - T0SZ." },
	{ "pa-bits", SCHEMA_NUMBER, MEMBER(job_stage1, pa_bits), .min = 32, .max = 48,
		.fallback = 40, .help = "Bits of output address, as IPS can say: 32, 36, 40, 42, 44, 48." },
	{ "asid", SCHEMA_NUMBER, MEMBER(job_stage1, asid), .max = UINT16_MAX,
		.help = "The ASID of the context that uses these tables." },
	{ "map", SCHEMA_ARRAY, MEMBER(job_stage1, map), .max = 65536, .shape = &leaf_shape,
		.help = "What is mapped from the start." },
	{ "msi-window", SCHEMA_REF, MEMBER(job_stage1, msi_window), .collection = JOB_DEVICES,
		.help = "The device whose MSI window is mapped onto itself, so that its MSIs arrive." },
	{ NULL },
};

static const struct schema_key context_keys[] = {
	{ "ssid", SCHEMA_NUMBER, MEMBER(job_context, ssid), .max = (1 << 20) - 1,
		.help = "SubstreamID." },
	{ "stage1", SCHEMA_REF, MEMBER(job_context, stage1), .required = true,
		.collection = JOB_STAGE1, .help = "The tables of the context." },
	{ NULL },
};

static const struct schema_fields context_fields = {
	&job_cd_structure, offsetof(struct job_context, fields),
};

static const struct schema_shape context_shape = {
	"context", sizeof(struct job_context), context_keys, &context_fields,
	.help = "A context descriptor: what the tables of a stage1 give, changed by further fields.",
};

static const struct schema_key cd_table_keys[] = {
	{ "at", SCHEMA_NUMBER, MEMBER(job_cd_table, at), .required = true,
		.help = "S1ContextPtr: the IPA of the table." },
	{ "size", SCHEMA_NUMBER, MEMBER(job_cd_table, size), .bytes = true, .min = 1,
		.max = UINT64_C(1) << 32,
		.help = "Bytes that a table and its leaves may take; what the contexts need if not given." },
	{ "s1fmt", SCHEMA_CHOICE, MEMBER(job_cd_table, s1fmt), .choices = s1fmt_choices,
		.fallback = IOMMUCTL_SMMUV3_S1FMT_LINEAR, .help = "Shape of the table." },
	{ "s1cdmax", SCHEMA_NUMBER, MEMBER(job_cd_table, s1cdmax), .max = 20,
		.help = "The table is for SubstreamIDs below 2 to the power of this." },
	{ "contexts", SCHEMA_ARRAY, MEMBER(job_cd_table, contexts), .max = 4096,
		.shape = &context_shape, .help = "The context descriptors that are set from the start." },
	{ NULL },
};

static const struct schema_key irq_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(job_irq, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device that interrupts." },
	{ "index", SCHEMA_CHOICE, MEMBER(job_irq, index), .choices = irq_choices, .fallback = 1,
		.help = "The kind of interrupt." },
	{ "vector", SCHEMA_NUMBER, MEMBER(job_irq, vector), .max = 2047,
		.help = "Which vector of it." },
	{ NULL },
};

static const struct schema_shape named_shapes[JOB_COLLECTIONS] = {
	[JOB_MEMORY] = { "memory", sizeof(struct job_memory), memory_keys,
		.help = "Guest memory." },
	[JOB_DEVICES] = { "device", sizeof(struct job_device), device_keys,
		.help = "A PCI device that is bound to a VFIO driver." },
	[JOB_IOAS] = { "ioas", sizeof(struct job_ioas), ioas_keys,
		.help = "An I/O address space." },
	[JOB_HWPTS] = { "hwpt", sizeof(struct job_hwpt), hwpt_keys,
		.help = "A hardware page table: paging, or nested in a vIOMMU." },
	[JOB_VIOMMUS] = { "viommu", sizeof(struct job_viommu), viommu_keys,
		.help = "A slice of a physical IOMMU for one guest." },
	[JOB_VDEVICES] = { "vdevice", sizeof(struct job_vdevice), vdevice_keys,
		.help = "A device as the guest's vIOMMU knows it." },
	[JOB_VEVENTQS] = { "veventq", sizeof(struct job_veventq), veventq_keys,
		.help = "The queue of the events of a vIOMMU." },
	[JOB_STAGE1] = { "stage1", sizeof(struct job_stage1), stage1_keys,
		.help = "Stage-1 translation tables in guest memory." },
	[JOB_CD_TABLES] = { "cd-table", sizeof(struct job_cd_table), cd_table_keys,
		.help = "A table of context descriptors in guest memory." },
	[JOB_IRQS] = { "irq", sizeof(struct job_irq), irq_keys,
		.help = "An interrupt of a device, delivered to an eventfd. Set up after all attachments." },
};

#define COLLECTION(key, which, help_) \
	{ key, SCHEMA_NAMED, .offset = offsetof(struct job, objects) + (which) * sizeof(struct document_list), \
		.max = 1024, .collection = which, .shape = &named_shapes[which], .help = help_ }

static const struct schema_choice backend_choices[] = {
	{ "kernel", JOB_BACKEND_KERNEL },
	{ "model", JOB_BACKEND_MODEL },
	{ NULL },
};

static const struct schema_key job_keys[] = {
	{ "iommuctl", SCHEMA_NUMBER, MEMBER(job, version), .required = true, .min = 1, .max = 1,
		.help = "The version of this format: 1." },
	{ "name", SCHEMA_STRING, MEMBER(job, name), .help = "Name of the job, for people." },
	{ "description", SCHEMA_STRING, MEMBER(job, description), .help = "What it is for." },
	{ "backend", SCHEMA_CHOICE, MEMBER(job, backend), .choices = backend_choices,
		.fallback = JOB_BACKEND_KERNEL,
		.help = "What carries it out; --model goes before it." },
	COLLECTION("memory", JOB_MEMORY, "Guest memory, by name."),
	COLLECTION("devices", JOB_DEVICES, "Devices, by name."),
	COLLECTION("ioas", JOB_IOAS, "I/O address spaces, by name."),
	COLLECTION("hwpts", JOB_HWPTS, "Hardware page tables, by name."),
	COLLECTION("viommus", JOB_VIOMMUS, "vIOMMUs, by name."),
	COLLECTION("vdevices", JOB_VDEVICES, "vDEVICEs, by name."),
	COLLECTION("veventqs", JOB_VEVENTQS, "Event queues, by name."),
	COLLECTION("stage1", JOB_STAGE1, "Stage-1 tables, by name."),
	COLLECTION("cd-tables", JOB_CD_TABLES, "Tables of context descriptors, by name."),
	COLLECTION("irqs", JOB_IRQS, "Interrupts, by name."),
	{ "attach", SCHEMA_ARRAY, MEMBER(job, attach), .max = 1024, .shape = &action_attach.shape,
		.help = "What is attached at the end of the set-up, in order." },
	{ "steps", SCHEMA_ARRAY, MEMBER(job, steps), .max = 65536, .shape = &schema_step,
		.help = "What is done then, in order." },
	{ "$schema", SCHEMA_STRING, MEMBER(job, editor_schema),
		.help = "Where an editor finds the JSON Schema of jobs. Not looked at." },
	{ NULL },
};

const struct schema_shape schema_job = {
	"job", sizeof(struct job), job_keys,
	.help = "A set-up of nested translation, and a selftest on it.",
};
