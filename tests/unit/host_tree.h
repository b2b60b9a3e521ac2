/* SPDX-License-Identifier: MIT */
/*
 * A sysfs of our own in a temporary directory, and a PCI bus that answers to what is written there
 * as the kernel does: driver_override, bind, unbind and drivers_probe move the device between
 * drivers.
 */
#ifndef TESTS_UNIT_HOST_TREE_H
#define TESTS_UNIT_HOST_TREE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "array.h"
#include "host/sysfs.h"

/* In a domain that no host has. */
#define TREE_PCI    "fffe:00:01.0"
#define TREE_DEVICE "/sys/bus/pci/devices/" TREE_PCI
#define TREE_GROUP  3

struct host_tree {
	struct sysfs sysfs; /* first: the bus finds the tree by it */
	char root[64];
	const char *host_driver;     /* that knows the device; NULL: none does */
	const char *refusing_driver; /* whose probe fails */
	bool no_cdev;		     /* a kernel without CONFIG_VFIO_DEVICE_CDEV */
	bool no_node;		     /* a /dev that nobody fills in */
	bool ids_known_to_vfio;	     /* vfio-pci takes the device without driver_override */
	int missing_function;	     /* a virtual function that never appears; 0: all do */
	int fail_from, fail_to;	     /* which writes fail; 1 is the first */
	int fail_error;		     /* with which errno; 0: EIO */
	int writes;
};

/* The place of @path below the root; the caller frees it. */
static inline char *tree_path(const struct host_tree *tree, const char *path)
{
	char *whole;

	cr_assert(asprintf(&whole, "%s%s", tree->root, path) >= 0);
	return whole;
}

/* Makes the directories above the last component of @path, which is as before afterwards. */
static inline void tree_make_parents(char *path)
{
	for (size_t i = 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		path[i] = '\0';
		cr_assert(mkdir(path, 0700) == 0 || errno == EEXIST, "%s", path);
		path[i] = '/';
	}
}

static inline void tree_file(const struct host_tree *tree, const char *path, const char *content)
{
	char *whole = tree_path(tree, path);
	FILE *file;

	tree_make_parents(whole);
	file = fopen(whole, "w");
	cr_assert_not_null(file, "%s", whole);
	fputs(content, file);
	fclose(file);
	free(whole);
}

/*
 * What firmware says of the device's root complex: an IORT with one of its segment, whose memory
 * access flags these are.
 */
#define TREE_IORT      "/sys/firmware/acpi/tables/IORT"
#define TREE_IORT_SIZE 80

static inline void tree_fill_iort(unsigned char table[TREE_IORT_SIZE], unsigned char flags)
{
	static const unsigned char places[][2] = { { 36, 1 }, { 40, 48 }, { 48, 2 }, { 49, 32 },
		{ 76, 0xfe }, { 77, 0xff } };

	memset(table, 0, TREE_IORT_SIZE);
	memcpy(table, "IORT", 4);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		table[places[i][0]] = places[i][1];
	table[48 + 23] = flags;
}

static inline void tree_iort(const struct host_tree *tree, unsigned char flags)
{
	unsigned char table[TREE_IORT_SIZE];
	char *whole = tree_path(tree, TREE_IORT);
	FILE *file;

	tree_make_parents(whole);
	tree_fill_iort(table, flags);
	file = fopen(whole, "w");
	cr_assert_not_null(file, "%s", whole);
	cr_assert_eq(fwrite(table, 1, sizeof(table), file), sizeof(table));
	fclose(file);
	free(whole);
}

static inline void tree_link(const struct host_tree *tree, const char *path, const char *target)
{
	char *whole = tree_path(tree, path);

	tree_make_parents(whole);
	unlink(whole);
	cr_assert_eq(symlink(target, whole), 0, "%s", whole);
	free(whole);
}

static inline void tree_remove(const struct host_tree *tree, const char *path)
{
	char *whole = tree_path(tree, path);

	remove(whole);
	free(whole);
}

static inline void tree_driver(const struct host_tree *tree, const char *driver)
{
	char *directory;

	cr_assert(asprintf(&directory, "/sys/bus/pci/drivers/%s/bind", driver) >= 0);
	tree_file(tree, directory, "");
	free(directory);
}

/* The caller frees it. */
static inline char *tree_device_path(const char *pci, const char *name)
{
	char *path;

	cr_assert(asprintf(&path, "/sys/bus/pci/devices/%s%s", pci, name) >= 0);
	return path;
}

