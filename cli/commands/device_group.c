// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/device_common.h"
#include "host/group.h"
#include "host/reserved_regions.h"
#include "host/selector.h"
#include "host/use.h"
#include "output/text.h"

/* The table has few rows: there is room for whole names of VFIO drivers. */
#define DRIVER_WIDTH 20
#define CDEV_WIDTH   6

enum member_state { MEMBER_BLOCKS, MEMBER_BRIDGE, MEMBER_VFIO, MEMBER_FREE };

static const struct {
	const char *name;
	const char *meaning;
} states[] = {
	[MEMBER_BLOCKS] = { "blocks", "in the way: its driver does DMA" },
	[MEMBER_BRIDGE] = { "bridge", "a bridge: stays with the host" },
	[MEMBER_VFIO] = { "vfio", "may be given away" },
	[MEMBER_FREE] = { "free", "not in the way" },
};

struct member {
	struct iommu_group_member base;
	enum member_state state;
	struct host_device device; /* of a PCI device; else with pci "" */
	struct failure use;	   /* why it cannot change its driver now; no message if it can */
};

/* Only memory limits the number of members. */
struct group {
	struct sysfs sysfs;
	int number;
	size_t count;
	size_t blocking;
	struct member *members;
	char direct[160]; /* what firmware wants mapped one to one; "": nothing */
};

static enum member_state state_of(const struct iommu_group_member *member)
{
	if (member->claims_dma)
		return MEMBER_BLOCKS;
	if (member->is_vfio)
		return MEMBER_VFIO;
	return member->is_bridge ? MEMBER_BRIDGE : MEMBER_FREE;
}

static void describe(struct group *group, const struct iommu_group_member *base)
{
	struct member *member = &group->members[group->count++];
	char pci[PCI_ADDRESS_SIZE];

	*member = (struct member){ .base = *base, .state = state_of(base) };
	group->blocking += member->state == MEMBER_BLOCKS;
	if (pci_address_normalise(base->name, pci) ||
		host_device_read(&group->sysfs, pci, &member->device))
		return;
	if (member->state == MEMBER_BLOCKS || member->state == MEMBER_VFIO)
		host_use_check(&group->sysfs, &member->device, &member->use);
}

static int read_members(struct group *group)
{
	DIR *directory = iommu_group_open(&group->sysfs, group->number);
	struct iommu_group_member base;
	int err = directory ? 0 : -ENOENT;

	while (!err && iommu_group_next(&group->sysfs, group->number, directory, &base)) {
		void *more =
			reallocarray(group->members, group->count + 1, sizeof(*group->members));

		if (!more) {
			err = -ENOMEM;
			break;
		}
		group->members = more;
		describe(group, &base);
	}
	if (directory)
		closedir(directory);
	return err;
}

static int compare(const void *left, const void *right)
{
	const struct member *one = left, *other = right;

	return strcmp(one->base.name, other->base.name);
}

static void read_direct(struct group *group)
{
	struct reserved_regions regions;

	if (!reserved_regions_read(&group->sysfs, group->number, &regions))
		reserved_regions_describe_direct(&regions, group->direct, sizeof(group->direct));
}

static const char *remedy_of(const struct member *member, char text[IOMMU_GROUP_REMEDY_SIZE])
{
	if (member->use.explanation_count)
		return member->use.explanations[0].remedy;
	if (member->state != MEMBER_BLOCKS || member->use.message)
		return NULL;
	return iommu_group_remedy(&member->base, text);
}

static json_t *to_json(const struct group *group)
{
	json_t *members = json_array();
	char remedy[IOMMU_GROUP_REMEDY_SIZE];

	for (size_t i = 0; i < group->count; i++) {
		const struct member *member = &group->members[i];
		const bool has_cdev = member->device.cdev == HOST_CDEV_PRESENT;

		json_array_append_new(members,
			json_pack("{s:o, s:o, s:o, s:s, s:o, s:o}", "name",
				text_to_json(member->base.name), "driver",
				device_name_to_json(member->base.driver), "cdev",
				device_name_to_json(has_cdev ? member->device.cdev_path : ""),
				"state", states[member->state].name, "in-use",
				text_to_json(member->use.message), "remedy",
				text_to_json(remedy_of(member, remedy))));
	}
	return json_pack("{s:i, s:b, s:o, s:o}", "number", group->number, "blocked",
		group->blocking || *group->direct, "direct-regions",
		device_name_to_json(group->direct), "members", members);
}

