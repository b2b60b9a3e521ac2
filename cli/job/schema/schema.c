// SPDX-License-Identifier: MIT
#include "job/actions/action.h"
#include "job/schema/schema.h"
#include "mock/mock.h"

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

const struct schema_choice schema_ioas_prot_choices[] = {
	{ "r", JOB_PROT_READ },
	{ "w", JOB_PROT_WRITE },
	{ NULL },
};

static const struct schema_choice viommu_type_choices[] = {
	{ "arm-smmuv3", IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3 },
	{ "tegra241-cmdqv", IOMMUCTL_VIOMMU_TYPE_TEGRA241_CMDQV },
	{ "selftest", MOCK_VIOMMU_TYPE },
	{ NULL },
};

static const struct schema_choice veventq_type_choices[] = {
	{ "arm-smmuv3", IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3 },
	{ "tegra241-cmdqv", IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV },
	{ NULL },
};

static const struct schema_choice irq_choices[] = {
	{ "intx", JOB_IRQ_INTX },
	{ "msi", JOB_IRQ_MSI },
	{ "msix", JOB_IRQ_MSIX },
	{ "any-msi", JOB_IRQ_ANY_MSI },
	{ NULL },
};

static const struct schema_choice rlimit_choices[] = {
	{ "user", 0 },
	{ "process", 1 },
	{ NULL },
};

static const struct schema_key memory_keys[] = {
	{ "size", SCHEMA_NUMBER, MEMBER(job_memory, size), .required = true, .bytes = true,
		.min = 4096, .max = UINT64_C(1) << 40, .help = "Bytes, a multiple of 4K." },
	{ "ipa", SCHEMA_NUMBER, MEMBER(job_memory, ipa), .required = true,
		.max = (UINT64_C(1) << 52) - 1,
		.help = "The intermediate physical address (IPA) at which the guest sees it." },
	{ NULL },
};

static const struct schema_key ioas_map_keys[] = {
	{ "memory", SCHEMA_REF, MEMBER(job_ioas_map, memory), .required = true,
		.collection = JOB_MEMORY, .help = "The memory to map." },
	{ "iova", SCHEMA_NUMBER, MEMBER(job_ioas_map, iova), .fallback = DOCUMENT_UNSET,
		.help = "I/O virtual address, a multiple of 4K; by default the IPA of the mapped part." },
	{ "offset", SCHEMA_NUMBER, MEMBER(job_ioas_map, offset), .bytes = true,
		.help = "Offset of the mapped part in the memory, a multiple of 4K." },
	{ "length", SCHEMA_NUMBER, MEMBER(job_ioas_map, length), .bytes = true, .min = 1,
		.help = "Bytes to map, a multiple of 4K; by default up to the end of the memory." },
	{ "prot", SCHEMA_SET, MEMBER(job_ioas_map, prot), .choices = schema_ioas_prot_choices,
		.fallback = JOB_PROT_READ | JOB_PROT_WRITE,
		.help = "Access granted to devices: letters of \"rw\"." },
	{ NULL },
};

const struct schema_shape schema_ioas_map = {
	"ioas-map",
	sizeof(struct job_ioas_map),
	ioas_map_keys,
	.help = "One mapping of guest memory in an IOAS.",
};

static const struct schema_key range_keys[] = {
	{ "start", SCHEMA_NUMBER, MEMBER(job_range, start), .required = true,
		.help = "First IOVA." },
	{ "last", SCHEMA_NUMBER, MEMBER(job_range, last), .required = true, .max = UINT64_MAX,
		.help = "Last IOVA, inclusive." },
	{ NULL },
};

const struct schema_shape schema_range = {
	"range",
	sizeof(struct job_range),
	range_keys,
	.help = "A range of IOVAs.",
};

static const struct schema_key ioas_keys[] = {
	{ "map", SCHEMA_ARRAY, MEMBER(job_ioas, map), .max = 65536, .shape = &schema_ioas_map,
		.help = "Guest memory to map." },
	{ "allow", SCHEMA_ARRAY, MEMBER(job_ioas, allow), .max = 1024, .shape = &schema_range,
		.help = "IOVAs that must stay mappable: a device that reserves any of them cannot "
			"attach." },
	{ "huge-pages", SCHEMA_BOOL, MEMBER(job_ioas, huge_pages), .fallback = true,
		.help = "Allow IOMMU mappings larger than a page. If false, each page has its own "
			"translation and dirty bit." },
	{ "vfio-compat", SCHEMA_BOOL, MEMBER(job_ioas, vfio_compat),
		.help = "Use this IOAS for mappings made through the iommufd's VFIO container "
			"interface, for a VMM that uses the iommufd as its container. If several "
			"IOASes say so, the last one made is used." },
	{ NULL },
};

