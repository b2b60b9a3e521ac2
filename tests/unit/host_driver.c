// SPDX-License-Identifier: MIT
#include "host_tree.h"
#include "host_unwritable.h"

#include <sched.h>
#include <sys/mount.h>

#include "array.h"
#include "host/driver.h"
#include "host/use.h"

/* Long enough to notice that nothing comes. */
#define SHORT_WAIT_MS 20

static struct host_tree tree;
static struct host_device device;
static struct failure failure;

static void make_tree(void)
{
	tree_open(&tree);
	cr_assert_eq(host_device_read(&tree.sysfs, TREE_PCI, &device), 0);
}

static void close_tree(void)
{
	tree_close(&tree);
}

TestSuite(host_driver, .init = make_tree, .fini = close_tree);

static void reread(void)
{
	cr_assert_eq(host_device_read(&tree.sysfs, TREE_PCI, &device), 0);
}

static int bind_to(const char *driver)
{
	return host_driver_bind(&tree.sysfs, &device, driver, SHORT_WAIT_MS, &failure);
}

static void bind_first(void)
{
	cr_assert_eq(bind_to("vfio-pci"), 0, "%s", failure.message);
	tree.writes = 0;
}

static void expect_state(const char *driver, const char *override)
{
	struct host_device now;

	cr_assert_eq(host_device_read(&tree.sysfs, TREE_PCI, &now), 0);
	cr_expect_str_eq(now.driver, driver);
	cr_expect_str_eq(now.override, override);
}

static void expect_problem(int code, const char *part)
{
	cr_expect_eq(failure.error, -code);
	cr_expect_not_null(strstr(failure.message, part), "%s", failure.message);
}

Test(host_driver, bind_moves_the_device_and_finds_its_cdev)
{
	cr_assert_eq(bind_to("vfio-pci"), 0);
	cr_expect_str_eq(device.driver, "vfio-pci");
	cr_expect_str_eq(device.cdev_path, "/dev/vfio/devices/vfio7");
	cr_expect_eq(device.cdev, HOST_CDEV_PRESENT);
	expect_state("vfio-pci", "vfio-pci");
}

Test(host_driver, bind_takes_a_device_without_driver)
{
	tree_detach(&tree);
	reread();
	cr_assert_eq(bind_to("vfio-pci"), 0);
	expect_state("vfio-pci", "vfio-pci");
}

Test(host_driver, bind_takes_another_vfio_driver_than_vfio_pci)
{
	tree_driver(&tree, "vfio-variant");
	cr_assert_eq(bind_to("vfio-variant"), 0);
	expect_state("vfio-variant", "vfio-variant");
}

Test(host_driver, bind_of_a_bound_device_writes_nothing)
{
	bind_first();
	cr_expect_eq(bind_to("vfio-pci"), 0);
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, bind_refuses_a_device_without_iommu_group)
{
	tree_remove(&tree, TREE_DEVICE "/iommu_group");
	reread();
	cr_expect_eq(bind_to("vfio-pci"), -EOPNOTSUPP);
	expect_problem(EOPNOTSUPP, "no IOMMU group");
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, bind_refuses_a_driver_that_is_not_loaded)
{
	cr_expect_eq(bind_to("mlx5_vfio_pci"), -ENOENT);
	expect_problem(ENOENT, "mlx5_vfio_pci is not loaded");
	cr_expect_not_null(strstr(failure.explanations[0].remedy, "modprobe mlx5_vfio_pci"));
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, bind_refuses_what_is_no_name_of_a_driver)
{
	static const char *const cases[] = { "", ".", "..", "../../devices", "a/b",
		"a-name-that-is-longer-than-any-driver-of-any-kernel-ever-had-until-now" };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(bind_to(cases[i]), -EINVAL, "%s", cases[i]);
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, bind_names_the_device_of_the_group_that_is_on_a_host_driver)
{
	tree_add_peer(&tree, "fffe:00:01.1", "e1000e");
	cr_expect_eq(bind_to("vfio-pci"), -EBUSY);
	expect_problem(EBUSY, "fffe:00:01.1");
	expect_problem(EBUSY, "e1000e");
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, bind_refuses_a_bridge)
{
	tree_file(&tree, TREE_DEVICE "/class", "0x060400\n");
	reread();
	cr_expect_eq(bind_to("vfio-pci"), -EOPNOTSUPP);
	expect_problem(EOPNOTSUPP, "it is a bridge");
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, bind_refuses_a_physical_function_whose_virtual_functions_are_enabled)
{
	tree_file(&tree, TREE_DEVICE "/sriov_totalvfs", "7\n");
	tree_file(&tree, TREE_DEVICE "/sriov_numvfs", "4\n");
	reread();
	cr_expect_eq(bind_to("vfio-pci"), -EBUSY);
	expect_problem(EBUSY, "4 virtual functions");
	cr_expect_eq(tree.writes, 0);
}

