// SPDX-License-Identifier: MIT
#include "host_tree.h"

#include <iommuctl/context.h>

#include "array.h"
#include "host/device.h"
#include "host/group.h"

static struct host_tree tree;
static struct host_device device;

static void open_tree(void)
{
	tree_open(&tree);
}

static void close_tree(void)
{
	tree_close(&tree);
}

TestSuite(host_device, .init = open_tree, .fini = close_tree);

static void read_device(void)
{
	cr_assert_eq(host_device_read(&tree.sysfs, TREE_PCI, &device), 0);
}

Test(host_device, is_read_with_ids_driver_group_and_iommu)
{
	read_device();
	cr_expect_str_eq(device.pci, TREE_PCI);
	cr_expect_eq(device.vendor, 0x1234);
	cr_expect_eq(device.device, 0x11e8);
	cr_expect_eq(device.class, 0xff00);
	cr_expect_str_eq(device.driver, "edu");
	cr_expect_str_eq(device.override, "");
	cr_expect_str_eq(device.iommu, "smmu3.0x0000000009050000");
	cr_expect_eq(device.iommu_group, TREE_GROUP);
	cr_expect_eq(device.numa_node, -1);
	cr_expect_eq(device.sriov_totalvfs, 0);
	cr_expect_str_eq(device.physfn, "");
	cr_expect_eq(device.cdev, HOST_CDEV_NO_DRIVER);
	cr_expect_str_eq(device.cdev_path, "");
}

Test(host_device, without_driver_group_and_iommu_is_read_all_the_same)
{
	tree_detach(&tree);
	tree_remove(&tree, TREE_DEVICE "/iommu");
	tree_remove(&tree, TREE_DEVICE "/iommu_group");
	tree_remove(&tree, TREE_DEVICE "/driver_override");
	read_device();
	cr_expect_str_eq(device.driver, "");
	cr_expect_str_eq(device.iommu, "");
	cr_expect_str_eq(device.override, "");
	cr_expect_eq(device.iommu_group, -1);
}

Test(host_device, an_IOMMU_itself_has_a_directory_of_that_name)
{
	tree_remove(&tree, TREE_DEVICE "/iommu");
	tree_file(&tree, TREE_DEVICE "/iommu/ivhd0/amd-iommu/cap", "1f03000f\n");
	read_device();
	cr_expect_str_empty(device.iommu);
}

Test(host_device, a_missing_device_is_ENODEV)
{
	device.vendor = 0xaa;
	cr_expect_eq(host_device_read(&tree.sysfs, "fffe:00:02.0", &device), -ENODEV);
	cr_expect_eq(device.vendor, 0xaa);
}

Test(host_device, with_an_attribute_that_is_no_number_is_refused)
{
	static const char *const cases[] = {
		"",
		"\n",
		"0x",
		"pci",
		"0x12 34",
		"99999999999999999999",
		"0x1234567890123456789012345678901234567890",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		tree_file(&tree, TREE_DEVICE "/vendor", cases[i]);
		cr_expect_lt(host_device_read(&tree.sysfs, TREE_PCI, &device), 0, "%s", cases[i]);
	}
}

Test(host_device, on_a_vfio_driver_has_a_cdev_as_far_as_the_kernel_made_one)
{
	static const struct {
		bool no_cdev, no_node;
		enum host_cdev cdev;
	} cases[] = {
		{ false, false, HOST_CDEV_PRESENT },
		{ false, true, HOST_CDEV_NO_NODE },
		{ true, false, HOST_CDEV_NOT_BUILT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		tree_detach(&tree);
		tree.no_cdev = cases[i].no_cdev;
		tree.no_node = cases[i].no_node;
		tree_attach(&tree, "vfio-pci");
		read_device();
		cr_expect_eq(device.cdev, cases[i].cdev);
		cr_expect_str_eq(device.vfio_name, "vfio7");
		cr_expect_str_eq(device.cdev_path, "/dev/vfio/devices/vfio7");
	}
}

Test(host_device, knows_its_virtual_functions)
{
	char pci[PCI_ADDRESS_SIZE];

	tree_file(&tree, TREE_DEVICE "/sriov_numvfs", "2\n");
	tree_file(&tree, TREE_DEVICE "/sriov_totalvfs", "7\n");
	tree_link(&tree, TREE_DEVICE "/virtfn1", "../fffe:00:10.1");
	read_device();
	cr_expect_eq(device.sriov_numvfs, 2);
	cr_expect_eq(device.sriov_totalvfs, 7);
	cr_assert_eq(host_device_virtual_function(&tree.sysfs, &device, 1, pci), 0);
	cr_expect_str_eq(pci, "fffe:00:10.1");
	cr_expect_eq(host_device_virtual_function(&tree.sysfs, &device, 2, pci), -ENODEV);
}

Test(host_device, a_virtual_function_knows_its_physical_function)
{
	tree_link(&tree, TREE_DEVICE "/physfn", "../fffe:00:00.0");
	read_device();
	cr_expect_str_eq(device.physfn, "fffe:00:00.0");
}

Test(host_device, shares_its_group_with_claimers_of_dma_only_on_host_drivers)
{
	static const struct {
		const char *driver;
		bool claims;
	} cases[] = { { "pcieport", false }, { "pci-stub", false }, { "e1000e", true } };
	struct iommu_group_member member;

	read_device();
	cr_expect_not(iommu_group_find_claimer(&tree.sysfs, &device, &member));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		tree_add_peer(&tree, "fffe:00:01.1", cases[i].driver);
		cr_expect_eq(iommu_group_find_claimer(&tree.sysfs, &device, &member),
			cases[i].claims, "%s", cases[i].driver);
	}
	cr_expect_str_eq(member.name, "fffe:00:01.1");
	cr_expect_str_eq(member.driver, "e1000e");
}

