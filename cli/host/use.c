// SPDX-License-Identifier: MIT
#include "output/memory.h"
#include "host/mounted.h"
#include "host/use.h"

#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSPATH_KEY "vfio-device-syspath:"

/* A device file of the group interface has no name: fdinfo names the device. */
static bool fdinfo_names_device(const struct sysfs *sysfs, const char *process, const char *fd,
	const struct host_device *device)
{
	char directory[64], text[1024], *path, *last;

	snprintf(directory, sizeof(directory), "%s/fdinfo", process);
	if (sysfs_read(sysfs, directory, fd, text, sizeof(text)))
		return false;
	path = strstr(text, SYSPATH_KEY);
	if (!path)
		return false;
	path[strcspn(path, "\n")] = '\0';
	last = strrchr(path, '/');
	return last && strcmp(last + 1, device->pci) == 0;
}

static bool process_holds_device(
	const struct sysfs *sysfs, const char *process, const struct host_device *device)
{
	char directory[64], group[64], target[PATH_MAX];
	bool holds = false;
	const char *fd;
	DIR *files;

	snprintf(directory, sizeof(directory), "%s/fd", process);
	snprintf(group, sizeof(group), "/dev/vfio/%s%d", device->no_iommu ? "noiommu-" : "",
		device->iommu_group);
	files = sysfs_opendir(sysfs, directory);
	while (!holds && (fd = sysfs_next(files))) {
		if (sysfs_read_link(sysfs, directory, fd, target) || !strstr(target, "vfio"))
			continue;
		holds = strcmp(target, device->cdev_path) == 0 || strcmp(target, group) == 0 ||
			fdinfo_names_device(sysfs, process, fd, device);
	}
	if (files)
		closedir(files);
	return holds;
}

int host_use_check_processes(
	const struct sysfs *sysfs, const struct host_device *device, struct failure *failure)
{
	int err = mounted_check_proc(sysfs, failure);
	DIR *processes = err ? NULL : sysfs_opendir(sysfs, "/proc");
	char process[32], command[32] = "";
	const char *name;

	/* Without /proc, there may be a process that cannot be found. */
	if (!err && !processes && !*sysfs->root)
		err = failure_set(failure, -errno, "/proc: %s", strerror(errno));
	while (!err && (name = sysfs_next(processes))) {
		if (name[strspn(name, "0123456789")] ||
			snprintf(process, sizeof(process), "/proc/%s", name) >=
				(int)sizeof(process) ||
			!process_holds_device(sysfs, process, device))
			continue;
		sysfs_read(sysfs, process, "comm", command, sizeof(command));
		err = failure_set(failure, -EBUSY,
			"process %s (%s) has it or its legacy group open\nEnd that process, or make it close the "
			"device",
			name, command);
	}
	if (processes)
		closedir(processes);
	return err;
}

/*
 * An exclusive open fails while a file system, swap, RAID or mapper holds the disk or a part of it.
 * A disk that cannot be opened, or has no node because it is a path of a multipath disk, may be in
 * use.
 */
static int check_disk(struct udev_device *disk, struct failure *failure)
{
	const char *node = udev_device_get_devnode(disk);
	int fd = -1, err = ENOENT;

	if (node) {
		fd = open(node, O_RDONLY | O_EXCL | O_CLOEXEC | O_NONBLOCK);
		err = errno;
	}
	if (fd >= 0)
		close(fd);
	if (fd >= 0 || err == ENOMEDIUM)
		return 0;
	if (err != EBUSY)
		return failure_set(failure, -EBUSY,
			"its disk %s may be in use: it cannot be opened to find out (%s)",
			udev_device_get_sysname(disk), strerror(err));
	return failure_set(failure, -EBUSY,
		"its disk %s is mounted or otherwise held\nUnmount it, and take it out of swap, "
		"RAID and device mapper first",
		node);
}

static int check_interface(struct udev_device *interface, struct failure *failure)
{
	const char *flags = udev_device_get_sysattr_value(interface, "flags");
	const char *name = udev_device_get_sysname(interface);

	if (!flags && errno == ENOMEM)
		memory_note_failure();
	if (!flags || !(strtoul(flags, NULL, 16) & IFF_UP))
		return 0;
	return failure_set(failure, -EBUSY,
		"its network interface %s is up\nTake it down first: ip link set %s down", name,
		name);
}