static void print_member(FILE *out, const struct member *member)
{
	char text[IOMMU_GROUP_REMEDY_SIZE];
	const char *remedy = remedy_of(member, text);

	fprintf(out, "%-12s", member->base.name);
	device_print_name(out, DRIVER_WIDTH, member->base.driver);
	device_print_name(out, CDEV_WIDTH, member->device.vfio_name);
	fprintf(out, "  %s\n", states[member->state].meaning);
	if (member->use.message) {
		fprintf(out, "%14sin use: ", "");
		text_print(out, member->use.message, 0);
		fputc('\n', out);
	}
	if (remedy) {
		fprintf(out, "%14sto do: ", "");
		text_print(out, remedy, 0);
		fputc('\n', out);
	}
}

static void print_group(FILE *out, const void *data)
{
	const struct group *group = data;

	fprintf(out, "IOMMU group %d: %zu device%s, ", group->number, group->count,
		group->count == 1 ? "" : "s");
	if (group->blocking)
		fprintf(out, "%zu in the way\n", group->blocking);
	else
		fputs(*group->direct ? "kept by firmware\n" : "none in the way\n", out);
	if (*group->direct)
		fprintf(out, "firmware wants a 1:1 mapping of %s: no iommufd gets any of them\n",
			group->direct);
	for (size_t i = 0; i < group->count; i++)
		print_member(out, &group->members[i]);
}

static enum exit_status report_no_group(
	const struct invocation *invocation, const char *number, int err)
{
	struct failure failure;

	if (err == -ENOENT)
		failure_set(
			&failure, err, "there is no such IOMMU group\nSee: iommuctl device list");
	else
		failure_set(&failure, err, "%s", strerror(-err));
	failure.operation = invocation->command->name;
	failure.object = failure_print(&failure, "group %s", number);
	return report_failure(invocation->report, &failure);
}

/* The kernel numbers groups with an int. */
static enum exit_status read_number(
	const struct invocation *invocation, const char *digits, int *number)
{
	const uintmax_t value = strtoumax(digits, NULL, 10);

	if (value > INT_MAX)
		return report_no_group(invocation, digits, -ENOENT);
	*number = (int)value;
	return STATUS_DONE;
}

/* Finds the number of the group that the argument names, directly or through a device. */
static enum exit_status find_group(const struct invocation *invocation, struct group *group)
{
	const char *word = invocation->arguments[0];
	struct host_device device;
	struct selector selector;
	struct failure failure;
	enum exit_status status;

	if (*word && !word[strspn(word, "0123456789")])
		return read_number(invocation, word, &group->number);
	if (selector_parse(word, &selector)) {
		char message[640];

		selector_explain(&group->sysfs, word, message, sizeof(message));
		text_append(message, sizeof(message), "%s", " (or the number of an IOMMU group)");
		return invocation_report_wrong(invocation, word, message);
	}
	status = device_of_invocation(invocation, &group->sysfs, &device);
	if (status != STATUS_DONE)
		return status;
	group->number = device.iommu_group;
	if (device.iommu_group >= 0)
		return STATUS_DONE;
	failure_set(&failure, -ENODEV,
		"it is in no IOMMU group: no IOMMU translates its DMA\nSee: iommuctl doctor %s",
		device.pci);
	return device_report_failure(invocation, device.pci, &failure);
}

static enum exit_status run(struct invocation *invocation)
{
	struct group group = { .number = -1 };
	enum exit_status status = device_sysfs(invocation, &group.sysfs);
	char number[16];
	int err;

	if (status == STATUS_DONE)
		status = find_group(invocation, &group);
	if (status != STATUS_DONE)
		return status;
	err = read_members(&group);
	if (err) {
		snprintf(number, sizeof(number), "%d", group.number);
		status = report_no_group(invocation, number, err);
	} else {
		qsort(group.members, group.count, sizeof(*group.members), compare);
		read_direct(&group);
		status = report_written(
			invocation->report, "group", to_json(&group), print_group, &group);
	}
	free(group.members);
	return status;
}

static const struct command_option options[] = {
	{ DEVICE_OPTION_ROOT },
	{ NULL },
};

const struct command command_device_group = {
	.name = "device group",
	.group = COMMANDS_HOST,
	.arguments = "DEVICE",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Show all devices of an IOMMU group, and which of them block it",
	.description =
		"Shows each device of the IOMMU group that DEVICE is in, or of the group with that "
		"number: its driver, its character device, and whether it blocks giving the group "
		"away. A device blocks the group while its host driver does DMA of its own; bridges "
		"do not. If such a device is in use, the list says by whom; otherwise, how to take it "
		"from its driver.\n\n" DEVICE_FORMS,
	.options = options,
	.run = run,
};