static inline void tree_set(
	const struct host_tree *tree, const char *pci, const char *name, const char *content)
{
	char *path = tree_device_path(pci, name);

	tree_file(tree, path, content);
	free(path);
}

static inline void tree_unset(const struct host_tree *tree, const char *pci, const char *name)
{
	char *path = tree_device_path(pci, name);

	tree_remove(tree, path);
	free(path);
}

/* The number of the device's cdev: each has one of its own. */
static inline int tree_cdev(const char *pci)
{
	return strcmp(pci, TREE_PCI) ? 20 + atoi(strrchr(pci, '.') + 1) : 7;
}

static inline void tree_attach_one(
	const struct host_tree *tree, const char *pci, const char *driver)
{
	char target[128], name[64], node[64], *link = tree_device_path(pci, "/driver");

	if (!driver || (tree->refusing_driver && strcmp(driver, tree->refusing_driver) == 0)) {
		free(link);
		return;
	}
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	tree_link(tree, link, target);
	free(link);
	if (strncmp(driver, "vfio", 4))
		return;
	snprintf(name, sizeof(name), "/vfio-dev/vfio%d/uevent", tree_cdev(pci));
	tree_set(tree, pci, name, "");
	snprintf(name, sizeof(name), "/vfio-dev/vfio%d/dev", tree_cdev(pci));
	if (!tree->no_cdev)
		tree_set(tree, pci, name, "510:7\n");
	snprintf(node, sizeof(node), "/dev/vfio/devices/vfio%d", tree_cdev(pci));
	if (!tree->no_cdev && !tree->no_node)
		tree_file(tree, node, "");
}

static inline void tree_attach(const struct host_tree *tree, const char *driver)
{
	tree_attach_one(tree, TREE_PCI, driver);
}

static inline void tree_detach_one(const struct host_tree *tree, const char *pci)
{
	static const char *const gone[] = { "/dev", "/uevent", "" };
	char path[64];

	tree_unset(tree, pci, "/driver");
	for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
		snprintf(path, sizeof(path), "/vfio-dev/vfio%d%s", tree_cdev(pci), gone[i]);
		tree_unset(tree, pci, path);
	}
	tree_unset(tree, pci, "/vfio-dev");
	snprintf(path, sizeof(path), "/dev/vfio/devices/vfio%d", tree_cdev(pci));
	tree_remove(tree, path);
}

static inline void tree_detach(const struct host_tree *tree)
{
	tree_detach_one(tree, TREE_PCI);
}

/* The one driver that the bus lets the device have; NULL: none. */
static inline const char *tree_match(
	const struct host_tree *tree, const char *pci, char override[64])
{
	char directory[64];

	snprintf(directory, sizeof(directory), "/sys/bus/pci/devices/%s", pci);
	cr_assert_eq(0, sysfs_read(&tree->sysfs, directory, "driver_override", override, 64));
	if (strcmp(override, "(null)"))
		return override;
	return tree->ids_known_to_vfio ? "vfio-pci" : tree->host_driver;
}

static inline void tree_probe(const struct host_tree *tree, const char *pci)
{
	char override[64], driver[64], directory[64];

	snprintf(directory, sizeof(directory), "/sys/bus/pci/devices/%s", pci);
	if (sysfs_read_link_name(&tree->sysfs, directory, "driver", driver, sizeof(driver)) == 0)
		return;
	tree_attach_one(tree, pci, tree_match(tree, pci, override));
}

/* As drivers_probe, but for one driver: bind_store() in drivers/base/bus.c. */
static inline int tree_bind(const struct host_tree *tree, const char *pci, const char *driver)
{
	char override[64];
	const char *match = tree_match(tree, pci, override);

	if (!match || strcmp(match, driver) != 0)
		return -ENODEV;
	tree_attach_one(tree, pci, driver);
	return 0;
}

/* Puts a virtual function into a group of its own, and onto @driver. */
static inline void tree_set_function(
	const struct host_tree *tree, const char *pci, const char *driver)
{
	char target[64], *link = tree_device_path(pci, "/iommu_group");

	snprintf(target, sizeof(target), "../../../../kernel/iommu_groups/%d", tree_cdev(pci));
	tree_link(tree, link, target);
	free(link);
	tree_set(tree, pci, "/driver_override", "(null)\n");
	tree_attach_one(tree, pci, driver);
}

