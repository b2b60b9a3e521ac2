// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands/device_common.h"
#include "host/enumerate.h"
#include "host/group.h"
#include "host/reserved_regions.h"
#include "output/text.h"

/* All that is known about one device. */
struct facts {
	struct sysfs sysfs;
	struct host_device device;
	struct device_details details;
	char model[256];
	struct reserved_regions regions; /* none without an IOMMU group */
	struct failure obstacle; /* why no iommufd can have it; no message: no known reason */
	const struct bound_device_hw_info *hw; /* NULL: not asked for */
	const uint8_t *vf_token;	       /* to bind it with; NULL: none */
};

static void find_obstacle(struct facts *facts)
{
	const struct sysfs *sysfs = &facts->sysfs;
	const struct host_device *device = &facts->device;
	struct iommu_group_member claimer;
	char cdev[128], direct[160];
	struct failure *obstacle = &facts->obstacle;
	int err = 0;

	if (device->no_iommu)
		failure_set(obstacle, 0, "it has no IOMMU: VFIO drives it in no-IOMMU mode");
	else if (device->iommu_group < 0)
		failure_set(obstacle, 0, "it is in no IOMMU group");
	else if (iommu_group_find_claimer(sysfs, device, &claimer))
		failure_set(obstacle, 0, "%s in its IOMMU group is on the host driver %s",
			claimer.name, claimer.driver);
	else if (reserved_regions_describe_direct(&facts->regions, direct, sizeof(direct)))
		failure_set(obstacle, 0, "firmware asks for a 1:1 mapping of %s", direct);
	else if (device->cdev != HOST_CDEV_PRESENT)
		failure_set(obstacle, 0, "%s", device_cdev_text(device, cdev, sizeof(cdev)));
	else
		err = host_device_probe_cdev(sysfs, device);
	if (err)
		failure_set(
			obstacle, err, "%s does not open: %s", device->cdev_path, strerror(-err));
}

static void gather(struct facts *facts)
{
	const struct host_device *device = &facts->device;

	device_details_read(&facts->sysfs, device, NULL, &facts->details);
	host_device_model(&facts->sysfs, device->pci, facts->model, sizeof(facts->model));
	if (device->iommu_group < 0 ||
		reserved_regions_read(&facts->sysfs, device->iommu_group, &facts->regions))
		facts->regions.count = 0;
	find_obstacle(facts);
}

static json_t *members_to_json(const struct sysfs *sysfs, int group)
{
	DIR *directory = iommu_group_open(sysfs, group);
	struct iommu_group_member member;
	json_t *members = json_array();

	while (iommu_group_next(sysfs, group, directory, &member))
		json_array_append_new(members,
			json_pack("{s:o, s:o, s:b}", "name", text_to_json(member.name), "driver",
				device_name_to_json(member.driver), "blocks", member.claims_dma));
	if (directory)
		closedir(directory);
	return members;
}

static json_t *range_to_json(const struct iommuctl_reserved_region *region)
{
	return json_pack("{s:o, s:o, s:s}", "start", hex_to_json(region->start), "last",
		hex_to_json(region->last), "type", iommuctl_reserved_type_name(region->type));
}

static json_t *regions_to_json(const struct reserved_regions *regions)
{
	json_t *array = json_array();

	for (size_t i = 0; i < regions->count; i++)
		json_array_append_new(array, range_to_json(&regions->region[i]));
	return array;
}

static json_t *facts_to_json(const struct facts *facts)
{
	const struct host_device *device = &facts->device;
	const struct reserved_regions *regions = &facts->regions;
	struct iommuctl_reserved_region msi;
	const bool has_msi = !iommuctl_msi_window_find(regions->region, regions->count, &msi);
	json_t *json = device_details_to_json(&facts->sysfs, device, &facts->details);

	json_object_set_new(json, "model", device_name_to_json(facts->model));
	json_object_set_new(json, "driver-override", device_name_to_json(device->override));
	json_object_set_new(
		json, "group-members", members_to_json(&facts->sysfs, device->iommu_group));
	json_object_set_new(json, "reserved-regions", regions_to_json(regions));
	json_object_set_new(json, "msi-window", has_msi ? range_to_json(&msi) : json_null());
	json_object_set_new(json, "usable", json_boolean(!facts->obstacle.message));
	json_object_set_new(json, "obstacle", text_to_json(facts->obstacle.message));
	if (facts->hw)
		json_object_set_new(json, "hw-info", device_hw_info_to_json(facts->hw));
	return json;
}

