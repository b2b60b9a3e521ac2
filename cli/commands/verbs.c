// SPDX-License-Identifier: MIT
/* The commands that act on objects inside a session: each says what a key of a job says. */
#include "array.h"
#include "command.h"
#include "job/actions/action.h"
#include "job/schema/schema.h"
#include "session/client/verb.h"

#define KEYS_DESCRIPTION                                                                           \
	"Acts in the session that -s or IOMMUCTL_SESSION names. The keys are those of a job. A "   \
	"key inside another is written after a dot (ste.config=s1), an element of a list by its "  \
	"number (map.0.iova=0x1000) or as JSON (map={...}, once for each)."

#define STEP_DESCRIPTION " If an action is expected to fail, add step.expect.errno=ERRNO."

/* What rows of one kind have in common. */
#define IN_SESSION .arguments_max = -1, .takes = TAKES_SESSION, .run = verb_run
#define AS_STEP	   IN_SESSION, .arguments_min = 1, .description = KEYS_DESCRIPTION STEP_DESCRIPTION

#define MAKE                                                                                       \
	AS_STEP, .group = COMMANDS_OBJECTS, .arguments = "NAME [KEY=VALUE]...",                    \
		 .verb.kind = VERB_MAKE
#define DESTROY                                                                                    \
	AS_STEP, .group = COMMANDS_OBJECTS, .arguments = "OBJECT [step.KEY=VALUE]...",             \
		 .verb.kind = VERB_DESTROY
#define CHANGE                                                                                     \
	AS_STEP, .group = COMMANDS_OBJECTS, .arguments = "OBJECT [KEY=VALUE]...",                  \
		 .verb.kind = VERB_ACT
#define STEP                                                                                       \
	AS_STEP, .group = COMMANDS_STEPS, .arguments = "OBJECT [KEY=VALUE]...",                    \
		 .verb.kind = VERB_ACT
#define STEP_OF_KEYS                                                                               \
	AS_STEP, .group = COMMANDS_STEPS, .arguments = "[KEY=VALUE]...", .verb.kind = VERB_ACT

/* Becomes several steps, none of which could be the one that is expected to fail. */
#define REPLACE                                                                                    \
	IN_SESSION,                                                                                \
		.arguments_min = 2, .description = KEYS_DESCRIPTION, .group = COMMANDS_OBJECTS,    \
		.arguments = "OBJECT by=NAME [KEY=VALUE]...", .verb.kind = VERB_REPLACE

