// SPDX-License-Identifier: MIT
#include "job/schema.h"

static const struct schema_key write_keys[] = {
	{ "ipa", SCHEMA_NUMBER, MEMBER(job_step_write, ipa), .required = true,
		.help = "Where in guest memory." },
	{ "text", SCHEMA_TEXT, MEMBER(job_step_write, text), .group = 1, .help = "The bytes, as text." },
	{ "hex", SCHEMA_HEX, MEMBER(job_step_write, hex), .group = 1,
		.help = "The bytes, as pairs of hexadecimal digits." },
	{ NULL },
};

static const struct schema_shape write_shape = {
	"write", sizeof(struct job_step_write), write_keys, .help = "Bytes in guest memory.",
};

static const struct schema_key dma_expect_keys[] = {
	{ "ipa", SCHEMA_NUMBER, MEMBER(job_dma_expect, ipa), .required = true,
		.help = "Where in guest memory the transfer ends. Other bytes are put there beforehand." },
	{ "text", SCHEMA_TEXT, MEMBER(job_dma_expect, text), .group = 1,
		.help = "What it holds after the transfer, as text." },
	{ "hex", SCHEMA_HEX, MEMBER(job_dma_expect, hex), .group = 1,
		.help = "The same as pairs of hexadecimal digits." },
	{ NULL },
};

static const struct schema_shape dma_expect_shape = {
	"dma-expect", sizeof(struct job_dma_expect), dma_expect_keys,
	.help = "What guest memory holds after a transfer.",
};

static const struct schema_choice dma_outcome_choices[] = {
	{ "done", JOB_DMA_DONE },
	{ "blocked", JOB_DMA_BLOCKED },
	{ NULL },
};

static const struct schema_key dma_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(job_step_dma, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device that does the DMA." },
	{ "from", SCHEMA_NUMBER, MEMBER(job_step_dma, from), .fallback = DOCUMENT_UNSET,
		.help = "The IOVA that the device reads." },
	{ "to", SCHEMA_NUMBER, MEMBER(job_step_dma, to), .fallback = DOCUMENT_UNSET,
		.help = "The IOVA that the device then writes, from what it has read." },
	{ "size", SCHEMA_NUMBER, MEMBER(job_step_dma, size), .bytes = true, .min = 1, .max = 4096,
		.help = "Bytes; as many as are expected if not given." },
	{ "expect", SCHEMA_OBJECT, MEMBER(job_step_dma, expect), .shape = &dma_expect_shape,
		.choices = dma_outcome_choices,
		.help = "How it ends: what guest memory holds afterwards, or done, or blocked. If not "
			"given, it is to be done, unless an event step follows at once." },
	{ NULL },
};

static const struct schema_shape dma_shape = {
	"dma", sizeof(struct job_step_dma), dma_keys,
	.help = "Has a device read, write, or read and then write. At least one of from and to.",
};

static const struct schema_key map_keys[] = {
	{ "stage1", SCHEMA_REF, MEMBER(job_step_map, stage1), .required = true,
		.collection = JOB_STAGE1, .help = "The tables to change." },
	LEAF_KEYS(job_step_map, leaf.),
	{ NULL },
};

static const struct schema_shape map_shape = {
	"map", sizeof(struct job_step_map), map_keys,
	.help = "Changes stage-1 tables in guest memory. Invalidates nothing.",
};

static const struct schema_key unmap_keys[] = {
	{ "stage1", SCHEMA_REF, MEMBER(job_step_unmap, stage1), .group = 1,
		.collection = JOB_STAGE1, .help = "Tables in guest memory." },
	{ "ioas", SCHEMA_REF, MEMBER(job_step_unmap, ioas), .group = 1, .collection = JOB_IOAS,
		.help = "An IOAS instead." },
	{ "iova", SCHEMA_NUMBER, MEMBER(job_step_unmap, iova), .required = true,
		.help = "Where it begins." },
	{ "size", SCHEMA_NUMBER, MEMBER(job_step_unmap, size), .required = true, .bytes = true, .min = 1,
		.help = "Bytes." },
	{ NULL },
};

static const struct schema_shape unmap_shape = {
	"unmap", sizeof(struct job_step_unmap), unmap_keys,
	.help = "Ends the translation of a range. Of a stage 1, nothing is invalidated.",
};