static void print_line(FILE *out, const char *label, const char *value)
{
	fprintf(out, "%-16s  ", label);
	text_print(out, *value ? value : "none", 0);
	fputc('\n', out);
}

static void print_group(FILE *out, const struct sysfs *sysfs, const struct host_device *device)
{
	struct iommu_group_member member;
	DIR *directory;

	if (device->iommu_group < 0) {
		print_line(out, "IOMMU group", "");
		return;
	}
	fprintf(out, "%-16s  %d\n", "IOMMU group", device->iommu_group);
	directory = iommu_group_open(sysfs, device->iommu_group);
	while (iommu_group_next(sysfs, device->iommu_group, directory, &member)) {
		if (strcmp(member.name, device->pci) == 0)
			continue;
		fprintf(out, "%-16s  %s, driver ", "  shared with", member.name);
		text_print(out, *member.driver ? member.driver : "none", 0);
		fputs(member.claims_dma ? ": blocks the group\n" : "\n", out);
	}
	if (directory)
		closedir(directory);
}

static void print_regions(FILE *out, const struct reserved_regions *regions)
{
	for (size_t i = 0; i < regions->count; i++) {
		const struct iommuctl_reserved_region *region = &regions->region[i];

		fprintf(out, "%-16s  0x%" PRIx64 "-0x%" PRIx64 " %s\n",
			region->type == IOMMUCTL_RESERVED_MSI ? "MSI window" : "reserved region",
			region->start, region->last, iommuctl_reserved_type_name(region->type));
	}
}

static void print_sriov(
	FILE *out, const struct host_device *device, const struct device_details *details)
{
	if (*device->physfn && details->virtual_function >= 0)
		fprintf(out, "%-16s  %d of %s\n", "VF", details->virtual_function, device->physfn);
	else if (*device->physfn)
		print_line(out, "VF of", device->physfn);
	if (device->sriov_totalvfs)
		fprintf(out, "%-16s  %u of %u virtual functions are enabled\n", "SR-IOV",
			device->sriov_numvfs, device->sriov_totalvfs);
}

static void print_features(FILE *out, const struct pci_features *features)
{
	const char *gap = "";

	fprintf(out, "%-16s  ", "can do");
	for (int i = 0; i < PCI_FEATURES; i++) {
		if (features->has[i]) {
			fprintf(out, "%s%s", gap, pci_feature_name((enum pci_feature)i));
			gap = ", ";
		}
	}
	if (!features->known)
		fputs("unknown: only root can read its configuration space", out);
	else if (!*gap)
		fputs("none of PASID, ATS and PRI", out);
	fputc('\n', out);
}

static void print_facts(FILE *out, const void *data)
{
	const struct facts *facts = data;
	const struct host_device *device = &facts->device;
	char cdev[128], id[DEVICE_ID_SIZE];

	fprintf(out, "%-16s  %s\n", "PCI address", device->pci);
	device_id_text(device, id);
	fprintf(out, "%-16s  %s, class 0x%06x\n", "id", id, device->class);
	if (*facts->model)
		print_line(out, "model", facts->model);
	print_line(out, "driver", device->driver);
	if (*device->override)
		print_line(out, "driver override", device->override);
	if (device->numa_node >= 0)
		fprintf(out, "%-16s  %d\n", "NUMA node", device->numa_node);
	if (*facts->details.netdev)
		print_line(out, "netdev", facts->details.netdev);
	print_sriov(out, device, &facts->details);
	print_features(out, &facts->details.features);
	print_line(out, "IOMMU", device->no_iommu ? "none: no-IOMMU mode of VFIO" : device->iommu);
	print_group(out, &facts->sysfs, device);
	print_regions(out, &facts->regions);
	fprintf(out, "%-16s  %s%s\n", "cdev", device->cdev == HOST_CDEV_PRESENT ? "" : "none: ",
		device_cdev_text(device, cdev, sizeof(cdev)));
	fprintf(out, "%-16s  %s", "usable", facts->obstacle.message ? "no: " : "yes");
	text_print(out, facts->obstacle.message ? facts->obstacle.message : "", 0);
	fputc('\n', out);
	if (facts->hw)
		device_hw_info_print(out, facts->hw);
}

