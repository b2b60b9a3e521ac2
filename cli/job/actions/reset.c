// SPDX-License-Identifier: MIT
/* The actions that reset a device or change its power state. */
#include "job/actions/action.h"

#include <errno.h>
#include <stdlib.h>

#include "job/live/live.h"
#include "job/live/faults.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

struct reset_arguments {
	struct document_ref device;
	bool bus;
};

static const struct schema_key reset_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(reset_arguments, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device." },
	{ "bus", SCHEMA_BOOL, MEMBER(reset_arguments, bus),
		.help = "Reset its slot or bus with all devices there. Each must be a device of "
			"the job, or in the IOMMU group of one." },
	{ NULL },
};

static int go_through_reset(struct sequence *sequence, const void *arguments)
{
	const struct reset_arguments *reset = arguments;

	return sequence_need_hardware(sequence, reset->device.target, "cannot be reset");
}

static void describe_reset(const void *arguments, char *text, size_t size)
{
	const struct reset_arguments *reset = arguments;

	text_append(
		text, size, "devices.%s%s", reset->device.name, reset->bus ? " and its bus" : "");
}

/* A reset clears memory decoding and bus mastering. */
static void forget_registers(struct live *live, const struct document_object *device)
{
	struct stimulus *stimulus = &live->devices[device->index].stimulus;

	stimulus->started = stimulus->usable = false;
}

static int fail_reset(struct live *live, const struct document_object *device, int err)
{
	live_fail(live, device, err);
	/* The device has no such reset. */
	if (err == -EINVAL || err == -ENOTTY || err == -ENODEV)
		live->failure.status = STATUS_UNSUPPORTED;
	return err;
}

static int reset_function(struct live *live, const struct document_object *device)
{
	int err = iommuctl_vfio_reset(live->ctx, live_object(live, device)->fd);

	if (err)
		return fail_reset(live, device, err);
	forget_registers(live, device);
	return 0;
}

/* The devices that a hot reset resets. */
struct bus_members {
	struct iommuctl_vfio_pci_dependent_device *devices;
	uint32_t count;
};

static int find_members(
	struct live *live, const struct document_object *device, struct bus_members *members)
{
	const int fd = live_object(live, device)->fd;
	uint32_t flags;
	int err;

	*members = (struct bus_members){ 0 };
	do {
		struct iommuctl_vfio_pci_dependent_device *larger =
			calloc(members->count ? members->count : 1, sizeof(*larger));

		free(members->devices);
		members->devices = larger;
		if (!larger)
			return live_fail_with(live, device, -ENOMEM, "reset", "no memory left");
		err = iommuctl_vfio_pci_hot_reset_get_info(
			live->ctx, fd, &flags, members->devices, &members->count);
	} while (err == -ENOSPC);
	return err ? fail_reset(live, device, err) : 0;
}

/* NULL: not a device of the job. */
static const struct document_object *device_of(
	const struct live *live, const struct iommuctl_vfio_pci_dependent_device *member)
{
	return member->id == IOMMUCTL_VFIO_PCI_DEVID_OWNED ? NULL
							   : live_device_of_id(live, member->id);
}

static void name_member(const struct live *live,
	const struct iommuctl_vfio_pci_dependent_device *member, char *text, size_t size)
{
	const struct document_object *device = device_of(live, member);

	if (device)
		text_append(text, size, "devices.%s", device->name);
	else
		text_append(text, size, "%04x:%02x:%02x.%x", member->segment, member->bus,
			member->devfn >> 3, member->devfn & 7u);
}

/* The kernel would refuse it without naming the device. */
static int refuse_strangers(
	struct live *live, const struct document_object *device, const struct bus_members *members)
{
	char strangers[256] = "";
	int err;

	for (uint32_t i = 0; i < members->count; i++) {
		if (members->devices[i].id != IOMMUCTL_VFIO_PCI_DEVID_NOT_OWNED)
			continue;
		text_append(strangers, sizeof(strangers), strangers[0] ? ", " : "");
		name_member(live, &members->devices[i], strangers, sizeof(strangers));
	}
	if (!strangers[0])
		return 0;
	err = live_fail_with(live, device, -EINVAL, "VFIO_DEVICE_PCI_HOT_RESET",
		"would reset a device that is not in this job: %s", strangers);
	failure_explain(&live->failure, NULL,
		"bind it to a VFIO driver, and add it to the devices of the job");
	return err;
}

static void tell_members(
	struct live *live, const struct document_object *device, const struct bus_members *members)
{
	const struct document_object *other;

	text_append(live->seen, sizeof(live->seen), "devices.%s and its bus: ", device->name);
	for (uint32_t i = 0; i < members->count; i++) {
		text_append(live->seen, sizeof(live->seen), i ? ", " : "");
		name_member(live, &members->devices[i], live->seen, sizeof(live->seen));
		other = device_of(live, &members->devices[i]);
		if (other)
			forget_registers(live, other);
	}
}

static int reset_bus(struct live *live, const struct document_object *device)
{
	struct bus_members members;
	int err = find_members(live, device, &members);

	if (!err)
		err = refuse_strangers(live, device, &members);
	if (!err) {
		err = iommuctl_vfio_pci_hot_reset(
			live->ctx, live_object(live, device)->fd, NULL, 0);
		if (err)
			live_fail(live, device, err);
	}
	if (!err)
		tell_members(live, device, &members);
	free(members.devices);
	return err;
}

static int run_reset(struct live *live, const struct job_step *step)
{
	const struct reset_arguments *reset = step->arguments;

	return reset->bus ? reset_bus(live, reset->device.target)
			  : reset_function(live, reset->device.target);
}

const struct job_action action_reset = {
	{ "reset", sizeof(struct reset_arguments), reset_keys,
		.help = "Resets a device, or all devices on its slot or bus. Attachments are "
			"kept." },
	.go_through = go_through_reset,
	.describe = describe_reset,
	.run = run_reset,
};

struct power_arguments {
	struct document_ref device;
	bool exit;
};

static const struct schema_key power_keys[] = {
	{ "device", SCHEMA_REF, MEMBER(power_arguments, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device." },
	{ "exit", SCHEMA_BOOL, MEMBER(power_arguments, exit), .help = "Wake it up instead." },
	{ NULL },
};

static int go_through_power(struct sequence *sequence, const void *arguments)
{
	const struct power_arguments *power = arguments;

	return sequence_need_hardware(sequence, power->device.target, "has no power to manage");
}

static void describe_power(const void *arguments, char *text, size_t size)
{
	const struct power_arguments *power = arguments;

	text_append(text, size, "devices.%s %s", power->device.name,
		power->exit ? "is awake" : "may sleep");
}

static int run_power(struct live *live, const struct job_step *step)
{
	const struct power_arguments *power = step->arguments;
	const struct document_object *device = power->device.target;
	const int fd = live_object(live, device)->fd;
	int err = power->exit ? iommuctl_vfio_low_power_exit(live->ctx, fd)
			      : iommuctl_vfio_low_power_entry(live->ctx, fd);

	if (err)
		live_fail(live, device, err);
	return err;
}

const struct job_action action_low_power = {
	{ "low-power", sizeof(struct power_arguments), power_keys,
		.help = "Lets the kernel put a device to sleep. Each access through the device's "
			"file wakes it up; its mapped BARs do not respond until it is woken up." },
	.go_through = go_through_power,
	.describe = describe_power,
	.run = run_power,
};
