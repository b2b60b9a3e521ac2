// SPDX-License-Identifier: MIT
/* The actions on a device and what it is attached to. */
#include "job/action.h"

#include "document/problem.h"
#include "job/live.h"
#include "job/schema.h"
#include "job/sequence.h"
#include "output/text.h"

static const struct schema_key attach_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(job_attach, device), .required = true,
		.collection = JOB_DEVICES, .help = "What to attach." },
	{ "hwpt", SCHEMA_REF, MEMBER(job_attach, hwpt), .group = 1, .collection = JOB_HWPTS,
		.help = "What to attach it to." },
	{ "ioas", SCHEMA_REF, MEMBER(job_attach, ioas), .group = 1, .collection = JOB_IOAS,
		.help = "An IOAS instead: the kernel chooses or makes the HWPT." },
	{ NULL },
};

static void describe_attach(const void *arguments, char *text, size_t size)
{
	const struct job_attach *attach = arguments;

	text_append(text, size, "devices.%s to %s.%s", attach->device.name,
		attach->hwpt.name ? "hwpts" : "ioas",
		attach->hwpt.name ? attach->hwpt.name : attach->ioas.name);
}

static int run_attach(struct live *live, const struct job_step *step)
{
	return live_attach(live, step->arguments);
}

/* The "attach" of a job is a list of the same. */
const struct job_action action_attach = {
	{
		"attach", sizeof(struct job_attach), attach_keys,
		.path_offset = offsetof(struct job_attach, path),
		.doubt_offset = offsetof(struct job_attach, doubtful),
		.help = "Attach a device. One that is attached already is moved without a gap.",
	},
	.effect = ACTION_CHANGES, .go_through = sequence_attach, .describe = describe_attach, .run = run_attach,
};

struct device_arguments {
	struct document_ref device;
};

static const struct schema_key device_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(device_arguments, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device." },
	{ NULL },
};

#define DEVICE_SHAPE \
	{ "device-step", sizeof(struct device_arguments), device_keys, .help = "Acts on a device." }

static int go_through_detach(struct sequence *sequence, const struct document_object *device)
{
	if (sequence->step->expect)
		return 0;
	if (!sequence->attached[device->index])
		return sequence_problem(sequence,
			"devices.%s is not attached at this point: nothing would be done", device->name);
	sequence->attached[device->index] = NULL;
	return 0;
}

const struct job_action action_detach = {
	DEVICE_SHAPE, .effect = ACTION_CHANGES,
	.go_through_object = go_through_detach, .run_on_object = live_detach,
};

static int reset(struct live *live, const struct document_object *device)
{
	int err = iommuctl_vfio_reset(live->ctx, live_object(live, device)->fd);

	if (err)
		return live_fail(live, device, err);
	/* A reset clears what makes the device answer and master the bus. */
	live->devices[device->index].stimulus.driver = NULL;
	return 0;
}

const struct job_action action_reset = { DEVICE_SHAPE, .run_on_object = reset };