const struct command verb_commands[] = {
	{ MAKE, .name = "memory create", .summary = "Make guest memory",
		.shape = &schema_objects[JOB_MEMORY], .verb.key = "memory" },
	{ DESTROY, .name = "memory destroy", .summary = "Give guest memory back",
		.verb.key = "memory" },
	{ MAKE, .name = "device open",
		.summary = "Open a device, and bind it to the iommufd of the session",
		.shape = &schema_device, .verb.key = "devices" },
	{ DESTROY, .name = "device close", .summary = "Close a device", .verb.key = "devices" },
	{ CHANGE, .name = "device attach", .summary = "Attach a device, or move it",
		.shape = &action_attach.shape, .verb.key = "attach", .verb.first = "device" },
	{ CHANGE, .name = "device detach", .summary = "Detach a device",
		.shape = &action_detach.shape, .verb.key = "detach", .verb.first = "device" },
	{ CHANGE, .name = "device reset", .summary = "Reset a device, or everything on its bus",
		.shape = &action_reset.shape, .verb.key = "reset", .verb.first = "device" },
	{ CHANGE, .name = "device low-power", .summary = "Put a device to sleep, or wake it up",
		.shape = &action_low_power.shape, .verb.key = "low-power", .verb.first = "device" },
	{ MAKE, .name = "ioas alloc", .summary = "Allocate an I/O address space",
		.shape = &schema_objects[JOB_IOAS], .verb.key = "ioas" },
	{ DESTROY, .name = "ioas destroy", .summary = "Destroy an I/O address space",
		.verb.key = "ioas" },
	{ CHANGE, .name = "ioas map", .summary = "Map guest memory in an IOAS",
		.shape = &schema_ioas_map, .verb.key = "ioas-map", .verb.first = "ioas",
		.verb.inside = "map" },
	{ CHANGE, .name = "ioas map-bar", .summary = "Map a BAR of a device in an IOAS",
		.shape = &action_ioas_map_bar.shape, .verb.key = "ioas-map-bar",
		.verb.first = "ioas" },
	{ CHANGE, .name = "ioas unmap", .summary = "Unmap a range of an IOAS",
		.shape = &action_ioas_unmap.shape, .verb.key = "ioas-unmap", .verb.first = "ioas" },
	{ CHANGE, .name = "ioas copy", .summary = "Map what another IOAS maps",
		.shape = &action_ioas_copy.shape, .verb.key = "ioas-copy", .verb.first = "ioas" },
	{ CHANGE, .name = "ioas allow", .summary = "Keep IOVAs mappable",
		.shape = &action_ioas_allow.shape, .verb.key = "ioas-allow", .verb.first = "ioas" },
	{ CHANGE, .name = "ioas ranges",
		.summary = "Show which IOVAs can be mapped, or compare them",
		.shape = &action_ioas_ranges.shape, .verb.key = "ioas-ranges",
		.verb.first = "ioas" },
	{ MAKE, .name = "hwpt alloc", .summary = "Allocate a hardware page table",
		.shape = &schema_objects[JOB_HWPTS], .verb.key = "hwpts" },
	{ DESTROY, .name = "hwpt destroy", .summary = "Destroy a hardware page table",
		.verb.key = "hwpts" },
	{ REPLACE, .name = "hwpt replace", .summary = "Replace a HWPT by a changed one",
		.shape = &schema_objects[JOB_HWPTS] },
	{ CHANGE, .name = "hwpt dirty-tracking",
		.summary = "Turn the tracking of what devices write on or off",
		.shape = &action_hwpt_dirty_tracking.shape, .verb.key = "hwpt-dirty-tracking",
		.verb.first = "hwpt" },
	{ CHANGE, .name = "hwpt dirty-bitmap",
		.summary = "Show what devices have written, or compare it",
		.shape = &action_hwpt_dirty_bitmap.shape, .verb.key = "hwpt-dirty-bitmap",
		.verb.first = "hwpt" },
	{ REPLACE, .name = "ste set",
		.summary = "Change the STE of the devices attached to a nested HWPT",
		.shape = &schema_ste, .verb.key = "ste" },
	{ MAKE, .name = "viommu alloc", .summary = "Allocate a vIOMMU",
		.shape = &schema_objects[JOB_VIOMMUS], .verb.key = "viommus" },
	{ DESTROY, .name = "viommu destroy", .summary = "Destroy a vIOMMU", .verb.key = "viommus" },
	{ MAKE, .name = "vdevice alloc", .summary = "Allocate a vDEVICE",
		.shape = &schema_objects[JOB_VDEVICES], .verb.key = "vdevices" },
	{ DESTROY, .name = "vdevice destroy", .summary = "Destroy a vDEVICE",
		.verb.key = "vdevices" },
	{ MAKE, .name = "veventq alloc", .summary = "Allocate an event queue",
		.shape = &schema_objects[JOB_VEVENTQS], .verb.key = "veventqs" },
	{ DESTROY, .name = "veventq destroy", .summary = "Destroy an event queue",
		.verb.key = "veventqs" },
	{ MAKE, .name = "fault-queue alloc", .summary = "Allocate a page fault queue",
		.shape = &schema_objects[JOB_FAULT_QUEUES], .verb.key = "fault-queues" },
	{ DESTROY, .name = "fault-queue destroy", .summary = "Destroy a page fault queue",
		.verb.key = "fault-queues" },
	{ MAKE, .name = "hw-queue alloc",
		.summary = "Allocate a queue that the hardware of a vIOMMU reads",
		.shape = &schema_objects[JOB_HW_QUEUES], .verb.key = "hw-queues" },
	{ DESTROY, .name = "hw-queue destroy", .summary = "Destroy a queue that hardware reads",
		.verb.key = "hw-queues" },
	{ MAKE, .name = "stage1 create", .summary = "Lay out stage-1 tables in guest memory",
		.shape = &schema_objects[JOB_STAGE1], .verb.key = "stage1" },
	{ DESTROY, .name = "stage1 destroy", .summary = "Forget stage-1 tables",
		.verb.key = "stage1" },
	{ CHANGE, .name = "stage1 map", .summary = "Add a translation to a stage 1",
		.shape = &action_map.shape, .verb.key = "map", .verb.first = "stage1" },
	{ CHANGE, .name = "stage1 remap", .summary = "Change a translation of a stage 1",
		.shape = &action_remap.shape, .verb.key = "remap", .verb.first = "stage1" },
	{ CHANGE, .name = "stage1 unmap", .summary = "Remove a translation from a stage 1",
		.shape = &action_unmap.shape, .verb.key = "unmap", .verb.first = "stage1" },
	{ MAKE, .name = "cd-table create", .summary = "Lay out a context descriptor table",
		.shape = &schema_objects[JOB_CD_TABLES], .verb.key = "cd-tables" },
	{ DESTROY, .name = "cd-table destroy", .summary = "Forget a context descriptor table",
		.verb.key = "cd-tables" },
	{ CHANGE, .name = "cd set", .summary = "Write a context descriptor",
		.shape = &action_set_cd.shape, .verb.key = "set-cd", .verb.first = "cd-table" },
	{ CHANGE, .name = "cd clear", .summary = "Write an invalid context descriptor",
		.shape = &action_set_cd.shape, .verb.key = "set-cd", .verb.first = "cd-table",
		.verb.preset = "{\"words\":[0,0,0,0,0,0,0,0]}" },
	{ MAKE, .name = "irq create",
		.summary = "Have an interrupt of a device delivered to an eventfd",
		.shape = &schema_objects[JOB_IRQS], .verb.key = "irqs" },
	{ DESTROY, .name = "irq destroy", .summary = "Take an interrupt back", .verb.key = "irqs" },
	{ STEP_OF_KEYS, .name = "memory write", .summary = "Write guest memory",
		.shape = &action_write.shape, .verb.key = "write" },
	{ STEP_OF_KEYS, .name = "memory check", .summary = "Compare guest memory",
		.shape = &action_check.shape, .verb.key = "check" },
	{ STEP, .name = "device unplug",
		.summary = "Model only: make the host request the device back",
		.shape = &action_unplug.shape, .verb.key = "unplug", .verb.first = "device" },
	{ STEP, .name = "invalidate", .summary = "Invalidate, as the guest does",
		.shape = &action_invalidate.shape, .verb.key = "invalidate",
		.verb.first = "viommu" },
	{ STEP, .name = "hwpt invalidate", .summary = "Invalidate a nested HWPT of VT-d",
		.shape = &action_invalidate_hwpt.shape, .verb.key = "invalidate-hwpt",
		.verb.first = "hwpt" },
	{ STEP, .name = "dma", .summary = "Have a device do DMA", .shape = &action_dma.shape,
		.verb.key = "dma", .verb.first = "device" },
	{ STEP_OF_KEYS, .name = "msi", .summary = "Have a device interrupt",
		.shape = &action_trigger_msi.shape, .verb.key = "trigger-msi" },
	{ STEP, .name = "event", .summary = "Take the next event of a queue, and compare it",
		.shape = &action_event.shape, .verb.key = "event", .verb.first = "veventq" },
	{ STEP, .name = "no-event", .summary = "Expect that no event comes",
		.shape = &action_no_event.shape, .verb.key = "no-event", .verb.first = "veventq" },
	{ STEP, .name = "page-fault", .summary = "Take page faults from a queue, and compare them",
		.shape = &action_page_fault.shape, .verb.key = "page-fault",
		.verb.first = "fault-queue" },
	{ STEP, .name = "no-page-fault", .summary = "Expect that no page fault comes",
		.shape = &action_no_page_fault.shape, .verb.key = "no-page-fault",
		.verb.first = "fault-queue" },
	{ STEP, .name = "page-response", .summary = "Answer page faults",
		.shape = &action_page_response.shape, .verb.key = "page-response",
		.verb.first = "fault-queue" },

};

const size_t verb_command_count = ARRAY_SIZE(verb_commands);
