// SPDX-License-Identifier: MIT
/* The commands that act on objects inside a session: each says what a key of a job says. */
#include "command.h"
#include "job/action.h"
#include "job/schema.h"
#include "session/verb.h"

#define SAID_IN_SESSION(name_, arguments_, min, summary_, description_, shape_, ...)               \
	{                                                                                          \
		.name = name_, .arguments = arguments_, .arguments_min = min, .arguments_max = -1, \
		.summary = summary_, .description = description_, .takes = TAKES_SESSION,          \
		.run = verb_run, .shape = shape_, .verb = &(const struct verb)                     \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

#define IN_SESSION(name, arguments, min, summary, shape, ...)                                      \
	SAID_IN_SESSION(name, arguments, min, summary, VERB_DESCRIPTION STEP_DESCRIPTION, shape,   \
		__VA_ARGS__)
/* It becomes several steps, of which none is the one to fail. */
#define REPLACE(name, summary, shape, ...)                                                         \
	SAID_IN_SESSION(name, "OBJECT by=NAME [KEY=VALUE]...", 2, summary, VERB_DESCRIPTION,       \
		shape, VERB_REPLACE, __VA_ARGS__)

#define VERB_DESCRIPTION                                                                           \
	"Acts in the session that -s or IOMMUCTL_SESSION names. The keys are those of a job; a "   \
	"key inside of another is written behind a dot (ste.config=s1), an element of a list by "  \
	"its number (map.0.iova=0x1000) or as JSON (map={...}, once for each)."

#define STEP_DESCRIPTION " An action that is to fail says so by step.expect.errno=ERRNO."

#define MAKE_OF(name, key, shape, summary)                                                         \
	IN_SESSION(name, "NAME [KEY=VALUE]...", 1, summary, shape, VERB_MAKE, key)
#define MAKE(name, key, collection, summary)                                                       \
	MAKE_OF(name, key, &schema_objects[collection], summary)
#define DESTROY(name, key, summary)                                                                \
	IN_SESSION(name, "OBJECT [step.KEY=VALUE]...", 1, summary, NULL, VERB_DESTROY, key)
#define ACT(name, key, action, arguments, first, summary)                                          \
	IN_SESSION(name, arguments, 1, summary, &(action).shape, VERB_ACT, key, first)

const struct command command_memory_create =
	MAKE("memory create", "memory", JOB_MEMORY, "Make guest memory");
const struct command command_memory_destroy =
	DESTROY("memory destroy", "memory", "Give guest memory back");
const struct command command_memory_write =
	ACT("memory write", "write", action_write, "[KEY=VALUE]...", NULL, "Write guest memory");
const struct command command_memory_check =
	ACT("memory check", "check", action_check, "[KEY=VALUE]...", NULL, "Compare guest memory");
const struct command command_device_open = MAKE_OF("device open", "devices", &schema_device,
	"Open a device, and bind it to the iommufd of the session");
const struct command command_device_close = DESTROY("device close", "devices", "Close a device");
const struct command command_device_attach = ACT("device attach", "attach", action_attach,
	"OBJECT [KEY=VALUE]...", "device", "Attach a device, or move it");
const struct command command_device_detach = ACT("device detach", "detach", action_detach,
	"OBJECT [KEY=VALUE]...", "device", "Detach a device");
const struct command command_device_reset = ACT("device reset", "reset", action_reset,
	"OBJECT [KEY=VALUE]...", "device", "Reset a device, or all that is on its bus");
const struct command command_device_low_power = ACT("device low-power", "low-power",
	action_low_power, "OBJECT [KEY=VALUE]...", "device", "Let a device sleep, or wake it up");
const struct command command_device_unplug = ACT("device unplug", "unplug", action_unplug,
	"OBJECT [KEY=VALUE]...", "device", "Have the host of the model want a device back");
const struct command command_ioas_alloc =
	MAKE("ioas alloc", "ioas", JOB_IOAS, "Allocate an I/O address space");
const struct command command_ioas_destroy =
	DESTROY("ioas destroy", "ioas", "Destroy an I/O address space");
const struct command command_ioas_map = IN_SESSION("ioas map", "OBJECT [KEY=VALUE]...", 1,
	"Map guest memory in an IOAS", &schema_ioas_map, VERB_ACT, "ioas-map", "ioas", "map");
const struct command command_ioas_map_bar = ACT("ioas map-bar", "ioas-map-bar", action_ioas_map_bar,
	"OBJECT [KEY=VALUE]...", "ioas", "Map a BAR of a device in an IOAS");
const struct command command_ioas_unmap = ACT("ioas unmap", "ioas-unmap", action_ioas_unmap,
	"OBJECT [KEY=VALUE]...", "ioas", "Unmap a range of an IOAS");
const struct command command_ioas_copy = ACT("ioas copy", "ioas-copy", action_ioas_copy,
	"OBJECT [KEY=VALUE]...", "ioas", "Map what another IOAS maps");
const struct command command_ioas_allow = ACT("ioas allow", "ioas-allow", action_ioas_allow,
	"OBJECT [KEY=VALUE]...", "ioas", "Keep IOVAs mappable");
const struct command command_ioas_ranges = ACT("ioas ranges", "ioas-ranges", action_ioas_ranges,
	"OBJECT [KEY=VALUE]...", "ioas", "Show which IOVAs can be mapped, or compare them");
const struct command command_hwpt_alloc =
	MAKE("hwpt alloc", "hwpts", JOB_HWPTS, "Allocate a hardware page table");
const struct command command_hwpt_destroy =
	DESTROY("hwpt destroy", "hwpts", "Destroy a hardware page table");
const struct command command_hwpt_replace = REPLACE("hwpt replace",
	"Put a changed HWPT in the place of another", &schema_objects[JOB_HWPTS], NULL);
const struct command command_ste_set = REPLACE(
	"ste set", "Change the STE of what is attached to a nested HWPT", &schema_ste, "ste");
const struct command command_hwpt_dirty_tracking = ACT("hwpt dirty-tracking", "hwpt-dirty-tracking",
	action_hwpt_dirty_tracking, "OBJECT [KEY=VALUE]...", "hwpt",
	"Track what devices write, or do not");
const struct command command_hwpt_dirty_bitmap = ACT("hwpt dirty-bitmap", "hwpt-dirty-bitmap",
	action_hwpt_dirty_bitmap, "OBJECT [KEY=VALUE]...", "hwpt",
	"Show what devices have written, or compare it");
const struct command command_fault_queue_alloc = MAKE(
	"fault-queue alloc", "fault-queues", JOB_FAULT_QUEUES, "Allocate a queue of page faults");
const struct command command_fault_queue_destroy =
	DESTROY("fault-queue destroy", "fault-queues", "Destroy a queue of page faults");
const struct command command_page_fault = ACT("page-fault", "page-fault", action_page_fault,
	"OBJECT [KEY=VALUE]...", "fault-queue", "Take page faults of a queue, and compare them");
const struct command command_no_page_fault = ACT("no-page-fault", "no-page-fault",
	action_no_page_fault, "OBJECT [KEY=VALUE]...", "fault-queue",
	"Expect that no page fault comes");
const struct command command_page_response = ACT("page-response", "page-response",
	action_page_response, "OBJECT [KEY=VALUE]...", "fault-queue", "Answer page faults");
const struct command command_viommu_alloc =
	MAKE("viommu alloc", "viommus", JOB_VIOMMUS, "Allocate a vIOMMU");
const struct command command_viommu_destroy =
	DESTROY("viommu destroy", "viommus", "Destroy a vIOMMU");
const struct command command_vdevice_alloc =
	MAKE("vdevice alloc", "vdevices", JOB_VDEVICES, "Allocate a vDEVICE");
const struct command command_vdevice_destroy =
	DESTROY("vdevice destroy", "vdevices", "Destroy a vDEVICE");
const struct command command_veventq_alloc =
	MAKE("veventq alloc", "veventqs", JOB_VEVENTQS, "Allocate an event queue");
const struct command command_veventq_destroy =
	DESTROY("veventq destroy", "veventqs", "Destroy an event queue");
const struct command command_hw_queue_alloc = MAKE("hw-queue alloc", "hw-queues", JOB_HW_QUEUES,
	"Allocate a queue that the hardware of a vIOMMU reads");
const struct command command_hw_queue_destroy =
	DESTROY("hw-queue destroy", "hw-queues", "Destroy a queue that hardware reads");
const struct command command_stage1_create =
	MAKE("stage1 create", "stage1", JOB_STAGE1, "Lay out stage-1 tables in guest memory");
const struct command command_stage1_destroy =
	DESTROY("stage1 destroy", "stage1", "Forget stage-1 tables");
const struct command command_stage1_map = ACT("stage1 map", "map", action_map,
	"OBJECT [KEY=VALUE]...", "stage1", "Add a translation to a stage 1");
const struct command command_stage1_remap = ACT("stage1 remap", "remap", action_remap,
	"OBJECT [KEY=VALUE]...", "stage1", "Change a translation of a stage 1");
const struct command command_stage1_unmap = ACT("stage1 unmap", "unmap", action_unmap,
	"OBJECT [KEY=VALUE]...", "stage1", "Take a translation of a stage 1 away");
const struct command command_cd_table_create = MAKE(
	"cd-table create", "cd-tables", JOB_CD_TABLES, "Lay out a table of context descriptors");
const struct command command_cd_table_destroy =
	DESTROY("cd-table destroy", "cd-tables", "Forget a table of context descriptors");
const struct command command_cd_set = ACT("cd set", "set-cd", action_set_cd,
	"OBJECT [KEY=VALUE]...", "cd-table", "Write a context descriptor");
const struct command command_cd_clear = IN_SESSION("cd clear", "OBJECT [KEY=VALUE]...", 1,
	"Write a context descriptor that is not valid", &action_set_cd.shape, VERB_ACT, "set-cd",
	"cd-table", NULL, "{\"words\":[0,0,0,0,0,0,0,0]}");
const struct command command_irq_create = MAKE(
	"irq create", "irqs", JOB_IRQS, "Have an interrupt of a device delivered to an eventfd");
const struct command command_irq_destroy = DESTROY("irq destroy", "irqs", "Take an interrupt back");
const struct command command_invalidate = ACT("invalidate", "invalidate", action_invalidate,
	"OBJECT [KEY=VALUE]...", "viommu", "Invalidate, as the guest does");
const struct command command_hwpt_invalidate = ACT("hwpt invalidate", "invalidate-hwpt",
	action_invalidate_hwpt, "OBJECT [KEY=VALUE]...", "hwpt",
	"Invalidate a nested HWPT of VT-d");
const struct command command_dma =
	ACT("dma", "dma", action_dma, "OBJECT [KEY=VALUE]...", "device", "Have a device do DMA");
const struct command command_event = ACT("event", "event", action_event, "OBJECT [KEY=VALUE]...",
	"veventq", "Take the next event of a queue, and compare it");
const struct command command_no_event = ACT("no-event", "no-event", action_no_event,
	"OBJECT [KEY=VALUE]...", "veventq", "Expect that no event comes");
const struct command command_msi = ACT("msi", "trigger-msi", action_trigger_msi, "[KEY=VALUE]...",
	NULL, "Have a device interrupt");