/* Below the device, or below one on a bus of its own: "net" without a name. */
Test(host_driver, bind_refuses_a_device_whose_interface_is_in_another_network_namespace)
{
	static const char *const places[] = { TREE_DEVICE "/net/x", TREE_DEVICE "/virtio1/net/x",
		TREE_DEVICE "/usb1/1-1/1-1:1.0/net/x" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		tree_file(&tree, places[i], "");
		cr_expect_eq(host_use_check(&tree.sysfs, &device, &failure), 0, "%s", places[i]);
		tree_remove(&tree, places[i]);
		cr_expect_eq(bind_to("vfio-pci"), -EBUSY, "%s", places[i]);
		expect_problem(EBUSY, "in another network namespace");
		tree_file(&tree, places[i], "");
	}
	cr_expect_eq(tree.writes, 0);
}

/* A virtual function has a link to its physical one. */
Test(host_driver, bind_does_not_mind_where_the_interface_of_another_device_is)
{
	tree_file(&tree, "/sys/bus/pci/devices/fffe:00:00.0/net/x", "");
	tree_remove(&tree, "/sys/bus/pci/devices/fffe:00:00.0/net/x");
	tree_link(&tree, TREE_DEVICE "/physfn", "../fffe:00:00.0");
	reread();
	cr_expect_eq(bind_to("vfio-pci"), 0, "%s", failure.message);
}

Test(host_driver, bind_goes_back_when_the_driver_refuses_the_device)
{
	tree.refusing_driver = "vfio-pci";
	cr_expect_eq(bind_to("vfio-pci"), -ENODEV);
	expect_problem(ENODEV, "refused");
	expect_state("edu", "");
}

Test(host_driver, bind_goes_back_to_no_driver_and_an_override_that_was_there)
{
	tree_detach(&tree);
	tree_file(&tree, TREE_DEVICE "/driver_override", "nobody");
	reread();
	tree.refusing_driver = "vfio-pci";
	cr_expect_eq(bind_to("vfio-pci"), -ENODEV);
	expect_state("", "nobody");
}

/* As the rules of a persistent binding leave it, and would take up again if it stayed. */
Test(host_driver, bind_goes_back_although_the_override_named_the_new_driver_before)
{
	tree_file(&tree, TREE_DEVICE "/driver_override", "vfio-pci");
	reread();
	tree.refusing_driver = "vfio-pci";
	cr_expect_eq(bind_to("vfio-pci"), -ENODEV);
	expect_state("edu", "");
}

Test(host_driver, bind_leaves_the_override_alone_as_long_as_the_driver_stays)
{
	tree_file(&tree, TREE_DEVICE "/driver_override", "nobody");
	reread();
	tree.fail_from = tree.fail_to = 2;
	cr_expect_eq(bind_to("vfio-pci"), -EIO);
	expect_state("edu", "nobody");
}

/* As long as no driver's name is; the kernel takes up to a page. */
#define LONG_OVERRIDE "a-driver-whose-name-is-longer-than-that-of-any-driver-of-a-kernel-ever-was"

Test(host_driver, bind_does_not_replace_an_override_that_it_could_not_restore)
{
	tree_file(&tree, TREE_DEVICE "/driver_override", LONG_OVERRIDE "\n");
	reread();
	cr_expect_eq(bind_to("vfio-pci"), -ENAMETOOLONG);
	expect_problem(ENAMETOOLONG, "its driver_override is longer");
	cr_expect_not_null(
		strstr(failure.explanations[0].remedy, "echo > " TREE_DEVICE "/driver_override"));
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, release_does_not_replace_an_override_that_it_could_not_restore)
{
	bind_first();
	tree_file(&tree, TREE_DEVICE "/driver_override", LONG_OVERRIDE "\n");
	reread();
	cr_expect_eq(host_driver_release(&tree.sysfs, &device, &failure), -ENAMETOOLONG);
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, bind_goes_back_when_the_kernel_makes_no_cdev)
{
	tree.no_cdev = true;
	cr_expect_eq(bind_to("vfio-pci"), -EOPNOTSUPP);
	cr_expect_not_null(strstr(failure.explanations[0].remedy, "CONFIG_VFIO_DEVICE_CDEV"));
	expect_state("edu", "");
}

