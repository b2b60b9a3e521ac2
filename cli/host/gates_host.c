// SPDX-License-Identifier: MIT
/* The gates that concern the host as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "array.h"
#include "host/gate.h"
#include "host/iommu.h"
#include "host/kernel_config.h"
#include "host/memlock.h"
#include "host/mounted.h"
#include "output/memory.h"

/* A kernel option, and where it is needed. NULL as a place: everywhere. */
struct option_row {
	const char *option;
	const char *machine; /* as uname() has it */
	const char *table;   /* in which firmware describes the hardware for the option */
};

static const struct option_row option_rows[] = {
	{ "CONFIG_IOMMUFD", NULL, NULL },
	{ "CONFIG_VFIO_PCI", NULL, NULL },
	{ "CONFIG_VFIO_DEVICE_CDEV", NULL, NULL },
	{ "CONFIG_ARM_SMMU_V3", "aarch64", NULL },
	{ "CONFIG_ARM_SMMU_V3_IOMMUFD", "aarch64", NULL },
	{ "CONFIG_INTEL_IOMMU", "x86_64", "DMAR" },
	{ "CONFIG_AMD_IOMMU", "x86_64", "IVRS" },
};

/* Only root can read a firmware table, but everyone can see that it exists. */
static bool has_table(const struct examination *examination, const char *name)
{
	return sysfs_exists(examination->sysfs, "/sys/firmware/acpi/tables", name);
}

/* Lists the options that this host needs, with a NULL at the end. */
static void find_options(const struct examination *examination, const char *machine,
	const char *options[static ARRAY_SIZE(option_rows) + 1])
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++) {
		const struct option_row *row = &option_rows[i];

		if ((!row->machine || strcmp(row->machine, machine) == 0) &&
			(!row->table || has_table(examination, row->table)))
			options[count++] = row->option;
	}
	options[count] = NULL;
}

static void check_kernel_config(struct examination *examination, struct gate_result *result)
{
	const char *options[ARRAY_SIZE(option_rows) + 1];
	const struct host_record *recorded = examination->recorded;
	const char *release, *machine;
	struct utsname name;
	char missing[256];

	uname(&name);
	release = recorded ? recorded->release : name.release;
	machine = recorded ? recorded->machine : name.machine;
	find_options(examination, machine, options);
	if (!kernel_config_find_missing(recorded, options, missing, sizeof(missing)))
		gate_unknown(result, "the configuration of kernel %s cannot be found", release);
	else if (*missing)
		gate_fail(result, STATUS_UNSUPPORTED,
			"kernel %s was built without: %s\nUse a kernel that has these options",
			release, missing);
	else
		gate_pass(result, "kernel %s has the required options", release);
}

/* Then /sys is empty, which says nothing about the kernel. */
#define NO_SYSFS "sysfs is not mounted\nMount sysfs at /sys"

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
	} else if (fd == -ENOENT && !mounted_sys(examination->sysfs)) {
		gate_unknown(result, "/dev/iommu is missing, and " NO_SYSFS);
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
			"VFIO is loaded, but not its driver vfio-pci\nmodprobe vfio-pci, unless the "
			"device has a VFIO driver of its own");
	else if (!mounted_sys(examination->sysfs))
		gate_unknown(result, NO_SYSFS);
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
		gate_unknown(result, "unknown until VFIO is loaded");
	else if (sysfs_read(examination->sysfs, "/proc", "devices", devices, sizeof(devices)))
		gate_unknown(result, "/proc/devices cannot be read");
	else if (has_major_number(devices, "vfio-dev"))
		gate_pass(result, "VFIO gives each device a character device");
	else
		gate_fail(result, STATUS_UNSUPPORTED,
			"VFIO was built without character devices\nThe kernel needs "
			"CONFIG_VFIO_DEVICE_CDEV");
}

/* Known kinds come first, then by name: sysfs has no order. */
static bool comes_before(const char *name, const char *other)
{
	const bool known = iommu_kind(name), other_known = iommu_kind(other);

	return known != other_known ? known : strcmp(name, other) < 0;
}

