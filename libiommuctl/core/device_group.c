// SPDX-License-Identifier: MIT
#include "core/device_group.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "array.h"

#define LINK_SIZE 512

/* PCI's base class and subclass of bridges between PCI buses, root ports among them. */
#define CLASS_PCI_BRIDGE	 0x0604
#define CLASS_PCI_BRIDGE_HALFWAY 0x0609

/* A passing lack of resources must not be mistaken for a group that sysfs does not show. */
static int fail(int error)
{
	static const int lacks[] = { EMFILE, ENFILE, ENOMEM, EINTR };

	for (size_t i = 0; i < ARRAY_SIZE(lacks); i++)
		if (error == lacks[i])
			return -error;
	return -EOPNOTSUPP;
}

static int copy_name(char *text, size_t size, const char *name)
{
	const size_t length = strlen(name);

	if (length >= size)
		return -EOPNOTSUPP;
	memcpy(text, name, length + 1);
	return 0;
}

/* The last component of the target of link @name in @directory. */
static int read_link(int directory, const char *name, char *text, size_t size)
{
	char target[LINK_SIZE];
	ssize_t length = readlinkat(directory, name, target, sizeof(target) - 1);
	const char *last;

	if (length < 0)
		return fail(errno);
	target[length] = '\0';
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	return copy_name(text, size, last);
}

static int read_id(int directory, uint32_t *id)
{
	char text[LINK_SIZE] = "";
	unsigned long number;
	char *end;
	int err = read_link(directory, "iommu_group", text, sizeof(text));

	if (err)
		return err;
	errno = 0;
	number = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || number > UINT32_MAX)
		return -EOPNOTSUPP;
	*id = (uint32_t)number;
	return 0;
}

bool iommuctl_pci_is_bridge(uint32_t class_code)
{
	const uint32_t class = class_code >> 8;

	return class == CLASS_PCI_BRIDGE || class == CLASS_PCI_BRIDGE_HALFWAY;
}

/* A device without a class is not a PCI device, and no bridge. */
static int find_bridge(int members, struct iommuctl_group_member *member)
{
	char path[sizeof(member->name) + sizeof("/class")], text[16];
	ssize_t length;
	int file, err;

	snprintf(path, sizeof(path), "%s/class", member->name);
	file = openat(members, path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT ? 0 : fail(errno);
	length = read(file, text, sizeof(text) - 1);
	err = length < 0 ? fail(errno) : 0;
	close(file);
	if (err)
		return err;
	text[length] = '\0';
	member->bridge = iommuctl_pci_is_bridge((uint32_t)strtoul(text, NULL, 16));
	return 0;
}

static int add_member(struct iommuctl_device_group *group, int members, const char *name)
{
	struct iommuctl_group_member *member;
	int err;

	if (name[0] == '.')
		return 0;
	if (group->member_count++ >= IOMMUCTL_GROUP_MEMBERS_MAX)
		return 0;
	member = &group->members[group->member_count - 1];
	err = copy_name(member->name, sizeof(member->name), name);
	return err ? err : find_bridge(members, member);
}

static int read_members(int directory, struct iommuctl_device_group *group)
{
	int members = openat(directory, "iommu_group/devices", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *entry;
	DIR *listing;
	int err = 0;

	if (members < 0)
		return fail(errno);
	listing = fdopendir(members);
	if (!listing) {
		err = fail(errno);
		close(members);
		return err;
	}
	/* cppcheck-suppress readdirCalled ; only this thread reads the directory */
	while (!err && (errno = 0, entry = readdir(listing)))
		err = add_member(group, members, entry->d_name);
	if (!err && errno)
		err = fail(errno);
	closedir(listing);
	return err;
}

int device_group_read(const char *path, struct iommuctl_device_group *group)
{
	struct iommuctl_device_group found = { .member_count = 0 };
	int directory, err;

	err = read_link(AT_FDCWD, path, found.device, sizeof(found.device));
	if (err)
		return err;
	directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return fail(errno);
	err = read_id(directory, &found.id);
	if (err)
		goto close_directory;
	err = read_members(directory, &found);
	if (err)
		goto close_directory;
	*group = found;

close_directory:
	close(directory);
	return err;
}
