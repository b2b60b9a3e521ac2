// SPDX-License-Identifier: MIT
/* Virtual functions come, stay and go as they are asked for, or all is as before. */
#include "host_tree.h"
#include "host_unwritable.h"

#include "host/virtual_functions.h"

#define SHORT_WAIT_MS 20
#define TOTAL	      7

static struct host_tree tree;
static struct host_device physical, made[TOTAL + 1];
static struct failure failure;

static void reread(void)
{
	cr_assert_eq(host_device_read(&tree.sysfs, TREE_PCI, &physical), 0);
}

static void open_tree(void)
{
	tree_open(&tree);
	tree_file(&tree, TREE_DEVICE "/sriov_totalvfs", "7\n");
	tree_file(&tree, TREE_DEVICE "/sriov_numvfs", "0\n");
	reread();
}

static void close_tree(void)
{
	tree_close(&tree);
}

TestSuite(host_virtual_functions, .init = open_tree, .fini = close_tree);

static int create(unsigned int count, const char *driver)
{
	const struct virtual_functions functions = {
		.count = count,
		.driver = driver,
		.milliseconds = SHORT_WAIT_MS,
		.made = made,
	};

	return virtual_functions_create(&tree.sysfs, &physical, &functions, &failure);
}

static void expect_failure(int err, int expected, const char *part)
{
	cr_expect_eq(err, expected);
	cr_expect_not_null(strstr(failure.message, part), "%s", failure.message);
}

static void expect_count(unsigned int count)
{
	reread();
	cr_expect_eq(physical.sriov_numvfs, count);
}

Test(host_virtual_functions, are_made_and_read_in_their_order)
{
	cr_assert_eq(create(3, NULL), 0, "%s", failure.message);
	cr_expect_str_eq(made[0].pci, "fffe:00:10.0");
	cr_expect_str_eq(made[2].pci, "fffe:00:10.2");
	cr_expect_str_eq(made[2].physfn, TREE_PCI);
	expect_count(3);
}

Test(host_virtual_functions, existing_ones_are_kept_if_their_number_is_right)
{
	cr_assert_eq(create(3, NULL), 0);
	reread();
	tree.writes = 0;
	cr_expect_eq(create(3, NULL), 0);
	cr_expect_str_eq(made[1].pci, "fffe:00:10.1");
	cr_expect_eq(tree.writes, 0);
}

Test(host_virtual_functions, are_not_made_where_that_cannot_be)
{
	expect_failure(create(TOTAL + 1, NULL), -ERANGE, "can have 7 virtual functions, not 8");
	cr_assert_eq(create(2, NULL), 0);
	reread();
	tree.writes = 0;
	expect_failure(create(3, NULL), -EBUSY, "it has 2 virtual functions");
	cr_expect_not_null(strstr(failure.explanations[0].remedy, "device vf destroy " TREE_PCI));
	tree_detach(&tree);
	reread();
	expect_failure(create(2, NULL), -ENODEV, "on no driver");
	cr_expect_not_null(strstr(failure.explanations[0].remedy, "> /sys/bus/pci/drivers_probe"));
	tree_link(&tree, TREE_DEVICE "/physfn", "../fffe:00:00.0");
	reread();
	expect_failure(create(2, NULL), -EINVAL, "a virtual function itself");
	tree_remove(&tree, TREE_DEVICE "/physfn");
	tree_remove(&tree, TREE_DEVICE "/sriov_totalvfs");
	reread();
	expect_failure(create(2, NULL), -EOPNOTSUPP, "no SR-IOV");
	cr_expect_eq(tree.writes, 0);
}

/* What the driver of a physical function answers, and what helps. */
static const struct {
	const char *driver;
	const char *message;
	const char *remedy;
} makes_none[] = {
	{ "edu", "its driver edu makes no virtual functions", "firmware" },
	{ "vfio-pci", "vfio-pci makes no virtual functions unless",
		"echo Y > /sys/module/vfio_pci/parameters/enable_sriov" },
};

Test(host_virtual_functions, are_not_made_by_a_driver_that_makes_none)
{
	for (size_t i = 0; i < ARRAY_SIZE(makes_none); i++) {
		tree_detach(&tree);
		tree_attach(&tree, makes_none[i].driver);
		reread();
		tree.writes = 0;
		tree.fail_from = tree.fail_to = 1;
		tree.fail_error = ENOENT;
		expect_failure(create(2, NULL), -EOPNOTSUPP, makes_none[i].message);
		cr_assert_not_null(failure.explanations[0].remedy);
		cr_expect_not_null(strstr(failure.explanations[0].remedy, makes_none[i].remedy),
			"%s", failure.explanations[0].remedy);
	}
}

Test(host_virtual_functions, none_are_left_if_the_driver_refuses)
{
	tree.fail_from = tree.fail_to = 1;
	expect_failure(create(2, NULL), -EIO, "its driver edu refuses");
	expect_count(0);
}

Test(host_virtual_functions, are_not_made_where_sysfs_cannot_be_written)
{
	for (size_t i = 0; i < ARRAY_SIZE(unwritable); i++) {
		tree.writes = 0;
		tree.fail_from = tree.fail_to = 1;
		tree.fail_error = unwritable[i].error;
		expect_failure(
			create(2, NULL), -unwritable[i].error, "sriov_numvfs cannot be written");
		cr_assert_not_null(failure.explanations[0].remedy);
		cr_expect_not_null(strstr(failure.explanations[0].remedy, unwritable[i].remedy));
	}
	expect_count(0);
}