static const struct schema_key ste_keys[] = {
	{ "cd-table", SCHEMA_REF, MEMBER(job_ste, cd_table), .collection = JOB_CD_TABLES,
		.help = "The CD table, which gives S1ContextPtr, S1Fmt and S1CDMax." },
	{ "words", SCHEMA_NUMBERS, MEMBER(job_ste, words), .min = 2, .max = 2,
		.help = "The two words of the STE, instead of fields." },
	{ "unchecked", SCHEMA_BOOL, MEMBER(job_ste, unchecked),
		.help = "Pass the STE to the kernel even if it is known to be refused." },
	{ NULL },
};

static const struct schema_fields ste_fields = {
	&job_ste_structure,
	offsetof(struct job_ste, fields),
};

const struct schema_shape schema_ste = {
	"ste",
	sizeof(struct job_ste),
	ste_keys,
	&ste_fields,
	.help = "The stream table entry of a nested HWPT. V is 1 unless given.",
};

static const struct schema_key vtd_s1_keys[] = {
	{ "pgtbl-addr", SCHEMA_NUMBER, MEMBER(job_vtd_s1, pgtbl_addr), .required = true,
		.max = (UINT64_C(1) << 52) - 1, .help = "IPA of the root table." },
	{ "addr-width", SCHEMA_NUMBER, MEMBER(job_vtd_s1, addr_width), .fallback = 48,
		.help = "Input address bits: 48 with 4 levels, 57 with 5." },
	{ "sre", SCHEMA_BOOL, MEMBER(job_vtd_s1, sre), .help = "Supervisor Request Enable." },
	{ "eafe", SCHEMA_BOOL, MEMBER(job_vtd_s1, eafe), .help = "Extended Accessed Flag Enable." },
	{ "wpe", SCHEMA_BOOL, MEMBER(job_vtd_s1, wpe), .help = "Write Protect Enable." },
	{ "unchecked", SCHEMA_BOOL, MEMBER(job_vtd_s1, unchecked),
		.help = "Pass the tables to the kernel when a device is attached, even if they are "
			"known to be refused." },
	{ NULL },
};

static const struct schema_shape vtd_s1_shape = {
	"vtd-s1",
	sizeof(struct job_vtd_s1),
	vtd_s1_keys,
	.help = "The guest's VT-d first-stage tables, as in an entry of its PASID table.",
};

static const struct schema_key hwpt_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(job_hwpt, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device that the HWPT is made for." },
	{ "ioas", SCHEMA_REF, MEMBER(job_hwpt, ioas), .group = 1, .collection = JOB_IOAS,
		.help = "For a paging HWPT: the IOAS that it translates." },
	{ "viommu", SCHEMA_REF, MEMBER(job_hwpt, viommu), .group = 1, .collection = JOB_VIOMMUS,
		.help = "For a nested HWPT: the vIOMMU that it belongs to." },
	{ "parent", SCHEMA_REF, MEMBER(job_hwpt, parent), .group = 1, .collection = JOB_HWPTS,
		.help = "For a nested HWPT on VT-d, which has no vIOMMUs: its nesting parent." },
	{ "nest-parent", SCHEMA_BOOL, MEMBER(job_hwpt, nest_parent),
		.help = "Make the paging HWPT a nesting parent, which is a stage 2." },
	{ "dirty-tracking", SCHEMA_BOOL, MEMBER(job_hwpt, dirty_tracking),
		.help = "Allow the paging HWPT to track dirty pages." },
	{ "pasid", SCHEMA_BOOL, MEMBER(job_hwpt, pasid),
		.help = "Allow the HWPT to be attached to a PASID, or to a device that has PASIDs "
			"attached. For paging HWPTs and nested HWPTs on VT-d or of the mock." },
	{ "fault-queue", SCHEMA_REF, MEMBER(job_hwpt, fault_queue), .collection = JOB_FAULT_QUEUES,
		.help = "The queue that receives the page faults of attached devices." },
	{ "ste", SCHEMA_OBJECT, MEMBER(job_hwpt, ste), .shape = &schema_ste,
		.help = "The guest's STE. Required for a HWPT nested in the vIOMMU of an SMMUv3." },
	{ "vtd-s1", SCHEMA_OBJECT, MEMBER(job_hwpt, vtd_s1), .shape = &vtd_s1_shape,
		.help = "The guest's first-stage tables. Required for a HWPT nested directly on a "
			"parent. Nested VT-d has been tested on the model machine only." },
	{ "mock", SCHEMA_OBJECT, MEMBER(job_hwpt, mock), .shape = &schema_mock_hwpt,
		.help = "Data for a HWPT nested in the vIOMMU of the kernel's mock. Required "
			"there." },
	{ NULL },
};

