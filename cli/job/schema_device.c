// SPDX-License-Identifier: MIT
/* What a job says of a device. */
#include "job/schema.h"
#include "stimulus/stimulus.h"

const struct schema_choice schema_stimulus_choices[] = {
	{ "edu", STIMULUS_EDU },
	{ "nvme", STIMULUS_NVME },
	{ "igb", STIMULUS_IGB },
	{ NULL },
};

static const struct schema_key stimulus_memory_keys[] = {
	{ "ipa", SCHEMA_NUMBER, MEMBER(job_stimulus_memory, ipa), .required = true,
		.help = "Where in guest memory, a multiple of 4K." },
	{ "iova", SCHEMA_NUMBER, MEMBER(job_stimulus_memory, iova), .fallback = DOCUMENT_UNSET,
		.help = "Where the device sees it: the same address if not given." },
	{ "size", SCHEMA_NUMBER, MEMBER(job_stimulus_memory, size), .bytes = true, .min = 4096,
		.max = UINT64_C(1) << 20, .fallback = UINT64_C(64) << 10,
		.help = "Bytes, a multiple of 4K; no driver needs more than 16K." },
	{ NULL },
};

static const struct schema_shape stimulus_memory_shape = {
	"stimulus-memory",
	sizeof(struct job_stimulus_memory),
	stimulus_memory_keys,
	.help = "Guest memory that is a stimulus' own, for queues and buffers.",
};

static const struct schema_key device_keys[] = {
	SCHEMA_DEVICE_KEYS,
	{ "machine", SCHEMA_STRING, MEMBER(job_device, machine), .group = 1,
		.help = "Its name in the machine that the FILE of --machine describes." },
	{ "stimulus-memory", SCHEMA_OBJECT, MEMBER(job_device, stimulus_memory),
		.shape = &stimulus_memory_shape,
		.help = "Guest memory for that driver, for what the device must fetch from memory to do "
			"anything. The job maps it, as long as the device is to do DMA." },
	{ "bind", SCHEMA_BOOL, MEMBER(job_device, bind), .fallback = true,
		.help = "Bind it to the job's iommufd. If false, it is only opened, for a COMMAND that "
			"binds it itself: a device can be bound once, and nothing in the job can use it." },
	{ "fd", SCHEMA_STRING, MEMBER(job_device, fd),
		.help = "Take the open file that was passed to the session under this name "
			"(LISTEN_FDNAMES), rather than open it. One that is called as the object, "
			"\"devices.NAME\", is taken in any case." },
	{ "id", SCHEMA_NUMBER, MEMBER(job_device, id), .min = 1, .max = UINT32_MAX,
		.help = "The id that the kernel gave when the file was bound, before it was passed: the "
			"kernel binds once and does not tell. The iommufd must have been passed as well." },
	{ NULL },
};

const struct schema_shape schema_device = {
	"device",
	sizeof(struct job_device),
	device_keys,
	.help = "A PCI device that is bound to a VFIO driver.",
};