Test(host_virtual_functions, functions_that_do_not_appear_are_removed_again)
{
	tree.missing_function = 1;
	expect_failure(create(3, NULL), -ETIMEDOUT, "virtual function 1 does not appear");
	expect_count(0);
}

Test(host_virtual_functions, new_ones_that_cannot_be_bound_are_removed_again)
{
	expect_failure(create(2, "no-such-driver"), -ENOENT,
		"virtual function 0 (fffe:00:10.0): the driver no-such-driver is not loaded");
	expect_count(0);
	cr_assert_eq(create(2, NULL), 0);
	reread();
	expect_failure(create(2, "no-such-driver"), -ENOENT, "no-such-driver");
	expect_count(2);
}

Test(host_virtual_functions, functions_that_cannot_be_removed_again_are_reported)
{
	tree.fail_from = tree.fail_to = 2;
	cr_expect_eq(create(2, "no-such-driver"), -ENOENT);
	cr_expect_not_null(strstr(failure.explanations[1].remedy, "device vf destroy " TREE_PCI),
		"%s", failure.explanations[1].remedy);
	expect_count(2);
}

/* Three of them, on the host's driver; no IOMMU translates the last one's DMA. */
static void make_three_that_cannot_all_be_bound(void)
{
	static const char *const functions[] = { "fffe:00:10.0", "fffe:00:10.1", "fffe:00:10.2" };

	cr_assert_eq(create(3, NULL), 0);
	for (size_t i = 0; i < 3; i++)
		tree_set_function(&tree, functions[i], "edu");
	tree_remove(&tree, "/sys/bus/pci/devices/fffe:00:10.2/iommu_group");
	reread();
	tree.writes = 0;
}

static void expect_function(const char *pci, const char *driver, const char *override)
{
	struct host_device now;

	cr_assert_eq(host_device_read(&tree.sysfs, pci, &now), 0);
	cr_expect_str_eq(now.driver, driver, "%s: %s", pci, now.driver);
	cr_expect_str_eq(now.override, override, "%s: %s", pci, now.override);
}

Test(host_virtual_functions, old_ones_are_all_as_before_if_one_cannot_be_bound)
{
	make_three_that_cannot_all_be_bound();
	expect_failure(create(3, "vfio-pci"), -EOPNOTSUPP, "virtual function 2 (fffe:00:10.2): ");
	expect_count(3);
	expect_function("fffe:00:10.0", "edu", "");
	expect_function("fffe:00:10.1", "edu", "");
	expect_function("fffe:00:10.2", "edu", "");
}

Test(host_virtual_functions, functions_already_on_the_driver_stay_there)
{
	make_three_that_cannot_all_be_bound();
	tree_set_function(&tree, "fffe:00:10.0", "vfio-pci");
	expect_failure(create(3, "vfio-pci"), -EOPNOTSUPP, "virtual function 2");
	expect_function("fffe:00:10.0", "vfio-pci", "");
	expect_function("fffe:00:10.1", "edu", "");
}

/* Each takes three writes to bind, and four to put back. */
Test(host_virtual_functions, functions_that_cannot_be_put_back_are_named)
{
	make_three_that_cannot_all_be_bound();
	tree.fail_from = tree.fail_to = 7;
	cr_expect_eq(create(3, "vfio-pci"), -EOPNOTSUPP);
	cr_expect_not_null(strstr(failure.explanations[1].remedy, "device unbind fffe:00:10.1"),
		"%s", failure.explanations[1].remedy);
	expect_function("fffe:00:10.0", "edu", "");
	expect_function("fffe:00:10.1", "vfio-pci", "vfio-pci");
}

Test(host_virtual_functions, go_all_at_once_and_none_is_no_failure)
{
	cr_assert_eq(create(2, NULL), 0);
	reread();
	cr_expect_eq(virtual_functions_destroy(&tree.sysfs, &physical, &failure), 0);
	expect_count(0);
	tree.writes = 0;
	cr_expect_eq(virtual_functions_destroy(&tree.sysfs, &physical, &failure), 0);
	cr_expect_eq(tree.writes, 0);
}

Test(host_virtual_functions, stay_while_a_process_has_one_open)
{
	cr_assert_eq(create(2, NULL), 0);
	reread();
	tree_file(&tree, "/sys/bus/pci/devices/fffe:00:10.1/vfio-dev/vfio9/dev", "510:9\n");
	tree_link(&tree, "/sys/bus/pci/devices/fffe:00:10.1/driver", "../../drivers/vfio-pci");
	tree_link(&tree, "/proc/4711/fd/9", "/dev/vfio/devices/vfio9");
	tree_file(&tree, "/proc/4711/comm", "qemu\n");
	expect_failure(virtual_functions_destroy(&tree.sysfs, &physical, &failure), -EBUSY,
		"virtual function 1 (fffe:00:10.1): process 4711 (qemu)");
	expect_count(2);
}

Test(host_virtual_functions, stay_while_the_interface_of_one_is_in_another_network_namespace)
{
	cr_assert_eq(create(2, NULL), 0);
	reread();
	tree_set_function(&tree, "fffe:00:10.1", "edu");
	tree_set(&tree, "fffe:00:10.1", "/net/x", "");
	tree_unset(&tree, "fffe:00:10.1", "/net/x");
	expect_failure(virtual_functions_destroy(&tree.sysfs, &physical, &failure), -EBUSY,
		"virtual function 1 (fffe:00:10.1): its network interface is in another");
	expect_count(2);
}