static const struct schema_key viommu_keys[] = {
	{ "type", SCHEMA_CHOICE, MEMBER(job_viommu, type), .choices = viommu_type_choices,
		.fallback = IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3,
		.help = "The kind of vIOMMU. tegra241-cmdqv (NVIDIA Grace) has HW queues; it has "
			"been tested on the model machine only." },
	{ "device", SCHEMA_REF, MEMBER(job_viommu, device), .required = true,
		.collection = JOB_DEVICES,
		.help = "A device behind the physical IOMMU of which the vIOMMU is a slice." },
	{ "hwpt", SCHEMA_REF, MEMBER(job_viommu, hwpt), .required = true, .collection = JOB_HWPTS,
		.help = "The nesting parent." },
	{ "mock", SCHEMA_OBJECT, MEMBER(job_viommu, mock), .shape = &schema_mock_viommu,
		.help = "For a vIOMMU of the kernel's mock: give it pages to map." },
	{ NULL },
};

static const struct schema_key vdevice_keys[] = {
	{ "viommu", SCHEMA_REF, MEMBER(job_vdevice, viommu), .required = true,
		.collection = JOB_VIOMMUS, .help = "The vIOMMU that the device is behind." },
	{ "device", SCHEMA_REF, MEMBER(job_vdevice, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device." },
	{ "vsid", SCHEMA_NUMBER, MEMBER(job_vdevice, vsid), .required = true, .max = UINT32_MAX,
		.help = "The StreamID of the device in the guest." },
	{ NULL },
};

static const struct schema_key veventq_keys[] = {
	{ "viommu", SCHEMA_REF, MEMBER(job_veventq, viommu), .required = true,
		.collection = JOB_VIOMMUS, .help = "The vIOMMU that reports the events." },
	{ "type", SCHEMA_CHOICE, MEMBER(job_veventq, type), .choices = veventq_type_choices,
		.fallback = IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3,
		.help = "SMMU events, or errors of the HW queues of a tegra241-cmdqv." },
	{ "depth", SCHEMA_NUMBER, MEMBER(job_veventq, depth), .min = 1, .max = 1 << 19,
		.fallback = 64, .help = "Number of events that the kernel queues." },
	{ NULL },
};

static const struct schema_key hw_queue_keys[] = {
	{ "viommu", SCHEMA_REF, MEMBER(job_hw_queue, viommu), .required = true,
		.collection = JOB_VIOMMUS, .help = "The vIOMMU whose hardware reads the queue." },
	{ "index", SCHEMA_NUMBER, MEMBER(job_hw_queue, index), .max = UINT32_MAX,
		.help = "Index of the queue in its vIOMMU, from 0 without gaps." },
	{ "ipa", SCHEMA_NUMBER, MEMBER(job_hw_queue, ipa), .required = true,
		.help = "First IPA of the queue, which the nesting parent translates." },
	{ "size", SCHEMA_NUMBER, MEMBER(job_hw_queue, size), .required = true, .bytes = true,
		.min = 1, .help = "Bytes, which must be contiguous in host memory too." },
	{ NULL },
};

static const struct schema_key fault_queue_keys[] = {
	{ "group-max", SCHEMA_NUMBER, MEMBER(job_fault_queue, group_max), .min = 1, .max = 4096,
		.fallback = 512, .help = "Maximum number of faults in a group." },
	{ NULL },
};

static const struct schema_key irq_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(job_irq, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device that interrupts." },
	{ "index", SCHEMA_CHOICE, MEMBER(job_irq, index), .choices = irq_choices,
		.fallback = JOB_IRQ_MSI,
		.help = "The kind of interrupt; any-msi is MSI-X where the device has it, else MSI." },
	{ "vector", SCHEMA_NUMBER, MEMBER(job_irq, vector), .max = JOB_IRQ_VECTORS - 1,
		.help = "The vector." },
	{ NULL },
};

const struct schema_shape schema_objects[JOB_COLLECTIONS] = {
	[JOB_MEMORY] = { "memory", sizeof(struct job_memory), memory_keys,
		.help = "Guest memory." },
	[JOB_IOAS] = { "ioas", sizeof(struct job_ioas), ioas_keys,
		.help = "An I/O address space." },
	[JOB_FAULT_QUEUES] = { "fault-queue", sizeof(struct job_fault_queue), fault_queue_keys,
		.help = "A queue of device page faults, each of which waits for a response." },
	[JOB_HWPTS] = { "hwpt", sizeof(struct job_hwpt), hwpt_keys,
		.help = "A hardware page table: paging, or nested in a vIOMMU or directly on a "
			"parent." },
	[JOB_VIOMMUS] = { "viommu", sizeof(struct job_viommu), viommu_keys,
		.help = "A slice of a physical IOMMU for one guest." },
	[JOB_VDEVICES] = { "vdevice", sizeof(struct job_vdevice), vdevice_keys,
		.help = "A device as seen by the guest's vIOMMU." },
	[JOB_VEVENTQS] = { "veventq", sizeof(struct job_veventq), veventq_keys,
		.help = "A vIOMMU's event queue." },
	[JOB_HW_QUEUES] = { "hw-queue", sizeof(struct job_hw_queue), hw_queue_keys,
		.help = "A queue in guest memory that a vIOMMU's hardware reads directly. For "
			"vIOMMUs of type tegra241-cmdqv and \"selftest\"." },
	[JOB_STAGE1] = { "stage1", sizeof(struct job_stage1), schema_stage1_keys,
		.help = "Stage-1 translation tables in guest memory." },
	[JOB_CD_TABLES] = { "cd-table", sizeof(struct job_cd_table), schema_cd_table_keys,
		.help = "A table of context descriptors in guest memory." },
	[JOB_IRQS] = { "irq", sizeof(struct job_irq), irq_keys,
		.help = "A device interrupt, delivered to an eventfd. Set up after all "
			"attachments." },
};

#define COLLECTION(key, which, help_)                                                              \
	{                                                                                          \
		key, SCHEMA_NAMED,                                                                 \
			.offset = offsetof(struct job, objects) +                                  \
				  (which) * sizeof(struct document_list),                          \
			.max = 1024, .collection = which,                                          \
			.shape = (which) == JOB_DEVICES ? &schema_device : &schema_objects[which], \
			.help = help_                                                              \
	}

static const struct schema_choice backend_choices[] = {
	{ "kernel", JOB_BACKEND_KERNEL },
	{ "model", JOB_BACKEND_MODEL },
	{ NULL },
};

static const struct schema_key job_keys[] = {
	{ "iommuctl", SCHEMA_NUMBER, MEMBER(job, version), .required = true, .min = 1, .max = 1,
		.help = "The version of this format: 1." },
	{ "name", SCHEMA_STRING, MEMBER(job, name), .help = "Name of the job, for readers." },
	{ "description", SCHEMA_STRING, MEMBER(job, description), .help = "What the job is for." },
	{ "backend", SCHEMA_CHOICE, MEMBER(job, backend), .choices = backend_choices,
		.fallback = JOB_BACKEND_KERNEL,
		.help = "What runs the job; --model overrides it." },
	{ "rlimit-mode", SCHEMA_CHOICE, MEMBER(job, rlimit_mode), .choices = rlimit_choices,
		.help = "Whose locked-memory limit pinned memory counts against: the user's or the "
			"process's. The latter needs CAP_SYS_RESOURCE." },
	COLLECTION("memory", JOB_MEMORY, "Guest memory, by name."),
	COLLECTION("devices", JOB_DEVICES, "Devices, by name."),
	COLLECTION("ioas", JOB_IOAS, "I/O address spaces, by name."),
	COLLECTION("fault-queues", JOB_FAULT_QUEUES, "Queues of page faults, by name."),
	COLLECTION("hwpts", JOB_HWPTS, "Hardware page tables, by name."),
	COLLECTION("viommus", JOB_VIOMMUS, "vIOMMUs, by name."),
	COLLECTION("vdevices", JOB_VDEVICES, "vDEVICEs, by name."),
	COLLECTION("veventqs", JOB_VEVENTQS, "Event queues, by name."),
	COLLECTION("hw-queues", JOB_HW_QUEUES, "Queues read by hardware, by name."),
	COLLECTION("stage1", JOB_STAGE1, "Stage-1 tables, by name."),
	COLLECTION("cd-tables", JOB_CD_TABLES, "Context descriptor tables, by name."),
	COLLECTION("irqs", JOB_IRQS, "Interrupts, by name."),
	{ "attach", SCHEMA_ARRAY, MEMBER(job, attach), .max = 1024, .shape = &action_attach.shape,
		.help = "Attachments made at the end of the set-up, in order." },
	{ "steps", SCHEMA_ARRAY, MEMBER(job, steps), .max = 65536, .shape = &schema_step,
		.help = "Actions performed after the set-up, in order." },
	{ "$schema", SCHEMA_STRING, MEMBER(job, editor_schema),
		.help = "Where editors find the JSON Schema of jobs. Ignored." },
	{ NULL },
};

const struct schema_shape schema_job = {
	"job",
	sizeof(struct job),
	job_keys,
	.help = "A nested translation set-up and, optionally, a selftest of it.",
};