static const struct schema_key step_ioas_map_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(job_step_ioas_map, ioas), .required = true,
		.collection = JOB_IOAS, .help = "The IOAS to map in." },
	{ "map", SCHEMA_OBJECT, MEMBER(job_step_ioas_map, map), .required = true,
		.shape = &schema_ioas_map, .help = "What to map." },
	{ NULL },
};

static const struct schema_shape step_ioas_map_shape = {
	"ioas-map-step", sizeof(struct job_step_ioas_map), step_ioas_map_keys,
	.help = "Maps guest memory in an IOAS.",
};

static const struct schema_key set_cd_keys[] = {
	{ "cd-table", SCHEMA_REF, MEMBER(job_step_set_cd, cd_table), .required = true,
		.collection = JOB_CD_TABLES, .help = "The table to change." },
	{ "ssid", SCHEMA_NUMBER, MEMBER(job_step_set_cd, context.ssid), .max = (1 << 20) - 1,
		.help = "SubstreamID." },
	{ "stage1", SCHEMA_REF, MEMBER(job_step_set_cd, context.stage1), .group = 1,
		.collection = JOB_STAGE1, .help = "The tables of the context." },
	{ "words", SCHEMA_NUMBERS, MEMBER(job_step_set_cd, words), .group = 1, .min = 8, .max = 8,
		.help = "The eight words of the CD instead." },
	{ NULL },
};

static const struct schema_fields set_cd_fields = {
	&job_cd_structure, offsetof(struct job_step_set_cd, context.fields),
};

static const struct schema_shape set_cd_shape = {
	"set-cd", sizeof(struct job_step_set_cd), set_cd_keys, &set_cd_fields,
	.help = "Writes a context descriptor in guest memory. Invalidates nothing.",
};

static const struct schema_key command_keys[] = {
	{ "opcode", SCHEMA_STRING, MEMBER(job_command, opcode), .group = 1,
		.help = "Name of the command: \"TLBI_NH_VA\"." },
	{ "words", SCHEMA_NUMBERS, MEMBER(job_command, words), .group = 1, .min = 2, .max = 2,
		.help = "The two words of the command instead." },
	{ NULL },
};

static const struct schema_fields command_fields = {
	&job_cmd_structure, offsetof(struct job_command, fields),
};

static const struct schema_shape command_shape = {
	"command", sizeof(struct job_command), command_keys, &command_fields,
	.help = "A command as a guest would put it into its command queue.",
};

static const struct schema_key invalidate_keys[] = {
	{ "viommu", SCHEMA_REF, MEMBER(job_step_invalidate, viommu), .required = true,
		.collection = JOB_VIOMMUS, .help = "The vIOMMU that the commands are for." },
	{ "commands", SCHEMA_ARRAY, MEMBER(job_step_invalidate, commands), .required = true,
		.max = 1 << 16, .shape = &command_shape, .help = "What to invalidate, in order." },
	{ "done", SCHEMA_NUMBER, MEMBER(job_step_invalidate, done), .fallback = DOCUMENT_UNSET,
		.help = "How many commands the kernel says it has handled; if not given, all of them, and "
			"of a call that fails it does not matter." },
	{ NULL },
};

static const struct schema_shape invalidate_shape = {
	"invalidate", sizeof(struct job_step_invalidate), invalidate_keys,
	.help = "Hands invalidation commands to the kernel, in one call.",
};

static const struct schema_key device_step_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(job_step_device, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device." },
	{ NULL },
};

static const struct schema_shape device_step_shape = {
	"device-step", sizeof(struct job_step_device), device_step_keys, .help = "Acts on a device.",
};

static const struct schema_key event_keys[] = {
	{ "veventq", SCHEMA_REF, MEMBER(job_step_event, veventq), .required = true,
		.collection = JOB_VEVENTQS, .help = "The queue to read." },
	{ "type", SCHEMA_STRING, MEMBER(job_step_event, type), .required = true,
		.help = "Name of the event: \"F_TRANSLATION\"." },
	{ "timeout-ms", SCHEMA_NUMBER, MEMBER(job_step_event, timeout_ms), .max = 600000,
		.fallback = 2000, .help = "Milliseconds to wait." },
	{ NULL },
};

static const struct schema_fields event_fields = {
	&job_event_structure, offsetof(struct job_step_event, fields),
};

static const struct schema_shape event_shape = {
	"event", sizeof(struct job_step_event), event_keys, &event_fields,
	.help = "The next event is of this type and has these fields.",
};