/* By the length of driver_override: how it is shown, and whether that is all. */
Test(host_device, an_override_of_any_length_leaves_the_device_readable)
{
	static const struct {
		int length;
		int shown;
		bool is_cut;
	} cases[] = { { 1, 1, false }, { 62, 62, false }, { 70, 63, true }, { 4000, 63, true } };
	char text[4096];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(text, 'x', sizeof(text));
		snprintf(text + cases[i].length, 2, "\n");
		tree_file(&tree, TREE_DEVICE "/driver_override", text);
		read_device();
		cr_expect_eq((int)strlen(device.override), cases[i].shown, "%s", device.override);
		cr_expect_eq(device.override_is_cut, cases[i].is_cut);
		cr_expect_eq(strstr(device.override, "xxx...") != NULL, cases[i].is_cut);
	}
}

Test(host_device, a_member_that_is_in_the_way_has_a_remedy_of_its_kind)
{
	static const struct {
		const char *name, *class, *remedy;
	} cases[] = {
		{ "fffe:00:01.1", "0x020000\n", "iommuctl device bind fffe:00:01.1" },
		{ "fffe:00:01.1", "0x060400\n",
			"VFIO takes no bridges; without a driver it is not in the way: echo "
			"fffe:00:01.1 > /sys/bus/pci/drivers/in-the-way/unbind" },
		{ "9050000.dma", NULL, "Unbind its driver: it is not a PCI device" },
	};
	struct iommu_group_member member;
	char text[IOMMU_GROUP_REMEDY_SIZE];

	read_device();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		tree_add_peer(&tree, cases[i].name, "in-the-way");
		if (cases[i].class)
			tree_set_peer_class(&tree, cases[i].name, cases[i].class);
		cr_assert(iommu_group_find_claimer(&tree.sysfs, &device, &member));
		cr_expect_str_eq(iommu_group_remedy(&member, text), cases[i].remedy);
		tree_add_peer(&tree, cases[i].name, "pci-stub");
	}
}

Test(host_device, shares_its_group_with_devices_on_vfio_drivers_of_any_name)
{
	struct iommu_group_member member;

	tree_add_peer(&tree, "fffe:00:01.1", "mlx5_vfio_pci");
	tree_file(&tree, "/sys/bus/pci/devices/fffe:00:01.1/vfio-dev/vfio8/dev", "510:8\n");
	read_device();
	cr_expect_not(iommu_group_find_claimer(&tree.sysfs, &device, &member));
}

/* Changes of the tree, and what is then known of the device itself. */
static void take_iommu_away(void)
{
	tree_take_iommu_away(&tree);
}

static void add_peer_on_host(void)
{
	tree_add_peer(&tree, "fffe:00:01.1", "e1000e");
}

static void add_direct_region(void)
{
	tree_file(&tree, "/sys/kernel/iommu_groups/3/reserved_regions",
		"0x0000000040000000 0x00000000400fffff direct\n");
}

static void put_behind_vtd(void)
{
	tree_link(&tree, TREE_DEVICE "/iommu", "../../../../class/iommu/dmar1");
}

static const struct {
	void (*change)(void);
	uint64_t known;
	uint64_t unknown;
} knowledge[] = {
	{ NULL,
		IOMMUCTL_KNOWN_SMMUV3 | IOMMUCTL_KNOWN_NO_PEERS | IOMMUCTL_KNOWN_NO_PEER_ON_HOST |
			IOMMUCTL_KNOWN_NO_DIRECT_REGION,
		IOMMUCTL_KNOWN_PEERS | IOMMUCTL_KNOWN_NO_IOMMU | IOMMUCTL_KNOWN_DIRECT_REGION },
	{ add_peer_on_host, IOMMUCTL_KNOWN_PEERS | IOMMUCTL_KNOWN_PEER_ON_HOST,
		IOMMUCTL_KNOWN_NO_PEERS },
	{ add_direct_region, IOMMUCTL_KNOWN_DIRECT_REGION, IOMMUCTL_KNOWN_NO_DIRECT_REGION },
	{ put_behind_vtd, IOMMUCTL_KNOWN_VTD, IOMMUCTL_KNOWN_SMMUV3 },
	{ take_iommu_away, IOMMUCTL_KNOWN_NO_IOMMU, IOMMUCTL_KNOWN_SMMUV3 | IOMMUCTL_KNOWN_VTD },
};

Test(host_device, is_known_by_what_sysfs_says_of_it_and_its_group)
{
	for (size_t i = 0; i < ARRAY_SIZE(knowledge); i++) {
		uint64_t known;

		if (knowledge[i].change)
			knowledge[i].change();
		read_device();
		known = host_device_known(&tree.sysfs, &device);
		cr_expect_eq(known & knowledge[i].known, knowledge[i].known, "case %zu", i);
		cr_expect_eq(known & knowledge[i].unknown, 0, "case %zu", i);
	}
}
