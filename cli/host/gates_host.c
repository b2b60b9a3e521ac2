// SPDX-License-Identifier: MIT
/* The gates that concern the host as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/capability.h>

#include "host/gate.h"
#include "host/gunzip.h"
#include "host/iommu.h"
#include "output/memory.h"

void kernel_config_missing(FILE *config, const char *const *options, char *missing, size_t size)
{
	unsigned int found = 0;
	char line[256];
	size_t used = 0;

	while (fgets(line, sizeof(line), config)) {
		size_t name = strcspn(line, "=");

		for (size_t i = 0; options[i]; i++) {
			if (strlen(options[i]) == name && !memcmp(line, options[i], name) &&
				(line[name + 1] == 'y' || line[name + 1] == 'm'))
				found |= 1U << i;
		}
	}
	*missing = '\0';
	for (size_t i = 0; options[i] && used < size; i++) {
		if (!(found & 1U << i))
			used += (size_t)snprintf(missing + used, size - used, "%s%s",
				used ? " " : "", options[i]);
	}
}

/* The configuration of the running kernel, wherever it is; NULL if nowhere. */
static FILE *open_kernel_config(const char *release, struct gunzip *gunzip)
{
	static const struct {
		const char *before;
		const char *after;
	} places[] = { { "/boot/config-", "" }, { "/lib/modules/", "/config" } };
	char path[128];
	FILE *config;

	*gunzip = (struct gunzip){ 0 };
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), "%s%s%s", places[i].before, release, places[i].after);
		config = memory_checked(fopen(path, "re"));
		if (config)
			return config;
	}
	return gunzip_open(gunzip, "/proc/config.gz");
}

static void check_kernel_config(struct examination *examination, struct gate_result *result)
{
	static const char *const options[] = { "CONFIG_IOMMUFD", "CONFIG_VFIO_PCI",
		"CONFIG_VFIO_DEVICE_CDEV", NULL };
	static const char *const arm_options[] = { "CONFIG_IOMMUFD", "CONFIG_VFIO_PCI",
		"CONFIG_VFIO_DEVICE_CDEV", "CONFIG_ARM_SMMU_V3", "CONFIG_ARM_SMMU_V3_IOMMUFD",
		NULL };
	struct gunzip gunzip;
	struct utsname name;
	char missing[256];
	FILE *config;

	(void)examination;
	uname(&name);
	config = open_kernel_config(name.release, &gunzip);
	if (!config) {
		gate_unknown(result, "the configuration of kernel %s is nowhere to be read",
			name.release);
		return;
	}
	kernel_config_missing(config, strcmp(name.machine, "aarch64") ? options : arm_options,
		missing, sizeof(missing));
	if (gunzip.stream)
		gunzip_close(&gunzip);
	else
		fclose(config);
	if (*missing)
		gate_fail(result, STATUS_UNSUPPORTED,
			"kernel %s was built without: %s\nUse a kernel that has these options",
			name.release, missing);
	else
		gate_pass(result, "kernel %s has the options that are needed", name.release);
}

static void check_iommufd(struct examination *examination, struct gate_result *result)
{
	int fd = sysfs_open_node(examination->sysfs, "/dev/iommu", 0);

	if (fd >= 0) {
		close(fd);
		gate_pass(result, "/dev/iommu opens");
	} else if (fd == -EACCES || fd == -EPERM) {
		gate_fail(result, STATUS_NO_PERMISSION,
			"/dev/iommu does not open: %s\nRun as root, give the node to this user, "
			"or, in a container, allow the device",
			strerror(-fd));
	} else if (fd == -ENOENT && sysfs_exists(examination->sysfs, "/sys/class/misc/iommu", "")) {
		gate_fail(result, STATUS_FAILED,
			"the kernel has iommufd, but /dev/iommu is missing\nIn a container, pass "
			"/dev/iommu in; else mount a devtmpfs at /dev");
	} else if (fd == -ENOENT) {
		gate_fail(result, STATUS_UNSUPPORTED,
			"the kernel has no iommufd\nmodprobe iommufd; if there is no such module, "
			"the kernel needs CONFIG_IOMMUFD");
	} else {
		gate_fail(result, STATUS_FAILED, "/dev/iommu does not open: %s", strerror(-fd));
	}
}

static void check_vfio(struct examination *examination, struct gate_result *result)
{
	if (sysfs_exists(examination->sysfs, "/sys/bus/pci/drivers/vfio-pci", ""))
		gate_pass(result, "the driver vfio-pci is there");
	else if (sysfs_exists(examination->sysfs, "/sys/class/vfio-dev", ""))
		gate_unknown(result,
			"VFIO is there, but not its driver vfio-pci\nmodprobe vfio-pci, unless the "
			"device has a VFIO driver of its own");
	else
		gate_fail(result, STATUS_UNSUPPORTED,
			"the kernel has no VFIO\nmodprobe vfio-pci; if there is no such module, "
			"the kernel needs CONFIG_VFIO_PCI");
}

