// SPDX-License-Identifier: MIT
#include "host/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "array.h"
#include "host/device.h"
#include "host/interrupt_remapping.h"
#include "host/kernel_config.h"
#include "host/kernel_parameter.h"
#include "host/pci_address.h"
#include "output/errno_name.h"
#include "output/memory.h"
#include "output/text.h"

/* The collected data, by path on the host. */
struct collection {
	const struct sysfs *sysfs;
	json_t *directories, *files, *links, *nodes, *tables;
};

/* A link of a device, and from where its last component is counted in the record. */
struct link_row {
	const char *name;
	const char *base;
};

static const struct link_row device_links[] = {
	{ "driver", "../../drivers/" },
	{ "iommu", "../../../../class/iommu/" },
	{ "iommu_group", "../../../../kernel/iommu_groups/" },
	{ "physfn", "../" },
};

static const char *const device_files[] = { "vendor", "device", "class", "numa_node",
	"sriov_numvfs", "sriov_totalvfs", "driver_override" };

static const char *const group_files[] = { "name", "type", "reserved_regions" };

static const char *const iommu_files[] = { "intel-iommu/version", "intel-iommu/cap",
	"intel-iommu/ecap", "amd-iommu/cap", "amd-iommu/features" };

static const char *const host_directories[] = { "/sys/class/misc/iommu", "/sys/class/vfio-dev",
	"/sys/bus/pci/drivers/vfio-pci" };

static const char *const host_files[][2] = {
	{ "/proc/self", "uid_map" },
	{ "/sys/module/iommufd/parameters", "allow_unsafe_interrupts" },
	{ "/sys/module/vfio/parameters", "enable_unsafe_noiommu_mode" },
	{ "/sys/module/vfio_iommu_type1/parameters", "allow_unsafe_interrupts" },
};

static const char *const tables[] = { "IORT", "DMAR", "IVRS" };

/* The relevant kernel options, on the command line and in the configuration. */
static const char *const parameters[] = { "iommu", "intel_iommu", "amd_iommu", "intremap",
	"arm_smmu", "vfio", "pci=", "pcie_acs_override" };
static const char *const options[] = { "CONFIG_IOMMU", "CONFIG_VFIO", "CONFIG_ARM_SMMU",
	"CONFIG_INTEL_IOMMU", "CONFIG_AMD_IOMMU", "CONFIG_IRQ_REMAP", "CONFIG_TEGRA241_CMDQV",
	"CONFIG_ACPI_IORT" };

/* Ignores a path that is too long. */
static void join(char path[PATH_MAX], const char *directory, const char *name)
{
	if (snprintf(path, PATH_MAX, "%s/%s", directory, name) >= PATH_MAX)
		*path = '\0';
}

static void add_file(struct collection *all, const char *directory, const char *name)
{
	char text[16384], path[PATH_MAX];

	if (sysfs_read(all->sysfs, directory, name, text, sizeof(text)))
		return;
	join(path, directory, name);
	json_object_set_new(all->files, path, text_to_json(text));
}

static bool add_directory(struct collection *all, const char *path)
{
	if (!sysfs_exists(all->sysfs, path, ""))
		return false;
	json_array_append_new(all->directories, text_to_json(path));
	return true;
}

static void add_link(
	struct collection *all, const char *directory, const char *name, const char *base)
{
	char last[HOST_NAME_SIZE], path[PATH_MAX], target[HOST_NAME_SIZE + 64];

	if (sysfs_read_link_name(all->sysfs, directory, name, last, sizeof(last)))
		return;
	join(path, directory, name);
	snprintf(target, sizeof(target), "%s%s", base, last);
	json_object_set_new(all->links, path, text_to_json(target));
}

/* Whether it opens: "opens", or the name of the error. A missing node is left out. */
static void add_node(struct collection *all, const char *path)
{
	int fd = sysfs_open_node(all->sysfs, path, 0);
	const char *name = fd < 0 ? errno_name(-fd) : "opens";

	if (fd >= 0)
		close(fd);
	if (fd != -ENOENT)
		json_object_set_new(all->nodes, path, json_string(name ? name : "EIO"));
}