/* Virtual functions fffe:00:10.0 and so on, in place of those that are there. */
static inline void tree_set_functions(const struct host_tree *tree, const char *count)
{
	char path[128], target[64];

	for (int i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), TREE_DEVICE "/virtfn%d", i);
		tree_remove(tree, path);
		if (i >= atoi(count) || (i && i == tree->missing_function))
			continue;
		snprintf(target, sizeof(target), "../fffe:00:10.%d", i);
		tree_link(tree, path, target);
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/fffe:00:10.%d/uevent", i);
		tree_file(tree, path, "PCI_CLASS=20000\nPCI_ID=8086:10CA\n");
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/fffe:00:10.%d/physfn", i);
		tree_link(tree, path, "../" TREE_PCI);
	}
	tree_file(tree, TREE_DEVICE "/sriov_numvfs", count);
}

static inline int tree_write(const struct sysfs *sysfs, const char *path, const char *value)
{
	struct host_tree *tree = (struct host_tree *)sysfs;
	const char *name = strrchr(path, '/') + 1;
	char driver[256];

	tree->writes++;
	if (tree->writes >= tree->fail_from && tree->writes <= tree->fail_to)
		return tree->fail_error ? -tree->fail_error : -EIO;
	if (strcmp(name, "driver_override") == 0) {
		tree_file(
			tree, path + strlen(tree->root), strcmp(value, "\n") ? value : "(null)\n");
		return 0;
	}
	if (strcmp(name, "sriov_numvfs") == 0) {
		tree_set_functions(tree, value);
		return 0;
	}
	if (strcmp(name, "drivers_probe") == 0) {
		tree_probe(tree, value);
	} else if (strcmp(name, "unbind") == 0) {
		tree_detach_one(tree, value);
	} else {
		cr_assert_str_eq(name, "bind");
		snprintf(driver, sizeof(driver), "%.*s", (int)(name - 1 - path), path);
		return tree_bind(tree, value, strrchr(driver, '/') + 1);
	}
	return 0;
}

/* A device on the driver edu, alone in its group, on a host that has vfio-pci. */
static inline void tree_open(struct host_tree *tree)
{
	*tree = (struct host_tree){
		.root = "/tmp/iommuctl-host-XXXXXX",
		.host_driver = "edu",
	};
	cr_assert_not_null(mkdtemp(tree->root));
	tree->sysfs = (struct sysfs){ .root = tree->root, .write = tree_write };
	tree_file(tree, TREE_DEVICE "/vendor", "0x1234\n");
	tree_file(tree, TREE_DEVICE "/device", "0x11e8\n");
	tree_file(tree, TREE_DEVICE "/class", "0x00ff00\n");
	tree_file(tree, TREE_DEVICE "/driver_override", "(null)\n");
	tree_link(tree, TREE_DEVICE "/iommu_group", "../../../../kernel/iommu_groups/3");
	tree_link(tree, TREE_DEVICE "/iommu", "../../../../class/iommu/smmu3.0x0000000009050000");
	tree_link(tree, "/sys/kernel/iommu_groups/3/devices/" TREE_PCI,
		"../../../../bus/pci/devices/" TREE_PCI);
	tree_file(tree, "/sys/kernel/iommu_groups/3/reserved_regions",
		"0x0000000008000000 0x00000000080fffff msi\n");
	tree_driver(tree, "edu");
	tree_driver(tree, "vfio-pci");
	tree_attach(tree, "edu");
}

static inline void tree_close(struct host_tree *tree)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", tree->root);
	cr_assert_eq(system(command), 0);
}

/* Puts another device on @driver into the same group. */
static inline void tree_add_peer(const struct host_tree *tree, const char *name, const char *driver)
{
	char path[128], target[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", name);
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	tree_link(tree, path, target);
	snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/3/devices/%s", name);
	snprintf(target, sizeof(target), "../../../../bus/pci/devices/%s", name);
	tree_link(tree, path, target);
}

/* A peer of this PCI class, on the driver that tree_add_peer() has put it on. */
static inline void tree_set_peer_class(
	const struct host_tree *tree, const char *name, const char *class)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/class", name);
	tree_file(tree, path, class);
}

/* What VFIO's no-IOMMU mode makes of the device: a group of its own, no IOMMU, no cdev. */
static inline void tree_take_iommu_away(struct host_tree *tree)
{
	tree_detach(tree);
	tree_remove(tree, TREE_DEVICE "/iommu");
	tree_file(tree, "/sys/kernel/iommu_groups/3/name", "vfio-noiommu\n");
	tree->no_cdev = true;
	tree_attach(tree, "vfio-pci");
}

#endif