static int check_child(struct udev_device *child, struct failure *failure)
{
	const char *subsystem = udev_device_get_subsystem(child);

	if (subsystem && strcmp(subsystem, "net") == 0)
		return check_interface(child, failure);
	return check_disk(child, failure);
}

static int check_children(struct udev *udev, struct udev_enumerate *children,
	struct udev_device *parent, struct failure *failure)
{
	struct udev_list_entry *entry;
	int err = udev_enumerate_add_match_parent(children, parent);

	if (err >= 0)
		err = udev_enumerate_add_match_subsystem(children, "net");
	if (err >= 0)
		err = udev_enumerate_add_match_subsystem(children, "block");
	if (err >= 0)
		err = udev_enumerate_scan_devices(children);
	if (err < 0)
		return failure_set(failure, err, "libudev cannot list its uses");
	err = 0;
	udev_list_entry_foreach(entry, memory_checked(udev_enumerate_get_list_entry(children))) {
		struct udev_device *child = memory_checked(
			udev_device_new_from_syspath(udev, udev_list_entry_get_name(entry)));

		if (child)
			err = check_child(child, failure);
		udev_device_unref(child);
		if (err)
			break;
	}
	return err;
}

static int check_host_driver(
	const struct sysfs *sysfs, const struct host_device *device, struct failure *failure)
{
	struct udev *udev = udev_new();
	struct udev_enumerate *children = udev ? udev_enumerate_new(udev) : NULL;
	struct udev_device *parent = NULL;
	char syspath[PATH_MAX];
	int err = 0;

	if (!children)
		err = failure_set(failure, -ENOMEM, "out of memory");
	else if (!sysfs_resolve(sysfs, device->directory, "", syspath))
		parent = memory_checked(udev_device_new_from_syspath(udev, syspath));
	if (parent)
		err = check_children(udev, children, parent, failure);
	udev_device_unref(parent);
	udev_enumerate_unref(children);
	udev_unref(udev);
	return err;
}

/* More than devices are nested below a PCI device: an interface behind some USB hubs is. */
#define DEPTH_MAX 16

/*
 * Sysfs shows the names of the caller's network namespace only, so that a "net" without any has
 * interfaces of another one: without interfaces there is no "net". Takes @fd, and follows no links.
 */
static bool hides_interface(int fd, bool is_net, unsigned int depth)
{
	DIR *directory = fd < 0 ? NULL : memory_checked(fdopendir(fd));
	const struct dirent *entry;
	bool is_empty = true, hides = false;

	if (!directory) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	/* cppcheck-suppress readdirCalled ; only its opener reads a directory */
	while (!hides && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.')
			continue;
		is_empty = false;
		if (is_net || entry->d_type != DT_DIR || !depth)
			continue;
		hides = hides_interface(memory_checked_file(openat(fd, entry->d_name,
						O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
			strcmp(entry->d_name, "net") == 0, depth - 1);
	}
	closedir(directory);
	return hides || (is_net && is_empty);
}

static int check_hidden_interface(
	const struct sysfs *sysfs, const struct host_device *device, struct failure *failure)
{
	char path[PATH_MAX];

	if (sysfs_resolve(sysfs, device->directory, "", path) ||
		!hides_interface(
			memory_checked_file(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)), false,
			DEPTH_MAX))
		return 0;
	return failure_set(failure, -EBUSY,
		"its network interface is in another network namespace\nEnd the container or job that "
		"uses it there, or move the interface back to this namespace first");
}

static int find_use(
	const struct sysfs *sysfs, const struct host_device *device, struct failure *failure)
{
	int err;

	if (device->sriov_numvfs)
		return failure_set(failure, -EBUSY,
			"it has %u virtual functions, which depend on its driver\nRemove them "
			"first: iommuctl device vf destroy %s",
			device->sriov_numvfs, device->pci);
	if (*device->vfio_name)
		return host_use_check_processes(sysfs, device, failure);
	if (!*device->driver)
		return 0;
	err = check_host_driver(sysfs, device, failure);
	return err ? err : check_hidden_interface(sysfs, device, failure);
}

/* If memory ran out, a use may have been missed. */
int host_use_check(
	const struct sysfs *sysfs, const struct host_device *device, struct failure *failure)
{
	int err = find_use(sysfs, device, failure);

	return memory_take_failure() ? failure_set(failure, -ENOMEM, "out of memory") : err;
}
