// SPDX-License-Identifier: MIT
/* The actions that attach, detach and unplug devices. */
#include "job/actions/action.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "document/problem.h"
#include "job/live/live.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

static const struct schema_key attach_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(job_attach, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device to attach." },
	{ "hwpt", SCHEMA_REF, MEMBER(job_attach, hwpt), .group = 1, .collection = JOB_HWPTS,
		.help = "The HWPT to attach it to." },
	{ "ioas", SCHEMA_REF, MEMBER(job_attach, ioas), .group = 1, .collection = JOB_IOAS,
		.help = "An IOAS instead; the kernel chooses or makes the HWPT." },
	{ "pasid", SCHEMA_NUMBER, MEMBER(job_attach, pasid), .min = 1, .max = (1 << 20) - 1,
		.help = "Attach this PASID of the device rather than the device itself. The HWPTs "
			"of both need \"pasid\": true." },
	{ NULL },
};

static void describe_attach(const void *arguments, char *text, size_t size)
{
	const struct job_attach *attach = arguments;

	text_append(text, size, "devices.%s to %s.%s", attach->device.name,
		attach->hwpt.name ? "hwpts" : "ioas",
		attach->hwpt.name ? attach->hwpt.name : attach->ioas.name);
	if (attach->pasid)
		text_append(text, size, ", PASID %" PRIu64, attach->pasid);
}

static int run_attach(struct live *live, const struct job_step *step)
{
	return live_attach(live, step->arguments);
}

/* A job's "attach" is a list of these. */
const struct job_action action_attach = {
	{
		"attach",
		sizeof(struct job_attach),
		attach_keys,
		.path_offset = offsetof(struct job_attach, path),
		.doubt_offset = offsetof(struct job_attach, doubtful),
		.help = "Attaches a device. A device that is already attached is moved without a "
			"gap.",
	},
	.effect = ACTION_CHANGES,
	.go_through = sequence_attach,
	.describe = describe_attach,
	.run = run_attach,
};

struct detach_arguments {
	struct document_ref device;
	uint64_t pasid; /* 0: the device itself */
};

static const struct schema_key detach_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(detach_arguments, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device." },
	{ "pasid", SCHEMA_NUMBER, MEMBER(detach_arguments, pasid), .min = 1, .max = (1 << 20) - 1,
		.help = "Detach this PASID rather than the device itself." },
	{ NULL },
};

static int go_through_detach(struct sequence *sequence, const void *arguments)
{
	const struct detach_arguments *detach = arguments;
	const struct document_object *device = detach->device.target;

	if (sequence->step->expect)
		return 0;
	if (detach->pasid)
		return sequence_detach_pasid(sequence, device, detach->pasid);
	if (!sequence->attached[device->index])
		return sequence_problem(sequence,
			"devices.%s is not attached at this point: there is nothing to detach",
			device->name);
	sequence_detach(sequence, device);
	return 0;
}

static void describe_detach(const void *arguments, char *text, size_t size)
{
	const struct detach_arguments *detach = arguments;

	text_append(text, size, "devices.%s", detach->device.name);
	if (detach->pasid)
		text_append(text, size, ", PASID %" PRIu64, detach->pasid);
}

static int run_detach(struct live *live, const struct job_step *step)
{
	const struct detach_arguments *detach = step->arguments;

	return detach->pasid
		       ? live_detach_pasid(live, detach->device.target, (uint32_t)detach->pasid)
		       : live_detach(live, detach->device.target);
}

const struct job_action action_detach = {
	{ "detach", sizeof(struct detach_arguments), detach_keys,
		.help = "Detaches a device. Its DMA is then blocked." },
	.effect = ACTION_CHANGES,
	.go_through = go_through_detach,
	.describe = describe_detach,
	.run = run_detach,
};

struct unplug_arguments {
	struct document_ref device;
	bool returns;
};

static const struct schema_key unplug_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(unplug_arguments, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device." },
	{ "returns", SCHEMA_BOOL, MEMBER(unplug_arguments, returns),
		.help = "The device is bound again after it is unbound: it can be reopened once it "
			"has been released." },
	{ NULL },
};

static int go_through_unplug(struct sequence *sequence, const void *arguments)
{
	const struct unplug_arguments *unplug = arguments;

	return sequence_need_hardware(sequence, unplug->device.target, "no host asks to have back");
}

static void describe_unplug(const void *arguments, char *text, size_t size)
{
	const struct unplug_arguments *unplug = arguments;

	text_append(text, size, "devices.%s%s", unplug->device.name,
		unplug->returns ? ", which returns" : "");
}

static int run_unplug(struct live *live, const struct job_step *step)
{
	const struct unplug_arguments *unplug = step->arguments;
	const struct document_object *device = unplug->device.target;
	const struct platform *platform = live->platform;
	int err;

	if (platform->unplug) {
		err = platform->unplug(
			platform, &live->devices[device->index].found, unplug->returns);
		return err ? live_fail_with(live, device, err, "unplug", "%s", strerror(-err)) : 0;
	}
	err = live_fail_with(
		live, device, -EOPNOTSUPP, "unplug", "a job cannot unplug devices of a host");
	failure_explain(&live->failure, NULL,
		"on a host, use remove or driver/unbind in /sys/bus/pci/devices/ADDRESS");
	return err;
}

const struct job_action action_unplug = {
	{ "unplug", sizeof(struct unplug_arguments), unplug_keys,
		.help = "Asks for a device back, as the host does when it is unbound or removed, "
			"and waits until it is closed: a session releases it, run keeps it until "
			"it ends. On the model only." },
	.go_through = go_through_unplug,
	.describe = describe_unplug,
	.run = run_unplug,
};
