// SPDX-License-Identifier: MIT
#include "job/action.h"
#include "job/schema.h"
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
		.help = "Where the guest sees it: its first intermediate physical address." },
	{ NULL },
};

static const struct schema_key ioas_map_keys[] = {
	{ "memory", SCHEMA_REF, MEMBER(job_ioas_map, memory), .required = true,
		.collection = JOB_MEMORY, .help = "What to map." },
	{ "iova", SCHEMA_NUMBER, MEMBER(job_ioas_map, iova), .fallback = DOCUMENT_UNSET,
		.help = "I/O virtual address, a multiple of 4K; the IPA of the mapped part if not given." },
	{ "offset", SCHEMA_NUMBER, MEMBER(job_ioas_map, offset), .bytes = true,
		.help = "Where in the memory the mapped part begins, a multiple of 4K." },
	{ "length", SCHEMA_NUMBER, MEMBER(job_ioas_map, length), .bytes = true, .min = 1,
		.help = "Bytes to map, a multiple of 4K; to the end of the memory if not given." },
	{ "prot", SCHEMA_SET, MEMBER(job_ioas_map, prot), .choices = schema_ioas_prot_choices,
		.fallback = JOB_PROT_READ | JOB_PROT_WRITE,
		.help = "What devices may do: letters of \"rw\"." },
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
		.help = "Its first IOVA." },
	{ "last", SCHEMA_NUMBER, MEMBER(job_range, last), .required = true, .max = UINT64_MAX,
		.help = "Its last IOVA, which is in it." },
	{ NULL },
};

const struct schema_shape schema_range = {
	"range",
	sizeof(struct job_range),
	range_keys,
	.help = "IOVAs from one to another.",
};

static const struct schema_key ioas_keys[] = {
	{ "map", SCHEMA_ARRAY, MEMBER(job_ioas, map), .max = 65536, .shape = &schema_ioas_map,
		.help = "Guest memory that the IOAS maps." },
	{ "allow", SCHEMA_ARRAY, MEMBER(job_ioas, allow), .max = 1024, .shape = &schema_range,
		.help = "IOVAs that stay mappable whichever devices attach: one that would reserve any of "
			"them cannot." },
	{ "huge-pages", SCHEMA_BOOL, MEMBER(job_ioas, huge_pages), .fallback = true,
		.help = "Let the IOMMU translate by more than a page at once. If false, each page is "
			"translated, and dirty, by itself." },
	{ "vfio-compat", SCHEMA_BOOL, MEMBER(job_ioas, vfio_compat),
		.help = "What maps through VFIO's old interface to the iommufd maps in it, as a VMM may that "
			"gets the iommufd for its container. Of several, the last that is made." },
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
		.help = "Bits that the tables translate: 48 with 4 levels, 57 with 5." },
	{ "sre", SCHEMA_BOOL, MEMBER(job_vtd_s1, sre), .help = "Supervisor Request Enable." },
	{ "eafe", SCHEMA_BOOL, MEMBER(job_vtd_s1, eafe), .help = "Extended Accessed Flag Enable." },
	{ "wpe", SCHEMA_BOOL, MEMBER(job_vtd_s1, wpe), .help = "Write Protect Enable." },
	{ "unchecked", SCHEMA_BOOL, MEMBER(job_vtd_s1, unchecked),
		.help = "Let the kernel judge what is known to be refused, when a device is attached." },
	{ NULL },
};

static const struct schema_shape vtd_s1_shape = {
	"vtd-s1",
	sizeof(struct job_vtd_s1),
	vtd_s1_keys,
	.help = "The first-stage tables of a guest's VT-d, as an entry of its PASID table has them.",
};