Test(host_driver, bind_goes_back_when_the_cdev_does_not_come_in_time)
{
	tree.no_node = true;
	cr_expect_eq(bind_to("vfio-pci"), -ETIMEDOUT);
	expect_problem(ETIMEDOUT, "/dev/vfio/devices/vfio7");
	expect_state("edu", "");
}

Test(host_driver, bind_goes_back_when_any_one_write_fails)
{
	for (int nth = 1; nth <= 3; nth++) {
		tree.writes = 0;
		tree.fail_from = tree.fail_to = nth;
		cr_expect_eq(bind_to("vfio-pci"), -EIO, "write %d", nth);
		cr_expect_eq(failure.error, -EIO);
		expect_state("edu", "");
	}
	tree.writes = 0;
	tree.fail_from = tree.fail_to = 4;
	cr_expect_eq(bind_to("vfio-pci"), 0, "no more than three writes");
}

Test(host_driver, bind_says_why_sysfs_cannot_be_written)
{
	for (size_t i = 0; i < ARRAY_SIZE(unwritable); i++) {
		tree.writes = 0;
		tree.fail_from = tree.fail_to = 1;
		tree.fail_error = unwritable[i].error;
		cr_expect_eq(bind_to("vfio-pci"), -unwritable[i].error);
		expect_problem(unwritable[i].error, "driver_override cannot be written");
		cr_expect_null(strchr(failure.message, '\n'));
		cr_assert_not_null(failure.explanations[0].remedy);
		cr_expect_not_null(strstr(failure.explanations[0].remedy, unwritable[i].remedy));
	}
}

Test(host_driver, bind_says_how_a_driver_gets_the_device_back_by_hand)
{
	tree.refusing_driver = "vfio-pci";
	tree.fail_from = 5;
	tree.fail_to = 100;
	cr_expect_eq(bind_to("vfio-pci"), -ENODEV);
	cr_assert_not_null(failure.explanations[0].remedy);
	cr_expect_not_null(strstr(failure.explanations[0].remedy,
				   "write edu into " TREE_DEVICE "/driver_override, and " TREE_PCI
				   " into /sys/bus/pci/drivers/edu/bind"),
		"%s", failure.explanations[0].remedy);
}

Test(host_driver, bind_says_so_when_it_cannot_go_back_to_no_driver)
{
	tree_detach(&tree);
	reread();
	tree.no_node = true;
	tree.fail_from = 3;
	tree.fail_to = 100;
	cr_expect_eq(bind_to("vfio-pci"), -ETIMEDOUT);
	cr_assert_not_null(failure.explanations[0].remedy);
	cr_expect_not_null(strstr(failure.explanations[0].remedy, "unbind it by hand"));
}

Test(host_driver, bind_says_so_when_it_cannot_go_back)
{
	tree.fail_from = 3;
	tree.fail_to = 100;
	cr_expect_eq(bind_to("vfio-pci"), -EIO);
	expect_problem(EIO, "cannot probe");
	cr_assert_not_null(failure.explanations[0].remedy);
	cr_expect_not_null(
		strstr(failure.explanations[0].remedy, "not be given back to the driver edu"));
}

Test(host_driver, release_gives_the_device_to_its_host_driver)
{
	bind_first();
	cr_assert_eq(host_driver_release(&tree.sysfs, &device, &failure), 0);
	cr_expect_str_eq(device.driver, "edu");
	cr_expect_eq(device.cdev, HOST_CDEV_NO_DRIVER);
	expect_state("edu", "");
}

Test(host_driver, release_leaves_a_device_that_no_host_driver_knows_without_driver)
{
	bind_first();
	tree.host_driver = NULL;
	cr_assert_eq(host_driver_release(&tree.sysfs, &device, &failure), 0);
	expect_state("", "");
}