static const struct schema_key no_event_keys[] = {
	{ "veventq", SCHEMA_REF, MEMBER(job_step_no_event, veventq), .required = true,
		.collection = JOB_VEVENTQS, .help = "The queue to watch." },
	{ "timeout-ms", SCHEMA_NUMBER, MEMBER(job_step_no_event, timeout_ms), .max = 600000,
		.fallback = 100, .help = "Milliseconds to watch it." },
	{ NULL },
};

static const struct schema_shape no_event_shape = {
	"no-event", sizeof(struct job_step_no_event), no_event_keys, .help = "No event comes.",
};

static const struct schema_key trigger_msi_keys[] = {
	{ "irq", SCHEMA_REF, MEMBER(job_step_trigger_msi, irq), .required = true,
		.collection = JOB_IRQS, .help = "The interrupt." },
	{ "delivered", SCHEMA_BOOL, MEMBER(job_step_trigger_msi, delivered), .fallback = true,
		.help = "Whether it is to arrive." },
	{ "timeout-ms", SCHEMA_NUMBER, MEMBER(job_step_trigger_msi, timeout_ms), .max = 600000,
		.fallback = 1000, .help = "Milliseconds to wait for it." },
	{ NULL },
};

static const struct schema_shape trigger_msi_shape = {
	"trigger-msi", sizeof(struct job_step_trigger_msi), trigger_msi_keys,
	.help = "Has a device interrupt, and looks whether the eventfd fires.",
};

static const struct schema_key object_step_keys[] = {
	{ "object", SCHEMA_STRING, MEMBER(job_step_object, object), .required = true,
		.help = "Collection and name: \"hwpts.s1\"." },
	{ NULL },
};

static const struct schema_shape object_step_shape = {
	"object-step", sizeof(struct job_step_object), object_step_keys,
	.path_offset = offsetof(struct job_step_object, path), .help = "Acts on a named object.",
};

static const struct schema_key expect_keys[] = {
	{ "errno", SCHEMA_STRING, MEMBER(job_expect, errno_name), .required = true,
		.help = "The error that the action ends with: \"ENOENT\"." },
	{ "cause", SCHEMA_STRING, MEMBER(job_expect, cause),
		.help = "What one of the explained causes has in it." },
	{ NULL },
};

static const struct schema_shape expect_shape = {
	"expect", sizeof(struct job_expect), expect_keys, .help = "The action fails, in this way.",
};

#define ACTION(key, member, shape_, help_) \
	{ key, SCHEMA_OBJECT, MEMBER(job_step, member), .group = 1, .shape = &(shape_), .help = help_ }

static const struct schema_key step_keys[] = {
	{ "name", SCHEMA_STRING, MEMBER(job_step, name), .help = "What the step is about, for people." },
	{ "expect", SCHEMA_OBJECT, MEMBER(job_step, expect), .shape = &expect_shape,
		.help = "How the action fails; without this it must succeed." },
	ACTION("write", write, write_shape, "Writes guest memory."),
	ACTION("check", check, write_shape, "Compares guest memory."),
	ACTION("dma", dma, dma_shape, "Has a device do DMA."),
	ACTION("map", map, map_shape, "Adds a translation to a stage 1."),
	ACTION("remap", remap, map_shape, "Changes a translation of a stage 1."),
	ACTION("unmap", unmap, unmap_shape, "Takes a translation away."),
	ACTION("ioas-map", ioas_map, step_ioas_map_shape, "Adds a mapping to an IOAS."),
	ACTION("set-cd", set_cd, set_cd_shape, "Writes a context descriptor."),
	ACTION("invalidate", invalidate, invalidate_shape, "Invalidates."),
	ACTION("attach", attach, schema_attach, "Attaches a device, or moves it."),
	ACTION("detach", detach, device_step_shape, "Detaches a device."),
	ACTION("reset", reset, device_step_shape, "Resets a device."),
	ACTION("event", event, event_shape, "Expects an event."),
	ACTION("no-event", no_event, no_event_shape, "Expects that no event comes."),
	ACTION("trigger-msi", trigger_msi, trigger_msi_shape, "Has a device interrupt."),
	ACTION("create", create, object_step_shape,
		"Makes a named object now, which the set-up then leaves out."),
	ACTION("destroy", destroy, object_step_shape, "Destroys a named object."),
	{ NULL },
};

const struct schema_shape schema_step = {
	"step", sizeof(struct job_step), step_keys, .path_offset = offsetof(struct job_step, path),
	.doubt_offset = offsetof(struct job_step, doubtful),
	.help = "One action of a selftest, and how it ends.",
};