static const struct schema_key hwpt_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(job_hwpt, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device that the HWPT is made for." },
	{ "ioas", SCHEMA_REF, MEMBER(job_hwpt, ioas), .group = 1, .collection = JOB_IOAS,
		.help = "A paging HWPT: the IOAS that it translates." },
	{ "viommu", SCHEMA_REF, MEMBER(job_hwpt, viommu), .group = 1, .collection = JOB_VIOMMUS,
		.help = "A nested HWPT: the vIOMMU that it belongs to." },
	{ "parent", SCHEMA_REF, MEMBER(job_hwpt, parent), .group = 1, .collection = JOB_HWPTS,
		.help = "A nested HWPT of VT-d, which has no vIOMMUs: its nesting parent." },
	{ "nest-parent", SCHEMA_BOOL, MEMBER(job_hwpt, nest_parent),
		.help = "Make the paging HWPT a nesting parent, that is a stage 2." },
	{ "dirty-tracking", SCHEMA_BOOL, MEMBER(job_hwpt, dirty_tracking),
		.help = "Make the paging HWPT able to track dirty pages." },
	{ "pasid", SCHEMA_BOOL, MEMBER(job_hwpt, pasid),
		.help = "Make the HWPT one that can be attached with a PASID, or beside one: a paging one, "
			"or a nested one of VT-d or of the kernel's mock." },
	{ "fault-queue", SCHEMA_REF, MEMBER(job_hwpt, fault_queue), .collection = JOB_FAULT_QUEUES,
		.help = "The queue that gets the page faults of devices that are attached to it." },
	{ "ste", SCHEMA_OBJECT, MEMBER(job_hwpt, ste), .shape = &schema_ste,
		.help = "The guest's STE; a HWPT that is nested in the vIOMMU of an SMMUv3 needs one." },
	{ "vtd-s1", SCHEMA_OBJECT, MEMBER(job_hwpt, vtd_s1), .shape = &vtd_s1_shape,
		.help = "The guest's first-stage tables; a HWPT that is nested on a parent itself needs "
			"them. Nested VT-d is proven on the model machine alone." },
	{ "mock", SCHEMA_OBJECT, MEMBER(job_hwpt, mock), .shape = &schema_mock_hwpt,
		.help = "What a HWPT that is nested in the vIOMMU of the kernel's mock is made of; it "
			"needs it." },
	{ NULL },
};

static const struct schema_key viommu_keys[] = {
	{ "type", SCHEMA_CHOICE, MEMBER(job_viommu, type), .choices = viommu_type_choices,
		.fallback = IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3,
		.help = "The kind of vIOMMU. tegra241-cmdqv has HW queues (NVIDIA's Grace); it is proven on "
			"the model machine alone." },
	{ "device", SCHEMA_REF, MEMBER(job_viommu, device), .required = true,
		.collection = JOB_DEVICES,
		.help = "A device behind the physical IOMMU that the vIOMMU stands for." },
	{ "hwpt", SCHEMA_REF, MEMBER(job_viommu, hwpt), .required = true, .collection = JOB_HWPTS,
		.help = "The nesting parent." },
	{ "mock", SCHEMA_OBJECT, MEMBER(job_viommu, mock), .shape = &schema_mock_viommu,
		.help = "Of one of the kernel's mock: it has pages to map." },
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
	{ "type", SCHEMA_CHOICE, MEMBER(job_veventq, type), .choices = veventq_type_choices,
		.fallback = IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3,
		.help = "Events of the SMMU, or errors of the HW queues of a tegra241-cmdqv." },
	{ "depth", SCHEMA_NUMBER, MEMBER(job_veventq, depth), .min = 1, .max = 1 << 19,
		.fallback = 64, .help = "How many events the kernel keeps." },
	{ NULL },
};

static const struct schema_key hw_queue_keys[] = {
	{ "viommu", SCHEMA_REF, MEMBER(job_hw_queue, viommu), .required = true,
		.collection = JOB_VIOMMUS, .help = "The vIOMMU whose hardware reads it." },
	{ "index", SCHEMA_NUMBER, MEMBER(job_hw_queue, index), .max = UINT32_MAX,
		.help = "Which queue of the vIOMMU it is, from 0 without a gap." },
	{ "ipa", SCHEMA_NUMBER, MEMBER(job_hw_queue, ipa), .required = true,
		.help = "Where it begins, as the nesting parent translates it." },
	{ "size", SCHEMA_NUMBER, MEMBER(job_hw_queue, size), .required = true, .bytes = true,
		.min = 1, .help = "Bytes, which are in one piece in the host's memory as well." },
	{ NULL },
};

static const struct schema_key fault_queue_keys[] = {
	{ "group-max", SCHEMA_NUMBER, MEMBER(job_fault_queue, group_max), .min = 1, .max = 4096,
		.fallback = 512, .help = "How many faults a group can have." },
	{ NULL },
};