/* Character devices that drivers registered are lines such as "510 vfio-dev". */
static bool has_major_number(const char *devices, const char *name)
{
	size_t length = strlen(name);
	const char *at = devices;

	while ((at = strstr(at, name))) {
		if (at > devices && at[-1] == ' ' && (at[length] == '\n' || !at[length]))
			return true;
		at += length;
	}
	return false;
}

static void check_vfio_cdev(struct examination *examination, struct gate_result *result)
{
	char devices[16384];

	if (!sysfs_exists(examination->sysfs, "/sys/class/vfio-dev", ""))
		gate_unknown(result, "cannot be told before VFIO is loaded");
	else if (sysfs_read(examination->sysfs, "/proc", "devices", devices, sizeof(devices)))
		gate_unknown(result, "/proc/devices cannot be read");
	else if (has_major_number(devices, "vfio-dev"))
		gate_pass(result, "VFIO gives each device a character device");
	else
		gate_fail(result, STATUS_UNSUPPORTED,
			"VFIO was built without character devices\nThe kernel needs "
			"CONFIG_VFIO_DEVICE_CDEV");
}

static void check_iommu(struct examination *examination, struct gate_result *result)
{
	DIR *directory = sysfs_opendir(examination->sysfs, "/sys/class/iommu");
	const char *name, *kind = NULL;
	char first[HOST_NAME_SIZE] = "";
	unsigned int count = 0;

	while ((name = sysfs_next(directory))) {
		if (!count++) {
			snprintf(first, sizeof(first), "%s", name);
			kind = iommu_kind(name);
		}
	}
	if (directory)
		closedir(directory);
	if (!count)
		gate_fail(result, STATUS_UNSUPPORTED,
			"the kernel uses no IOMMU\nEnable it in the firmware and the kernel: "
			"intel_iommu=on, amd_iommu=on, CONFIG_ARM_SMMU_V3");
	else if (kind)
		gate_pass(result, "%u IOMMU%s, the first is %s (%s)", count, count == 1 ? "" : "s",
			first, kind);
	else
		gate_unknown(result, "%s is of a kind that is not known to do nested translation",
			first);
}

/* There every id is mapped onto itself; without CONFIG_USER_NS there is no map. */
static bool in_initial_user_namespace(const struct sysfs *sysfs)
{
	unsigned long inside, outside, count;
	char map[4096];
	int err = sysfs_read(sysfs, "/proc/self", "uid_map", map, sizeof(map));

	if (err)
		return err == -ENOENT;
	return sscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3 && outside == 0 &&
		count == UINT32_MAX;
}

/* The capability counts in the initial user namespace only. */
static bool has_ipc_lock(const struct sysfs *sysfs)
{
	char status[8192], *line;

	if (!in_initial_user_namespace(sysfs) ||
		sysfs_read(sysfs, "/proc/self", "status", status, sizeof(status)))
		return false;
	line = strstr(status, "\nCapEff:");
	return line && strtoull(line + strlen("\nCapEff:"), NULL, 16) >> CAP_IPC_LOCK & 1;
}

static void check_memlock(struct examination *examination, struct gate_result *result)
{
	struct rlimit limit;

	if (has_ipc_lock(examination->sysfs)) {
		gate_pass(result, "CAP_IPC_LOCK: no limit on pinned memory");
		return;
	}
	if (getrlimit(RLIMIT_MEMLOCK, &limit)) {
		gate_unknown(result, "RLIMIT_MEMLOCK cannot be read: %s", strerror(errno));
		return;
	}
	if (limit.rlim_cur == RLIM_INFINITY)
		gate_pass(result, "RLIMIT_MEMLOCK is unlimited");
	else if (!examination->memory)
		gate_unknown(result,
			"RLIMIT_MEMLOCK is %" PRIu64 " KiB for all guests of this user\n"
			"Say how much memory the guest has: --memory=SIZE",
			(uint64_t)limit.rlim_cur / 1024);
	else if (limit.rlim_cur >= examination->memory)
		gate_pass(result,
			"RLIMIT_MEMLOCK is %" PRIu64 " KiB: enough, but other guests of this user "
			"share it",
			(uint64_t)limit.rlim_cur / 1024);
	else
		gate_fail(result, STATUS_NO_PERMISSION,
			"RLIMIT_MEMLOCK is %" PRIu64 " KiB, the guest needs %" PRIu64
			" KiB pinned\nRaise it: ulimit -l, LimitMEMLOCK= in a systemd unit, or "
			"give CAP_IPC_LOCK",
			(uint64_t)limit.rlim_cur / 1024, examination->memory / 1024);
}

const struct gate host_gates[] = {
	{ "kernel-config", 0, 0, check_kernel_config },
	{ "iommufd", 0, GATE_FACT_IOMMUFD, check_iommufd },
	{ "vfio", 0, 0, check_vfio },
	{ "vfio-cdev", 0, 0, check_vfio_cdev },
	{ "iommu", 0, 0, check_iommu },
	{ "memlock", 0, 0, check_memlock },
	{ NULL },
};