/* Calls @add for the names in @directory. */
static void for_each_name(struct collection *all, const char *directory,
	void (*add)(struct collection *all, const char *directory, const char *name))
{
	DIR *entries = sysfs_opendir(all->sysfs, directory);
	const char *name;

	while ((name = sysfs_next(entries)))
		add(all, directory, name);
	if (entries)
		closedir(entries);
}

static void add_vfio(struct collection *all, const char *directory, const char *name)
{
	char path[PATH_MAX], node[PATH_MAX];

	join(path, directory, name);
	add_directory(all, path);
	add_file(all, path, "dev");
	join(node, "/dev/vfio/devices", name);
	add_node(all, node);
}

static void add_virtual_function(struct collection *all, const char *directory, const char *name)
{
	if (strncmp(name, "virtfn", strlen("virtfn")) == 0)
		add_link(all, directory, name, "../");
}

static void add_device(struct collection *all, const char *directory, const char *name)
{
	char pci[PCI_ADDRESS_SIZE], path[PATH_MAX], vfio[PATH_MAX];

	if (pci_address_normalise(name, pci))
		return;
	join(path, directory, name);
	for (size_t i = 0; i < ARRAY_SIZE(device_files); i++)
		add_file(all, path, device_files[i]);
	for (size_t i = 0; i < ARRAY_SIZE(device_links); i++)
		add_link(all, path, device_links[i].name, device_links[i].base);
	for_each_name(all, path, add_virtual_function);
	join(vfio, path, "vfio-dev");
	for_each_name(all, vfio, add_vfio);
}

/* A group member is a link to the device, whose driver counts even if it is not on PCI. */
static void add_member(struct collection *all, const char *directory, const char *name)
{
	char pci[PCI_ADDRESS_SIZE], path[PATH_MAX], target[NAME_MAX + 64];
	const bool is_pci = !pci_address_normalise(name, pci);

	join(path, directory, name);
	snprintf(target, sizeof(target), "../../../../bus/%s/devices/%s",
		is_pci ? "pci" : "platform", name);
	json_object_set_new(all->links, path, text_to_json(target));
	if (is_pci)
		return;
	join(path, "/sys/bus/platform/devices", name);
	add_link(all, path, "driver", "../../drivers/");
}

static void add_group(struct collection *all, const char *directory, const char *name)
{
	char path[PATH_MAX], members[PATH_MAX];

	join(path, directory, name);
	for (size_t i = 0; i < ARRAY_SIZE(group_files); i++)
		add_file(all, path, group_files[i]);
	join(members, path, "devices");
	for_each_name(all, members, add_member);
}

static void add_iommu(struct collection *all, const char *directory, const char *name)
{
	char path[PATH_MAX];

	join(path, directory, name);
	add_directory(all, path);
	for (size_t i = 0; i < ARRAY_SIZE(iommu_files); i++)
		add_file(all, path, iommu_files[i]);
}

/* A firmware table, as digits. Only root can read it. */
static void add_table(struct collection *all, const char *name)
{
	static const char digits[] = "0123456789abcdef";
	char path[PATH_MAX];
	uint8_t bytes[65536];
	char *text;
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/sys/firmware/acpi/tables/%s", all->sysfs->root, name);
	file = memory_checked(fopen(path, "re"));
	if (!file)
		return;
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	text = memory_checked(malloc(2 * size + 1));
	for (size_t i = 0; text && i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	if (text) {
		text[2 * size] = '\0';
		json_object_set_new(all->tables, name, json_string(text));
	}
	free(text);
}

/* The relevant lines of /proc/devices, or words of /proc/cmdline. */
static void add_parts(struct collection *all, const char *name, const char *ends,
	bool (*is_ours)(const char *part))
{
	char text[16384], kept[16384] = "", path[64], *place = NULL;

	if (sysfs_read(all->sysfs, "/proc", name, text, sizeof(text)))
		return;
	for (char *part = strtok_r(text, ends, &place); part; part = strtok_r(NULL, ends, &place)) {
		if (is_ours(part))
			text_append(kept, sizeof(kept), "%s%c", part, ends[0]);
	}
	snprintf(path, sizeof(path), "/proc/%s", name);
	json_object_set_new(all->files, path, text_to_json(kept));
}

static bool is_our_driver(const char *line)
{
	return strstr(line, "vfio") || strstr(line, "iommu");
}

static bool is_our_parameter(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
		if (kernel_parameter_begin(word, parameters[i]))
			return true;
	}
	return strcmp(word, KERNEL_PARAMETERS_END) == 0;
}

