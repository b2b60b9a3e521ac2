// SPDX-License-Identifier: MIT
/* The keys of a device. */
#include "job/schema/schema.h"
#include "stimulus/stimulus.h"

const struct schema_choice schema_stimulus_choices[] = {
	{ "edu", STIMULUS_EDU },
	{ "nvme", STIMULUS_NVME },
	{ "igb", STIMULUS_IGB },
	{ NULL },
};

static const struct schema_key stimulus_memory_keys[] = {
	{ "ipa", SCHEMA_NUMBER, MEMBER(job_stimulus_memory, ipa), .required = true,
		.help = "IPA, a multiple of 4K." },
	{ "iova", SCHEMA_NUMBER, MEMBER(job_stimulus_memory, iova), .fallback = DOCUMENT_UNSET,
		.help = "IOVA at which the device sees it; by default the same address." },
	{ "size", SCHEMA_NUMBER, MEMBER(job_stimulus_memory, size), .bytes = true, .min = 4096,
		.max = UINT64_C(1) << 20, .fallback = UINT64_C(64) << 10,
		.help = "Bytes, a multiple of 4K; no driver needs more than 16K." },
	{ NULL },
};

static const struct schema_shape stimulus_memory_shape = {
	"stimulus-memory",
	sizeof(struct job_stimulus_memory),
	stimulus_memory_keys,
	.help = "Guest memory reserved for a stimulus driver's queues and buffers.",
};

static const struct schema_key device_keys[] = {
	SCHEMA_DEVICE_KEYS,
	{ "machine", SCHEMA_STRING, MEMBER(job_device, machine), .group = 1,
		.help = "Its name in the FILE of --machine." },
	{ "stimulus-memory", SCHEMA_OBJECT, MEMBER(job_device, stimulus_memory),
		.shape = &stimulus_memory_shape,
		.help = "Guest memory for that driver: queues and buffers that the device must "
			"fetch to do anything. The job must keep it mapped while the device does "
			"DMA." },
	{ "bind", SCHEMA_BOOL, MEMBER(job_device, bind), .fallback = true,
		.help = "Bind it to the job's iommufd. If false, it is only opened, for a COMMAND "
			"that binds it itself, and nothing in the job can use it: a device can be "
			"bound only once." },
	{ "fd", SCHEMA_STRING, MEMBER(job_device, fd),
		.help = "Use the open file passed to the session under this name (LISTEN_FDNAMES) "
			"rather than opening the device. A file named after the object, "
			"\"devices.NAME\", is used without this key." },
	{ "id", SCHEMA_NUMBER, MEMBER(job_device, id), .min = 1, .max = UINT32_MAX,
		.help = "The ID that the kernel returned when the file was bound, before it was "
			"passed: the kernel binds a file only once and has no call that reports "
			"the ID. The iommufd must be passed as well." },
	{ NULL },
};

const struct schema_shape schema_device = {
	"device",
	sizeof(struct job_device),
	device_keys,
	.help = "A PCI device that is bound to a VFIO driver.",
};
