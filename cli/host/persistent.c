// SPDX-License-Identifier: MIT
#include "host/persistent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "array.h"
#include "output/memory.h"
#include "output/whole_file.h"

/* The first line of each of our files, by which we know them. */
#define FIRST_LINE "# iommuctl device bind --persist: "

#define NAME_SIZE (sizeof(PERSISTENT_PREFIX PERSISTENT_SUFFIX) + PCI_ADDRESS_SIZE)

static void file_name(const char *pci, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, PERSISTENT_PREFIX "%s" PERSISTENT_SUFFIX, pci);
}

void persistent_path(const char *pci, char path[PERSISTENT_PATH_SIZE])
{
	snprintf(path, PERSISTENT_PATH_SIZE,
		PERSISTENT_DIRECTORY "/" PERSISTENT_PREFIX "%s" PERSISTENT_SUFFIX, pci);
}

/* Returns a descriptor or -errno. Creates the directory if udev has no configuration yet. */
static int open_directory(const struct sysfs *sysfs, bool make)
{
	static const char *const steps[] = { "/etc/udev", PERSISTENT_DIRECTORY };
	char path[PATH_MAX];
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if (snprintf(path, sizeof(path), "%s%s", sysfs->root, steps[i]) >=
			(int)sizeof(path))
			return -ENAMETOOLONG;
		if (make && mkdir(path, 0755) && errno != EEXIST)
			return -errno;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* No driver name has characters that would end the string in the rule, or begin another. */
static bool is_plain_name(const char *driver)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return *driver && strlen(driver) < HOST_NAME_SIZE && !driver[strspn(driver, plain)];
}

/*
 * The override keeps the host's driver away, even one that is loaded later. A device that has a
 * host driver by then (built in, or from the initramfs) may be in use, which udevd cannot tell: a
 * service tries it, with all checks of "device bind". If the device appears while its host driver
 * is loaded (a virtual function), udevd hears of it before that driver probes it: then the rules
 * act on "bind", unless the override has been cleared, as "device unbind" and a failed bind do.
 */
static char *rules_of(const struct host_device *device, const char *driver)
{
	char *text;

	if (asprintf(&text,
		    FIRST_LINE
		    "%s %s %04x:%04x\n"
		    "# Listed by: iommuctl device persistent\n"
		    "# Removed by: iommuctl device persistent --forget %s\n"
		    "ACTION!=\"add|bind\", GOTO=\"iommuctl_end\"\n"
		    "SUBSYSTEM!=\"pci\", GOTO=\"iommuctl_end\"\n"
		    "KERNEL!=\"%s\", GOTO=\"iommuctl_end\"\n"
		    "ATTR{vendor}!=\"0x%04x\", GOTO=\"iommuctl_end\"\n"
		    "ATTR{device}!=\"0x%04x\", GOTO=\"iommuctl_end\"\n"
		    "ACTION==\"bind\", ATTR{driver_override}!=\"%s\", GOTO=\"iommuctl_end\"\n"
		    "ACTION==\"bind\", GOTO=\"iommuctl_bound\"\n"
		    "ATTR{driver_override}=\"%s\"\n"
		    "IMPORT{builtin}=\"kmod load %s\"\n"
		    "DRIVER!=\"?*\", ATTR{[subsystem/pci]drivers_probe}=\"%s\"\n"
		    "LABEL=\"iommuctl_bound\"\n"
		    "DRIVER==\"?*\", DRIVER!=\"%s\", TAG+=\"systemd\", "
		    "ENV{SYSTEMD_WANTS}+=\"iommuctl-bind@%s.service\"\n"
		    "LABEL=\"iommuctl_end\"\n",
		    device->pci, driver, device->vendor, device->device, device->pci, device->pci,
		    device->vendor, device->device, driver, driver, driver, device->pci, driver,
		    device->pci) < 0)
		return NULL;
	return text;
}

static bool parse_first_line(const char *line, struct persistent_binding *binding)
{
	struct persistent_binding read;
	char pci[PCI_ADDRESS_SIZE];
	int end = 0;

	if (strncmp(line, FIRST_LINE, strlen(FIRST_LINE)) != 0)
		return false;
	if (sscanf(line + strlen(FIRST_LINE), "%16s %63s %4x:%4x%n", pci, read.driver, &read.vendor,
		    &read.device, &end) != 4 ||
		strcmp(line + strlen(FIRST_LINE) + end, "\n") != 0)
		return false;
	if (pci_address_normalise(pci, read.pci) || !is_plain_name(read.driver))
		return false;
	*binding = read;
	return true;
}

/* Closes @fd. */
static int read_binding(int fd, const char *pci, struct persistent_binding *binding)
{
	struct persistent_binding read;
	char line[256] = "";
	struct stat status;
	FILE *file;
	bool ours;

	if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		close(fd);
		return -EEXIST;
	}
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	ours = fgets(line, sizeof(line), file) && parse_first_line(line, &read) &&
	       strcmp(read.pci, pci) == 0;
	fclose(file);
	if (!ours)
		return -EEXIST;
	*binding = read;
	return 0;
}