/* Binds the device for a moment. Reports its own failure. */
static enum exit_status ask_bound(const struct invocation *invocation, const struct facts *facts,
	struct bound_device_hw_info *hw)
{
	const struct host_device *device = &facts->device;
	struct cli_context context;
	struct bound_device bound;
	enum exit_status status = cli_context_open(&context, invocation, NULL);
	int err;

	if (status != STATUS_DONE)
		return status;
	err = bound_device_open(context.ctx, device->cdev_path, facts->vf_token, &bound);
	if (err) {
		iommuctl_narrow_last_error(context.ctx,
			host_device_known(&sysfs_of_host, device) | IOMMUCTL_KNOWN_CDEV);
	} else {
		err = bound_device_get_hw_info(&bound, hw);
		if (!err)
			err = bound_device_get_cmdqv(&bound, hw);
		bound_device_close(&bound);
	}
	if (err)
		status = report_last_error(invocation->report, context.ctx, device->pci, err);
	status = cli_context_check(&context, invocation->report, status);
	cli_context_close(&context);
	return status;
}

static enum exit_status ask_hw_info(const struct invocation *invocation, const struct facts *facts,
	struct bound_device_hw_info *hw)
{
	const struct host_device *device = &facts->device;
	struct failure failure;

	if (device->cdev == HOST_CDEV_PRESENT)
		return ask_bound(invocation, facts, hw);
	failure_set(&failure, -ENODEV, "there is no cdev to ask through: %s\n%s %s",
		facts->obstacle.message,
		device->cdev == HOST_CDEV_NO_DRIVER && !device->no_iommu &&
				device->iommu_group >= 0 && !host_device_is_bridge(device)
			? "To get one: iommuctl device bind"
			: "What to do: iommuctl doctor",
		device->pci);
	return device_report_failure(invocation, device->pci, &failure);
}

static enum exit_status run(struct invocation *invocation)
{
	struct bound_device_hw_info hw;
	struct facts facts = { .hw = NULL };
	const bool asks_kernel = invocation_option(invocation, "hw-info");
	uint8_t token[VALUE_UUID_SIZE];
	enum exit_status status = device_vf_token(invocation, token, &facts.vf_token);

	if (status == STATUS_DONE && !asks_kernel)
		status = invocation_option(invocation, "vf-token")
				 ? report_requires(invocation->report, "vf-token", "hw-info")
				 : invocation_expect_no_calls(invocation, "--hw-info");
	if (status == STATUS_DONE)
		status = device_sysfs(invocation, &facts.sysfs);
	if (status == STATUS_DONE && asks_kernel && *facts.sysfs.root)
		status = report_usage(invocation->report,
			"--hw-info asks the kernel of this host, but --root=%s is another",
			facts.sysfs.root);
	if (status == STATUS_DONE)
		status = device_of_invocation(invocation, &facts.sysfs, &facts.device);
	if (status != STATUS_DONE)
		return status;
	gather(&facts);
	if (asks_kernel) {
		status = ask_hw_info(invocation, &facts, &hw);
		if (status != STATUS_DONE)
			return status;
		facts.hw = &hw;
	}
	return report_written(
		invocation->report, "device", facts_to_json(&facts), print_facts, &facts);
}

static const struct command_option options[] = {
	{ DEVICE_OPTION_ROOT },
	{ "hw-info", NULL, "Bind it to an iommufd for a moment and ask what its IOMMU supports" },
	{ DEVICE_OPTION_VF_TOKEN },
	{ NULL },
};

const struct command command_device_show = {
	.name = "device show",
	.group = COMMANDS_HOST,
	.arguments = "DEVICE",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Show all that is known about one device",
	.description =
		"Shows the device's ids, driver, IOMMU, IOMMU group with its other members and which "
		"of them block it, reserved regions and MSI window, virtual functions, network "
		"interface, support for PASID, ATS and PRI, character device, and whether it can be "
		"bound to an iommufd as it is.\n"
		"\n"
		"With --hw-info, it binds the device, which has to be on a VFIO driver and is reset "
		"by this, and shows the answer of IOMMU_GET_HW_INFO; for an SMMUv3 also its CMDQV (of "
		"NVIDIA's Tegra241: HW queues of a guest's own), if it has one and the kernel reports "
		"it. CMDQV support is proven only on the model machine.\n\n" DEVICE_FORMS,
	.options = options,
	.takes = TAKES_CALLS,
	.run = run,
};