Test(host_driver, release_refuses_a_device_on_a_host_driver)
{
	cr_expect_eq(host_driver_release(&tree.sysfs, &device, &failure), -EINVAL);
	expect_problem(EINVAL, "edu");
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, release_names_the_process_that_has_the_cdev_open)
{
	bind_first();
	tree_link(&tree, "/proc/4711/fd/9", "/dev/vfio/devices/vfio7");
	tree_file(&tree, "/proc/4711/comm", "some-vmm\n");
	cr_expect_eq(host_driver_release(&tree.sysfs, &device, &failure), -EBUSY);
	expect_problem(EBUSY, "4711 (some-vmm)");
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, release_names_the_process_that_has_the_device_through_its_group)
{
	bind_first();
	tree_link(&tree, "/proc/12/fd/5", "anon_inode:[vfio-device]");
	tree_file(&tree, "/proc/12/fdinfo/5",
		"pos:\t0\nvfio-device-syspath: /sys/devices/pcifffe:00/" TREE_PCI "\n");
	cr_expect_eq(host_driver_release(&tree.sysfs, &device, &failure), -EBUSY);
	expect_problem(EBUSY, "process 12");
}

Test(host_driver, release_is_not_held_up_by_processes_with_other_devices)
{
	bind_first();
	tree_link(&tree, "/proc/12/fd/5", "anon_inode:[vfio-device]");
	tree_file(&tree, "/proc/12/fdinfo/5",
		"vfio-device-syspath: /sys/devices/pcifffe:00/fffe:00:02.0\n");
	tree_link(&tree, "/proc/13/fd/5", "/dev/vfio/devices/vfio77");
	tree_link(&tree, "/proc/self/fd/5", "/dev/vfio/devices/vfio7");
	cr_expect_eq(host_driver_release(&tree.sysfs, &device, &failure), 0, "%s", failure.message);
}

Test(host_driver, release_goes_back_when_a_vfio_driver_takes_the_device_by_its_ids)
{
	bind_first();
	tree.ids_known_to_vfio = true;
	cr_expect_eq(host_driver_release(&tree.sysfs, &device, &failure), -EBUSY);
	cr_expect_not_null(strstr(failure.explanations[0].remedy, "1234 11e8"));
	cr_expect_not_null(strstr(failure.explanations[0].remedy, "/vfio-pci/remove_id"));
	expect_state("vfio-pci", "vfio-pci");
}

/* Scripts clear driver_override once vfio-pci has the device, which it does not know by its ids. */
Test(host_driver, release_goes_back_to_a_driver_that_has_the_device_without_override)
{
	bind_first();
	tree_file(&tree, TREE_DEVICE "/driver_override", "(null)\n");
	reread();
	tree.fail_from = tree.fail_to = 3;
	cr_expect_eq(host_driver_release(&tree.sysfs, &device, &failure), -EIO);
	expect_state("vfio-pci", "");
}

Test(host_driver, release_goes_back_when_any_one_write_fails)
{
	bind_first();
	for (int nth = 1; nth <= 3; nth++) {
		tree.writes = 0;
		tree.fail_from = tree.fail_to = nth;
		cr_expect_eq(host_driver_release(&tree.sysfs, &device, &failure), -EIO);
		expect_state("vfio-pci", "vfio-pci");
	}
}

Test(host_driver, a_device_without_IOMMU_is_not_bound_in_vain)
{
	struct host_device without;

	tree_take_iommu_away(&tree);
	cr_assert_eq(host_device_read(&tree.sysfs, TREE_PCI, &without), 0);
	cr_expect_eq(host_driver_bind(&tree.sysfs, &without, "vfio-pci", 0, &failure), -EOPNOTSUPP);
	cr_expect_not_null(strstr(failure.message, "no-IOMMU"), "%s", failure.message);
	cr_expect_eq(tree.writes, 0);
}

Test(host_driver, without_proc_the_users_of_a_device_are_unknown)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		umount2("/proc", MNT_DETACH))
		cr_skip("no mount namespaces");
	cr_expect_eq(host_use_check_processes(&sysfs_of_host, &device, &failure), -ENOENT);
	cr_expect_eq(host_use_check_processes(&tree.sysfs, &device, &failure), 0);
}