static int read_in(int directory, const char *pci, struct persistent_binding *binding)
{
	char name[NAME_SIZE];
	int fd;

	file_name(pci, name);
	fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == ELOOP ? -EEXIST : -errno;
	return read_binding(fd, pci, binding);
}

int persistent_read(const struct sysfs *sysfs, const char *pci, struct persistent_binding *binding)
{
	int err, directory = open_directory(sysfs, false);

	if (directory < 0)
		return directory;
	err = read_in(directory, pci, binding);
	close(directory);
	return err;
}

static int explain(const char *pci, int err, struct failure *failure)
{
	char path[PERSISTENT_PATH_SIZE];

	persistent_path(pci, path);
	switch (err) {
	case -EEXIST:
		return failure_set(failure, err,
			"%s was not written by iommuctl\nMove it away, or give it another name",
			path);
	case -EACCES:
	case -EPERM:
		return failure_set(failure, err, "%s: %s\nThis needs root", path, strerror(-err));
	case -EROFS:
		return failure_set(failure, err,
			"%s: %s\nPersistent bindings need a persistent /etc: write them where /etc of "
			"this host is made",
			path, strerror(-err));
	default: return failure_set(failure, err, "%s: %s", path, strerror(-err));
	}
}

static int write_in(int directory, const struct host_device *device, const char *driver)
{
	struct persistent_binding old;
	char name[NAME_SIZE], *text;
	int err = read_in(directory, device->pci, &old);

	if (err && err != -ENOENT)
		return err;
	text = rules_of(device, driver);
	if (!text)
		return -ENOMEM;
	file_name(device->pci, name);
	err = whole_file_replace_in(directory, name, text, 0644);
	free(text);
	return err;
}

int persistent_write(const struct sysfs *sysfs, const struct host_device *device,
	const char *driver, struct failure *failure)
{
	int err, directory;

	if (!is_plain_name(driver))
		return failure_set(failure, -EINVAL, "'%.64s' is not a driver name", driver);
	directory = open_directory(sysfs, true);
	if (directory < 0)
		return explain(device->pci, directory, failure);
	err = write_in(directory, device, driver);
	close(directory);
	return err ? explain(device->pci, err, failure) : 0;
}

int persistent_forget(const struct sysfs *sysfs, const char *pci, struct failure *failure)
{
	struct persistent_binding binding;
	char name[NAME_SIZE];
	int err, directory = open_directory(sysfs, false);

	file_name(pci, name);
	err = directory < 0 ? directory : read_in(directory, pci, &binding);
	if (!err && unlinkat(directory, name, 0))
		err = -errno;
	if (directory >= 0)
		close(directory);
	if (err == -ENOENT)
		return failure_set(failure, err,
			"its binding is not persistent\nSee: iommuctl device persistent");
	return err ? explain(pci, err, failure) : 0;
}

/* "60-iommuctl-bind-0000:00:01.0.rules" → the address; false for all other names. */
static bool address_of(const char *name, char pci[PCI_ADDRESS_SIZE])
{
	const size_t prefix = strlen(PERSISTENT_PREFIX), suffix = strlen(PERSISTENT_SUFFIX);
	size_t length = strlen(name);
	char address[PCI_ADDRESS_SIZE];

	if (length <= prefix + suffix || length - prefix - suffix >= sizeof(address) ||
		strncmp(name, PERSISTENT_PREFIX, prefix) != 0 ||
		strcmp(name + length - suffix, PERSISTENT_SUFFIX) != 0)
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)(length - prefix - suffix), name + prefix);
	return !pci_address_normalise(address, pci) && strcmp(address, pci) == 0;
}

static int append(struct persistent_list *list, const struct persistent_binding *binding)
{
	void *more = reallocarray(list->binding, list->count + 1, sizeof(*list->binding));

	if (!more)
		return -ENOMEM;
	list->binding = more;
	list->binding[list->count++] = *binding;
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct persistent_binding *first = left, *second = right;

	return strcmp(first->pci, second->pci);
}

int persistent_list(const struct sysfs *sysfs, struct persistent_list *list)
{
	DIR *directory = sysfs_opendir(sysfs, PERSISTENT_DIRECTORY);
	struct persistent_list found = { 0 };
	struct persistent_binding binding;
	char pci[PCI_ADDRESS_SIZE];
	const char *name;
	int err = 0;

	while (!err && (name = sysfs_next(directory))) {
		if (address_of(name, pci) && !read_in(dirfd(directory), pci, &binding))
			err = append(&found, &binding);
	}
	if (directory)
		closedir(directory);
	if (err) {
		persistent_list_free(&found);
		return err;
	}
	if (found.count)
		qsort(found.binding, found.count, sizeof(*found.binding), compare);
	*list = found;
	return 0;
}

void persistent_list_free(struct persistent_list *list)
{
	free(list->binding);
}