/* Only the capabilities, of the status of this process. */
static void add_capabilities(struct collection *all)
{
	char status[8192], kept[64], *line;

	if (sysfs_read(all->sysfs, "/proc/self", "status", status, sizeof(status)))
		return;
	line = strstr(status, "\nCapEff:");
	if (!line)
		return;
	snprintf(kept, sizeof(kept), "%.*s", (int)(1 + strcspn(line + 1, "\n")), line);
	json_object_set_new(all->files, "/proc/self/status", text_to_json(kept));
}

/* Only the name of an interrupt chip that shows whether interrupts are remapped. */
static void add_interrupts(struct collection *all)
{
	static const char *const chips[] = {
		[INTERRUPTS_REMAPPED] = " IR-IO-APIC\n",
		[INTERRUPTS_NOT_REMAPPED] = " IO-APIC\n",
	};
	enum interrupt_remapping state = interrupt_remapping_state(all->sysfs);

	if (state != INTERRUPTS_UNKNOWN)
		json_object_set_new(all->files, "/proc/interrupts", json_string(chips[state]));
}

static bool is_our_option(const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (strncmp(line, options[i], strlen(options[i])) == 0)
			return true;
	}
	return false;
}

static json_t *collect_config(const char *release)
{
	struct kernel_config config;
	char line[256], kept[8192] = "";

	if (!kernel_config_open(&config, release))
		return json_null();
	while (fgets(line, sizeof(line), config.stream)) {
		if (is_our_option(line))
			text_append(kept, sizeof(kept), "%s", line);
	}
	return kernel_config_close(&config) ? text_to_json(kept) : json_null();
}

static json_t *collect_memlock(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur == RLIM_INFINITY)
		return json_null();
	return json_integer((json_int_t)limit.rlim_cur);
}

static void collect_tree(struct collection *all)
{
	for (size_t i = 0; i < ARRAY_SIZE(host_directories); i++)
		add_directory(all, host_directories[i]);
	for (size_t i = 0; i < ARRAY_SIZE(host_files); i++)
		add_file(all, host_files[i][0], host_files[i][1]);
	add_parts(all, "devices", "\n", is_our_driver);
	add_parts(all, "cmdline", " \n", is_our_parameter);
	add_capabilities(all);
	add_interrupts(all);
	add_node(all, "/dev/iommu");
	for_each_name(all, "/sys/class/iommu", add_iommu);
	for_each_name(all, "/sys/bus/pci/devices", add_device);
	for_each_name(all, "/sys/kernel/iommu_groups", add_group);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		add_table(all, tables[i]);
}

json_t *host_record_collect(const struct sysfs *sysfs, json_t *asked)
{
	struct collection all = { sysfs, json_array(), json_object(), json_object(), json_object(),
		json_object() };
	struct utsname name;

	uname(&name);
	collect_tree(&all);
	return json_pack("{s:s, s:{s:s, s:s, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "version",
		IOMMUCTL_VERSION, "kernel", "release", name.release, "machine", name.machine,
		"config", collect_config(name.release), "memlock", collect_memlock(), "nodes",
		all.nodes, "directories", all.directories, "files", all.files, "links", all.links,
		"tables", all.tables, "asked", asked);
}