static const struct schema_key irq_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(job_irq, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device that interrupts." },
	{ "index", SCHEMA_CHOICE, MEMBER(job_irq, index), .choices = irq_choices,
		.fallback = JOB_IRQ_MSI,
		.help = "The kind of interrupt; any-msi is MSI-X where the device has it, else MSI." },
	{ "vector", SCHEMA_NUMBER, MEMBER(job_irq, vector), .max = JOB_IRQ_VECTORS - 1,
		.help = "Which vector of it." },
	{ NULL },
};

const struct schema_shape schema_objects[JOB_COLLECTIONS] = {
	[JOB_MEMORY] = { "memory", sizeof(struct job_memory), memory_keys,
		.help = "Guest memory." },
	[JOB_IOAS] = { "ioas", sizeof(struct job_ioas), ioas_keys,
		.help = "An I/O address space." },
	[JOB_FAULT_QUEUES] = { "fault-queue", sizeof(struct job_fault_queue), fault_queue_keys,
		.help = "A queue of the page faults of devices, which wait for an answer." },
	[JOB_HWPTS] = { "hwpt", sizeof(struct job_hwpt), hwpt_keys,
		.help = "A hardware page table: paging, or nested in a vIOMMU or on its parent." },
	[JOB_VIOMMUS] = { "viommu", sizeof(struct job_viommu), viommu_keys,
		.help = "A slice of a physical IOMMU for one guest." },
	[JOB_VDEVICES] = { "vdevice", sizeof(struct job_vdevice), vdevice_keys,
		.help = "A device as the guest's vIOMMU knows it." },
	[JOB_VEVENTQS] = { "veventq", sizeof(struct job_veventq), veventq_keys,
		.help = "The queue of the events of a vIOMMU." },
	[JOB_HW_QUEUES] = { "hw-queue", sizeof(struct job_hw_queue), hw_queue_keys,
		.help = "A queue in guest memory that the hardware of a vIOMMU reads by itself. "
			"tegra241-cmdqv and \"selftest\" vIOMMUs have them." },
	[JOB_STAGE1] = { "stage1", sizeof(struct job_stage1), schema_stage1_keys,
		.help = "Stage-1 translation tables in guest memory." },
	[JOB_CD_TABLES] = { "cd-table", sizeof(struct job_cd_table), schema_cd_table_keys,
		.help = "A table of context descriptors in guest memory." },
	[JOB_IRQS] = { "irq", sizeof(struct job_irq), irq_keys,
		.help = "An interrupt of a device, delivered to an eventfd. Set up after all attachments." },
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
	{ "name", SCHEMA_STRING, MEMBER(job, name), .help = "Name of the job, for people." },
	{ "description", SCHEMA_STRING, MEMBER(job, description), .help = "What it is for." },
	{ "backend", SCHEMA_CHOICE, MEMBER(job, backend), .choices = backend_choices,
		.fallback = JOB_BACKEND_KERNEL,
		.help = "What carries it out; --model goes before it." },
	{ "rlimit-mode", SCHEMA_CHOICE, MEMBER(job, rlimit_mode), .choices = rlimit_choices,
		.help = "Whose locked memory the pinned memory counts as: that of the user, or that of the "
			"process, which needs CAP_SYS_RESOURCE." },
	COLLECTION("memory", JOB_MEMORY, "Guest memory, by name."),
	COLLECTION("devices", JOB_DEVICES, "Devices, by name."),
	COLLECTION("ioas", JOB_IOAS, "I/O address spaces, by name."),
	COLLECTION("fault-queues", JOB_FAULT_QUEUES, "Queues of page faults, by name."),
	COLLECTION("hwpts", JOB_HWPTS, "Hardware page tables, by name."),
	COLLECTION("viommus", JOB_VIOMMUS, "vIOMMUs, by name."),
	COLLECTION("vdevices", JOB_VDEVICES, "vDEVICEs, by name."),
	COLLECTION("veventqs", JOB_VEVENTQS, "Event queues, by name."),
	COLLECTION("hw-queues", JOB_HW_QUEUES, "Queues that hardware reads, by name."),
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
	"job",
	sizeof(struct job),
	job_keys,
	.help = "A set-up of nested translation, and a selftest on it.",
};