/* The IOMMUs that firmware describes, and why the kernel may leave them alone. */
static const struct {
	const char *table;
	const char *what;
	const char *remedy;
} unused_iommus[] = {
	{ "DMAR", "VT-d", "Boot with intel_iommu=on; the kernel needs CONFIG_INTEL_IOMMU" },
	{ "IVRS", "an AMD IOMMU",
		"Boot without amd_iommu=off and iommu=off; the kernel needs CONFIG_AMD_IOMMU" },
};

/* Fails the gate if firmware describes an IOMMU that the kernel could use; false if not. */
static bool fail_with_unused_iommu(
	const struct examination *examination, struct gate_result *result)
{
	for (size_t i = 0; i < ARRAY_SIZE(unused_iommus); i++) {
		if (has_table(examination, unused_iommus[i].table)) {
			gate_fail(result, STATUS_UNSUPPORTED,
				"the kernel uses no IOMMU, but firmware describes %s (%s)\n%s",
				unused_iommus[i].what, unused_iommus[i].table,
				unused_iommus[i].remedy);
			return true;
		}
	}
	return false;
}

static void check_iommu(struct examination *examination, struct gate_result *result)
{
	DIR *directory = sysfs_opendir(examination->sysfs, "/sys/class/iommu");
	char first[HOST_NAME_SIZE] = "";
	unsigned int count = 0;
	const char *name, *kind;

	while ((name = sysfs_next(directory))) {
		if (!count++ || comes_before(name, first))
			snprintf(first, sizeof(first), "%s", name);
	}
	if (directory)
		closedir(directory);
	kind = iommu_kind(first);
	if (!count && !mounted_sys(examination->sysfs)) {
		gate_unknown(result, NO_SYSFS);
		return;
	}
	/* An unknown kind may be the kernel's own mock. */
	if (!kind && fail_with_unused_iommu(examination, result))
		return;
	if (!count)
		gate_fail(result, STATUS_UNSUPPORTED,
			"the kernel uses no IOMMU\nEnable it in the firmware and the kernel: "
			"intel_iommu=on, amd_iommu=on, CONFIG_ARM_SMMU_V3");
	else if (kind)
		gate_pass(result, "%u IOMMU%s, the first is %s (%s)", count, count == 1 ? "" : "s",
			first, kind);
	else
		gate_unknown(result, "%s is not of a kind known to do nested translation", first);
}

static void check_memlock(struct examination *examination, struct gate_result *result)
{
	const uint64_t needed = examination->memory;
	struct memlock memlock;

	if (memlock_find(examination->sysfs, examination->recorded, &memlock)) {
		gate_unknown(result, "RLIMIT_MEMLOCK cannot be read: %s", strerror(errno));
		return;
	}
	if (!memlock.limited)
		gate_pass(result, "%s",
			memlock.by_capability ? "CAP_IPC_LOCK: no limit on pinned memory"
					      : "RLIMIT_MEMLOCK is unlimited");
	else if (!needed)
		gate_unknown(result,
			"RLIMIT_MEMLOCK is %" PRIu64 " KiB for all guests of this user\n"
			"Say how much memory the guest has: --memory=SIZE",
			memlock.bytes / 1024);
	else if (memlock.bytes < needed && !mounted_proc(examination->sysfs))
		gate_unknown(result,
			"RLIMIT_MEMLOCK is %" PRIu64 " KiB; whether CAP_IPC_LOCK lifts it is "
			"in /proc, which is not mounted\nMount procfs at /proc",
			memlock.bytes / 1024);
	else if (memlock.bytes >= needed)
		gate_pass(result,
			"RLIMIT_MEMLOCK is %" PRIu64 " KiB: enough, but other guests of this user "
			"share it",
			memlock.bytes / 1024);
	else
		gate_fail(result, STATUS_NO_PERMISSION,
			"RLIMIT_MEMLOCK is %" PRIu64 " KiB, the guest needs %" PRIu64
			" KiB pinned\nRaise it: ulimit -l, LimitMEMLOCK= in a systemd unit, or "
			"give CAP_IPC_LOCK",
			memlock.bytes / 1024, needed / 1024);
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
